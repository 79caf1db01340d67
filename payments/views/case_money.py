"""The money of a case in My care, and paying more towards its quote."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bookings.access import cases_for
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib.money import Money
from payments.access import obligations_for, quotes_for
from payments.forms.paying import TopUpForm
from payments.models import Account, Gateway, ObligationKind
from payments.policies import CONTRACT_CURRENCY
from payments.presenters.case_money import due_block, movement_row, standing_rows
from payments.selectors.balances import balance, case_account
from payments.selectors.dues import asked_towards, with_everything
from payments.services.obligations import open_for_quote
from payments.transitions import QuoteState
from payments.views.terms import account_of, form_page


def own_case(request, public_id):
    cases = cases_for(request.user).select_related("hospital__city", "patient")
    return found_or_404(cases, public_id=public_id)


def quote_in_force(request, case):
    return quotes_for(request.user).filter(case=case, state=QuoteState.ACCEPTED).first()


@require_safe
def case_money(request, case):
    """Show what is due, who paid what, what goes back, and every movement."""
    found = own_case(request, case)
    dues = list(with_everything(obligations_for(request.user).filter(case=found)))
    needs_bank = any(due.appointment is None for due in dues)
    bank = account_of(dues[0], Gateway.BANK_TRANSFER)[0] if needs_bank else None
    quote = quote_in_force(request, found)
    context = {
        "case": found,
        "hospital": found.hospital,
        "dues": [due_block(due, has_bank=bank is not None) for due in dues],
        "account": [movement_row(line) for line in case_account(found)],
        "standings": standing_rows(balance(Account.PATIENT, case=found)),
        "nothing": Money(0, CONTRACT_CURRENCY),
        "quote": quote,
        "top_up_url": reverse("payments:top_up", args=[found.public_id])
        if quote and left_to_add(quote)[1].minor
        else "",
        "refusal": None,
    }
    return render(request, "payments/case_money.html", context)


def left_to_add(quote):
    """Return what was asked for towards a quote so far, and what may be added at most."""
    asked = asked_towards(quote)
    most = 0 if hasattr(quote, "final_bill") else max(quote.likely.minor - asked.minor, 0)
    return asked, Money(most, quote.currency)


def show_top_up(request, case, quote, *, form=None, refusal=None):
    asked, most = left_to_add(quote)
    context = {
        "case": case,
        "quote": quote,
        "asked": asked,
        "most": most,
        "doors": {
            "money": reverse("payments:case_money", args=[case.public_id]),
            "top_up": reverse("payments:top_up", args=[case.public_id]),
        },
        "form": form or TopUpForm(most=most),
        "refusal": refusal,
    }
    return render_form(request, "payments/top_up.html", context)


def top_up_again(request, case, *, refusal):
    found = own_case(request, case)
    return show_top_up(request, found, quote_in_force(request, found), refusal=refusal)


@form_page
@refusals_show(top_up_again)
def top_up(request, case):
    """Ask how much more to pay towards the accepted quote; its terms come on the next page."""
    found = own_case(request, case)
    quote = quote_in_force(request, found)
    if quote is None or not left_to_add(quote)[1].minor:
        raise Http404
    if request.method != "POST":
        return show_top_up(request, found, quote)
    form = TopUpForm(request.POST, most=left_to_add(quote)[1])
    if not form.is_valid():
        return show_top_up(request, found, quote, form=form)
    amount = form.cleaned_data["amount"]
    due = open_for_quote(quote, kind=ObligationKind.TOP_UP, amount=amount, by=request.user)
    return see_other_address(reverse("payments:due", args=[due.public_id]))
