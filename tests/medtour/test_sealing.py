"""Parts of a sealed file only open whole, in order, and as the file they belong to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from medtour.lib import sealing

KEY = sealing.new_key()


@given(some.binary(max_size=300), some.integers(1, 64))
@settings(max_examples=50)
def test_whatever_was_sealed_is_opened(content, size):
    before, sealing.PART_BYTES = sealing.PART_BYTES, size
    try:
        parts = list(sealing.sealed_parts(content, key=KEY, identity="file"))
        assert b"".join(sealing.opened(parts, key=KEY, identity="file")) == content
        assert len(parts) == max(1, -(-len(content) // size))
        for wrong in (parts[:-1], parts[::-1] if len(parts) > 1 else [], [*parts, parts[0]]):
            with pytest.raises(sealing.Broken):
                sealing.opened(wrong, key=KEY, identity="file")
    finally:
        sealing.PART_BYTES = before


def test_another_file_or_key_opens_nothing():
    parts = list(sealing.sealed_parts(b"words", key=KEY, identity="file"))
    for key, identity in ((KEY, "other"), (sealing.new_key(), "file")):
        with pytest.raises(sealing.Broken):
            sealing.opened(parts, key=key, identity=identity)


def test_the_same_words_never_look_the_same():
    first, second = (list(sealing.sealed_parts(b"a", key=KEY, identity="f")) for _ in range(2))
    assert first != second
