"""The table of the fault drill, printed when a run ends, also when two workers shared the drill."""

HEAD = ("fault", "due", "once", "twice", "never", "suppressed", "lag s")
WIDE = 48


def pytest_terminal_summary(terminalreporter):
    lines = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, value in getattr(report, "user_properties", [])
        if name == "drill" and report.when == "call"
    ]
    if not lines:
        return
    terminalreporter.section("fault drill")
    for fault, *numbers in [HEAD, *sorted(lines)]:
        terminalreporter.write_line(f"{fault:<{WIDE}}" + "".join(f"{each:>11}" for each in numbers))
