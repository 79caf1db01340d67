"""Quiet hours by the clock on the wall where the person is; each instant exact (MS-08)."""

import datetime as dt

import pytest

from messaging.enums import Category, Channel
from messaging.quiet_hours import (
    MARKETING_NIGHT,
    Drop,
    Go,
    IfLate,
    Point,
    Timing,
    Wait,
    all_awake_at,
    awake_at,
    decide,
)

HOUR = dt.timedelta(hours=1)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        # The edges: 21:00 is night, 20:59:59 is not; 08:00 is day, 07:59:59 is not.
        ("Asia/Shanghai", "2026-11-23T12:59:59", "2026-11-23T12:59:59"),
        ("Asia/Shanghai", "2026-11-23T13:00:00", "2026-11-24T00:00:00"),
        ("Asia/Shanghai", "2026-11-23T23:59:59", "2026-11-24T00:00:00"),
        ("Asia/Shanghai", "2026-11-24T00:00:00", "2026-11-24T00:00:00"),
        # No summer time, ten hours behind: 21:30 on Sunday waits for Monday 08:00.
        ("Pacific/Honolulu", "2026-11-23T07:30:00", "2026-11-23T18:00:00"),
        ("Pacific/Honolulu", "2027-03-14T10:00:00", "2027-03-14T18:00:00"),
        # A quarter of an hour that no other place has.
        ("Asia/Kathmandu", "2026-11-23T15:15:00", "2026-11-24T02:15:00"),
        ("Asia/Kathmandu", "2027-03-28T20:00:00", "2027-03-29T02:15:00"),
        # Summer time begins on 27 September 2026: 21:30 NZST waits ten hours, not ten and a half.
        ("Pacific/Auckland", "2026-09-26T09:30:00", "2026-09-26T19:00:00"),
        ("Pacific/Auckland", "2026-09-25T09:30:00", "2026-09-25T20:00:00"),
        # It ends on 4 April 2027: the same evening waits an hour longer.
        ("Pacific/Auckland", "2027-04-03T08:30:00", "2027-04-03T20:00:00"),
        ("Pacific/Auckland", "2027-04-02T08:30:00", "2027-04-02T19:00:00"),
        # Lord Howe moves its clocks by half an hour: on 4 October 2026 and 4 April 2027.
        ("Australia/Lord_Howe", "2026-10-03T11:00:00", "2026-10-03T21:00:00"),
        ("Australia/Lord_Howe", "2026-10-02T11:00:00", "2026-10-02T21:30:00"),
        ("Australia/Lord_Howe", "2027-04-03T10:30:00", "2027-04-03T21:30:00"),
        ("Australia/Lord_Howe", "2027-04-02T10:30:00", "2027-04-02T21:00:00"),
        # New York falls back on 1 November 2026 and springs forward on 14 March 2027.
        ("America/New_York", "2026-11-01T01:30:00", "2026-11-01T13:00:00"),
        ("America/New_York", "2026-10-31T01:30:00", "2026-10-31T12:00:00"),
        ("America/New_York", "2027-03-14T02:30:00", "2027-03-14T12:00:00"),
        ("America/New_York", "2027-03-13T02:30:00", "2027-03-13T13:00:00"),
        # Inside the hour that happens twice: 01:30 EDT and 01:30 EST wait for the same morning.
        ("America/New_York", "2026-11-01T05:30:00", "2026-11-01T13:00:00"),
        ("America/New_York", "2026-11-01T06:30:00", "2026-11-01T13:00:00"),
    ],
)
def test_the_night_ends_at_eight_on_the_wall(zone, now, expected):
    assert awake_at(utc(now), zone) == utc(expected)


def test_a_year_of_hours_never_rings_at_night_and_never_waits_longer_than_needed():
    """Every hour of 2026-27 in five zones: the answer is day, and a second earlier was night."""
    for zone in (
        "Pacific/Honolulu",
        "Pacific/Auckland",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "America/New_York",
    ):
        now = utc("2026-09-01T00:10:00")
        while now < utc("2027-05-01T00:00:00"):
            answer = awake_at(now, zone)
            assert awake_at(answer, zone) == answer
            assert now <= answer <= now + 12 * HOUR
            if answer > now:
                assert awake_at(answer - dt.timedelta(seconds=1), zone) == answer
            now += HOUR


def test_advertising_sleeps_longer():
    evening = utc("2026-11-23T12:30:00")  # 20:30 in Shanghai
    assert awake_at(evening, "Asia/Shanghai") == evening
    assert awake_at(evening, "Asia/Shanghai", MARKETING_NIGHT) == utc("2026-11-24T01:00:00")
    point = Point(Timing.AWAKE, Category.MARKETING)
    answer = decide(evening, point, Channel.EMAIL, ["Asia/Shanghai"])
    assert answer == Wait(utc("2026-11-24T01:00:00"))


def test_a_place_with_several_zones_waits_until_all_are_awake():
    """08:00 in New York is 05:00 in Los Angeles: both are awake at 16:00 UTC."""
    zones = ["America/New_York", "America/Los_Angeles"]
    assert all_awake_at(utc("2026-12-01T13:00:00"), zones) == utc("2026-12-01T16:00:00")
    # Auckland and London are a day and a night apart in their winter and summer: the first counts.
    apart = ["Pacific/Auckland", "Atlantic/Azores"]
    assert awake_at(all_awake_at(utc("2026-12-01T10:00:00"), apart), apart[0])


MIDNIGHT = utc("2026-11-23T16:00:00")  # 00:00 in Shanghai, 08:00 there is midnight UTC
MORNING = utc("2026-11-24T00:00:00")


@pytest.mark.parametrize(
    ("timing", "channel", "expected"),
    [
        (Timing.URGENT, Channel.WHATSAPP, Go()),
        (Timing.URGENT, Channel.EMAIL, Go()),
        (Timing.PROMPT, Channel.EMAIL, Go()),
        (Timing.PROMPT, Channel.WHATSAPP, Wait(MORNING)),
        (Timing.PROMPT, Channel.SMS, Wait(MORNING)),
        (Timing.AWAKE, Channel.EMAIL, Wait(MORNING)),
        (Timing.AWAKE, Channel.SMS, Wait(MORNING)),
    ],
)
def test_what_rings_at_night(timing, channel, expected):
    assert decide(MIDNIGHT, Point(timing), channel, ["Asia/Shanghai"]) == expected


@pytest.mark.parametrize(
    ("useless_after", "if_late", "expected"),
    [
        (MORNING + dt.timedelta(seconds=1), IfLate.SEND, Wait(MORNING)),
        (MORNING, IfLate.SEND, Go()),
        (MORNING, IfLate.DROP, Drop("would come too late after quiet hours")),
        (MIDNIGHT, IfLate.SEND, Drop("its time is over")),
        (MIDNIGHT - HOUR, IfLate.DROP, Drop("its time is over")),
    ],
)
def test_a_message_never_comes_late_by_design(useless_after, if_late, expected):
    point = Point(Timing.AWAKE, useless_after=useless_after, if_late=if_late)
    assert decide(MIDNIGHT, point, Channel.EMAIL, ["Asia/Shanghai"]) == expected
