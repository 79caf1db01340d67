"""How an address is found again although it is stored encrypted: by a keyed hash of it."""

from medtour.lib.crypto import lookup_hash

PURPOSE = "messaging.address"


def address_fingerprint(address: str) -> str:
    """Return the hash that a mail address or number is found by."""
    return lookup_hash(address.strip().lower(), purpose=PURPOSE)
