"""What the insurer agreed with hospitals, and the tiers of its networks; read-only here."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from medtour.lib import clock
from payments.access import agreements_for_officer, network_places_for_officer
from payments.presenters.portal_network import FIRST_PART, PARTS, agreement_row, tier_row
from payments.selectors.insurance.standing import for_agreement_list, for_tier_list
from payments.views.portal.gate import officer_required
from payments.views.portal.lists import chosen_of, page_of, tabs_of

CHINA = "Asia/Shanghai"


@require_safe
@officer_required
def insurer_network(request, officer):
    """List agreements, or hospitals with their tiers, each with its days."""
    part = chosen_of(request, PARTS, FIRST_PART, name="part")
    today = clock.today(CHINA)
    if part == FIRST_PART:
        rows, shown = for_agreement_list(agreements_for_officer(officer)), agreement_row
    else:
        rows, shown = for_tier_list(network_places_for_officer(officer)), tier_row
    page = page_of(request, rows)
    context = {
        "officer": officer,
        "here": "network",
        "today": today,
        "page": page,
        "rows": [shown(row, today=today) for row in page.object_list],
        "tabs": tabs_of(request, PARTS, part, name="part"),
        "filter_form": None,
    }
    return render(request, f"payments/portal/network_{part}.html", context)
