"""The ways in which insurance says no."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class TooManyAttempts(Refusal):
    """Too many numbers that could not be used within an hour; which is never told (DP-03)."""

    code = "too_many_attempts"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _(
                "Too many member details could not be used within an hour. "
                "Please look at your card and try again in an hour, or write to us."
            )
        )


class TooManySearches(Refusal):
    code = "too_many_searches"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _(
                "You looked for very many members within an hour. "
                "Please go on in an hour, or check many at once with a file of questions."
            )
        )


class OnlyOfficersDecide(Refusal):
    """A liaison sees, asks and checks; only an officer of the insurer decides about money."""

    code = "only_officers_decide"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            _(
                "Only an officer of the insurer decides about money. As a liaison you can ask a "
                "question and check a cover. Please tell an officer of your company."
            )
        )


class FactsOverlap(Refusal):
    code = "facts_overlap"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Something is already recorded for some of these days. "
                "End it first, or say that this replaces it."
            )
        )


class FactReplaced(Refusal):
    code = "fact_replaced"

    def __init__(self) -> None:
        super().__init__(
            _("This entry was replaced meanwhile. Please look at the list again first.")
        )


class DaysOutOfOrder(Refusal):
    code = "days_out_of_order"

    def __init__(self) -> None:
        super().__init__(_("The last day must not be before the first day."))


class AnotherInsurer(Refusal):
    code = "another_insurer"

    def __init__(self) -> None:
        super().__init__(_("This belongs to another insurer. Nothing was recorded."))


class CurrencyNotReckoned(Refusal):
    code = "currency_not_reckoned"

    def __init__(self) -> None:
        super().__init__(_("Plans in this currency cannot be reckoned here."))


class FaultyFile(Refusal):
    """A file with lines that cannot be used; `faults` names each with line, column and reason."""

    code = "faulty_file"
    status = 422

    def __init__(self, faults: Sequence[Any]) -> None:
        super().__init__(
            _("Some lines cannot be used, so nothing was imported. Please correct them.")
        )
        self.faults = tuple(faults)


class NotAgreed(Refusal):
    code = "not_agreed"

    def __init__(self) -> None:
        super().__init__(
            _("Without your agreement we may not send your details to the insurer. Please agree.")
        )


class AnswerTooOld(Refusal):
    """The answer is of another day, treatment or person, or older than a day."""

    code = "answer_too_old"

    def __init__(self) -> None:
        super().__init__(
            _("This answer is not for this booking any more. Please ask your insurer again.")
        )


class TooSoonForInsurer(Refusal):
    """The insurer needs more working days than are left; `earliest_on` works (DP-06, M1)."""

    code = "too_soon_for_insurer"

    def __init__(self, earliest_on: dt.date) -> None:
        super().__init__(
            _(
                "Your insurer needs more working days to decide than are left before this time. "
                "Choose a later day, or pay yourself."
            )
        )
        self.earliest_on = earliest_on


class UnreadableBatch(FaultyFile):
    """A file of questions that cannot be read as a whole."""

    code = "unreadable_batch"
    no_lines = _("The file has no lines.")

    def __init__(self, faults: Sequence[Any]) -> None:
        super().__init__(faults)
        self.message = _("This file cannot be read, so nothing was asked.")


class TooManyQuestions(Refusal):
    """More lines of questions within an hour than one insurer may ask."""

    code = "too_many_questions"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your company has asked 5,000 questions within an hour. Nothing of this file was "
                "asked. Please send it again in an hour."
            )
        )
