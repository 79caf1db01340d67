"""My care → How we reach you: channels, what a person agreed to, and their number."""

from http import HTTPStatus

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.visitors import address_mark
from medtour.lib.errors import Refusal
from messaging.channels.registry import offered_channels
from messaging.forms.reach import CodeForm, NumberForm, ReachForm
from messaging.selectors.reach import ReachPage, reach_page
from messaging.services import contacts
from messaging.services.wishes import save_wishes

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
def reach(request):
    page = reach_page(request.user)
    form = _reach_form(request, page, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        save_wishes(request.user, form.wishes(), form.reaching())
        messages.success(request, _("Saved. We reach you this way from now on."))
        return _see_again()
    return _show(request, page, form=form)


@form_page
def number(request):
    """Take a number and send its code."""

    def perform(sent):
        mark = address_mark(request)
        contacts.add_number(
            request.user, sent["number"], channel=sent["channel"], address_mark=mark
        )

    return _step(request, "number_form", perform, _("We sent a code to your number."))


@form_page
def number_code(request):
    """Take the code that came to the number."""

    def perform(sent):
        contacts.prove_number(request.user, sent["code"])

    said = _("Your number is proven. Now choose below what we may use it for.")
    return _step(request, "code_form", perform, said)


@form_page
def number_remove(request):
    if request.method == "POST":
        contacts.remove_number(request.user)
        messages.success(request, _("We use this number no more."))
    return _see_again()


def _step(request, name, perform, said):
    """Check one small form and let a service do it, or show the page with what is wrong."""
    if request.method != "POST":
        return _see_again()
    form = _small_form(name, request.POST)
    if form.is_valid():
        try:
            perform(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(next(iter(form.fields)), str(refusal.message))
        else:
            messages.success(request, said)
            return _see_again()
    return _show(request, reach_page(request.user), **{name: form})


def _show(request, page, **forms):
    is_wrong = any(form.errors for form in forms.values())
    context = {
        "page": page,
        "form": forms.get("form") or _reach_form(request, page, None),
        "number_form": forms.get("number_form") or _small_form("number_form", None),
        "code_form": forms.get("code_form") or _small_form("code_form", None),
        "wrong_form": next((form for form in forms.values() if form.errors), None),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, "messaging/reach.html", context, status=status)


def _reach_form(request, page: ReachPage, data):
    return ReachForm(data, channels=page.phone_channels, initial=page.initial)


def _small_form(name, data):
    if name == "number_form":
        return NumberForm(data, channels=offered_channels())
    return CodeForm(data)


def _see_again():
    response = redirect("messaging:reach")
    response.status_code = HTTPStatus.SEE_OTHER
    return response
