"""The rules of money as plain functions: rounding, rates, parts that add up."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospitals.policies import Band, Ladder
from medtour.lib.money import Money
from payments import policies
from payments.policies import DepositNotNamed, OfferFacts, charge_parts, convert, deposit_amount

NOW = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def cny(minor):
    return Money(minor, "CNY")


@pytest.mark.parametrize(
    ("fixed", "percent", "lowest", "expected"),
    [
        (33_300, None, 80_000, 33_300),
        (33_300, None, None, 33_300),
        (None, 20, 80_000, 16_000),
        (None, 100, 1, 1),
        (None, 1, 150, 2),
        (None, 1, 250, 2),
        (None, 33, 99_999, 33_000),
    ],
)
def test_a_deposit_is_fixed_or_a_part(fixed, percent, lowest, expected):
    facts = OfferFacts(fixed, percent, cny(lowest) if lowest else None)
    assert deposit_amount(facts) == cny(expected)


@pytest.mark.parametrize(
    ("fixed", "percent", "lowest"), [(None, None, 80_000), (None, 20, None), (None, 1, 10)]
)
def test_a_deposit_of_nothing_is_not_named(fixed, percent, lowest):
    with pytest.raises(DepositNotNamed):
        deposit_amount(OfferFacts(fixed, percent, cny(lowest) if lowest else None))


def test_a_fixed_deposit_is_in_the_currency_of_the_prices():
    assert deposit_amount(OfferFacts(500, None, Money(9_000, "JPY"))) == Money(500, "JPY")


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "expected"),
    [
        (160_000, "CNY", "1", 160_000),
        (160_000, "USD", "0.1404494382", 22_472),
        (160_000, "JPY", "21.5", 34_400),
        (100, "JPY", "21.5", 22),
        (300, "JPY", "0.5", 2),
        (160_000, "KWD", "0.0429", 68_640),
        (160_000, "KWD", "0.042908", 68_650),
        (1, "JPY", "21.5", 0),
        (100, "USD", "0.15", 15),
    ],
)
def test_a_sum_is_rounded_to_what_can_be_charged(minor, currency, rate, expected):
    assert convert(cny(minor), currency, Decimal(rate)) == Money(expected, currency)


def test_the_ladder_is_the_policys_or_the_notice():
    class Policy:
        ladder = Ladder((Band(168, 100), Band(24, 30)))

    class Offer:
        cancellation_policy = None
        cancellation_notice_hours = 48

    assert policies.ladder_of(Offer()) == Ladder((Band(48, 100),))
    Offer.cancellation_policy = Policy()
    assert policies.ladder_of(Offer()) == Policy.ladder


@given(
    contract=st.integers(0, 10**9),
    surplus=st.integers(0, 10**9),
    rate=st.decimals("0.0001", "30", places=6),
    currency=st.sampled_from(["CNY", "USD", "JPY", "KWD"]),
)
def test_the_parts_of_a_charge_are_the_charge(contract, surplus, rate, currency):
    rate = Decimal(1) if currency == "CNY" else rate
    charge = convert(cny(contract + surplus), currency, rate)
    parts = charge_parts(charge, contract=cny(contract), surplus=cny(surplus), rate=rate)
    assert parts.applied + parts.surplus == charge
    assert parts.applied.minor >= 0
    assert parts.surplus.minor >= 0
    if currency == "CNY":
        assert parts.applied == cny(contract)


def test_a_charge_that_counts_for_nothing_is_all_surplus():
    charge = Money(2_500, "USD")
    parts = charge_parts(charge, contract=cny(0), surplus=cny(17_000), rate=Decimal("0.14"))
    assert (parts.applied, parts.surplus) == (Money(0, "USD"), charge)


def test_waits_double_and_end_at_an_hour():
    waits = [
        (policies.event_retry_at(NOW, tries) - NOW).total_seconds() for tries in (1, 2, 7, 8, 500)
    ]
    assert waits == [40, 80, 2560, 3600, 3600]


@pytest.mark.parametrize(
    ("holder", "payee", "fits"),
    [
        ("Ruijin Hospital Intl. Ltd", "RUIJIN HOSPITAL INTL LTD", True),
        ("上海瑞金医院", "上海瑞金医院 ", True),
        ("Ｒｕｉｊｉｎ", "Ruijin", True),
        ("Ruijin Hospital", "Ruijin Hospital Ltd", False),
        ("", "", False),
        ("...", "--", False),
        ("", "Ruijin", False),
        ("Ruijin", "", False),
        ("St. Mary_s", "ST MARYS", True),
        ("Straße GmbH", "STRASSE GMBH", True),
    ],
)
def test_names_are_compared_by_letters(holder, payee, fits):
    assert policies.payee_matches(holder, payee) is fits


@pytest.mark.parametrize(
    ("ahead", "is_near"),
    [
        (6 * DAY, True),
        (6 * DAY + SECOND, False),
        (DAY + SECOND, True),
        (DAY, False),
        (HOUR, False),
    ],
)
def test_which_appointments_are_near(ahead, is_near):
    assert policies.is_reserved_first(NOW + ahead, now=NOW) is is_near


def test_when_a_reservation_is_collected():
    starts = NOW + 5 * DAY
    assert policies.collect_at(starts, capture_before=None) == starts - DAY
    assert policies.collect_at(starts, capture_before=NOW + 7 * DAY) == starts - DAY
    assert policies.collect_at(starts, capture_before=NOW + 3 * DAY) == NOW + 3 * DAY - 6 * HOUR
