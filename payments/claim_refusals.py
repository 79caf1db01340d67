"""The ways in which a claim says no; each tells what to do."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal


class ClaimChanged(Refusal):
    code = "claim_changed"

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this claim in the meantime. Please look at it again."))


class NothingToClaim(Refusal):
    code = "nothing_to_claim"

    def __init__(self) -> None:
        super().__init__(
            _("Nothing of this bill is the insurer’s to pay. The patient’s part is all of it.")
        )


class BillOfAnother(Refusal):
    code = "bill_of_another"

    def __init__(self) -> None:
        super().__init__(_("This bill belongs to another case than the guarantee."))


class ClaimExists(Refusal):
    code = "claim_exists"

    def __init__(self) -> None:
        super().__init__(_("There is a claim for this bill or this guarantee already."))


class TopUpRunning(Refusal):
    code = "top_up_running"

    def __init__(self) -> None:
        super().__init__(
            _(
                "A request for a higher guarantee is still open. Wait for its answer, or withdraw "
                "it, then draw up the claim."
            )
        )


class NotDischarged(Refusal):
    code = "not_discharged"

    def __init__(self) -> None:
        super().__init__(_("The patient has not been discharged yet. Note that first."))


class NoRate(Refusal):
    code = "no_rate"

    def __init__(self) -> None:
        super().__init__(
            _("No exchange rate between the bill’s currency and the plan’s is known today.")
        )


class ClaimIncomplete(Refusal):
    code = "claim_incomplete"
    status = 422

    def __init__(self, missing: Iterable[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(
            _("Before this claim can be sent, please add: %(names)s.")
            % {"names": ", ".join(self.missing)}
        )


class ClaimLate(Refusal):
    code = "claim_late"

    def __init__(self, due_on: dt.date) -> None:
        super().__init__(
            _(
                "The insurer wanted this claim by %(day)s and may refuse it. "
                "Confirm that you send it all the same."
            )
            % {"day": due_on.isoformat()}
        )


class FapiaoNumberMissing(Refusal):
    code = "fapiao_number_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please write the number of the fapiao, at most 30 characters."))


class DocumentOfAnother(Refusal):
    code = "document_of_another"

    def __init__(self) -> None:
        super().__init__(_("This document belongs to another patient."))


class DecisionBroken(Refusal):
    code = "decision_broken"
    status = 422

    def __init__(self) -> None:
        super().__init__(
            _(
                "Decide every line once. No line can be allowed more than was billed, "
                "and a line that is allowed less needs a reason code."
            )
        )


class ReasonMissing(Refusal):
    code = "claim_reason_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please write the reason; it cannot stay empty."))


class AppealTooLate(Refusal):
    code = "claim_appeal_too_late"

    def __init__(self) -> None:
        super().__init__(_("The insurer takes no appeal against this decision any more."))


class AppealStillPossible(Refusal):
    code = "appeal_still_possible"

    def __init__(self, until: dt.date) -> None:
        super().__init__(
            _("An appeal is possible until %(day)s. Confirm that you close the claim without one.")
            % {"day": until.isoformat()}
        )


class RemittanceRefused(Refusal):
    """A remittance with lines that cannot be used; `faults` names each with column and reason."""

    code = "remittance_refused"
    status = 422

    def __init__(self, faults: Sequence[Any]) -> None:
        self.faults = tuple(faults)
        super().__init__(_("Nothing was recorded, because some lines of it cannot be used."))


class RemittanceTwice(Refusal):
    code = "remittance_twice"

    def __init__(self) -> None:
        super().__init__(
            _("A remittance with this bank’s reference is recorded already. Nothing was changed.")
        )
