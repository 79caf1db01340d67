"""A mail filled from a frame is, letter by letter, the mail that its templates would give."""

import pytest
from django.conf import settings
from django.utils import translation

from messaging import frames, kinds, rendering
from messaging.clock_faces import ClockFace
from messaging.samples import sample_values
from messaging.wordings import Edited

LANGUAGES = [code for code, _name in settings.LANGUAGES]
SHOWN = sorted(kind.name for kind in kinds.all_kinds().values() if kind.shows_only)
SHARP = "<b>O'Neil & “Söhne”</b> 100% {name} {{ reference }}"
SHARP_CLOCK = ClockFace(day=SHARP, time="٠٩:٠٠", city="Ürümqi & <Co>", offset="UTC+5:45")


@pytest.fixture(autouse=True)
def _nothing_kept():
    frames._frames.cache_clear()


def around(kind, language, **other):
    known = {"site_url": "http://s.example", "support_email": "help@s.example"}
    return frames.Surroundings(kind, language, **known, is_demonstration=True)._replace(**other)


def both(kind, language, values, **other):
    """Return the mail by way of the frame and straight from the templates."""
    place = around(kind, language, **other)
    with translation.override(language):
        return (
            frames.framed(place, values, rendering._shipped),
            rendering._write(place, values, Edited()),
        )


def variants(kind, language):
    """Ordinary values, sharp ones, and each that may be missing missing."""
    ordinary = sample_values(kind, language)
    yield ordinary
    yield {
        name: SHARP_CLOCK if isinstance(value, ClockFace) else SHARP
        for name, value in ordinary.items()
    }
    for name, value in ordinary.items():
        yield {**ordinary, name: None if isinstance(value, ClockFace) else ""}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SHOWN)
def test_the_frame_gives_the_same_mail(kind, language):
    for values in variants(kind, language):
        if values.get("hospital_clock", SHARP_CLOCK) is None:
            continue  # a reminder without the hospital's clock does not exist
        framed, written = both(kind, language, values)
        assert framed == written


def test_a_frame_is_made_once_for_a_shape():
    calls = []

    def write(place, values):
        calls.append(place)
        return frames.Words("s", "t", "h")

    place = around("bookings.reminder_7d", "en")
    for reference in ("ONE", "TWO"):
        frames.framed(place, {"reference": reference, "note": ""}, write)
    assert len(calls) == 1
    frames.framed(place, {"reference": "ONE", "note": "x"}, write)
    frames.framed(place._replace(is_demonstration=False), {"reference": "ONE", "note": ""}, write)
    assert len(calls) == 3


@pytest.mark.parametrize(
    "value", ["two\nlines", "two  spaces", " edge", "\ue000reference\ue001", 5, ["a"], True]
)
def test_what_a_template_would_treat_otherwise_goes_the_long_way(value):
    written = []

    def write(place, values):
        written.append(values)
        return frames.Words("s", "t", "h")

    values = {"reference": "ONE", "note": value}
    for _time in range(2):
        frames.framed(around("bookings.reminder_7d", "en"), values, write)
    assert written == [values, values]
