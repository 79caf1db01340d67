"""The ways in which giving money back says no."""

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class NothingToRefund(Refusal):
    code = "nothing_to_refund"

    def __init__(self) -> None:
        super().__init__(_("Nothing of this payment is left to be paid back."))


class RefundTooLarge(Refusal):
    code = "refund_too_large"

    def __init__(self) -> None:
        super().__init__(_("This is more than is left of this payment. Please enter less."))


class AmountNotPayable(Refusal):
    code = "amount_not_payable"

    def __init__(self) -> None:
        super().__init__(
            _("This amount cannot be paid out. Please check the amount and its currency.")
        )


class RefundsFrozen(Refusal):
    code = "refunds_frozen"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The payer has asked the bank for this money back. "
                "Until the bank decides, it cannot be refunded here."
            )
        )


class SecondPersonNeeded(Refusal):
    code = "second_person_needed"

    def __init__(self) -> None:
        super().__init__(_("Somebody else must approve this refund: whoever asked for it cannot."))


class PlaceUndecided(Refusal):
    code = "place_undecided"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "An appointment stands on this money. "
                "Please say whether the appointment is cancelled or kept without it."
            )
        )


class CoordinatorNeeded(Refusal):
    code = "coordinator_needed"

    def __init__(self) -> None:
        super().__init__(
            _("Only a coordinator can decide about an appointment without its deposit.")
        )


class GapDecided(Refusal):
    code = "gap_decided"

    def __init__(self) -> None:
        super().__init__(
            _("This was decided, or the appointment ended, in the meantime. Please look again.")
        )


class RefundDecided(Refusal):
    code = "refund_decided"

    def __init__(self) -> None:
        super().__init__(_("This refund was decided in the meantime. Please look at it again."))


class ClaimRunning(Refusal):
    code = "claim_running"

    def __init__(self) -> None:
        super().__init__(
            _("You have already asked for the whole amount back. The hospital is reading it.")
        )


class ClaimDecided(Refusal):
    code = "claim_decided"

    def __init__(self) -> None:
        super().__init__(_("This claim was decided in the meantime. Please look at it again."))


class CancelFirst(Refusal):
    code = "cancel_first"

    def __init__(self) -> None:
        super().__init__(_("Please cancel the appointment first, then ask for the rest back."))


class ProofMissing(Refusal):
    code = "proof_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please add the letter that proves it, as a photo or a PDF."))


class ProofTooLarge(Refusal):
    code = "proof_too_large"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The file is too large. At most 5 MB can be sent."))


class ProofNotReadable(Refusal):
    code = "proof_not_readable"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please send a JPEG or PNG picture or a PDF."))


class NothingReceived(Refusal):
    code = "nothing_received"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please enter an amount above nothing."))


class ReferenceMissing(Refusal):
    code = "reference_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please enter the bank's reference of the transfer."))


class ReceiptKnown(Refusal):
    code = "receipt_known"

    def __init__(self) -> None:
        super().__init__(_("A transfer with this reference of the bank is on record already."))


class ReceivedLater(Refusal):
    code = "received_later"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("The day cannot be in the future."))
