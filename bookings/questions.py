"""The questions that a follow-up may ask, in plain words; no licensed scale is among them.

A plan names questions by their codes and in its own order. `WORDING` is the edition of the words
below: it is kept with every answer, so that a later edition never changes what was asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDING = "2026-1"
NUMBER, TEMPERATURE, CHOICE, WORDS = "number", "temperature", "choice", "words"


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `choices` are (code, words), `is_required` forbids an empty answer."""

    code: str
    kind: str
    label: Promise
    short: Promise
    hint: Promise | str = ""
    choices: tuple[tuple[str, Promise], ...] = ()
    is_required: bool = True


YES_NO = (
    ("no", pgettext_lazy("answer", "No")),
    ("yes", pgettext_lazy("answer", "Yes")),
)
_ALL = (
    Question(
        "pain",
        NUMBER,
        _("How strong is your pain today?"),
        _("Pain"),
        _("0 means no pain. 10 means the worst pain you can imagine."),
    ),
    Question(
        "fever",
        CHOICE,
        _("Have you had a fever, or felt hot and shivery, in the last two days?"),
        _("Fever"),
        choices=YES_NO,
    ),
    Question(
        "temperature",
        TEMPERATURE,
        _("What is your temperature?"),
        _("Temperature"),
        _("For example 36.8 °C or 98.2 °F. Leave it empty if you have no thermometer."),
        is_required=False,
    ),
    Question(
        "wound",
        CHOICE,
        _("How does your wound look?"),
        _("Wound"),
        choices=(
            ("none", _("I have no wound")),
            ("clean", _("Dry and clean")),
            ("red", _("Red, warm or swollen")),
            ("open", _("It leaks, smells bad or has opened")),
        ),
    ),
    Question(
        "walking",
        CHOICE,
        _("How well can you walk?"),
        _("Walking"),
        choices=(
            ("usual", _("As well as before the treatment, or better")),
            ("slower", _("Slower, but alone")),
            ("help", _("Only with help")),
            ("no", _("I cannot walk, but I could before")),
        ),
    ),
    Question(
        "medicine",
        CHOICE,
        _("Do you take your medicines as the hospital wrote?"),
        _("Medicines"),
        choices=(
            ("all", _("Yes, all of them")),
            ("none_to_take", _("I have none to take")),
            ("some_missed", _("I missed some")),
            ("stopped", _("I stopped, or I cannot get them")),
        ),
    ),
    Question(
        "warning",
        CHOICE,
        _("Do you have one of the warning signs that the hospital wrote down for you?"),
        _("Warning sign"),
        choices=YES_NO,
    ),
    Question(
        "call_me",
        CHOICE,
        _("Do you have a problem, and want the hospital to call you?"),
        _("Wants a call"),
        choices=YES_NO,
    ),
    Question(
        "words",
        WORDS,
        _("Is there anything else the hospital should know?"),
        _("In own words"),
        _("Write in your own language. A person at the hospital reads it, but not at once."),
        is_required=False,
    ),
)
QUESTIONS: Mapping[str, Question] = {question.code: question for question in _ALL}


def questions_of(codes: Iterable[str]) -> list[Question]:
    """Return the questions of a plan in its order; a code that is no longer known is left out."""
    return [QUESTIONS[code] for code in codes if code in QUESTIONS]


def answer_in_words(code: str, value: Any) -> str:
    """Return an answer as a person reads it, in the active language."""
    question = QUESTIONS.get(code)
    if question is None or value in (None, ""):
        return ""
    if question.kind == CHOICE:
        return str(dict(question.choices).get(value, value))
    if question.kind == TEMPERATURE:
        return f"{value} °C"
    return str(value)
