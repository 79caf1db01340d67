"""What the stack tells the person at the keyboard, and how it gives up."""

import sys


class Trouble(Exception):
    """Something the person must put right; the message is one plain sentence or two."""


def say(text: str) -> None:
    """Print one line at once, so that it appears in order between the processes' own output."""
    print(f"[medtour] {text}", flush=True)


def complain(text: str) -> None:
    print(f"[medtour] {text}", file=sys.stderr, flush=True)
