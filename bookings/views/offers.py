"""The offer a page is about, as far as the public may see it, and whether it can be booked here."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from hospitals.selectors.priced_offer import priced_offer
from medtour.lib.errors import Refusal
from payments.selectors.payees import is_payable


class DepositNotTaken(Refusal):
    code = "deposit_not_taken"

    def __init__(self):
        super().__init__(
            _(
                "This hospital cannot take deposits online at the moment, so the time cannot be "
                "confirmed now. Nothing was booked or charged. Please write to us."
            )
        )


def offer_and_prices(public_id):
    """Return a published offer and its price lines; anything else is not found."""
    found = priced_offer(public_id)
    if found is None:
        raise Http404
    return found


def offer_or_404(public_id):
    """Return a published offer alone."""
    return offer_and_prices(public_id)[0]


def check_payable(offer):
    """Raise DepositNotTaken when the deposit of an offer could not be paid."""
    if not is_payable(offer):
        raise DepositNotTaken


def deposit_not_taken(request, offer):
    """Say, before anything is typed, that the deposit of an offer could not be paid."""
    context = {"offer": offer, "hospital": offer.hospital}
    status = 200 if request.method == "GET" else DepositNotTaken.status
    return render(request, "bookings/deposit_not_taken.html", context, status=status)
