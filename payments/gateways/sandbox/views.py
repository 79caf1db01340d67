"""The page that stands in for hosted Checkout on a laptop: every way a payment can end."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from payments.gateways.sandbox import pages, world


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest, session: str) -> HttpResponse:
    """Show one session and do what the visitor chooses; whoever has the address may pay."""
    page = pages.page_of(session)
    if page is None:
        raise Http404
    if request.method != "POST":
        return render(request, "payments/sandbox/checkout.html", {"page": page})
    outcome = request.POST.get("outcome", "")
    if outcome in world.OUTCOMES:
        plan = world.PLANS.get(request.POST.get("news", ""), world.AT_ONCE)
        page = pages.paid(session, outcome, plan)
    return redirect(page.success_url if page.is_complete else request.path)
