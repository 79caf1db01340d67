import re
import sys
from pathlib import Path

import pytest

from medtour.devstack import gate


def test_pytests_closing_line_is_counted():
    line = "=== 2 failed, 310 passed, 4 deselected, 1 error in 12.30s (0:00:12) ==="
    assert gate.count_tests(line) == (310, 3)
    assert gate.count_tests("312 passed in 3.1s") == (312, 0)
    assert gate.count_tests("no tests ran in 0.01s") == (0, 0)


def names(only):
    return [[[step.name for step in lane] for lane in lanes] for lanes in gate.stages(only)]


def test_the_checks_come_in_the_houses_order():
    system = [
        "translations compiled",
        "system checks for production",
        "no missing migration",
        "translations complete",
    ]
    assert names("all") == [
        [["format", "style", "templates", *system, "types"], ["database of the tests"]],
        [["unit, service and view tests"], ["process tests"]],
        [["race tests"], ["browser tests"]],
    ]
    assert names("lint") == [[["format", "style", "templates"], ["types"]]]
    assert names("long") == [[["long proofs", "long journeys"]]]


def suites():
    """Return (marks, folders) of each suite."""
    steps = [gate.unit_step(), gate.race_step(), gate.process_step(), gate.browser_step()]
    commands = [step.command for step in [*steps, *gate.long_steps()]]
    marks = [command[command.index("-m", 3) + 1] for command in commands]
    folders = [[word for word in command if word.startswith("tests/")] for command in commands]
    return list(zip(marks, folders, strict=True))


@pytest.mark.parametrize("kind", ["", "race", "slow", "browser"])
@pytest.mark.parametrize("is_long", [False, True])
def test_the_suites_leave_no_test_out_and_run_none_twice(kind, is_long):
    test = {"race": False, "slow": False, "browser": False, "long": is_long} | {kind: True}
    chosen = [marks for marks, _folders in suites() if eval(marks, test)]
    assert len(chosen) == 1


@pytest.mark.parametrize("mark", ["race", "slow", "browser"])
def test_every_marked_test_lies_where_its_suite_looks(mark):
    [folders] = [folders for marks, folders in suites() if marks == f"{mark} and not long"]
    marked = [
        path.relative_to(gate.PROJECT)
        for path in Path(gate.PROJECT / "tests").rglob("*.py")
        if re.search(rf"pytest\.mark\.{mark}\b", path.read_text(encoding="utf-8"))
    ]
    assert marked
    assert [path for path in marked if not any(path.is_relative_to(each) for each in folders)] == []


def test_the_suites_of_everything_else_look_everywhere():
    looks = dict(suites())
    assert looks["not race and not browser and not slow and not long"] == []
    assert looks["long and not browser"] == []
    assert looks["browser and long"] == looks["browser and not long"] == ["tests/journeys"]


def a_step(name, code):
    return gate.Step(name, (sys.executable, "-c", code))


def test_lanes_run_beside_each_other_and_mix_no_output(tmp_path, capsys):
    """Each of two steps waits for the other's sign: one after the other they would wait in vain."""
    meet = """
import pathlib, sys, time
here, there = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
print("begun"); here.touch(); deadline = time.monotonic() + 60
while not there.exists():
    assert time.monotonic() < deadline
    time.sleep(0.01)
print("met")
"""
    signs = [str(tmp_path / name) for name in ("a", "b")]
    first = gate.Step("first", (sys.executable, "-c", meet, *signs))
    second = gate.Step("second", (sys.executable, "-c", meet, *reversed(signs)))
    outcomes = gate.run_stage([[first, a_step("third", "raise SystemExit(1)")], [second]], None)
    assert [(each.step.name, each.ok) for each in outcomes] == [
        ("first", True),
        ("third", False),
        ("second", True),
    ]
    printed = capsys.readouterr().out
    for name in ("first", "second"):
        assert f"\n=== {name} ===\nbegun\nmet\n" in printed


def test_a_step_without_its_browser_fails_and_says_why(capsys):
    def nothing():
        raise gate.Trouble("install chromium")

    browser = gate.BrowserFetch(obtain=nothing)
    step = gate.Step("browser tests", (sys.executable, "-c", "1"), needs_browser=True)
    assert gate.run(step, browser, gate.tell).ok is False
    assert "install chromium" in capsys.readouterr().out


def test_a_step_gets_the_browsers_path():
    browser = gate.BrowserFetch(obtain=lambda: "/opt/chromium")
    look = "import os, sys; sys.exit(os.environ['CHROMIUM_PATH'] != '/opt/chromium')"
    step = gate.Step("browser tests", (sys.executable, "-c", look), needs_browser=True)
    assert gate.run(step, browser, gate.tell).ok is True


def test_a_failed_step_is_seen_in_the_summary():
    good = gate.run(a_step("style", "print('fine')"), None, gate.tell)
    bad = gate.run(a_step("types", "raise SystemExit(3)"), None, gate.tell)
    assert (good.ok, bad.ok) == (True, False)
    good.seconds, bad.seconds, good.passed = 1.0, 2.0, 7
    assert gate.summary([good, bad], 2.6).splitlines() == [
        "",
        "=== Summary ===",
        "ok        1.0 s  style  7 passed, 0 failed",
        "FAILED    2.0 s  types",
        "1 of 2 checks are good, 3 s",
        "tests: 7 passed, 0 failed",
    ]
