"""Runs every check in the house's order and closes with one summary; `make test` and CI call it.

`--only long` runs the proofs that take minutes; `make test-long` and CI call that as well.

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
from dataclasses import dataclass, field

from medtour.devstack import chromium
from medtour.devstack.say import Trouble, say
from medtour.devstack.state import PROJECT

PYTHON = sys.executable
CALM = "not race and not browser and not slow and not long"
TYPED = ["medtour/lib"]
TYPED_NAMES = ("policies", "services", "selectors", "access", "gateways")
APPS = ("accounts", "messaging", "hospitals", "bookings", "payments")
COUNTS = re.compile(r"(\d+) (passed|failed|error|errors)\b")


@dataclass(frozen=True)
class Step:
    """One check: a command, or a function that says what is wrong (empty when nothing is)."""

    name: str
    command: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    group: str = "test"
    needs_browser: bool = False


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
        "TRUSTED_PROXY_COUNT": "1",
    }


def manage(*words: str) -> tuple[str, ...]:
    return (PYTHON, "manage.py", *words)


def pytest(*words: str) -> tuple[str, ...]:
    return (PYTHON, "-m", "pytest", "-q", *words)


def lint_steps() -> list[Step]:
    return [
        Step("format", (PYTHON, "-m", "ruff", "format", "--check", "-q", "."), group="lint"),
        Step("style", (PYTHON, "-m", "ruff", "check", "-q", "."), group="lint"),
        Step("types", (PYTHON, "-m", "mypy", *typed_places()), group="lint"),
        Step("templates", (PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"), group="lint"),
    ]


def system_steps() -> list[Step]:
    deploy = manage("check", "--deploy", "--fail-level", "WARNING")
    return [
        Step("translations compiled", (PYTHON, "-m", "medtour.devstack.messages")),
        Step("system checks for production", deploy, env=production_settings()),
        Step("no missing migration", manage("makemigrations", "--check", "--dry-run")),
        Step("translations complete", manage("check_translations")),
    ]


def test_steps() -> list[Step]:
    """Return the suites; the later ones share the one database that the race tests make."""
    unsafe = {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
    return [
        Step(
            "unit, service and view tests",
            pytest("-n", "2", "--create-db", "--reuse-db", "-m", CALM),
        ),
        Step("race tests", pytest("--create-db", "--reuse-db", "-m", "race")),
        Step(
            "browser tests",
            pytest("--reuse-db", "-m", "browser"),
            env=unsafe,
            needs_browser=True,
        ),
        Step("process tests", pytest("--reuse-db", "-m", "slow and not long")),
    ]


def long_steps() -> list[Step]:
    """Return the proofs that take minutes; the build server runs them after everything else."""
    return [Step("long proofs", pytest("-n", "2", "--reuse-db", "-m", "long"))]


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


def run(step: Step, browser: BrowserFetch | None) -> Outcome:
    print(f"\n=== {step.name} ===", flush=True)
    begun = time.monotonic()
    env = {**os.environ, **step.env}
    if step.needs_browser and browser:
        try:
            env["CHROMIUM_PATH"] = browser.result()
        except Trouble as trouble:
            print(trouble, flush=True)
            return Outcome(step, False, time.monotonic() - begun)
    code, tail = relay(step.command, env)
    outcome = Outcome(step, code == 0, time.monotonic() - begun)
    if "pytest" in step.command:
        outcome.passed, outcome.failed = count_tests(tail)
    return outcome


def relay(command: Iterable[str], env: dict[str, str]) -> tuple[int, str]:
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
            print(line, end="", flush=True)
            last = line if line.strip() else last
    return process.returncode, last


def count_tests(line: str) -> tuple[int, int]:
    """Return how many tests passed and failed, by pytest's closing line."""
    passed = failed = 0
    for number, word in COUNTS.findall(line):
        if word == "passed":
            passed += int(number)
        else:
            failed += int(number)
    return passed, failed


def summary(outcomes: list[Outcome]) -> str:
    lines = ["", "=== Summary ==="]
    for outcome in outcomes:
        mark = "ok    " if outcome.ok else "FAILED"
        tests = f"  {outcome.passed} passed, {outcome.failed} failed"
        counted = tests if outcome.passed or outcome.failed else ""
        lines.append(f"{mark} {outcome.seconds:6.1f} s  {outcome.step.name}{counted}")
    good = sum(outcome.ok for outcome in outcomes)
    total = sum(outcome.seconds for outcome in outcomes)
    lines.append(f"{good} of {len(outcomes)} checks are good, {total:.0f} s")
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    if passed or failed:
        lines.append(f"tests: {passed} passed, {failed} failed")
    return "\n".join(lines)


def chosen_steps(only: str) -> list[Step]:
    lint = lint_steps()
    if only == "lint":
        return lint
    if only == "long":
        return long_steps()
    *before, templates = lint
    return [*before, *system_steps(), templates, *test_steps()]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m medtour.devstack.gate")
    parser.add_argument("--only", choices=["lint", "long", "all"], default="all")
    steps = chosen_steps(parser.parse_args().only)
    browser = BrowserFetch() if any(step.needs_browser for step in steps) else None
    outcomes = [run(step, browser) for step in steps]
    print(summary(outcomes), flush=True)
    if all(outcome.ok for outcome in outcomes):
        return 0
    say("The checks marked FAILED need work.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
