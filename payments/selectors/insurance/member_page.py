"""One member with coverages and balances, as its insurer reads it."""

from django.db.models import Prefetch, QuerySet

from payments.models import Coverage, EligibilityCheck, Guarantee, InsuranceClaim, Member

NEWEST = 25


def with_covers(members: QuerySet[Member]) -> QuerySet[Member]:
    """Return members with the coverages nobody replaced, the newest first, and their balances."""
    covers = Coverage.objects.known().select_related("plan").order_by("-valid_from", "-pk")
    return members.prefetch_related(Prefetch("coverages", covers.prefetch_related("balances")))


def checks_of(checks: QuerySet[EligibilityCheck], member: Member) -> list[EligibilityCheck]:
    """Return the newest questions about a member, out of those that a person may see."""
    found = checks.filter(member=member).select_related("hospital__city")
    return list(found.order_by("-pk")[:NEWEST])


def guarantees_of(guarantees: QuerySet[Guarantee], member: Member) -> list[Guarantee]:
    """Return the newest requests for a member, out of those that a person may see."""
    found = guarantees.filter(member=member).select_related("hospital__city")
    return list(found.order_by("-pk")[:NEWEST])


def claims_of(claims: QuerySet[InsuranceClaim], member: Member) -> list[InsuranceClaim]:
    """Return the newest claims for a member, out of those that a person may see."""
    found = claims.filter(guarantee__member=member).select_related("hospital__city")
    return list(found.order_by("-pk")[:NEWEST])
