"""What a hospital adds to a request before it is sent: the diagnosis and what is known of it."""

import datetime as dt

from accounts.models import User
from medtour.lib import clock
from medtour.lib.states import MoveRefused
from payments.guarantee_refusals import WordsMissing
from payments.models import Guarantee
from payments.services.insurance.guarantee_rows import Act, locked, note, one_move
from payments.transitions import GuaranteeState


def complete_draft(
    guarantee: Guarantee,
    *,
    diagnosis_code: str,
    procedure_code: str,
    clinical_note: str,
    by: User,
    row_version: int,
    now: dt.datetime | None = None,
) -> Guarantee:
    """Write the medical part of a request that is not sent yet (DP-05).

    A booking that asks the insurer begins without a diagnosis code when the patient knows none.
    Raises WordsMissing without a code, GuaranteeChanged, or MoveRefused once it was sent.
    """
    if not diagnosis_code.strip():
        raise WordsMissing
    act = Act(by, now or clock.now(), row_version)
    with one_move():
        fresh = locked(guarantee, act)
        if fresh.state != GuaranteeState.DRAFT:
            raise MoveRefused(fresh.state, GuaranteeState.DRAFT)
        fresh.diagnosis_code = diagnosis_code.strip()
        fresh.procedure_code = procedure_code.strip()
        fresh.clinical_note = clinical_note.strip()
        fresh.row_version += 1
        fresh.save(
            update_fields=["diagnosis_code", "procedure_code", "clinical_note", "row_version"]
        )
        note(fresh, "complete", before=fresh.state, act=act)
    return fresh
