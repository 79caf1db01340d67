import base64

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured

from medtour.lib import crypto


def key(name: str, letter: str) -> str:
    return f"{name}:{base64.b64encode(letter.encode() * 32).decode()}"


def test_a_text_comes_back_and_is_never_stored_plain():
    stored = crypto.encrypt("left knee, 张伟", purpose="a.b.c")

    assert "knee" not in stored
    assert crypto.decrypt(stored, purpose="a.b.c") == "left knee, 张伟"
    assert crypto.encrypt("left knee, 张伟", purpose="a.b.c") != stored


def test_a_value_cannot_be_moved_to_another_field_or_changed():
    stored = crypto.encrypt("secret", purpose="a.b.c")
    name, _colon, sealed = stored.partition(":")
    raw = bytearray(base64.b64decode(sealed))
    raw[-1] ^= 1

    with pytest.raises(InvalidTag):
        crypto.decrypt(stored, purpose="a.b.other")
    with pytest.raises(InvalidTag):
        crypto.decrypt(f"{name}:{base64.b64encode(bytes(raw)).decode()}", purpose="a.b.c")


def test_keys_can_be_rotated(settings):
    settings.FIELD_ENCRYPTION_KEYS = [key("old", "a")]
    stored = crypto.encrypt("text", purpose="p")

    settings.FIELD_ENCRYPTION_KEYS = [key("new", "b"), key("old", "a")]

    assert crypto.decrypt(stored, purpose="p") == "text"
    assert crypto.encrypt("text", purpose="p").startswith("new:")


@pytest.mark.parametrize("keys", [[], ["short:YWJj"], [":" + "a" * 44]])
def test_bad_keys_stop_the_application(settings, keys):
    settings.FIELD_ENCRYPTION_KEYS = keys

    with pytest.raises(ImproperlyConfigured):
        crypto.encrypt("text", purpose="p")


def test_a_lookup_hash_depends_on_text_purpose_and_key(settings):
    first = crypto.lookup_hash("AB12", purpose="member")
    assert first == crypto.lookup_hash("AB12", purpose="member")
    assert len(first) == 64
    assert first != crypto.lookup_hash("AB13", purpose="member")
    assert first != crypto.lookup_hash("AB12", purpose="other")
    settings.LOOKUP_HASH_KEY = base64.b64encode(b"x" * 32).decode()
    assert first != crypto.lookup_hash("AB12", purpose="member")


def test_a_short_lookup_key_is_refused(settings):
    settings.LOOKUP_HASH_KEY = base64.b64encode(b"short").decode()
    with pytest.raises(ImproperlyConfigured, match="LOOKUP_HASH_KEY"):
        crypto.lookup_hash("AB12", purpose="member")
