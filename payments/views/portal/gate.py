"""Who gets into the portal: an officer who is not suspended, with the second step taken."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.second_factor import second_factor_required
from payments.access import officer_of
from payments.models import InsurerOfficer

View = Callable[..., HttpResponseBase]


def officer_required(view: View) -> View:
    """Give a view its officer as second argument; to everybody else the portal does not exist.

    Being an officer is asked first, so that nobody else learns that there is a second step.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponseBase:
        officer: InsurerOfficer | None = officer_of(request.user)
        if officer is None:
            raise Http404
        return second_factor_required(view)(request, officer, *args, **kwargs)

    return guarded
