"""Public identifiers: random, unguessable, safe in an address, short enough to read out."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 26


def public_id() -> str:
    """Return 26 characters of a 31-letter alphabet without look-alikes: 128.8 bits (SE-21)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def reference() -> str:
    """Return a ten-character reference for people to read out; an address never trusts it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10)).upper()
