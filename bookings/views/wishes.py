"""What asking for dates and joining the waiting list share: for whom, and what was agreed."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import consents_for
from accounts.models.consent import Purpose
from bookings.forms.consenting import ConsentBoxes
from hospitals.selectors.priced_offer import prices_of
from payments.selectors.deposit_rule import deposit_rule


def add_person_first(request):
    """Send an account without saved persons to add one, and back here afterwards."""
    messages.info(request, _("First tell us who the patient is. Then we bring you back."))
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('accounts:add_patient')}?{query}")


def live_consents_of(user):
    """Return {patient public id: {(purpose, recipient)}} of what this account has agreed to."""
    live = {}
    rows = consents_for(user).filter(withdrawn_at=None)
    for patient, purpose, recipient in rows.values_list(
        "patient__public_id", "purpose", "recipient"
    ):
        live.setdefault(patient, set()).add((purpose, recipient))
    return live


def agreement_to_renew(request, patient, hospital):
    """Return the form with the box of a withdrawn agreement; None while the agreement stands."""
    given = live_consents_of(request.user).get(patient.public_id, set())
    only_transfer = given | {(Purpose.HEALTH_DATA.value, "")}
    form = ConsentBoxes(
        request.POST if request.method == "POST" else None, hospital=hospital, live=only_transfer
    )
    return form if "consent_transfer" in form.fields else None


def agreed_again(request, patient, hospital):
    """Return the agreement that was renewed together with taking a time."""
    form = agreement_to_renew(request, patient, hospital)
    return form.given() if form and form.is_valid() else ()


def wish_context(offer, form, refusal=None):
    lines = prices_of(offer)
    return {
        "offer": offer,
        "hospital": offer.hospital,
        "price_lines": lines,
        "deposit": deposit_rule(offer, lines),
        "form": form,
        "refusal": refusal,
    }
