"""How an address is found again although it is stored encrypted: by keyed hashes of it."""

from medtour.lib.crypto import fingerprints

PURPOSE = "messaging.address"


def address_fingerprints(address: str) -> list[str]:
    """Return the hashes of a mail address or number, one for each key; store the first."""
    return fingerprints(address.strip().lower(), purpose=PURPOSE)
