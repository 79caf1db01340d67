"""The numbers that people are promised or that the gateway sets: changing one is a decision."""

import datetime as dt

from hospitals.policies import Ladder
from payments import policies, quote_rules, refund_rules
from payments.refund_rules import Standing, steps_ahead

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
START = dt.datetime(2026, 11, 30, 1, 0, tzinfo=dt.UTC)


def test_how_long_money_takes_to_come_back():
    assert refund_rules.REFUND_DAYS == {
        "original": (5, 10),
        "bank_transfer": (5, 14),
        "released": (0, 7),
    }


def test_how_refunds_are_tried_again():
    assert refund_rules.SEND_LEASE == 2 * MINUTE
    assert (refund_rules.SHORTEST_RETRY, refund_rules.LONGEST_RETRY) == (MINUTE, HOUR)
    assert refund_rules.FOLLOW_UP_AFTER == 6 * HOUR


def test_how_long_a_place_and_a_page_are_kept():
    assert (policies.SESSION_LENGTH, policies.HOLD_GRACE) == (31 * MINUTE, 4 * MINUTE)
    assert 30 * MINUTE + dt.timedelta(seconds=10) == policies.SHORTEST_SESSION
    assert policies.LONGEST_PAYMENT_HOLD == 2 * HOUR
    assert (policies.UNANSWERED_AFTER, policies.SHARE_LENGTH) == (2 * MINUTE, 7 * DAY)


def test_how_news_is_worked_on_again():
    assert policies.MAX_EVENT_ATTEMPTS == 8
    assert (dt.timedelta(seconds=20), HOUR) == (policies.EVENT_BACKOFF, policies.LONGEST_BACKOFF)


def test_how_long_a_card_keeps_money():
    assert (policies.CARD_HOLD, policies.COLLECT_AHEAD) == (6 * DAY, 24 * HOUR)
    assert policies.COLLECT_MARGIN == 6 * HOUR


def test_what_can_be_charged_and_from_when_a_bill_needs_a_reason():
    assert policies.CHARGE_STEP == {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10}
    assert quote_rules.REASON_ABOVE_PERCENT == 10


def test_a_step_is_ahead_until_its_very_last_instant():
    ladder = Ladder.from_pairs([[48, 100], [24, 50]])
    (last, percent), *_later = steps_ahead(
        ladder, Standing(START), now=START - 72 * HOUR, begins_at=START
    )
    assert percent == 100
    at_it = steps_ahead(ladder, Standing(START), now=last, begins_at=START)
    after = steps_ahead(
        ladder, Standing(START), now=last + dt.timedelta(microseconds=1), begins_at=START
    )
    assert ([step[1] for step in at_it], [step[1] for step in after]) == ([100, 50], [50])
