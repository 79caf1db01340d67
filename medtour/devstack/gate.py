"""Runs every check in the house's order and closes with one summary; `make test` and CI call it.

`--only long` runs the proofs that take minutes; `make test-long` and CI call that as well.

The checks come in stages. A stage has one lane of steps, or two that run beside each other so that
neither of two processors waits; the second lane shows its output when the first has ended.
It goes on after a failure, so that one run shows everything, and fails at the end.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from medtour.devstack import chromium
from medtour.devstack.say import Trouble, say
from medtour.devstack.state import PROJECT

PYTHON = sys.executable
CALM = "not race and not browser and not slow and not long"
TYPED = ["medtour/lib"]
TYPED_NAMES = ("policies", "services", "selectors", "access", "gateways")
APPS = ("accounts", "messaging", "hospitals", "bookings", "payments")
TWO_WORKERS = ("-n", "2", "--dist", "worksteal")
COUNTS = re.compile(r"(\d+) (passed|failed|error|errors)\b")


@dataclass(frozen=True)
class Step:
    """One check: a command, or a function that says what is wrong (empty when nothing is)."""

    name: str
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    needs_browser: bool = False


Lane = list[Step]


@dataclass
class Outcome:
    """How a step went; the counts are of tests, where the step ran some."""

    step: Step
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0


def typed_places() -> list[str]:
    """Return what mypy checks: the library, each app's rules, reads, access and verbs, gateways."""
    places = list(TYPED)
    for app in APPS:
        for name in TYPED_NAMES:
            for path in (PROJECT / app / name, PROJECT / app / f"{name}.py"):
                if path.exists():
                    places.append(str(path.relative_to(PROJECT)))
    return places


def production_settings() -> dict[str, str]:
    """Return an environment as a careful deployment would set it, for Django's deploy checks."""
    return {
        "DJANGO_SETTINGS_MODULE": "medtour.settings.base",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "care.medtour.example",
        "SITE_URL": "https://care.medtour.example",
        "CSRF_TRUSTED_ORIGINS": "https://care.medtour.example",
        "EMAIL_URL": "smtp+tls://user:password@mail.medtour.example:587",
        "BEHIND_PROXY": "true",
        "CLAMD_ADDRESS": "clamav:3310",
        "TRUSTED_PROXY_COUNT": "1",
    }


def manage(*words: str) -> tuple[str, ...]:
    return (PYTHON, "manage.py", *words)


