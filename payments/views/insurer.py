"""The insurer's desk: what is listed about the company, with its sources."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from payments.access import insurers_for


@require_safe
def insurer_desk(request):
    """Show an officer their own insurer; everybody else gets 404."""
    insurer = insurers_for(request.user).first()
    if insurer is None:
        raise Http404
    hospitals = insurer.direct_billing_hospitals.select_related("city").order_by("slug")
    return render(
        request, "payments/insurer_desk.html", {"insurer": insurer, "hospitals": hospitals}
    )
