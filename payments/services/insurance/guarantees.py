"""Requests for a guarantee: drawing them up, their documents, and their next versions (DP-05)."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import (
    Disclosed,
    MedicalDocument,
    Patient,
    RecipientKind,
    User,
)
from accounts.services.disclosures import Recipient, SharingNotAgreed, disclose, live_consent
from accounts.services.documents import Content, open_document
from accounts.upload_refusals import DocumentNotReady
from bookings.models import Appointment, Case
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.lib.states import MoveRefused
from payments import guarantee_refusals as refusals
from payments.models import (
    ClaimDocument,
    Coverage,
    EligibilityCheck,
    Guarantee,
    GuaranteeDocument,
    Outcome,
    Urgency,
)
from payments.selectors.insurance.guarantees import coverage_on, terms_on
from payments.services.insurance import guarantee_clock, guarantee_notices
from payments.services.insurance.guarantee_rows import locked, note, one_move
from payments.services.insurance.row_moves import Act
from payments.transitions import OPEN_GUARANTEE, WITH_INSURER, GuaranteeState

G = GuaranteeState
CAN_BE_ASKED = (Outcome.PREAUTH_REQUIRED, Outcome.ELIGIBLE, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Request:
    """What an insurer is asked; amounts in the plan's currency, the check's where none is given.

    `happened_at` is when an emergency began: the time to tell the insurer counts from it.
    """

    service_from: dt.date
    service_until: dt.date
    urgency: str = Urgency.PLANNED
    appointment: Appointment | None = None
    diagnosis_code: str = ""
    clinical_note: str = ""
    procedure_code: str = ""
    estimate: Money | None = None
    requested: Money | None = None
    happened_at: dt.datetime | None = None


def draft_guarantee(
    case: Case,
    *,
    check: EligibilityCheck,
    request: Request,
    by: User | None,
    client_id: str = "",
    now: dt.datetime | None = None,
) -> Guarantee:
    """Draw up a request to the insurer of a check, for an appointment or a case as a whole.

    Raises CheckOfAnother, NothingToAsk, NoTermsInForce, AmountsBroken, DaysBroken, or
    RequestRunning when one to this insurer is open for the case.
    """
    act = Act(by, now or clock.now(), client_id=client_id)
    if request.service_until < request.service_from:
        raise refusals.DaysBroken
    coverage = _coverage(case, check, request)
    guarantee = _drawn_up(case, check, request, coverage)
    guarantee.created_at = act.now
    if request.urgency == Urgency.EMERGENCY:
        guarantee_clock.start_notice_clock(guarantee, happened_at=request.happened_at or act.now)
    with one_move():
        guarantee.save(force_insert=True)
        note(guarantee, "draft", act=act)
        guarantee_notices.drafted(guarantee, by=by, now=act.now)
    return guarantee


def top_up_guarantee(
    guarantee: Guarantee,
    *,
    estimate: Money,
    requested: Money,
    reason: str,
    by: User,
    now: dt.datetime | None = None,
) -> Guarantee:
    """Draw up the next version of an approved guarantee, for a higher sum or other days.

    The approved one stays in force until the insurer approves this one. The sums are those of the
    whole treatment, not of what comes on top. Raises NotApproved, WordsMissing, AmountsBroken or
    RequestRunning.
    """
    if not reason.strip():
        raise refusals.WordsMissing
    act = Act(by, now or clock.now())
    with one_move():
        base = locked(guarantee, act)
        if base.state != G.APPROVED:
            raise refusals.NotApproved
        _check_amounts(estimate, requested, base.currency)
        latest = newest_version(base)
        draft = _copy(base, act.now)
        draft.version, draft.tops_up = latest.version + 1, latest
        draft.estimate_minor, draft.requested_minor = estimate.minor, requested.minor
        draft.save(force_insert=True)
        for shared in base.documents.select_related("document"):
            share(draft, shared.document, shared.kind, act=act)
        note(draft, "top_up", act=act, reason=reason.strip())
    return draft


def draft_again(guarantee: Guarantee, *, appointment: Appointment, act: Act) -> Guarantee:
    """Draw up the same request once more for another day; call it inside a move (BK-13)."""
    draft = _copy(guarantee, act.now)
    length = guarantee.service_until - guarantee.service_from
    zone = appointment.hospital.time_zone
    draft.service_from = clock.local(appointment.slot.starts_at, zone).date()
    draft.service_until = draft.service_from + length
    draft.save(force_insert=True)
    for shared in guarantee.documents.select_related("document"):
        share(draft, shared.document, shared.kind, act=act)
    note(draft, "draft", act=act)
    guarantee_notices.drafted(draft, by=act.by, now=act.now)
    return draft


def newest_version(guarantee: Guarantee) -> Guarantee:
    """Return the last version that follows a guarantee, refused ones counted."""
    while (later := Guarantee.objects.filter(tops_up=guarantee).first()) is not None:
        guarantee = later
    return guarantee


def share_document(
    guarantee: Guarantee,
    *,
    document: MedicalDocument,
    kind: str,
    by: User,
    now: dt.datetime | None = None,
) -> GuaranteeDocument:
    """Put a document of the patient with this one request; once is enough.

    Before sending, nobody at the insurer sees it; afterwards they do at once, which is written
    down. Raises SharingNotAgreed, DocumentNotReady, CheckOfAnother for somebody else's file, or
    MoveRefused once it is decided.
    """
    act = Act(by, now or clock.now())
    with one_move():
        fresh = locked(guarantee, act)
        if fresh.state not in OPEN_GUARANTEE:
            raise MoveRefused(fresh.state, fresh.state)
        return share(fresh, document, kind, act=act)


def share(
    guarantee: Guarantee, document: MedicalDocument, kind: str, *, act: Act
) -> GuaranteeDocument:
    """As `share_document`, for a locked guarantee."""
    if document.patient_id != guarantee.case.patient_id:
        raise refusals.CheckOfAnother
    if not document.is_ready:
        raise DocumentNotReady
    live_consent(guarantee.case.patient, recipient_of(guarantee))
    shared, is_new = GuaranteeDocument.objects.get_or_create(
        guarantee=guarantee,
        document=document,
        defaults={"kind": kind, "shared_at": act.now, "shared_by": act.by},
    )
    if is_new and guarantee.state in WITH_INSURER:
        tell_insurer(guarantee, {Disclosed.DOCUMENTS}, now=act.now)
        note(guarantee, "share", act=act, before=guarantee.state)
    return shared


def open_for_insurer(
    guarantee: Guarantee, shared: GuaranteeDocument | ClaimDocument, *, by: User
) -> Content:
    """Return a document of a request or its claim for the insurer, and write down who opened it.

    Every opening passes it on anew: raises AgreementTakenBack once the patient has withdrawn the
    agreement (PR-01), DocumentNotReady or DocumentDamaged.
    """
    check_agreement(guarantee, shared.document.patient)
    return open_document(shared.document, by=by, hospital_slug=guarantee.hospital.slug)


def check_agreement(guarantee: Guarantee, patient: Patient) -> None:
    """Raise AgreementTakenBack unless the patient still agrees to sharing with the insurer."""
    try:
        live_consent(patient, recipient_of(guarantee))
    except SharingNotAgreed:
        raise refusals.AgreementTakenBack from None


def recipient_of(guarantee: Guarantee) -> Recipient:
    insurer = guarantee.insurer
    return Recipient(RecipientKind.INSURER, insurer.slug, insurer.hq_country)


def tell_insurer(guarantee: Guarantee, what: set[str], *, now: dt.datetime) -> None:
    """Write down what the insurer learns now; raises SharingNotAgreed (PR-02)."""
    disclose(
        guarantee.case.patient,
        to=recipient_of(guarantee),
        what=what,
        about=f"payments.guarantee:{guarantee.public_id}",
        now=now,
    )


def _coverage(case: Case, check: EligibilityCheck, request: Request) -> Coverage:
    """Return the cover a check found, on the first day; raises the refusal that says why not."""
    appointment = request.appointment
    same_person = check.case_id == case.pk or check.patient_id == case.patient_id
    same_case = appointment is None or appointment.case_id == case.pk
    if not same_person or not same_case or check.hospital_id != case.hospital_id:
        raise refusals.CheckOfAnother
    if check.outcome not in CAN_BE_ASKED or check.member is None:
        raise refusals.NothingToAsk
    coverage = coverage_on(check.member, request.service_from)
    if coverage is None or terms_on(coverage, request.service_from) is None:
        raise refusals.NoTermsInForce
    return coverage


def _of_check(check: EligibilityCheck, name: str, currency: str) -> Money | None:
    """Return an amount of the engine's answer, which writes money as decimal text."""
    text = check.output.get(name)
    if not text or check.output.get("currency") != currency:
        return None
    return Money.from_major(text, currency)


