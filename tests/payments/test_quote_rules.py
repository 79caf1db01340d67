"""The arithmetic of quotes: sums by hand, parts that add up, versions compared line by line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments import quote_rules
from payments.models import Inclusion
from tests.factories.quotes import quote_line, typical_lines


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
        quote_line("x", low, quantity=quantity, high_unit_price_minor=low + more)
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
        quote_line(),
        quote_line(
            "Ward", 80_000, quantity=Decimal(6), unit="night", high_unit_price_minor=100_000
        ),
        quote_line("Flights", 600_000, inclusion=Inclusion.EXCLUDED),
        quote_line("Blood", 20_000),
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
    before = [quote_line("Ward", 1), quote_line("Ward", 2)]
    found = quote_rules.differences(before, [quote_line("Ward", 1)])
    assert [(one.kind, one.line.unit_price_minor) for one in found] == [("same", 1), ("removed", 2)]


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
