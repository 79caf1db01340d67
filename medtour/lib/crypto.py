"""Encrypted text fields: AES-256-GCM, key id in front, master keys from the environment (PR-10).

A stored value is `<key id>:<base64 of nonce and ciphertext>`. The first key in
FIELD_ENCRYPTION_KEYS encrypts; the others still decrypt, so that keys can be rotated.
"""

import base64
import hmac
import json
import os
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE_BYTES = 12


@lru_cache(maxsize=4)
def _ciphers(keys: tuple[str, ...]) -> dict[str, AESGCM]:
    ciphers = {}
    for entry in keys:
        key_id, _separator, encoded = entry.partition(":")
        raw = base64.b64decode(encoded)
        if not key_id or len(raw) != 32:
            raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS: each entry is id:base64 of 32 bytes")
        ciphers[key_id] = AESGCM(raw)
    if not ciphers:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS names no key")
    return ciphers


def encrypt(text: str, *, purpose: str) -> str:
    """Return `text` encrypted; `purpose` is bound to it, so values cannot swap places."""
    ciphers = _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))
    key_id, cipher = next(iter(ciphers.items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text.encode(), purpose.encode())
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def decrypt(stored: str, *, purpose: str) -> str:
    """Return the plain text; raises cryptography's InvalidTag when it was tampered with."""
    key_id, _separator, encoded = stored.partition(":")
    sealed = base64.b64decode(encoded)
    cipher = _ciphers(tuple(settings.FIELD_ENCRYPTION_KEYS))[key_id]
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode()).decode()


def lookup_hash(text: str, *, purpose: str) -> str:
    """Return the keyed hash by which an encrypted value is found again; 64 hex digits (PR-10).

    The key is apart from the encryption keys, so that those can be rotated without writing every
    hash anew. `purpose` keeps equal values of different fields from showing that they are equal.
    """
    key = _lookup_key(settings.LOOKUP_HASH_KEY)
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256").hex()


@lru_cache(maxsize=4)
def _lookup_key(encoded: str) -> bytes:
    key = base64.b64decode(encoded)
    if len(key) < 32:
        raise ImproperlyConfigured("LOOKUP_HASH_KEY: base64 of at least 32 bytes")
    return key


class EncryptedTextField(models.TextField):
    """A text that the database only ever sees encrypted; it cannot be searched or sorted."""

    def _purpose(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value, purpose=self._purpose()) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypt(value, purpose=self._purpose()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise TypeError(f"{self._purpose()} is encrypted: {lookup_name} cannot work")
        return super().get_lookup(lookup_name)


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that the database only ever sees encrypted."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(None if value is None else json.dumps(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value
