import sys

from medtour.devstack import gate


def test_pytests_closing_line_is_counted():
    line = "=== 2 failed, 310 passed, 4 deselected, 1 error in 12.30s (0:00:12) ==="
    assert gate.count_tests(line) == (310, 3)
    assert gate.count_tests("312 passed in 3.1s") == (312, 0)
    assert gate.count_tests("no tests ran in 0.01s") == (0, 0)


def test_the_checks_come_in_the_houses_order():
    assert [step.name for step in gate.chosen_steps("all")] == [
        "format",
        "style",
        "types",
        "translations compiled",
        "system checks for production",
        "no missing migration",
        "translations complete",
        "templates",
        "unit, service and view tests",
        "race tests",
        "browser tests",
        "process tests",
    ]
    assert [step.name for step in gate.chosen_steps("lint")] == [
        "format",
        "style",
        "types",
        "templates",
    ]


def test_the_suites_leave_no_test_out_and_run_none_twice():
    steps = [*gate.test_steps(), *gate.long_steps()]
    assert [step.command[step.command.index("-m", 3) + 1] for step in steps] == [
        "not race and not browser and not slow and not long",
        "race",
        "browser",
        "slow and not long",
        "long",
    ]


def test_a_step_without_its_browser_fails_and_says_why(capsys):
    def nothing():
        raise gate.Trouble("install chromium")

    browser = gate.BrowserFetch(obtain=nothing)
    step = gate.Step("browser tests", (sys.executable, "-c", "1"), needs_browser=True)
    assert gate.run(step, browser).ok is False
    assert "install chromium" in capsys.readouterr().out


def test_a_step_gets_the_browsers_path():
    browser = gate.BrowserFetch(obtain=lambda: "/opt/chromium")
    look = "import os, sys; sys.exit(os.environ['CHROMIUM_PATH'] != '/opt/chromium')"
    step = gate.Step("browser tests", (sys.executable, "-c", look), needs_browser=True)
    assert gate.run(step, browser).ok is True


def test_a_failed_step_is_seen_in_the_summary():
    good = gate.run(gate.Step("style", (sys.executable, "-c", "print('fine')")), None)
    bad = gate.run(gate.Step("types", (sys.executable, "-c", "raise SystemExit(3)")), None)
    assert (good.ok, bad.ok) == (True, False)
    good.seconds, bad.seconds, good.passed = 1.0, 2.0, 7
    assert gate.summary([good, bad]).splitlines() == [
        "",
        "=== Summary ===",
        "ok        1.0 s  style  7 passed, 0 failed",
        "FAILED    2.0 s  types",
        "1 of 2 checks are good, 3 s",
        "tests: 7 passed, 0 failed",
    ]
