"""What asking for dates and joining the waiting list share: for whom, and what was agreed."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.access import consents_for
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
