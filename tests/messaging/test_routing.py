"""Which channel comes next: place, wishes, what was tried; a table (M19, MS-05, RL-02)."""

import pytest

from messaging.enums import Channel
from messaging.languages import choose
from messaging.routing import Tried, chain, next_channel

ALL = {"email", "whatsapp", "sms"}
ABROAD = chain("", in_china=False)


@pytest.mark.parametrize(
    ("preferred", "in_china", "expected"),
    [
        ("", False, ["whatsapp", "email", "sms"]),
        ("email", False, ["email", "whatsapp", "sms"]),
        ("sms", False, ["sms", "whatsapp", "email"]),
        ("", True, ["email", "sms"]),
        ("sms", True, ["sms", "email"]),
        ("whatsapp", True, ["email", "sms"]),
    ],
)
def test_the_chain_of_a_place(preferred, in_china, expected):
    assert list(chain(preferred, in_china=in_china)) == expected


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        ([], "whatsapp"),
        ([("whatsapp", "failed")] * 2, "whatsapp"),
        ([("whatsapp", "failed")] * 3, "email"),
        ([("whatsapp", "refused")], "email"),
        ([("whatsapp", "unknown")], "email"),
        ([("whatsapp", "sent")], "email"),
        ([("whatsapp", "refused")] + [("email", "failed")] * 11, "email"),
        ([("whatsapp", "refused")] + [("email", "failed")] * 12, "sms"),
        ([("whatsapp", "refused"), ("email", "refused"), ("sms", "unknown")], None),
        ([("email", "unknown"), ("whatsapp", "refused")], "email"),
        ([("", "failed")] * 11, "whatsapp"),
        ([("", "failed")] * 12, None),
    ],
)
def test_what_was_tried_decides_what_comes_next(tried, expected):
    rows = [Tried(*row) for row in tried]
    assert next_channel(ABROAD, usable=ALL, tried=rows, repeatable={"email"}) == expected


def test_a_gateway_that_drops_repeats_may_be_asked_again():
    tried = [Tried("sms", "unknown")]
    channels = (Channel.SMS,)
    assert next_channel(channels, usable={"sms"}, tried=tried, repeatable={"email"}) is None
    assert next_channel(channels, usable={"sms"}, tried=tried, repeatable={"sms"}) == "sms"


def test_a_channel_that_does_not_lead_to_the_person_is_passed_over():
    assert next_channel(ABROAD, usable={"sms"}, tried=[], repeatable=set()) == "sms"
    assert next_channel(ABROAD, usable=set(), tried=[], repeatable=set()) is None


@pytest.mark.parametrize(
    ("wanted", "second", "available", "expected"),
    [
        ("ru", "", {"en", "ru"}, "ru"),
        ("pt-br", "", {"pt", "en"}, "pt"),
        ("zh-hans", "", {"zh-hans", "en"}, "zh-hans"),
        ("mn", "ru", {"en", "ru"}, "ru"),
        ("mn", "", {"en", "ru"}, "en"),
        ("mn", "fr", {"zh-hans"}, "zh-hans"),
        ("mn", "", {"fr"}, ""),
    ],
)
def test_language_falls_from_exact_to_base_to_second_to_english(
    wanted, second, available, expected
):
    assert choose(wanted, second, available) == expected
