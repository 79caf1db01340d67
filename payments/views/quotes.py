"""A patient's quotes: read, accept, decline, and the final bill beside the accepted one."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from payments.forms.quotes import AcceptQuoteForm, DeclineQuoteForm
from payments.presenters.bills import bill_page
from payments.presenters.quotes import quote_page
from payments.selectors.quotes import bills_for_page, quotes_for_page, versions_of
from payments.services import quotes


def own_quote(request, public_id):
    return found_or_404(quotes_for_page(request.user), public_id=public_id)


def show_quote(request, quote, *, refusal=None):
    found = own_quote(request, quote)
    quotes.mark_read(found, by=request.user)
    page = quote_page(found, versions_of(found.case))
    context = {"page": page, "quote": found, "hospital": found.case.hospital, "refusal": refusal}
    return render(request, "payments/quote.html", context)


@require_safe
def quote(request, quote):
    """Show one version of a quote, and note when it was first read."""
    return show_quote(request, quote)


def sent(request):
    return request.POST if request.method == "POST" else None


def answer_page(request, template, found, form):
    """Ask for an answer; a version that takes none any more only shows itself."""
    page = quote_page(found, [])
    if not page.can_answer:
        return redirect("payments:quote", quote=found.public_id)
    context = {"page": page, "quote": found, "hospital": found.case.hospital, "form": form}
    return render_form(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals_show(show_quote)
def accept_quote(request, quote):
    """Ask once more, then accept the version that was shown."""
    found = own_quote(request, quote)
    form = AcceptQuoteForm(sent(request), initial={"version": found.version})
    if request.method != "POST" or not form.is_valid():
        return answer_page(request, "payments/quote_accept.html", found, form)
    quotes.accept_quote(
        found,
        by=request.user,
        version=form.cleaned_data["version"],
        language=get_language() or "",
    )
    return see_other_address(reverse("payments:quote", args=[found.public_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@refusals_show(show_quote)
def decline_quote(request, quote):
    """Ask why, then decline the version that was shown."""
    found = own_quote(request, quote)
    form = DeclineQuoteForm(sent(request), initial={"version": found.version})
    if request.method != "POST" or not form.is_valid():
        return answer_page(request, "payments/quote_decline.html", found, form)
    quotes.decline_quote(
        found,
        by=request.user,
        version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
    )
    return see_other_address(reverse("payments:quote", args=[found.public_id]))


@require_safe
def bill(request, quote):
    """Show the final bill against the quote that the patient accepted."""
    found = found_or_404(bills_for_page(request.user), quote__public_id=quote)
    context = {"page": bill_page(found), "hospital": found.quote.case.hospital}
    return render(request, "payments/quote_bill.html", context)
