"""Every outcome and reason has words, and a refusal never tells which detail was wrong."""

import pytest

from payments.eligibility_codes import Outcome, Reason
from payments.presenters import eligibility_words as words
from tests.payments.eligibility.documents import answer

WHO_IS_WHO = [Reason.POLICY_NOT_FOUND, Reason.MEMBER_NOT_FOUND, Reason.MEMBER_MISMATCH]


def test_every_reason_has_a_sentence_for_the_patient_and_a_label_for_staff():
    assert set(words.PATIENT) == set(words.STAFF) == set(Reason)
    assert all(str(sentence).endswith(".") for sentence in words.PATIENT.values())
    labels = [str(label) for label in words.STAFF.values()]
    assert len(set(labels)) == len(labels)
    assert max(map(len, labels)) <= 50


def test_every_outcome_says_what_happens_next():
    assert set(words.OUTCOMES) == set(Outcome)
    assert all(str(each.next_step).endswith(".") for each in words.OUTCOMES.values())


def test_a_refusal_never_tells_which_detail_was_wrong():
    assert len({str(words.PATIENT[reason]) for reason in WHO_IS_WHO}) == 1
    changes = [{"policy": None}, {"member": None}, {"presented.member_id": "x"}]
    changes.append({"presented.date_of_birth": "2000-01-01"})
    pages = {
        (str(words.outcome_words(found).headline), *map(str, words.patient_sentences(found)))
        for found in map(answer, changes)
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("change", "headline", "sentences", "labels"),
    [
        ({}, "Your insurer can pay the hospital directly", ["You pay a percentage of the cost."], ["Co-insurance"]),
        (
            {"request.currency": "USD", "fx": None},
            "This could not be determined yet",
            ["We need a newer exchange rate before we can work out your share."],
            ["Exchange rate missing"],
        ),
    ],
)  # fmt: skip
def test_an_answer_in_words(change, headline, sentences, labels):
    found = answer(change)
    assert str(words.outcome_words(found).headline) == headline
    assert [str(each) for each in words.patient_sentences(found)] == sentences
    assert [str(each) for each in words.staff_labels(found)] == labels


def test_the_same_sentence_is_said_once():
    codes = ["FX_RATE_MISSING", "FX_RATE_STALE"]
    assert len(words.patient_sentences({"reason_codes": codes})) == 1
