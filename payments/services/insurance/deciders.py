"""Whose word binds an insurer: an officer's, never a liaison's.

A liaison at a hospital sees, asks questions and checks cover. What moves money (to approve, to
decline, to decide and pay claims, to import members) only an officer of that insurer does.
"""

from accounts.models import User
from payments.insurance_refusals import OnlyOfficersDecide
from payments.models import InsurerOfficer, OfficerRole


def must_decide(by: User | None, *, insurer_id: int) -> None:
    """Raise OnlyOfficersDecide for a liaison, and for whoever sits at another insurer's desk.

    Nobody's seat is asked of a machine client (`by` is None) or of the hospital's desk, which
    notes down what an insurer answered by post.
    """
    seat = InsurerOfficer.objects.filter(user=by).first() if by is not None else None
    if seat is None:
        return
    is_own = seat.insurer_id == insurer_id and seat.suspended_at is None
    if seat.role != OfficerRole.OFFICER or not is_own:
        raise OnlyOfficersDecide
