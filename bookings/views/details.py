"""Who it is for, the note and the agreements: each one page, all kept with the hold."""

import datetime as dt
from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import consents_for, patients_for
from accounts.forms.people import PatientForm, phone_parts
from accounts.services.patients import AlreadyHaveSelf, names_a_second_self
from bookings.forms.consenting import NotesForm, WhoForm
from bookings.views.answers import add_answers, answers_of
from bookings.views.holding import hold_ended, live_hold
from bookings.views.pages import render_form, see_other
from medtour.answers import refusals_show

form_page = require_http_methods(["GET", "HEAD", "POST"])


def hold_context(hold, **more):
    return {"hold": hold, "offer": hold.slot.offer, "hospital": hold.hospital, **more}


@login_not_required
@form_page
@refusals_show(hold_ended)
def details(request, hold):
    """Ask who the patient is: a saved person where there are some, else a new one."""
    hold = live_hold(request, hold)
    saved = list(patients_for(request.user))
    return choose_person(request, hold, saved) if saved else ask_person(request, hold)


@login_not_required
@form_page
@refusals_show(hold_ended)
def details_new(request, hold):
    """Ask for the details of somebody who is not saved yet."""
    return ask_person(request, live_hold(request, hold))


def ask_person(request, hold):
    data = request.POST if request.method == "POST" else None
    form = PatientForm(data, initial=person_initial(answers_of(request, hold)))
    if request.method == "POST" and is_possible_person(request, hold, form):
        add_answers(request, hold, patient="", person=person_answers(form), consents=None)
        return see_other("notes", hold=hold.public_id)
    return render_details(request, hold, form=form)


def is_possible_person(request, hold, form):
    """Tell whether the form is complete and does not name somebody else as "me"."""
    if not form.is_valid():
        return False
    known = request.user.is_authenticated
    if known and names_a_second_self(form.details(hold.language), by=request.user):
        form.add_error("relation", str(AlreadyHaveSelf().message))
    return not form.errors


def choose_person(request, hold, saved):
    chosen = answers_of(request, hold).get("patient")
    data = request.POST if request.method == "POST" else None
    form = WhoForm(data, patients=saved, initial={"who": chosen})
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["who"]
        if who == WhoForm.NEW:
            return see_other("details_new", hold=hold.public_id)
        add_answers(request, hold, patient=who, person=None, consents=None)
        return see_other("notes", hold=hold.public_id)
    return render_form(request, "bookings/choose_person.html", hold_context(hold, form=form))


def render_details(request, hold, *, form=None, refusal=None):
    form = form or PatientForm(initial=person_initial(answers_of(request, hold)))
    context = hold_context(hold, form=form, refusal=refusal)
    return render_form(request, "bookings/details.html", context)


def person_answers(form):
    """Return the cleaned person as it is kept with the hold."""
    person = form.cleaned_data
    born = person["date_of_birth"]
    return {
        "relation": person["relation"],
        "passport_name": person["passport_name"],
        "date_of_birth": born.isoformat() if born else None,
        "phone": person["phone"],
    }


def person_initial(answers):
    """Return the boxes' first values from the kept answers."""
    person = answers.get("person") or {}
    if not person:
        return {}
    born = person["date_of_birth"]
    return {
        "relation": person["relation"],
        "passport_name": person["passport_name"],
        "date_of_birth": dt.date.fromisoformat(born) if born else None,
        **phone_parts(person["phone"]),
    }


def live_consents(request, answers):
    """Return (purpose, recipient) of the agreements that the chosen saved person has given."""
    if not answers.get("patient"):
        return frozenset()
    given = consents_for(request.user).filter(
        patient__public_id=answers["patient"], withdrawn_at=None
    )
    return frozenset(given.values_list("purpose", "recipient"))


@login_not_required
@form_page
@refusals_show(hold_ended)
def notes(request, hold):
    """Ask for an optional note, and for the agreements that are still missing."""
    hold = live_hold(request, hold)
    answers = answers_of(request, hold)
    if not (answers.get("patient") or answers.get("person")):
        return see_other("details", hold=hold.public_id)
    form = NotesForm(
        request.POST if request.method == "POST" else None,
        hospital=hold.hospital,
        live=live_consents(request, answers),
        initial={"notes": answers.get("notes", "")},
    )
    if request.method == "POST" and form.is_valid():
        consents = [asdict(given) for given in form.given()]
        add_answers(request, hold, notes=form.cleaned_data["notes"], consents=consents)
        return see_other("check", hold=hold.public_id)
    return render_form(request, "bookings/notes.html", hold_context(hold, form=form))


@login_not_required
@require_safe
@refusals_show(hold_ended)
def account_step(request, hold):
    """Say why an account is needed now, and lead to signing up or in and back again."""
    hold = live_hold(request, hold)
    if request.user.is_authenticated:
        return see_other("check", hold=hold.public_id)
    return render(request, "bookings/account_step.html", hold_context(hold))
