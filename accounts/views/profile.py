"""How we speak to the account holder, whom they book for, what they agreed to."""

from dataclasses import dataclass
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import consents_for, patients_for
from accounts.forms.profile import ProfileForm
from accounts.models import Consent
from accounts.models.consent import Purpose
from accounts.services.consents import withdraw_consent as withdraw_service
from hospitals.access import hospitals_by_slug, insurers_by_slug
from hospitals.models import Hospital, Insurer
from medtour import places

form_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement with the hospital or the insurer it names, if any."""

    consent: Consent
    hospital: Hospital | None
    insurer: Insurer | None


@form_page
def profile(request):
    """Show and change the profile; a new language answers in that language."""
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        instance=request.user,
        zones=places.all_zones(),
        currencies=places.home_currencies(),
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        with translation.override(form.cleaned_data["locale"]):
            return HttpResponseRedirect(reverse("accounts:profile"), status=HTTPStatus.SEE_OTHER)
    if form.errors:
        request.user.refresh_from_db()  # the form has put what was typed on it
    context = {
        "form": form,
        "patients": list(patients_for(request.user)),
        "agreements": agreements_of(request.user),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "accounts/profile.html", context, status=status)


def agreements_of(user):
    """Return the account's agreements, newest first; recipients with one query of each kind."""
    consents = list(consents_for(user).select_related("patient").order_by("-pk"))
    named = [each for each in consents if each.recipient]
    to_insurer = {each.recipient for each in named if each.purpose == Purpose.INSURER_TRANSFER}
    insurers = insurers_by_slug(to_insurer)
    hospitals = hospitals_by_slug({each.recipient for each in named} - to_insurer)
    return [
        AgreementLine(each, hospitals.get(each.recipient), insurers.get(each.recipient))
        for each in consents
    ]


@form_page
def withdraw_consent(request):
    """End one live agreement; the three hidden values name it."""
    patient, purpose, recipient = (
        request.POST.get(name, "").replace("\0", "") for name in ("patient", "purpose", "recipient")
    )
    found = (
        consents_for(request.user)
        .filter(patient__public_id=patient, purpose=purpose, recipient=recipient, withdrawn_at=None)
        .first()
    )
    if request.method == "POST" and found:
        withdraw_service(found)
        messages.success(request, _("Your agreement is withdrawn from now on."))
    return redirect("accounts:profile")