def _drawn_up(
    case: Case, check: EligibilityCheck, request: Request, coverage: Coverage
) -> Guarantee:
    """Return the unsaved request; raises AmountsBroken."""
    asked, currency = check.input.get("request", {}), coverage.plan.currency
    estimate, requested = _sums(check, request, currency)
    return Guarantee(
        insurer_id=check.insurer_id,
        hospital=case.hospital,
        case=case,
        appointment=request.appointment,
        member_id=coverage.member_id,
        coverage=coverage,
        eligibility_check=check,
        urgency=request.urgency,
        setting=asked.get("setting") or "",
        category=asked.get("category") or "",
        procedure_code=request.procedure_code or asked.get("procedure_code") or "",
        diagnosis_code=request.diagnosis_code or asked.get("diagnosis_code") or "",
        clinical_note=request.clinical_note,
        service_from=request.service_from,
        service_until=request.service_until,
        estimate_minor=estimate.minor,
        requested_minor=requested.minor,
        currency=currency,
    )


def _sums(check: EligibilityCheck, request: Request, currency: str) -> tuple[Money, Money]:
    """Return estimate and request: those given, else the check's; raises AmountsBroken."""
    estimate = request.estimate or _of_check(check, "estimate", currency)
    requested = request.requested or _of_check(check, "covered_amount", currency)
    if estimate is None:
        raise refusals.AmountsBroken
    # Where the check expects nothing of the insurer, a person there decides about all of it.
    requested = requested if requested and requested.minor else estimate
    _check_amounts(estimate, requested, currency)
    return estimate, requested


def _check_amounts(estimate: Money, requested: Money, currency: str) -> None:
    in_currency = estimate.currency == requested.currency == currency
    if not in_currency or not 0 < requested.minor <= estimate.minor:
        raise refusals.AmountsBroken


COPIED = (
    "insurer_id", "hospital_id", "case_id", "appointment_id", "member_id", "coverage_id",
    "eligibility_check_id", "urgency", "setting", "category", "procedure_code", "diagnosis_code",
    "clinical_note", "service_from", "service_until", "estimate_minor", "requested_minor",
    "currency",
)  # fmt: skip


def _copy(guarantee: Guarantee, now: dt.datetime) -> Guarantee:
    """Return an unsaved draft that asks the same; the locked rows beside it are shared."""
    draft = Guarantee(created_at=now, **{name: getattr(guarantee, name) for name in COPIED})
    draft.case, draft.hospital = guarantee.case, guarantee.hospital
    draft.insurer, draft.coverage = guarantee.insurer, guarantee.coverage
    return draft
