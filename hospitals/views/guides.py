from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hospitals.presenters import facts
from hospitals.selectors import pages


@login_not_required
@require_safe
def prices(request):
    context = {
        "prices": [(row.treatment, facts.reported_price(row)) for row in pages.reported_prices()],
        "abroad": [(row.treatment, facts.price_abroad(row)) for row in pages.prices_abroad()],
    }
    return render(request, "hospitals/prices.html", context)


@login_not_required
@require_safe
def special_access(request):
    products = [
        (product, facts.product_kind(product), facts.product_price(product))
        for product in pages.special_access_products()
    ]
    return render(request, "hospitals/special_access.html", {"products": products})


@login_not_required
@require_safe
def emergency(request):
    """Numbers and address cards; the numbers must be there even when the database is not."""
    try:
        hospitals = list(pages.hospitals_with_address())
    except DatabaseError:
        hospitals = []
    return render(request, "hospitals/emergency.html", {"hospitals": hospitals})
