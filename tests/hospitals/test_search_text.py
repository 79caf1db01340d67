"""Folding, stems and pairs: what is stored and what is asked must meet."""

import pytest

from hospitals.search_text import fold, likeness, may_be_meant, query_words, stem, text_words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Prothèse", "prothese"),
        ("Châm cứu", "cham cuu"),
        ("Điều trị", "dieu tri"),
        ("счёт", "счет"),
        ("إستشارة", "استشاره"),
        ("مُسْتَشْفَى", "مستشفي"),
        ("مستـــشفى", "مستشفي"),
        ("ＭＲＩ", "mri"),
        ("針灸", "針灸"),
    ],
)
def test_letters_lose_case_accents_and_decoration(written, folded):
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("implants", "implant"),
        ("surgeries", "surgery"),
        ("pelvis", "pelvis"),
        ("abscess", "abscess"),
        ("операции", "операц"),
        ("операция", "операц"),
        ("сердце", "сердц"),
        ("المستشفي", "مستشفي"),
        ("والعلاج", "علاج"),
    ],
)
def test_common_endings_are_cut(word, expected):
    assert stem(word) == expected


def test_a_hyphenated_word_is_found_in_parts_and_whole():
    assert {word.text for word in text_words("X-ray")} == {"x", "ray", "xray"}


def test_chinese_is_stored_in_pairs_and_its_last_character():
    assert {word.text for word in text_words("活体肝移植")} == {
        "活体",
        "体肝",
        "肝移",
        "移植",
        "植",
    }


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Hip  replacement in China ", ["hip", "replacement"]),
        ("针灸", ["针灸"]),
        ("肝", ["肝"]),
        ("肝移植", ["肝移", "移植"]),
        ("операция на сердце", ["операция", "сердце"]),
        ("car-t", ["car"]),
        ("MRI mri", ["mri"]),
        ("' | ! & :*", []),
        ("", []),
    ],
)
def test_what_is_typed_becomes_words_without_fillers(typed, expected):
    assert [word.text for word in query_words(typed)] == expected


def test_a_very_long_question_is_cut():
    assert len(query_words("word" * 1000)) == 1
    assert len(query_words(" ".join(f"w{number}" for number in range(50)))) == 12


def test_likeness_counts_letters_to_change():
    assert likeness("acupunture", "acupuncture") == 1
    assert likeness("mir", "mri") == 1
    assert likeness("hip", "heart") == 4


def test_only_near_words_may_be_meant():
    assert may_be_meant("acupunture", "acupuncture")
    assert not may_be_meant("hip", "heart")
    assert not may_be_meant("ct", "pt")
