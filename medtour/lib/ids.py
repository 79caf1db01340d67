"""Public identifiers: random, unguessable, safe in an address, short enough to read out."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 26


def _random_text(length: int) -> str:
    value, letters = secrets.randbelow(len(ALPHABET) ** length), []
    for _position in range(length):
        value, index = divmod(value, len(ALPHABET))
        letters.append(ALPHABET[index])
    return "".join(letters)


def public_id() -> str:
    """Return 26 characters of a 31-letter alphabet without look-alikes: 128.8 bits (SE-21)."""
    return _random_text(LENGTH)


def reference() -> str:
    """Return a ten-character reference for people to read out; an address never trusts it."""
    return _random_text(10).upper()
