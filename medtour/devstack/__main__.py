"""Command line: `python -m medtour.devstack run`, `test -- COMMAND`, `exec -- COMMAND`."""

import argparse
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from medtour.devstack import prepare
from medtour.devstack.ports import LOOPBACK, web_port
from medtour.devstack.processes import Ended, Supervisor, read_procfile, run_to_end
from medtour.devstack.say import Trouble, complain, say
from medtour.devstack.stack import Interrupted, Stack, interruptible, running

ANSWER_SECONDS = 90
INTERRUPTED_CODE = 130


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; what follows `--` is the command to run, word for word."""
    parser = argparse.ArgumentParser(
        prog="python -m medtour.devstack", description="Medtour's stack on one machine."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run", help="prepare everything and serve the site until Ctrl-C")
    for verb, purpose in (
        ("exec", "run a command with the site's database and Valkey"),
        ("test", "run a command with a fast database that may be thrown away"),
    ):
        verbs.add_parser(verb, help=purpose, usage="%(prog)s -- COMMAND")
    own, _, command = split_at_dashes(list(arguments))
    chosen = parser.parse_args(own)
    chosen.command = command
    if chosen.verb != "run" and not command:
        parser.error(f"name the command to run: {chosen.verb} -- COMMAND")
    if chosen.verb == "run" and command:
        parser.error("run takes no command; use exec -- COMMAND")
    return chosen


def split_at_dashes(words: list[str]) -> tuple[list[str], bool, list[str]]:
    if "--" not in words:
        return words, False, []
    place = words.index("--")
    return words[:place], True, words[place + 1 :]


def run_command(command: list[str], *, fast: bool) -> int:
    with running(fast=fast) as stack:
        env = dict(stack.env)
        if fast:
            env["DJANGO_SETTINGS_MODULE"] = "medtour.settings.test"
        return run_to_end(command, env)


def serve() -> int:
    """Prepare the data, start the Procfile's processes and stay until one ends or we are asked."""
    with running() as stack:
        port, remark = web_port(os.environ)
        env = {**serving_defaults(stack), **stack.env, "PORT": str(port)}
        code = run_to_end(
            [sys.executable, "-m", prepare.__name__, str(stack.folder), stack.data_identity], env
        )
        if code:
            complain("The preparation failed; the lines above say why.")
            return code
        supervisor = Supervisor(env)
        try:
            supervisor.start(list(read_procfile()))
            address = f"http://{LOOPBACK}:{port}"
            if (ended := wait_for_answer(address, supervisor)) is None:
                greet(address, remark, stack)
                ended = supervisor.wait()
            complain(f"The process {ended.name} ended by itself (code {ended.code}).")
            return ended.code or 1
        finally:
            say("Stopping.")
            supervisor.stop()


def serving_defaults(stack: Stack) -> dict[str, str]:
    """Return what the processes need on a laptop, unless the person has set it."""
    defaults = {
        "WEB_HOST": LOOPBACK,
        "BEAT_STATE": str(stack.folder / "beat-state"),
        # Jobs that run every few seconds would drown what the person wants to read.
        "CELERY_LOG_LEVEL": "warning",
    }
    if os.geteuid() == 0:
        # In production the worker is no root; here the person chose to be, so no scolding.
        defaults["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    return defaults


def wait_for_answer(address: str, supervisor: Supervisor) -> Ended | None:
    """Return None once the site answers, or the process that ended before that."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while (ended := supervisor.first_ended()) is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return None
        except urllib.error.HTTPError:
            return None
        except OSError:
            time.sleep(0.1)
        if time.monotonic() > deadline:
            raise Trouble(f"The site did not answer at {address} within {ANSWER_SECONDS} s.")
    return ended


def greet(address: str, remark: str, stack: Stack) -> None:
    logins = stack.folder / prepare.LOGINS
    lines = ["", f"  Medtour is ready: {address}", *([f"  {remark}"] if remark else [])]
    if logins.exists():
        lines += ["", *(f"  {line}" for line in logins.read_text().splitlines())]
    lines += ["", "  Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)


def main(arguments: Sequence[str]) -> int:
    chosen = parse(arguments)
    try:
        with interruptible():
            if chosen.verb == "run":
                return serve()
            return run_command(chosen.command, fast=chosen.verb == "test")
    except Interrupted:
        # Ctrl-C is how a person ends `run`; for a command it means that it was cut off.
        return 0 if chosen.verb == "run" else INTERRUPTED_CODE
    except Trouble as trouble:
        complain(str(trouble))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
