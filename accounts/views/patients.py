"""Adding and changing the persons an account books for."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import patients_for
from accounts.forms.people import SavedPersonForm, patient_initial
from accounts.services.patients import save_patient
from medtour.lib.errors import Refusal

form_page = require_http_methods(["GET", "HEAD", "POST"])


def next_address(request):
    """Return where to go afterwards: a page of ours that was asked for, else the profile."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    own = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own else reverse("accounts:profile")


@form_page
def add_patient(request):
    """Save one more person."""
    return edit(request, None, {})


@form_page
def edit_patient(request, patient):
    """Change a saved person; somebody else's person is not found."""
    found = patients_for(request.user).filter(public_id=patient).first()
    if found is None:
        raise Http404
    return edit(request, found, patient_initial(found) | {"language": found.language})


def save(request, form, patient):
    """Save the person of a valid form; returns the refusal, if there is one."""
    details = form.details(form.cleaned_data["language"])
    try:
        save_patient(details, by=request.user, patient=patient)
    except Refusal as refusal:
        return refusal
    messages.success(request, _("The person is saved."))
    return None


def edit(request, patient, initial):
    form = SavedPersonForm(request.POST if request.method == "POST" else None, initial=initial)
    refusal = None
    if request.method == "POST" and form.is_valid():
        refusal = save(request, form, patient)
        if refusal is None:
            return HttpResponseRedirect(next_address(request), status=HTTPStatus.SEE_OTHER)
    address = next_address(request)
    context = {
        "form": form,
        "patient": patient,
        "refusal": refusal,
        "next_url": address,
        "back_url": address,
        "has_errors": bool(refusal),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(
        request, "accounts/patient.html", context, status=refusal.status if refusal else status
    )
