"""The money of a case in My care, and paying more towards its quote."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from bookings.access import cases_for
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib.money import Money
from payments.access import obligations_for, quotes_for
from payments.forms.paying import TopUpForm
from payments.models import Account, Gateway
from payments.policies import CONTRACT_CURRENCY
from payments.presenters.case_money import due_block, movement_row, standing_rows
from payments.selectors.balances import balance, case_account
from payments.selectors.dues import (
    asked_towards,
    left_to_add,
    unbegun_additions,
    with_everything,
)
from payments.services.top_ups import add_to_deposit, take_back
from payments.transitions import QuoteState
from payments.views.terms import account_of, form_page, own_due


def own_case(request, public_id):
    cases = cases_for(request.user).select_related("hospital__city", "patient")
    return found_or_404(cases, public_id=public_id)


def quote_in_force(request, case):
    return quotes_for(request.user).filter(case=case, state=QuoteState.ACCEPTED).first()


@require_safe
def case_money(request, case):
    """Show what is due, who paid what, what goes back, and every movement."""
    return show_money(request, own_case(request, case))


def show_money(request, found, *, refusal=None):
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
        if quote and left_to_add(quote).minor
        else "",
        "refusal": refusal,
    }
    return render(request, "payments/case_money.html", context)


def show_top_up(request, case, quote, *, form=None, refusal=None):
    asked, most = asked_towards(quote), left_to_add(quote)
    wanted = unbegun_additions(quote).first()
    known = {"amount": wanted.amount.number(get_language())} if wanted else None
    context = {
        "case": case,
        "quote": quote,
        "asked": asked,
        "most": most,
        "doors": {
            "money": reverse("payments:case_money", args=[case.public_id]),
            "top_up": reverse("payments:top_up", args=[case.public_id]),
        },
        "form": form or TopUpForm(most=most, initial=known),
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
    if quote is None or not left_to_add(quote).minor:
        raise Http404
    if request.method != "POST":
        return show_top_up(request, found, quote)
    form = TopUpForm(request.POST, most=left_to_add(quote))
    if not form.is_valid():
        return show_top_up(request, found, quote, form=form)
    amount = form.cleaned_data["amount"]
    due = add_to_deposit(quote, amount=amount, by=request.user)
    return see_other_address(reverse("payments:due", args=[due.public_id]))


def money_again(request, due, *, refusal):
    found = own_due(request, due)
    return show_money(request, found.case, refusal=refusal)


@form_page
@refusals_show(money_again)
def take_back_top_up(request, due):
    """Take back what the patient wanted to add; a reload leads to the money of the case."""
    found = own_due(request, due)
    if request.method == "POST":
        take_back(found)
    return see_other_address(reverse("payments:case_money", args=[found.case.public_id]))
