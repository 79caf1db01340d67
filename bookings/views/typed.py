"""A step of booking shown again as it was typed: nothing is checked and nothing is kept."""

from django.shortcuts import render

from accounts.access import patients_for
from accounts.forms.people import PatientForm
from bookings.forms.consenting import NotesForm, WhoForm
from bookings.views.answers import answers_of
from bookings.views.details import hold_context, live_consents


def step_as_typed(request, hold, *, refusal=None):
    """Return the page whose form came along with this POST; None when none did."""
    if "notes" in request.POST:
        live = live_consents(request, answers_of(request, hold))
        form = NotesForm(request.POST, hospital=hold.hospital, live=live)
        page = "bookings/notes.html"
    elif "passport_name" in request.POST:
        form, page = PatientForm(request.POST), "bookings/details.html"
    elif "who" in request.POST:
        form = WhoForm(request.POST, patients=list(patients_for(request.user)))
        page = "bookings/choose_person.html"
    else:
        return None
    return render(request, page, hold_context(hold, form=unchecked(form), refusal=refusal))


def unchecked(form):
    """Return the form with its boxes filled as they were sent, before any of them is checked."""
    form.initial = {
        name: field.widget.value_from_datadict(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    }
    form.is_bound = False
    return form
