"""The rules of giving money back: ladders at the second, moves, rounding, sums that always add up."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hospitals.policies import Ladder
from medtour.lib import clock
from medtour.lib.money import Money
from payments.policies import CHARGE_STEP, convert
from payments.refund_rules import (
    Left,
    Move,
    Standing,
    can_be_paid_out,
    contract_part,
    needs_second_person,
    part_back,
    percent_back,
    retry_at,
    standing,
    steps_ahead,
)

LADDER = Ladder.from_pairs([[168, 100], [48, 50], [24, 20]])
SECOND = dt.timedelta(seconds=1)
HOUR = dt.timedelta(hours=1)


def at(zone, *wall):
    """Return an instant by a wall clock: year, month, day, hour, minute, second."""
    return clock.at_wall_time(dt.date(*wall[:3]), dt.time(*wall[3:]), zone)


# Where and when the appointment is, the hours of the step, and the wall clocks of its last second.
BOUNDARIES = [
    pytest.param(
        at("Asia/Shanghai", 2027, 1, 18, 9),
        48,
        at("America/New_York", 2027, 1, 15, 20),
        id="winter: two days earlier by both clocks",
    ),
    pytest.param(
        at("Asia/Shanghai", 2027, 3, 15, 9),
        48,
        at("America/New_York", 2027, 3, 12, 20),
        id="New York loses an hour in between: the appointment is at 21:00 there",
    ),
    pytest.param(
        at("Asia/Shanghai", 2026, 11, 2, 9),
        48,
        at("America/New_York", 2026, 10, 30, 21),
        id="New York wins an hour in between: the appointment is at 20:00 there",
    ),
    pytest.param(
        at("Europe/Berlin", 2027, 3, 28, 10),
        24,
        at("Europe/Berlin", 2027, 3, 27, 9),
        id="a hospital whose own clocks go forward that night",
    ),
    pytest.param(
        at("Europe/Berlin", 2026, 10, 25, 10),
        24,
        at("Europe/Berlin", 2026, 10, 24, 11),
        id="a hospital whose own clocks go back that night",
    ),
    pytest.param(
        at("Asia/Shanghai", 2027, 3, 18, 9),
        168,
        at("America/New_York", 2027, 3, 10, 20),
        id="a week with a change of clocks in it",
    ),
]


@pytest.mark.parametrize(("starts_at", "hours", "last_second"), BOUNDARIES)
def test_a_step_ends_at_the_second_whatever_the_clocks_do(starts_at, hours, last_second):
    stands = standing(LADDER, starts_at=starts_at)
    percents = [band.refund_percent for band in LADDER.bands if band.hours_before == hours]
    after = {168: 50, 48: 20, 24: 0}[hours]
    assert starts_at - last_second == dt.timedelta(hours=hours)
    assert percent_back(LADDER, stands, last_second - SECOND) == percents[0]
    assert percent_back(LADDER, stands, last_second) == percents[0]
    assert percent_back(LADDER, stands, last_second + SECOND) == after


def test_the_steps_on_the_page_are_those_instants():
    starts_at = at("Asia/Shanghai", 2027, 3, 15, 9)
    now = starts_at - dt.timedelta(days=6)
    ahead = steps_ahead(LADDER, Standing(starts_at), now=now, begins_at=starts_at)
    assert ahead == [
        (at("America/New_York", 2027, 3, 12, 20), 50),
        (at("America/New_York", 2027, 3, 13, 20), 20),
    ]


START = at("Asia/Shanghai", 2027, 1, 18, 9)


def moved(hours_before, *, to_days, by_patient=True, starts_at=START):
    return Move(
        at=starts_at - hours_before * HOUR,
        by_patient=by_patient,
        from_starts_at=starts_at,
        to_starts_at=starts_at + dt.timedelta(days=to_days),
    )


def test_moving_away_before_a_step_gains_nothing():
    later = START + dt.timedelta(days=30)
    stands = standing(LADDER, starts_at=later, moves=[moved(30, to_days=30)])
    assert stands == Standing(later, cap=20)
    assert percent_back(LADDER, stands, START) == 20
    assert percent_back(LADDER, stands, later - 10 * HOUR) == 0


def test_an_early_move_costs_nothing():
    later = START + dt.timedelta(days=30)
    stands = standing(LADDER, starts_at=later, moves=[moved(168, to_days=30)])
    assert percent_back(LADDER, stands, START) == 100


def test_the_worst_of_several_moves_counts():
    second_start = START + dt.timedelta(days=30)
    moves = [moved(60, to_days=30), moved(200, to_days=30, starts_at=second_start)]
    last = second_start + dt.timedelta(days=30)
    stands = standing(LADDER, starts_at=last, moves=moves)
    assert percent_back(LADDER, stands, second_start) == 50


def test_a_hospital_that_moves_a_time_forward_takes_nothing_away():
    sooner = START - dt.timedelta(days=6)
    moves = [moved(200, to_days=-6, by_patient=False)]
    stands = standing(LADDER, starts_at=sooner, moves=moves)
    assert stands == Standing(START)
    assert percent_back(LADDER, stands, sooner - HOUR) == 50


def test_a_hospital_that_moves_a_time_back_gives_the_later_start():
    later = START + dt.timedelta(days=10)
    moves = [moved(2, to_days=10, by_patient=False)]
    stands = standing(LADDER, starts_at=later, moves=moves)
    assert percent_back(LADDER, stands, START) == 100


def test_a_hospitals_move_does_not_lift_what_a_patients_move_cost():
    second_start = START + dt.timedelta(days=10)
    moves = [
        moved(30, to_days=10),
        moved(100, to_days=10, by_patient=False, starts_at=second_start),
    ]
    stands = standing(LADDER, starts_at=second_start + dt.timedelta(days=10), moves=moves)
    assert percent_back(LADDER, stands, START) == 20


def test_a_patients_move_after_a_hospitals_is_read_against_the_later_start():
    sooner, later = START - 144 * HOUR, START + dt.timedelta(days=30)
    by_hospital = moved(300, to_days=-6, by_patient=False)
    by_patient = Move(
        at=START - 160 * HOUR, by_patient=True, from_starts_at=sooner, to_starts_at=later
    )
    stands = standing(LADDER, starts_at=later, moves=[by_hospital, by_patient])
    assert stands == Standing(later, cap=50)


@pytest.mark.parametrize(("late", "first"), [(0, 100), (1, 50)])
def test_a_step_can_be_reached_in_its_last_second(late, first):
    now = START - 168 * HOUR + late * SECOND
    ahead = steps_ahead(LADDER, Standing(START), now=now, begins_at=START)
    assert ahead[0][1] == first


def test_steps_that_an_earlier_move_made_equal_are_one():
    later = START + dt.timedelta(days=30)
    stands = standing(LADDER, starts_at=later, moves=[moved(60, to_days=30)])
    ahead = steps_ahead(LADDER, stands, now=START, begins_at=later)
    assert ahead == [(later - 48 * HOUR, 50), (later - 24 * HOUR, 20)]


def test_nothing_ahead_once_the_last_step_is_over():
    assert steps_ahead(LADDER, Standing(START), now=START - HOUR, begins_at=START) == []


@pytest.mark.parametrize(
    ("held", "percent", "back"),
    [
        (Money(160_000, "CNY"), 50, Money(80_000, "CNY")),
        (Money(160_001, "CNY"), 50, Money(80_001, "CNY")),
        (Money(10_001, "JPY"), 50, Money(5_001, "JPY")),
        (Money(12_350, "KWD"), 50, Money(6_180, "KWD")),
        (Money(12_350, "KWD"), 100, Money(12_350, "KWD")),
        (Money(12_350, "KWD"), 0, Money(0, "KWD")),
        (Money(333, "USD"), 33, Money(110, "USD")),
    ],
)
def test_a_part_is_rounded_to_the_payer_and_can_be_paid_out(held, percent, back):
    assert part_back(held, percent) == back


currencies = st.sampled_from(["CNY", "JPY", "KWD", "USD", "HUF"])


@st.composite
def sums(draw, currency=currencies):
    unit = draw(currency)
    step = CHARGE_STEP.get(unit, 1)
    return Money(draw(st.integers(min_value=1, max_value=10**9)) * step, unit)


@given(sums(), st.integers(min_value=0, max_value=100))
def test_a_part_is_never_too_little_nor_more_than_there_is(held, percent):
    back = part_back(held, percent)
    assert held.minor * percent <= back.minor * 100
    assert back.minor <= held.minor
    assert back.minor == 0 or can_be_paid_out(back)
    step = CHARGE_STEP.get(held.currency, 1)
    assert back.minor * 100 < held.minor * percent + step * 100


@given(sums(), st.lists(st.integers(min_value=1, max_value=100), max_size=6))
def test_ladder_part_and_rest_are_the_whole(held, percents):
    """However often a part of what is left goes back, the rest makes it whole."""
    left, parts = held, []
    for percent in percents:
        parts.append(part_back(left, percent))
        left -= parts[-1]
    assert sum(part.minor for part in parts) + left.minor == held.minor


@given(
    counted=sums(st.just("CNY")),
    currency=currencies,
    rate=st.decimals(min_value="0.001", max_value="200", places=6),
    cuts=st.lists(st.integers(min_value=1, max_value=10**6), max_size=8),
)
def test_partial_refunds_add_up_in_both_currencies(counted, currency, rate, cuts):
    charged = convert(counted, currency, Decimal(rate))
    assume(charged.minor > 0)
    left, parts = Left(charged, counted), []
    for cut in [*cuts, None]:
        amount = left.charge
        if cut is not None:
            amount = Money(min(cut * CHARGE_STEP.get(currency, 1), left.charge.minor), currency)
        if not amount.minor:
            continue
        part = contract_part(amount, charged=charged, counted=counted, left=left)
        assert 0 <= part.minor <= left.contract.minor
        left = Left(left.charge - amount, left.contract - part)
        parts.append((amount, part))
    assert sum(amount.minor for amount, _part in parts) == charged.minor
    assert sum(part.minor for _amount, part in parts) == counted.minor


def test_each_conversion_is_rounded_down_and_the_last_takes_the_rest():
    charged, counted = Money(1_000, "JPY"), Money(4_999, "CNY")
    left, parts = Left(charged, counted), []
    for amount in (Money(333, "JPY"), Money(333, "JPY"), Money(334, "JPY")):
        part = contract_part(amount, charged=charged, counted=counted, left=left)
        left = Left(left.charge - amount, left.contract - part)
        parts.append(part.minor)
    assert parts == [1_664, 1_664, 1_671]


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        (Money(500_000, "CNY"), False),
        (Money(500_001, "CNY"), True),
        (Money(1, "THB"), True),
    ],
)
def test_above_the_threshold_of_its_currency_a_second_person_is_needed(amount, answer):
    assert needs_second_person(amount, {"CNY": 500_000}) is answer


@pytest.mark.parametrize(
    ("amount", "answer"),
    [
        (Money(0, "CNY"), False),
        (Money(1, "CNY"), True),
        (Money(12_345, "KWD"), False),
        (Money(12_340, "KWD"), True),
    ],
)
def test_only_sums_that_a_processor_takes_are_paid_out(amount, answer):
    assert can_be_paid_out(amount) is answer


def test_waits_grow_with_the_age_up_to_an_hour():
    waits = [retry_at(START, START - age) - START for age in (0 * HOUR, HOUR, 10 * HOUR)]
    assert waits == [dt.timedelta(minutes=1), dt.timedelta(minutes=30), HOUR]
