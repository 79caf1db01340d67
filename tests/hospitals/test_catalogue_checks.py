"""The checks of single cells."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hospitals.services.catalogue import checks, sources


@pytest.mark.parametrize("code", ["394592004", "419815003", "22298006", "138875005"])
def test_real_snomed_codes_pass(code):
    assert checks.snomed(code) == code


@given(st.sampled_from(["394592004", "419815003"]), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_of_a_snomed_code_is_always_caught(code, place, shift):
    wrong = str((int(code[place]) + shift) % 10)
    with pytest.raises(ValueError, match="check digit"):
        checks.snomed(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("text", ["2026", "2026-02", "2026-02-28", "undated", "undated page"])
def test_the_date_of_a_fact_keeps_its_precision(text):
    assert checks.fact_date(text) == text


@pytest.mark.parametrize("text", ["26", "2026-2", "2026-02-30", "2026-13", "soon", "2026-02-28 "])
def test_other_dates_are_refused(text):
    with pytest.raises(ValueError, match="not a date"):
        checks.fact_date(text)


def test_days_are_whole_dates():
    assert checks.day("2026-12-31") == dt.date(2026, 12, 31)
    with pytest.raises(ValueError, match="not a date"):
        checks.day("2026-12")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("China Daily (mirror) http://m.example/a_4.html", "China Daily"),
        (
            "Xinhua (mirror) http://m.example/c.html; TASS https://tass.example/1",
            "Xinhua; TASS https://tass.example/1",
        ),
        ("China Daily (mirror) http://m.example/a.html (1 h)", "China Daily (1 h)"),
        ("Wikipedia (JCI statement)", "Wikipedia"),
        ("Sixth Tone, 2026-02-13", "Sixth Tone, 2026-02-13"),
    ],
)
def test_a_mirror_is_never_shown(source, shown):
    assert sources.shown_source(source) == shown


@pytest.mark.parametrize(
    ("source", "earned"),
    [
        ("unsourced: general knowledge", "low"),
        ("stored search result, address not kept", "low"),
        ("unsourced: general knowledge; stored search result, address not kept", "low"),
        ("stored search result, address not kept; Xinhua 2026-01-24", "high"),
        ("Xinhua 2026-01-24", "high"),
    ],
)
def test_confidence_is_only_as_good_as_a_source_that_can_be_looked_up(source, earned):
    assert sources.earned_confidence("high", source) == earned


@pytest.mark.parametrize(
    ("basis", "source"),
    [
        ("general knowledge", "unsourced: general knowledge"),
        ("name", "The hospital's own name"),
        ("sourced", "TASS 2025-10-01"),
        ("sourced: arthritis", "sourced: arthritis; TASS 2025-10-01"),
        ("mixed: news + general knowledge", "mixed: news + general knowledge"),
    ],
)
def test_a_department_names_what_it_rests_on(basis, source):
    assert sources.department_source(basis, "TASS 2025-10-01") == source
