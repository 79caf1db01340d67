"""The ways in which a guarantee says no; each tells what to do."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class GuaranteeChanged(Refusal):
    code = "guarantee_changed"

    def __init__(self) -> None:
        super().__init__(
            _("Somebody changed this request in the meantime. Please look at it again.")
        )


class NothingToAsk(Refusal):
    code = "nothing_to_ask"

    def __init__(self) -> None:
        super().__init__(
            _("This check did not find a cover to ask about. Please check the cover again first.")
        )


class CheckOfAnother(Refusal):
    code = "check_of_another"

    def __init__(self) -> None:
        super().__init__(_("This check is about another person, hospital or case."))


class NoTermsInForce(Refusal):
    code = "no_terms_in_force"

    def __init__(self) -> None:
        super().__init__(
            _("The plan has no terms, or the member no cover, on the day of the treatment.")
        )


class RequestRunning(Refusal):
    code = "request_running"

    def __init__(self) -> None:
        super().__init__(
            _("A request to this insurer is open for this case already. Please use that one.")
        )


class AmountsBroken(Refusal):
    code = "amounts_broken"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The amount must be more than nothing and not more than the estimate."))


class DaysBroken(Refusal):
    code = "days_broken"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The last day must not be before the first."))


class ValidityTooShort(Refusal):
    code = "validity_too_short"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The guarantee must be good on every day of the treatment."))


class RequestIncomplete(Refusal):
    code = "request_incomplete"
    status = 422

    def __init__(self, missing: Iterable[str]) -> None:
        super().__init__(
            _("Before this can be sent, please add: %(names)s.") % {"names": ", ".join(missing)}
        )


class LeadTimeTooShort(Refusal):
    code = "lead_time_too_short"

    def __init__(self, *, needed: int, left: int, earliest: str) -> None:
        super().__init__(
            _(
                "The insurer needs %(needed)s of its working days for a planned treatment, and "
                "%(left)s remain. The earliest day that works is %(earliest)s."
            )
            % {"needed": needed, "left": left, "earliest": earliest}
        )
        self.needed, self.left = needed, left


class WordsMissing(Refusal):
    code = "words_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please write what it is about; it cannot stay empty."))


class BenefitExhausted(Refusal):
    code = "benefit_exhausted"

    def __init__(self) -> None:
        super().__init__(
            _("The member’s limit does not hold this amount any more. Nothing was approved.")
        )


class AppealTooLate(Refusal):
    code = "appeal_too_late"

    def __init__(self) -> None:
        super().__init__(_("The insurer takes no appeal against this decision any more."))


class AgreementTakenBack(Refusal):
    code = "agreement_taken_back"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The patient has taken back the agreement to share with you. "
                "The files of this request cannot be opened any more."
            )
        )


class NotApproved(Refusal):
    code = "guarantee_not_approved"

    def __init__(self) -> None:
        super().__init__(_("Only an approved guarantee can be topped up."))
