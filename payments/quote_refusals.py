"""The ways in which quotes and bills say no."""

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class QuoteRefused(Refusal):
    """A quote cannot be drawn up, sent or changed as it stands; staff read why."""

    code = "quote_refused"


class NoLines(QuoteRefused):
    code = "no_lines"

    def __init__(self) -> None:
        super().__init__(_("Add at least one line that is included."))


class NoTier(QuoteRefused):
    code = "no_tier"

    def __init__(self) -> None:
        super().__init__(_("Every line names its price tier."))


class RangeBroken(QuoteRefused):
    code = "range_broken"

    def __init__(self) -> None:
        super().__init__(
            _("The most likely total lies between the sum of the lowest and of the highest prices.")
        )


class NoComplications(QuoteRefused):
    code = "no_complications"

    def __init__(self) -> None:
        super().__init__(_("Say what happens to the price if there are complications."))


class NotValidLongEnough(QuoteRefused):
    code = "not_valid"

    def __init__(self) -> None:
        super().__init__(_("The quote must be valid until a day after today."))


class DepositTooHigh(QuoteRefused):
    code = "deposit_too_high"

    def __init__(self) -> None:
        super().__init__(_("The deposit is not more than the highest total."))


class NoLadder(QuoteRefused):
    code = "no_ladder"

    def __init__(self) -> None:
        super().__init__(
            _("A deposit needs an offer: its cancellation rules say how much is paid back.")
        )


class InsurerShareTooHigh(QuoteRefused):
    code = "insurer_share_too_high"

    def __init__(self) -> None:
        super().__init__(_("The insurer’s share is not more than the most likely total."))


class TwoCurrencies(QuoteRefused):
    code = "two_currencies"

    def __init__(self) -> None:
        super().__init__(_("All prices of a quote are in one currency."))


class NoChangeReason(QuoteRefused):
    code = "no_change_reason"

    def __init__(self) -> None:
        super().__init__(_("Say why the quote changes. The patient reads it."))


class DraftExists(QuoteRefused):
    code = "draft_exists"

    def __init__(self) -> None:
        super().__init__(_("A draft for this case exists. Finish or discard it first."))


class QuoteInForce(QuoteRefused):
    code = "quote_in_force"

    def __init__(self) -> None:
        super().__init__(
            _("The patient has accepted a quote. To change it, start a change order from it.")
        )


class CaseClosed(QuoteRefused):
    code = "case_closed"

    def __init__(self) -> None:
        super().__init__(_("This case is closed or not with the hospital, so it gets no quote."))


class NotADraft(QuoteRefused):
    code = "not_a_draft"

    def __init__(self) -> None:
        super().__init__(_("This quote was sent, so it no longer changes. Start a new version."))


class QuoteExpired(Refusal):
    code = "quote_expired"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This quote was valid until its last day, which is over. "
                "Ask the hospital for a new one."
            )
        )


class StaleQuote(Refusal):
    code = "stale_quote"

    def __init__(self) -> None:
        super().__init__(
            _("The hospital has changed this quote in the meantime. Please read it again.")
        )


class NotYourQuote(Refusal):
    code = "not_your_quote"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("Only the patient can answer a quote."))


class NotInForce(Refusal):
    code = "not_in_force"

    def __init__(self) -> None:
        super().__init__(_("A bill needs a quote that the patient has accepted."))


class AlreadyBilled(Refusal):
    code = "already_billed"

    def __init__(self) -> None:
        super().__init__(_("The final bill for this case is recorded. It no longer changes."))


class NothingBilled(Refusal):
    code = "nothing_billed"

    def __init__(self) -> None:
        super().__init__(_("Write down at least one line of the bill."))


class NoVarianceReason(Refusal):
    code = "no_variance_reason"

    def __init__(self) -> None:
        super().__init__(
            _("The bill differs by more than 10 % from the quote. Say why; the patient reads it.")
        )
