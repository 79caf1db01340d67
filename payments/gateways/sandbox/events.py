"""News for our webhook address: made with every change, sent as often and as late as asked."""

import datetime as dt
from dataclasses import dataclass

from medtour.lib import clock
from payments.gateways.sandbox import shapes, store
from payments.gateways.sandbox.models import Delivery, StoredObject
from payments.gateways.sandbox.wire import Request

API_VERSION = "2026-08-26.dahlia"


@dataclass(frozen=True)
class Plan:
    """How news travels: `copies` 0 never arrives."""

    copies: int = 1
    delay: dt.timedelta = dt.timedelta()


AT_ONCE = Plan()
PLANS = {
    "now": AT_ONCE,
    "later": Plan(delay=dt.timedelta(minutes=1)),
    "twice": Plan(copies=2),
    "never": Plan(copies=0),
}


def retrieve(request: Request, object_id: str) -> store.Body:
    return store.find(object_id, "event", request.owner_id).body


def tell(stored: StoredObject, *kinds: str, plan: Plan = AT_ONCE) -> None:
    """Make one event of each kind about an object as it is now."""
    for kind in kinds:
        body = shapes.event(kind, stored.body, owner_id=stored.owner_id, version=API_VERSION)
        event = store.keep(body, owner_id=stored.owner_id, about_id=stored.object_id)
        Delivery.objects.create(
            event=event, copies=plan.copies, deliver_after=clock.now() + plan.delay
        )
