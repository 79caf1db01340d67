"""The pages of a payer by link: no account, nothing medical, nobody's name but the share's (M9)."""

from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from medtour.answers import refusals_show, render_form
from medtour.lib import clock
from medtour.lib.money import Money
from payments.forms.paying import PayShareForm
from payments.links import share_from_token
from payments.presenters.outcome import is_place_kept, outcome_of
from payments.presenters.shares import state_of
from payments.presenters.terms import terms_page
from payments.selectors.dues import due_of_share
from payments.views.paying import asked_again, outcome_context, render_outcome
from payments.views.terms import account_of, charges_for, form_page, started, to_gateway

PAYERS_OUTCOMES = {
    "confirmed": "paid",
    "part_paid": "paid",
    "place_lost": "sent_back",
    "time_over": "left",
    "already": "left",
}


@login_not_required
@require_safe
def share_link(request, token):
    """Open a share in the language of the browser that got the link."""
    with translation.override(translation.get_language_from_request(request)):
        if share_from_token(token) is None:
            return kept_private(show_ended(request, "broken", status=404))
        response = redirect("payments:share", token=token)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return kept_private(response)


def kept_private(response):
    """Let nobody store, index or pass on the address: whoever has it can pay the share."""
    response["Referrer-Policy"] = "strict-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store, private"
    return response


def by_share_link(view):
    """Open the share of a valid token; anything else gets a page that helps, with 404."""

    @login_not_required
    @wraps(view)
    def open_link(request, token, **kwargs):
        share = share_from_token(token)
        if share is None:
            return kept_private(show_ended(request, "broken", status=404))
        return kept_private(view(request, token, share, **kwargs))

    return open_link


def show_ended(request, ended, *, status=200):
    return render(request, "payments/share_ended.html", {"ended": ended}, status=status)


def ended_as(share, due):
    """Return why a share can no longer be paid, or nothing while it can."""
    is_over = bool(due.settled_at or due.closed_at) or not is_place_kept(due)
    state = state_of(share, is_paying=False, is_over=is_over, now=clock.now())
    return {"open": "", "ended": "over"}.get(state, state)


def show_share(request, token, share, *, form=None, refusal=None):
    due = due_of_share(share)
    account, why_not = account_of(due)
    amount = Money(share.amount_minor, due.currency)
    charges = charges_for(request, amount, account)
    context = {
        "share": share,
        "share_amount": amount,
        "due": due,
        "hospital": due.hospital,
        "account": account,
        "charges": charges,
        "terms": terms_page(due, amount),
        "doors": {"pay": reverse("payments:share", args=[token])},
        "form": form or PayShareForm(charges=charges),
        "refusal": refusal or why_not,
    }
    return render_form(request, "payments/share.html", context)


def share_again(request, token, share, *, refusal):
    due = due_of_share(share)
    share.refresh_from_db()
    if ended := ended_as(share, due):
        return show_ended(request, ended)
    form = PayShareForm(initial=request.POST.dict(), charges=[])
    return show_share(request, token, share, form=form, refusal=refusal)


@form_page
@by_share_link
@refusals_show(share_again)
def share(request, token, share):
    """Show amount, payee and terms of a share; the POST leads to the gateway's page."""
    due = due_of_share(share)
    if ended := ended_as(share, due):
        return show_ended(request, ended)
    if request.method != "POST":
        return show_share(request, token, share)
    return pay_share(request, token, share, due)


def pay_share(request, token, share, due):
    account, refusal = account_of(due)
    if refusal:
        raise refusal
    amount = Money(share.amount_minor, due.currency)
    form = PayShareForm(request.POST, charges=charges_for(request, amount, account))
    if not form.is_valid():
        return show_share(request, token, share, form=form)
    payment = started(
        due,
        form.cleaned_data["currency"],
        share=share,
        payer_name=form.cleaned_data["name"],
        payer_email=form.cleaned_data["email"],
    )
    attempt = {"token": token, "attempt": payment.public_id}
    return to_gateway(request, payment, reverse("payments:share_paying", kwargs=attempt))


@never_cache
@require_safe
@by_share_link
def share_paying(request, token, share, attempt):
    """Tell a payer how far the payment is; nothing else about the plan."""
    due = due_of_share(share)
    found = payment_of(due, share, attempt)
    if found is None:
        return show_ended(request, "broken", status=404)
    asked_again(found)
    due = due_of_share(share)
    fresh = payment_of(due, share, attempt)
    outcome = outcome_of(fresh, due, has_left="left" in request.GET)
    outcome = PAYERS_OUTCOMES.get(outcome, outcome)
    context = outcome_context(fresh, due, outcome)
    context["doors"] = {
        "due": reverse("payments:share", args=[token]),
        "session": fresh.session_url if outcome in ("waiting", "left") else "",
        "receipt": reverse("payments:share_receipt", args=[token, fresh.public_id])
        if outcome == "paid" and hasattr(fresh, "receipt")
        else "",
    }
    page = ("payments/_share_paying.html", "payments/share_paying.html")
    return render_outcome(request, *page, context)


def payment_of(due, share, public_id):
    """Return a payment of this very share; another one of the same amount is not found."""
    return next(
        (
            each
            for each in due.payments.all()
            if each.public_id == public_id and each.share_id == share.pk
        ),
        None,
    )
