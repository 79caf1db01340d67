"""Public identifiers: random, unguessable, safe in an address, short enough to read out."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 26


# Two letters at a time: every booking makes half a dozen of these texts.
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def _random_text(length: int) -> str:
    """Return `length` letters, an even number."""
    value, pairs = secrets.randbelow(len(ALPHABET) ** length), []
    for _position in range(length // 2):
        value, index = divmod(value, len(PAIRS))
        pairs.append(PAIRS[index])
    return "".join(pairs)


def public_id() -> str:
    """Return 26 characters of a 31-letter alphabet without look-alikes: 128.8 bits (SE-21)."""
    return _random_text(LENGTH)


def reference() -> str:
    """Return a ten-character reference for people to read out; an address never trusts it."""
    return _random_text(10).upper()
