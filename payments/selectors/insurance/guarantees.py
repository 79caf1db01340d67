"""Reading guarantees: the terms they fall under, and what they mean for an appointment."""

import datetime as dt

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet

from accounts.models import Consent, Disclosure
from accounts.models.consent import Purpose
from bookings.models import Appointment, Case
from hospitals.models import Offer
from medtour.lib import exchange
from medtour.lib.money import Money
from payments.insurance_clocks import ClockRules, InsurerCalendar
from payments.models import Coverage, Guarantee, GuaranteeDocument, Member, PlanTerms
from payments.policies import CONTRACT_CURRENCY, convert
from payments.selectors.insurance.calendar import calendar_of, rules_of
from payments.transitions import OPEN_GUARANTEE, GuaranteeState

G = GuaranteeState
HOLDS = (G.APPROVED, G.USED)


def coverage_on(member: Member, day: dt.date) -> Coverage | None:
    """Return the member's coverage in force on a day."""
    return Coverage.objects.in_force(day).filter(member=member).select_related("plan").first()


def terms_on(coverage: Coverage, day: dt.date) -> PlanTerms | None:
    """Return the terms of a coverage's plan in force on a day (DP-09)."""
    return PlanTerms.objects.in_force(day).filter(plan=coverage.plan_id).first()


def clock_of(terms: PlanTerms, *, now: dt.datetime) -> tuple[InsurerCalendar, ClockRules]:
    """Return the insurer's calendar around now, and the plan's times."""
    return calendar_of(terms, around=now), rules_of(terms)


def guarantees_of_case(case: Case) -> list[Guarantee]:
    """Return every request to insurers of a case, newest first."""
    return list(Guarantee.objects.filter(case=case).select_related("insurer").order_by("-pk"))


def newest_of(appointment: Appointment) -> Guarantee | None:
    """Return the newest guarantee asked for an appointment, of whatever state."""
    return Guarantee.objects.filter(appointment=appointment).order_by("-pk").first()


def in_force_for(appointment: Appointment) -> Guarantee | None:
    """Return the guarantee that pays for an appointment now, if one does."""
    return Guarantee.objects.filter(appointment=appointment, state__in=HOLDS).first()


def base_of(guarantee: Guarantee) -> Guarantee | None:
    """Return the approved version that a version would replace, or None for a first request."""
    before = guarantee.tops_up
    while before is not None and before.state != G.APPROVED:
        before = before.tops_up
    return before


def own_part_of(appointment: Appointment) -> Money | None:
    """Return what the guarantee in force leaves to the patient, in the contract's currency.

    None without a guarantee, or when no rate to that currency is known.
    """
    guarantee = in_force_for(appointment)
    if guarantee is None:
        return None
    return in_contract_currency(guarantee.own_part)


def in_contract_currency(amount: Money) -> Money | None:
    """Return an amount in the contract's currency by today's rate; None where no rate is known."""
    rate = exchange.reference_rate(amount.currency, CONTRACT_CURRENCY)
    return convert(amount, CONTRACT_CURRENCY, rate.value) if rate else None


def asks_own_part(offer: Offer, own_part: Money) -> bool:
    """Tell whether a patient whose insurer pays the rest owes a deposit before the visit.

    It is then never higher than the own part, with and without a guarantee.
    """
    return offer.asks_deposit_online and own_part.minor > 0


def is_without_guarantee(appointment: Appointment) -> bool:
    """Tell whether an insurer was asked for an appointment and let it down (DP-07, BK-10).

    It said no, its promise ended, or its time to answer is over; nothing else holds.
    """
    newest = newest_of(appointment)
    if newest is None or in_force_for(appointment) is not None:
        return False
    if newest.state in OPEN_GUARANTEE:
        return newest.state == G.SUBMITTED and newest.overdue_at is not None
    return newest.state in (G.DECLINED, G.EXPIRED, G.CANCELLED)


def fits(guarantee: Guarantee, *, appointment: Appointment, day: dt.date) -> bool:
    """Tell whether an approved guarantee covers an appointment on a day (BK-13).

    Hospital and procedure must be the same, and the day one on which it is good.
    """
    coding = getattr(appointment.slot.offer.treatment, "coding", None)
    code = coding.procedure_code if coding else ""
    same_procedure = not guarantee.procedure_code or not code or guarantee.procedure_code == code
    return (
        guarantee.hospital_id == appointment.hospital_id
        and same_procedure
        and guarantee.is_good_on(day)
    )


def for_page(guarantees: QuerySet[Guarantee]) -> QuerySet[Guarantee]:
    """Return guarantees with everything that a page of one shows.

    `may_take_papers` tells whether the patient agreed that documents are kept at all.
    """
    agreed = Consent.objects.filter(
        patient=OuterRef("case__patient"), purpose=Purpose.HEALTH_DATA, withdrawn_at=None
    )
    return (
        guarantees.annotate(may_take_papers=Exists(agreed))
        .select_related(
            "case__patient",
            "hospital__city",
            "insurer",
            "appointment__slot__offer",
            "appointment__hospital",
            "letter__document",
        )
        .prefetch_related(
            Prefetch("documents", GuaranteeDocument.objects.select_related("document")),
            "events",
        )
    )


def disclosures_of(guarantee: Guarantee) -> list[Disclosure]:
    """Return what its insurer was told for this request, newest first (PR-02)."""
    return list(Disclosure.objects.filter(about=f"payments.guarantee:{guarantee.public_id}"))


def for_work_list(guarantees: QuerySet[Guarantee]) -> QuerySet[Guarantee]:
    """Return guarantees as an insurer works through them: whatever is due first comes first."""
    return guarantees.select_related("hospital__city", "member").order_by(
        F("answer_due_at").asc(nulls_last=True), F("question_due_at").asc(nulls_last=True), "-pk"
    )


def for_insurer(guarantees: QuerySet[Guarantee]) -> QuerySet[Guarantee]:
    """Return guarantees with what their insurer may read of one: nothing else of the case."""
    return guarantees.select_related(
        "hospital__city", "insurer", "member", "coverage__plan", "tops_up"
    ).prefetch_related(
        Prefetch("documents", GuaranteeDocument.objects.select_related("document__patient")),
        "events",
    )
