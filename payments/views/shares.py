"""Letting others pay a part by link, and paying by bank transfer."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from payments.access import shares_for
from payments.forms.paying import ShareForm
from payments.presenters.outcome import is_place_kept
from payments.presenters.shares import share_rows
from payments.selectors.due import asked_instead
from payments.services.shares import offer_share
from payments.services.shares import withdraw_share as withdraw_service
from payments.views.terms import due_context, form_page, own_due


def show_shares(request, due, *, form=None, refusal=None):
    context = due_context(due)
    rows = share_rows(due, address=request.build_absolute_uri)
    context |= {
        "shares": rows,
        "can_share": context["to_pay"].minor > 0 and is_place_kept(due),
        "form": form or ShareForm(most=context["to_pay"]),
        "refusal": refusal,
    }
    return render_form(request, "payments/shares.html", context)


def shares_again(request, due, *, refusal):
    found = own_due(request, due)
    most = due_context(found)["to_pay"]
    form = ShareForm(initial=request.POST.dict(), most=most)
    return show_shares(request, found, form=form, refusal=refusal)


@form_page
@refusals_show(shares_again)
def shares(request, due):
    """List who was asked to pay a part; the POST makes another link."""
    found = own_due(request, due)
    if request.method != "POST":
        return show_shares(request, found)
    form = ShareForm(request.POST, most=due_context(found)["to_pay"])
    if not form.is_valid():
        return show_shares(request, found, form=form)
    offer_share(
        found,
        label=form.cleaned_data["label"],
        amount=form.cleaned_data["amount"],
        by=request.user,
    )
    return see_other_address(reverse("payments:shares", args=[found.public_id]))


def own_share(request, public_id):
    shares = shares_for(request.user).select_related("obligation")
    return found_or_404(shares, public_id=public_id)


def withdrawn_again(request, share, *, refusal):
    due = own_share(request, share).obligation
    return show_shares(request, own_due(request, due.public_id), refusal=refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@refusals_show(withdrawn_again)
def withdraw_share(request, share):
    """Take a share back that nobody has paid; a reload leads to the list."""
    found = own_share(request, share)
    if request.method != "POST":
        return redirect("payments:shares", due=found.obligation.public_id)
    withdraw_service(found, by=request.user)
    return see_other_address(reverse("payments:shares", args=[found.obligation.public_id]))


@require_safe
def transfer(request, due):
    """Say what to tell the bank, with the reference code of what is asked for now."""
    found = own_due(request, due)
    if instead := asked_instead(found):
        return redirect("payments:transfer", due=instead.public_id)
    context = due_context(found)
    if context["bank"] is None:
        raise Http404
    if context["standing"].is_over:
        return redirect(context["doors"].due)
    return render(request, "payments/transfer.html", context)
