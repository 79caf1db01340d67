"""Who gets into the portal: an officer who is not suspended, with the second step taken.

A liaison gets in as well, but only an officer decides about money.
"""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from accounts.second_factor import second_factor_required
from payments.access import decides_on_money, officer_of
from payments.insurance_refusals import OnlyOfficersDecide
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


def decider_required(view: View) -> View:
    """As `officer_required`; a liaison reads who decides, whatever the address names."""

    @wraps(view)
    def decided(request: HttpRequest, officer: InsurerOfficer, *args, **kwargs) -> HttpResponseBase:
        if decides_on_money(officer):
            return view(request, officer, *args, **kwargs)
        refusal = OnlyOfficersDecide()
        context = {"officer": officer, "here": "", "refusal": refusal}
        return render(request, "payments/portal/refused.html", context, status=refusal.status)

    return officer_required(decided)
