"""The offer a page is about, as far as the public may see it."""

from django.http import Http404

from hospitals.selectors.priced_offer import priced_offer


def offer_and_prices(public_id):
    """Return a published offer and its price lines; anything else is not found."""
    found = priced_offer(public_id)
    if found is None:
        raise Http404
    return found


def offer_or_404(public_id):
    """Return a published offer alone."""
    return offer_and_prices(public_id)[0]