def pytest(*words: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pytest", "-q", *words)


def lint_steps() -> list[Step]:
    return [
        Step("format", (PYTHON, "-m", "ruff", "format", "--check", "-q", ".")),
        Step("style", (PYTHON, "-m", "ruff", "check", "-q", ".")),
        Step("templates", (PYTHON, "-m", "djlint", "--lint", "--quiet", "templates")),
    ]


def types_step() -> Step:
    return Step("types", (PYTHON, "-m", "mypy", *typed_places()))


def test_database_step() -> Step:
    """Return what makes the database that every later worker copies."""
    env = {"DJANGO_SETTINGS_MODULE": "medtour.settings.test"}
    return Step("database of the tests", (PYTHON, "-m", "tests.database"), env=env)


def system_steps() -> list[Step]:
    deploy = manage("check", "--deploy", "--fail-level", "WARNING")
    return [
        Step("translations compiled", (PYTHON, "-m", "medtour.devstack.messages")),
        Step("system checks for production", deploy, env=production_settings()),
        Step("no missing migration", manage("makemigrations", "--check", "--dry-run")),
        Step("translations complete", manage("check_translations")),
    ]


def unit_step() -> Step:
    return Step("unit, service and view tests", pytest(*TWO_WORKERS, "-m", CALM))


def race_step() -> Step:
    return Step("race tests", pytest("-m", "race and not long", "tests/race"))


def process_step() -> Step:
    """Return the suite that waits more than it works; it names the folders it collects."""
    places = ("tests/slow", "tests/devstack")
    return Step("process tests", pytest("-m", "slow and not long", *places))


def browser_step(name: str = "browser tests", marks: str = "browser and not long") -> Step:
    return Step(
        name,
        pytest(*TWO_WORKERS, "-m", marks, "tests/journeys"),
        env={"DJANGO_ALLOW_ASYNC_UNSAFE": "true"},
        needs_browser=True,
    )


def long_steps() -> list[Step]:
    """Return the proofs that take minutes; the build server runs them after everything else."""
    proofs = pytest(*TWO_WORKERS, "-m", "long and not browser", "--ignore=tests/journeys")
    journeys = browser_step("long journeys", "browser and long")
    return [Step("long proofs", proofs), journeys]


class BrowserFetch:
    """Fetches Chromium beside the first checks, so that nobody waits for a download."""

    def __init__(self, obtain: Callable[[], object] = chromium.obtain) -> None:
        self.path = ""
        self.trouble = ""
        self.obtain = obtain
        self.thread = threading.Thread(target=self._fetch, daemon=True)
        self.thread.start()

    def _fetch(self) -> None:
        try:
            self.path = str(self.obtain())
        except Trouble as trouble:
            self.trouble = str(trouble)

    def result(self) -> str:
        """Return the browser's path; raise Trouble when there is none."""
        self.thread.join()
        if self.trouble or not self.path:
            raise Trouble(self.trouble or chromium.ADVICE)
        return self.path


def run(step: Step, browser: BrowserFetch | None, show: Callable[[str], None]) -> Outcome:
    show(f"\n=== {step.name} ===\n")
    begun = time.monotonic()
    # What one of the processes compiles is there for the others, also where nobody keeps it.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **step.env}
    if step.needs_browser and browser:
        try:
            env["CHROMIUM_PATH"] = browser.result()
        except Trouble as trouble:
            show(f"{trouble}\n")
            return Outcome(step, False, time.monotonic() - begun)
    code, tail = relay(step.command, env, show)
    outcome = Outcome(step, code == 0, time.monotonic() - begun)
    if "pytest" in step.command:
        outcome.passed, outcome.failed = count_tests(tail)
    return outcome


def relay(
    command: Iterable[str], env: dict[str, str], show: Callable[[str], None]
) -> tuple[int, str]:
    """Run the command, show its output as it comes, and return its code and last line."""
    last = ""
    with subprocess.Popen(
        list(command),
        cwd=PROJECT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            show(line)
            last = line if line.strip() else last
    return process.returncode, last


def tell(text: str) -> None:
    print(text, end="", flush=True)


def run_lane(
    lane: Lane, browser: BrowserFetch | None, show: Callable[[str], None]
) -> list[Outcome]:
    return [run(step, browser, show) for step in lane]


def run_stage(lanes: list[Lane], browser: BrowserFetch | None) -> list[Outcome]:
    """Run the lanes beside each other; the first shows its output live, the others after it."""
    first, *others = lanes
    printed: list[list[str]] = [[] for _lane in others]
    with ThreadPoolExecutor(len(lanes)) as pool:
        running = [
            pool.submit(run_lane, lane, browser, pieces.append)
            for lane, pieces in zip(others, printed, strict=True)
        ]
        outcomes = run_lane(first, browser, tell)
        for lane, pieces in zip(running, printed, strict=True):
            outcomes += lane.result()
            tell("".join(pieces))
    return outcomes


def count_tests(line: str) -> tuple[int, int]:
    """Return how many tests passed and failed, by pytest's closing line."""
    passed = failed = 0
    for number, word in COUNTS.findall(line):
        if word == "passed":
            passed += int(number)
        else:
            failed += int(number)
    return passed, failed


def summary(outcomes: list[Outcome], seconds: float) -> str:
    lines = ["", "=== Summary ==="]
    for outcome in outcomes:
        mark = "ok    " if outcome.ok else "FAILED"
        tests = f"  {outcome.passed} passed, {outcome.failed} failed"
        counted = tests if outcome.passed or outcome.failed else ""
        lines.append(f"{mark} {outcome.seconds:6.1f} s  {outcome.step.name}{counted}")
    good = sum(outcome.ok for outcome in outcomes)
    lines.append(f"{good} of {len(outcomes)} checks are good, {seconds:.0f} s")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    if passed or failed:
        lines.append(f"tests: {passed} passed, {failed} failed")
    return "\n".join(lines)


def stages(only: str) -> list[list[Lane]]:
    """Return what to run; the suite that keeps two processors busy by itself is a stage alone."""
    if only == "long":
        return [[long_steps()]]
    quick, types = lint_steps(), [types_step()]
    if only == "lint":
        return [[quick, types]]
    return [
        [[*quick, *system_steps(), *types], [test_database_step()]],
        [[unit_step()], [process_step()]],
        [[race_step()], [browser_step()]],
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m medtour.devstack.gate")
    parser.add_argument("--only", choices=["lint", "long", "all"], default="all")
    begun = time.monotonic()
    chosen = stages(parser.parse_args().only)
    steps = [step for lanes in chosen for lane in lanes for step in lane]
    browser = BrowserFetch() if any(step.needs_browser for step in steps) else None
    outcomes = [outcome for lanes in chosen for outcome in run_stage(lanes, browser)]
    print(summary(outcomes, time.monotonic() - begun), flush=True)
    if all(outcome.ok for outcome in outcomes):
        return 0
    say("The checks marked FAILED need work.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
