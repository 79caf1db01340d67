"""Every kind in eight languages and both parts: each value in its place, nothing left over (MS-09)."""

import re
from html import unescape

import pytest
from django.core.management import call_command

from messaging import kinds
from messaging.clock_faces import ClockFace
from messaging.samples import sample, sample_values

LANGUAGES = ["en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr"]
MAILS = sorted(name for name, kind in kinds.all_kinds().items() if not kind.to_contact)
# What chooses between sentences and is not shown itself.
CHOOSERS = {"cancelled_by", "route", "waits"}
# What only a wording by staff may use; the shipped words do without.
SPARE = {
    ("bookings.place_offered", "first_day"),
    ("bookings.place_offered", "last_day"),
    ("bookings.times_offered", "first_day"),
    ("bookings.times_offered", "last_day"),
    ("payments.refund_done", "first_days"),
    ("payments.refund_done", "last_days"),
    ("payments.refund_failed", "first_days"),
    ("payments.refund_failed", "last_days"),
}
LEFT_OVER = re.compile(r"[{}]|%\(|%[sd]\b|undefined template variable|\bNone\b")
TAG = re.compile(r"<style>.*?</style>|<[^>]+>", re.DOTALL)

pytestmark = pytest.mark.django_db


def shown_texts(value):
    """Return every text that a value must leave in a mail."""
    if isinstance(value, ClockFace):
        return [value.day, value.time, value.city, value.offset]
    if isinstance(value, list | tuple):
        return [text for each in value if each is not None for text in shown_texts(each)]
    return [str(value)]


@pytest.mark.parametrize("kind", MAILS)
def test_every_value_is_in_its_place_and_nothing_is_left_over(kind):
    for language in LANGUAGES:
        mail = sample(kind, language)
        page = unescape(TAG.sub(" ", mail.html)) + " ".join(
            re.findall(r'href="([^"]*)"', mail.html)
        )
        for part, text in [("subject", mail.subject), ("text", mail.text), ("html", page)]:
            assert text.strip(), (language, part)
            assert LEFT_OVER.findall(text) == [], (language, part)
        assert mail.subject in page, language
        for name, value in sample_values(kind, language).items():
            if name in CHOOSERS or (kind, name) in SPARE:
                continue
            for text in shown_texts(value):
                assert text in mail.subject + mail.text, (language, name)
                assert text in page, (language, name)


@pytest.mark.parametrize("kind", MAILS)
def test_the_page_says_its_language_and_direction(kind):
    for language in LANGUAGES:
        tag = {"zh-hans": "zh-Hans"}.get(language, language)
        direction = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{tag}" dir="{direction}">' in sample(kind, language).html


def test_the_command_writes_them_to_look_at(tmp_path, capsys):
    call_command("message_samples", tmp_path, "--languages", "en", "ar")
    assert capsys.readouterr().out == f"{2 * len(MAILS)} mails in {tmp_path}\n"
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        f"{kind}.{language}.{part}"
        for kind in MAILS
        for language in ("en", "ar")
        for part in ("html", "txt")
    }
    words = (tmp_path / "bookings.reminder_24h.en.txt").read_text()
    assert words.startswith(
        "Nearly time: your appointment on Tuesday 9 March 2027 (SAMPLE1234)\n\n"
    )
