"""The arithmetic of quotes: sums by hand, parts that add up, versions compared line by line."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import quote_rules
from payments.quote_rules import EXCLUDED, INCLUDED, OPTIONAL


@dataclass(frozen=True)
class Line:
    """A line without a database, so that `make mutation` can try every rule in a second."""

    label: str = "Surgery"
    unit_price_minor: int = 3_000_000
    tier: str = "international"
    unit: str = ""
    quantity: Decimal = Decimal(1)
    high_unit_price_minor: int | None = None
    inclusion: str = INCLUDED


def ward(nights=5):
    return Line("Ward", 80_000, "international", "night", Decimal(nights), 100_000)


def typical_lines():
    """Return surgery 30,000, five nights at 800 to 1,000, physiotherapy optional, flights not in."""
    therapy = Line("Physiotherapy", 40_000, inclusion=OPTIONAL)
    return [Line(), ward(), therapy, Line("Flights", 600_000, inclusion=EXCLUDED)]


@pytest.mark.parametrize(
    ("quantity", "unit", "amount"),
    [("1", 100, 100), ("2.5", 333, 832), ("0.5", 5, 2), ("1.5", 5, 8), ("0.01", 49, 0)],
)
def test_an_amount_is_rounded_half_even_to_the_minor_unit(quantity, unit, amount):
    assert quote_rules.amount_of(Decimal(quantity), unit) == amount


def test_only_what_is_included_is_added_up():
    assert quote_rules.total_range(typical_lines()) == quote_rules.Range(3_400_000, 3_500_000)


@given(
    st.lists(
        st.tuples(
            st.decimals("0.01", "999.99", places=2),
            st.integers(0, 10**9),
            st.integers(0, 10**9),
        )
    )
)
def test_the_range_is_the_sum_of_its_rounded_lines(rows):
    lines = [
        Line("x", low, quantity=quantity, high_unit_price_minor=low + more)
        for quantity, low, more in rows
    ]
    span = quote_rules.total_range(lines)
    assert span.low == sum(quote_rules.range_of(line).low for line in lines)
    assert span.high == sum(quote_rules.range_of(line).high for line in lines)
    assert span.low <= span.high


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_insurer_and_patient_pay_the_whole_to_the_minor_unit(first, second, third):
    insurer, likely, high = sorted((first, second, third))
    parts = quote_rules.shares(likely, high, insurer)
    assert parts.insurer + parts.own == likely
    assert parts.insurer + parts.worst == high
    assert parts.own <= parts.worst


def test_without_an_insurer_all_is_the_patients():
    assert quote_rules.shares(100, 120, None) == quote_rules.Shares(0, 100, 120)


def test_versions_are_compared_line_by_line():
    before = typical_lines()
    after = [
        Line(),
        ward(nights=6),
        Line("Flights", 600_000, inclusion=EXCLUDED),
        Line("Blood", 20_000),
    ]
    found = [(one.kind, one.line.label) for one in quote_rules.differences(before, after)]
    assert found == [
        ("same", "Surgery"),
        ("changed", "Ward"),
        ("same", "Flights"),
        ("added", "Blood"),
        ("removed", "Physiotherapy"),
    ]


def test_of_several_lines_with_one_name_the_first_meets_the_first():
    before = [Line("Ward", 1), Line("Ward", 2)]
    found = quote_rules.differences(before, [Line("Ward", 1)])
    assert [(one.kind, one.line.unit_price_minor) for one in found] == [("same", 1), ("removed", 2)]
    assert (found[0].before, found[0].after) == (before[0], Line("Ward", 1))


def test_a_quoted_line_covers_what_it_was_quoted_for_once():
    agreed = quote_rules.agreed_parts([(1, 60), (1, 60), (None, 5), (2, 9)], {1: 100})
    assert agreed == [60, 40, 0, 0]


@pytest.mark.parametrize(
    ("quoted", "final", "percent", "reason"),
    [
        (1000, 1100, "10.0", False),
        (1000, 1101, "10.1", True),
        (1000, 900, "-10.0", False),
        (1000, 899, "-10.1", True),
        (1000, 1000, "0.0", False),
        (3, 4, "33.3", True),
        (0, 1, None, True),
        (0, 0, None, False),
    ],
)
def test_a_reason_is_needed_above_ten_percent(quoted, final, percent, reason):
    found = quote_rules.variance_percent(quoted, final)
    assert found == (None if percent is None else Decimal(percent))
    assert quote_rules.needs_reason(quoted, final) is reason


@pytest.mark.parametrize(("minor", "kept"), [(9, 10), (10, 10), (15, 15), (20, 20), (21, 20)])
def test_a_sum_is_kept_inside_its_range(minor, kept):
    assert quote_rules.Range(10, 20).clamp(minor) == kept


def test_what_may_be_billed_for_a_line_at_most():
    assert [quote_rules.cap_of(line) for line in typical_lines()] == [3_000_000, 500_000, 40_000, 0]
