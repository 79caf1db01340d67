"""Files as encrypted parts: AES-256-GCM a part, under a key of the file's own (PR-10, SE-14).

A part is bound to its file, its number and whether it is the last one, so that parts cannot be
left out, put in another order or taken from another file without anybody noticing.
"""

import base64
import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PART_BYTES = 1024 * 1024
KEY_BYTES = 32
NONCE_BYTES = 12


class Broken(ValueError):
    """What is stored is not what was sealed; nothing of it may be used."""


def new_key() -> str:
    """Return a fresh key as text, to be kept in an encrypted field."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def sealed_parts(content: bytes, *, key: str, identity: str) -> Iterator[bytes]:
    """Yield the encrypted parts of a file in order; an empty file has one empty part."""
    cipher, count = _cipher(key), max(1, -(-len(content) // PART_BYTES))
    for number in range(count):
        nonce = os.urandom(NONCE_BYTES)
        part = content[number * PART_BYTES : (number + 1) * PART_BYTES]
        bound = _bound(identity, number, is_last=number == count - 1)
        yield nonce + cipher.encrypt(nonce, part, bound)


def opened(parts: Iterable[bytes], *, key: str, identity: str) -> list[bytes]:
    """Return the plain parts, every one of them verified before any is returned.

    Raises Broken when a part is missing, changed, in another place or another file's.
    """
    cipher, sealed = _cipher(key), list(parts)
    if not sealed:
        raise Broken("no parts")
    plain = []
    for number, part in enumerate(sealed):
        bound = _bound(identity, number, is_last=number == len(sealed) - 1)
        try:
            plain.append(cipher.decrypt(part[:NONCE_BYTES], part[NONCE_BYTES:], bound))
        except (InvalidTag, ValueError) as error:
            raise Broken(f"part {number}") from error
    return plain


def _cipher(key: str) -> AESGCM:
    return AESGCM(base64.b64decode(key))


def _bound(identity: str, number: int, *, is_last: bool) -> bytes:
    return f"{identity}\0{number}\0{'last' if is_last else 'more'}".encode()
