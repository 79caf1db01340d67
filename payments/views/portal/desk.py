"""How the insurer is listed: what is listed about the company, with its sources."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from payments.views.portal.gate import officer_required


@require_safe
@officer_required
def insurer_listing(request, officer):
    """Show an officer their own insurer."""
    hospitals = officer.insurer.direct_billing_hospitals.select_related("city").order_by("slug")
    return render(
        request,
        "payments/portal/listing.html",
        {"officer": officer, "here": "listing", "insurer": officer.insurer, "hospitals": hospitals},
    )
