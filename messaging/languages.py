"""In which language a message goes when not every channel has every language (MS-09)."""

from collections.abc import Collection

import structlog

log = structlog.get_logger(__name__)

LAST_RESORTS = ("en", "zh-hans")


def choose(wanted: str, second: str, available: Collection[str]) -> str:
    """Return exact, else base language, else the second language, English, Chinese; or nothing.

    Never translated by a machine at sending: a language that is missing is missing.
    """
    for code in (wanted, second, *LAST_RESORTS):
        for candidate in (code.lower(), _base(code)):
            if candidate and candidate in available:
                return candidate
    return ""


def choose_and_log(wanted: str, second: str, available: Collection[str], *, channel: str) -> str:
    """Return `choose`, and leave a line in the log when it is not what the person asked for."""
    chosen = choose(wanted, second, available)
    if chosen != wanted:
        log.info("language_fell_back", channel=channel, wanted=wanted, chosen=chosen)
    return chosen


def _base(code: str) -> str:
    return code.lower().split("-")[0]
