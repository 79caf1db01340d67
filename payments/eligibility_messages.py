"""The message that an insurer has answered after all; it names no illness and no outcome (M2)."""

from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import EligibilityCheck, Outcome

KIND = "payments.eligibility_answered"
PLACEHOLDERS = frozenset({"insurer_name", "page_url"})


def answered(context: Mapping[str, str]) -> Ready | Suppressed:
    check = EligibilityCheck.objects.select_related("insurer").get(public_id=context["check"])
    if check.outcome == Outcome.WAITING:
        return Suppressed("not answered")
    path = reverse("payments:insurance_answer", args=[check.public_id])
    page_url = settings.SITE_URL.rstrip("/") + path
    return Ready({"insurer_name": check.insurer.name, "page_url": page_url})


register(Kind(KIND, PLACEHOLDERS, answered))
