"""What pages show of quotes and final bills, read in a fixed number of queries."""

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from bookings.models import Case
from payments.access import Visitor, bills_for, quotes_for
from payments.models import BillLine, FinalBill, Quote
from payments.transitions import QuoteState

WAITING_SHOWN = 20


def quotes_for_page(user: Visitor) -> QuerySet[Quote]:
    """The account's quotes with everything that the page of one quote shows."""
    return (
        quotes_for(user)
        .select_related(
            "case__hospital__city",
            "case__treatment",
            "case__patient",
            "offer",
            "replaces",
            "final_bill",
        )
        .prefetch_related("lines", "replaces__lines")
    )


def versions_of(case: Case) -> list[Quote]:
    """Return the issued versions of a case, the newest first."""
    return list(
        case.quotes.filter(issued_at__isnull=False)
        .select_related("final_bill")
        .order_by("-version")
    )


def quotes_waiting(user: User) -> list[Quote]:
    """Return the quotes that wait for this account's answer, those that end first in front."""
    return list(
        quotes_for(user)
        .filter(state=QuoteState.ISSUED)
        .select_related("case__hospital__city", "case__patient", "replaces")
        .order_by("valid_until", "pk")[:WAITING_SHOWN]
    )


def bills_for_page(user: Visitor) -> QuerySet[FinalBill]:
    """The account's final bills with the quotes they are measured against."""
    lines = BillLine.objects.select_related("quote_line")
    return (
        bills_for(user)
        .select_related("quote__case__hospital__city", "quote__case__patient")
        .prefetch_related(Prefetch("lines", queryset=lines))
    )
