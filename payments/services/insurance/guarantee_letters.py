"""The letter of a promise: the insurer's own file, or a paper of ours that says the same."""

import datetime as dt

import structlog

from accounts.models import MedicalDocument
from accounts.services.documents import keep_paper
from accounts.upload_refusals import DocumentNotReady
from medtour.lib import clock, papers
from payments import guarantee_refusals as refusals
from payments.guarantee_paper import guarantee_paper
from payments.models import Guarantee, GuaranteeLetter
from payments.selectors.insurance.guarantees import for_page
from payments.services.insurance.guarantee_rows import locked, one_move
from payments.services.insurance.row_moves import Act
from payments.transitions import GuaranteeState

log = structlog.get_logger(__name__)
LANGUAGE = "en"
ISSUED_AT_ONCE = 20


def keep_letter(guarantee: Guarantee, *, document: MedicalDocument) -> GuaranteeLetter:
    """Keep the insurer's own letter with a guarantee, in place of a paper of ours.

    Raises CheckOfAnother for somebody else's file, DocumentNotReady for one that is not scanned.
    """
    if document.patient_id != guarantee.case.patient_id:
        raise refusals.CheckOfAnother
    if not document.is_ready:
        raise DocumentNotReady
    letter, _is_new = GuaranteeLetter.objects.update_or_create(
        guarantee=guarantee, defaults={"document": document}
    )
    return letter


def issue_letters(*, now: dt.datetime | None = None) -> int:
    """Set the letters of approved guarantees that have none; returns how many.

    The paper is set before the row is locked, so that nobody waits for the typesetter. One that
    cannot be set is left and the others go on.
    """
    now = now or clock.now()
    approved = Guarantee.objects.filter(state=GuaranteeState.APPROVED, letter=None)
    # The newest first: what can never be set does not keep the others waiting for ever.
    return sum(_try(each, now) for each in for_page(approved).order_by("-pk")[:ISSUED_AT_ONCE])


def request_paper(guarantee: Guarantee, *, language: str, now: dt.datetime) -> bytes:
    """Return the request as a PDF, for an insurer that is asked by mail."""
    data = guarantee_paper(guarantee, language, is_request=True)
    return papers.pdf("guarantee", data, language=language, at=now)


def _try(guarantee: Guarantee, now: dt.datetime) -> bool:
    try:
        return _issue(guarantee, now)
    except Exception:
        log.exception("guarantee_letter_failed", guarantee=guarantee.pk)
        return False


def _issue(guarantee: Guarantee, now: dt.datetime) -> bool:
    data = guarantee_paper(guarantee, LANGUAGE)
    content = papers.pdf("guarantee", data, language=LANGUAGE, at=now)
    with one_move():
        fresh = locked(guarantee, Act(None, now))
        if fresh.row_version != guarantee.row_version or hasattr(fresh, "letter"):
            return False
        name = f"guarantee-{fresh.reference}.pdf"
        document = keep_paper(fresh.case.patient, name=name, content=content, by=None, now=now)
        GuaranteeLetter.objects.create(guarantee=fresh, document=document)
    return True
