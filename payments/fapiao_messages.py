"""What the messages about a fapiao show, read again at the moment of sending (MS-05).

The number and the reason stand behind the link only.
"""

from collections.abc import Callable, Mapping
from functools import partial

from django.conf import settings
from django.urls import reverse

from messaging.kinds import Kind, Ready, Suppressed, register
from payments.models import FapiaoRequest

Context = Mapping[str, str]
FAPIAO = frozenset({"reference", "hospital_name", "page_url"})


def answered(context: Context, *, state: str) -> Ready | Suppressed:
    """Show the hospital's answer while it stands."""
    wish = FapiaoRequest.objects.select_related(
        "payment__obligation__case", "payment__obligation__hospital"
    ).get(public_id=context["fapiao"])
    if wish.state != state:
        return Suppressed(f"fapiao is {wish.state}")
    obligation = wish.payment.obligation
    page = reverse("payments:case_money", args=[obligation.case.public_id])
    values = {
        "reference": obligation.transfer_reference,
        "hospital_name": obligation.hospital.name,
        "page_url": settings.SITE_URL.rstrip("/") + page,
    }
    return Ready(values)


def _kind(name: str, resolve: Callable[[Context], Ready | Suppressed]) -> Kind:
    return register(Kind(f"payments.{name}", FAPIAO, resolve))


_kind("fapiao_issued", partial(answered, state=FapiaoRequest.State.ISSUED))
_kind("fapiao_refused", partial(answered, state=FapiaoRequest.State.REFUSED))
