"""A program begins a request for its own member, or decides about one (DP-05, decision 010)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from bookings.models import Case
from medtour.lib import clock
from payments import machine_refusals as refusals
from payments.guarantee_refusals import LeadTimeTooShort, RequestIncomplete
from payments.models import EligibilityCheck, Guarantee
from payments.selectors.insurance.machine_facts import Caller
from payments.selectors.insurance.machine_rows import guarantees_of
from payments.services.insurance import guarantee_decisions as decisions
from payments.services.insurance.guarantee_decisions import Promise, Refused
from payments.services.insurance.guarantee_moves import submit_guarantee
from payments.services.insurance.guarantees import Request, draft_guarantee


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a Claim with a case says: which member, where, when and for what."""

    case_id: str
    coverage_id: str
    hospital_slug: str
    request: Request


def begin_guarantee(caller: Caller, begun: Begun, *, now: dt.datetime | None = None) -> Guarantee:
    """Draw up a request for the case of an own member, and send it when nothing is missing.

    Only a case about which this insurer was asked before, for the same member at the same
    hospital, is found; anything else is not there. What lacks a paper stays with the hospital,
    which completes and sends it. Raises NotHere and what `draft_guarantee` raises.
    """
    now = now or clock.now()
    check = _known_check(caller, begun)
    with transaction.atomic():
        guarantee = draft_guarantee(
            _case(check, begun),
            check=check,
            request=begun.request,
            by=None,
            client_id=caller.client_id,
            now=now,
        )
        try:
            with transaction.atomic():
                return submit_guarantee(
                    guarantee,
                    by=None,
                    row_version=guarantee.row_version,
                    client_id=caller.client_id,
                    now=now,
                )
        except (RequestIncomplete, LeadTimeTooShort):
            return guarantees_of(caller.insurer).get(pk=guarantee.pk)


def decide(
    caller: Caller,
    guarantee_id: str,
    decision: Promise | Refused | str,
    *,
    row_version: int,
    now: dt.datetime | None = None,
) -> Guarantee:
    """Write down an insurer's promise, refusal or question about the version it saw.

    Raises NotHere for anything that was not sent to this insurer, and what the decision raises.
    """
    guarantee = guarantees_of(caller.insurer).filter(public_id=guarantee_id).first()
    if guarantee is None:
        raise refusals.NotHere
    values: dict[str, Any] = {
        "by": None,
        "row_version": row_version,
        "client_id": caller.client_id,
        "now": now or clock.now(),
    }
    if isinstance(decision, Promise):
        return decisions.approve_guarantee(guarantee, promise=decision, **values)
    if isinstance(decision, Refused):
        return decisions.decline_guarantee(guarantee, refused=decision, **values)
    return decisions.ask_question(guarantee, question=decision, **values)


def _known_check(caller: Caller, begun: Begun) -> EligibilityCheck:
    """Return the newest answer that ties this member of the insurer to the case's patient."""
    found = EligibilityCheck.objects.filter(
        insurer=caller.insurer,
        hospital__slug=begun.hospital_slug,
        member__insurer=caller.insurer,
        member__coverages__public_id=begun.coverage_id,
        member__coverages__superseded_at=None,
        patient__cases__public_id=begun.case_id,
        patient__cases__hospital__slug=begun.hospital_slug,
    )
    check = found.select_related("patient", "member", "hospital", "insurer").first()
    if check is None:
        raise refusals.NotHere
    return check


def _case(check: EligibilityCheck, begun: Begun) -> Case:
    rows = Case.objects.filter(patient=check.patient, public_id=begun.case_id)
    return rows.select_related("hospital", "patient").get()
