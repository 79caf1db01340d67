"""The page of terms before anybody pays, and the way on to the gateway's own page."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from bookings.access import appointments_for
from bookings.selectors.care import with_place
from bookings.transitions import AppointmentState
from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from medtour.lib.errors import Refusal
from payments.access import obligations_for
from payments.forms.paying import PayForm
from payments.models import Gateway
from payments.presenters.charges import charges_of
from payments.presenters.outcome import KEPT, is_place_kept, kept_until
from payments.presenters.quotes import groups_of
from payments.presenters.standing import doors_of, own_live_payment, standing_of
from payments.presenters.terms import terms_page
from payments.refusals import AmountChanged, HoldOver, NothingOwed, ObligationClosed
from payments.selectors.due import asked_instead
from payments.selectors.dues import with_standing
from payments.selectors.insurance.guarantees import own_part_of
from payments.services.deposits import begin_checkout, reserves, start_payment
from payments.services.obligations import open_deposit
from payments.services.payees import payee_for

form_page = require_http_methods(["GET", "HEAD", "POST"])


def own_due(request, public_id):
    return found_or_404(with_standing(obligations_for(request.user)), public_id=public_id)


def own_appointment(request, public_id):
    return found_or_404(with_place(appointments_for(request.user)), public_id=public_id)


def account_of(due, gateway=Gateway.STRIPE):
    """Return the account that takes the money and no refusal, or none and why not."""
    try:
        return payee_for(due.hospital, gateway), None
    except Refusal as refusal:
        return None, refusal


def bank_of(due):
    """Return the bank account for a transfer; a held time cannot wait for one."""
    return None if due.appointment else account_of(due, Gateway.BANK_TRANSFER)[0]


def due_context(due, **more):
    """Return what every page about one amount shows."""
    payments = due.payments.all()
    live, bank = own_live_payment(payments), bank_of(due)
    standing = standing_of(due, payments, due.shares.all())
    return {
        "due": due,
        "appointment": due.appointment,
        "offer": due.appointment.slot.offer if due.appointment else None,
        "hospital": due.hospital,
        "standing": standing,
        "to_pay": standing.to_pay,
        "kept_until": kept_until(due.appointment),
        "bank": bank,
        "doors": doors_of(due, has_bank=bank is not None, live=live),
        **more,
    }


def show_terms(request, due, *, form=None, refusal=None):
    """Render the terms with the ways to pay; 422 when the form was sent with mistakes."""
    account, why_not = account_of(due)
    context = due_context(due)
    to_pay = context["to_pay"]
    charges = charges_for(request, to_pay, account)
    context |= {
        "account": account,
        "charges": charges,
        "can_pay": bool(charges) and is_place_kept(due),
        "reserves": account is not None and reserves(due, account, to_pay, now=clock.now()),
        "why_not": why_not.message if why_not else "",
        "terms": terms_page(due, due.amount),
        "quote_groups": groups_of(due.quote) if due.quote else [],
        "form": form or PayForm(charges=charges),
        "refusal": refusal,
    }
    return render_form(request, "payments/deposit.html", context)


def charges_for(request, amount, account):
    """Return the currencies to choose from, the one picked before still picked."""
    if account is None or not amount.minor:
        return []
    chosen = request.POST.get("currency", "").partition("-")[0]
    return charges_of(amount, account, chosen=chosen, home=request.visitor_currency)


def pay(request, due):
    """Write the attempt down, open the gateway's page and lead there."""
    account, refusal = account_of(due)
    if refusal:
        raise refusal
    to_pay = standing_of(due, due.payments.all(), due.shares.all()).to_pay
    form = PayForm(request.POST, charges=charges_for(request, to_pay, account))
    if to_pay.minor and not form.is_valid():
        return show_terms(request, due, form=form)
    if not to_pay.minor:
        raise NothingOwed
    payment = started(due, form.cleaned_data["currency"], payer=request.user)
    return to_gateway(request, payment, reverse("payments:paying", args=[payment.public_id]))


def started(due, charge, **facts):
    """Write down the attempt to charge exactly the amount that was seen."""
    facts["language"] = get_language()
    payment = start_payment(due, charge_currency=charge.currency, **facts)
    if payment.charge != charge:
        raise AmountChanged
    return payment


def to_gateway(request, payment, way_back):
    """Open the gateway's page and lead there; both ways out of it come back to `way_back`."""
    back = request.build_absolute_uri(way_back)
    opened = begin_checkout(payment, success_url=back, cancel_url=f"{back}?left=1")
    return see_other_address(opened.session_url)


def terms_again(request, due, *, refusal):
    """Show the terms as they are now with the sentence, or that nothing can be paid any more."""
    found = own_due(request, due)
    if isinstance(refusal, (HoldOver, ObligationClosed)):
        return cannot_pay(request, found.appointment, found.hospital, refusal)
    return show_terms(request, found, refusal=refusal)


def cannot_pay(request, appointment, hospital, refusal):
    context = {"appointment": appointment, "hospital": hospital, "refusal": refusal}
    return render(request, "payments/cannot_pay.html", context, status=refusal.status)


def deposit_again(request, appointment, *, refusal):
    found = own_appointment(request, appointment)
    due = (
        with_standing(obligations_for(request.user))
        .filter(appointment=found, closed_at=None)
        .first()
    )
    if due is None:
        return cannot_pay(request, found, found.hospital, refusal)
    return terms_again(request, due.public_id, refusal=refusal)


@form_page
@refusals_show(deposit_again)
def deposit(request, appointment):
    """Show the terms of an appointment's deposit, frozen from the first look; the POST pays."""
    found = own_appointment(request, appointment)
    if found.state in KEPT:
        return redirect("bookings:appointment", appointment=appointment)
    if found.state != AppointmentState.AWAITING_PAYMENT or kept_until(found) is None:
        raise HoldOver
    opened = open_deposit(found, by=request.user, language=get_language(), most=own_part_of)
    return terms_or_pay(request, own_due(request, opened.public_id))


@form_page
@refusals_show(terms_again)
def due(request, due):
    """Show the terms of what is due towards a quote; the POST pays."""
    found = own_due(request, due)
    if found.appointment:
        return redirect("payments:deposit", appointment=found.appointment.public_id)
    if request.method != "POST" and (instead := asked_instead(found)):
        return redirect("payments:due", due=instead.public_id)
    return terms_or_pay(request, found)


def terms_or_pay(request, due):
    return pay(request, due) if request.method == "POST" else show_terms(request, due)
