"""Sums and codes as section 2 has them, outside an evaluation too."""

from decimal import Decimal

import pytest

from payments.eligibility_values import normalised, rounded


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.125", "CNY", "0.13"),
        ("0.135", "CNY", "0.14"),
        ("0.1249", "CNY", "0.12"),
        ("2.5", "JPY", "3"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_a_tie_is_rounded_up(amount, currency, expected):
    assert str(rounded(Decimal(amount), currency)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [(" m16.1 ", "M161"), ("\tm16", "\tM16"), ("stra\N{LATIN SMALL LETTER SHARP S}e", "STRASSE")],
)
def test_a_code_is_upper_case_without_points_and_spaces_around(code, expected):
    assert normalised(code) == expected
