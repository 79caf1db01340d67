"""Small answers that the booking views share."""

from django.http import Http404, HttpResponseRedirect
from django.urls import reverse


def see_other(name, **kwargs):
    """Answer a POST that did its work: 303, so that a reload repeats only the page."""
    response = HttpResponseRedirect(reverse(f"bookings:{name}", kwargs=kwargs))
    response.status_code = 303
    return response


def found_or_404(things, **lookup):
    """Return the one thing of an access queryset; somebody else's and a missing one look the same."""
    found = things.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def see_other_address(address):
    """Answer a POST with 303 to an address that is known already."""
    response = HttpResponseRedirect(address)
    response.status_code = 303
    return response
