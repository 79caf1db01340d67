"""What a patient asks the hospital for after paying: a fapiao, or everything back with proof."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from payments.access import payments_for
from payments.forms.asking import ClaimForm, FapiaoForm
from payments.services.claims import ask_for_rest
from payments.services.fapiao import FapiaoDetails, ask_fapiao
from payments.views.terms import form_page, own_due


def own_payment(request, public_id):
    payments = payments_for(request.user).select_related("obligation__case")
    return found_or_404(payments, public_id=public_id)


def money_of(case):
    return reverse("payments:case_money", args=[case.public_id])


def show_fapiao(request, payment, *, form=None, refusal=None):
    context = {
        "payment": payment,
        "doors": {
            "money": money_of(payment.obligation.case),
            "fapiao": reverse("payments:fapiao", args=[payment.public_id]),
        },
        "form": form or FapiaoForm(),
        "refusal": refusal,
    }
    return render_form(request, "payments/fapiao.html", context)


def fapiao_again(request, payment, *, refusal):
    form = FapiaoForm(initial=request.POST.dict())
    return show_fapiao(request, own_payment(request, payment), form=form, refusal=refusal)


@form_page
@refusals_show(fapiao_again)
def fapiao(request, payment):
    """Ask for title and tax fields; the hospital issues the fapiao itself."""
    found = own_payment(request, payment)
    form = FapiaoForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return show_fapiao(request, found, form=form)
    ask_fapiao(found, FapiaoDetails(**form.cleaned_data), by=request.user)
    messages.success(request, _("The hospital has your request. You see its answer here."))
    return see_other_address(money_of(found.obligation.case))


def show_claim(request, due, *, form=None, refusal=None):
    context = {
        "due": due,
        "doors": {
            "money": money_of(due.case),
            "claim": reverse("payments:claim", args=[due.public_id]),
        },
        "form": form or ClaimForm(),
        "refusal": refusal,
    }
    return render_form(request, "payments/claim.html", context)


def claim_again(request, due, *, refusal):
    form = ClaimForm(initial=request.POST.dict())
    return show_claim(request, own_due(request, due), form=form, refusal=refusal)


@form_page
@refusals_show(claim_again)
def claim(request, due):
    """Ask for what the ladder kept, with the letter that proves why."""
    found = own_due(request, due)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ClaimForm(*sent)
    if not form.is_valid():
        return show_claim(request, found, form=form)
    ask_for_rest(
        found,
        cause=form.cleaned_data["cause"],
        statement=form.cleaned_data["statement"],
        proof=form.cleaned_data["proof"].read(),
        by=request.user,
    )
    messages.success(request, _("The hospital has your letter. You see its answer here."))
    return see_other_address(money_of(found.case))
