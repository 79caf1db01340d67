"""The details of an alert in the words of the people at the desk."""

import datetime as dt

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bookings.admin.times import wall
from payments.models import Dispute, ReconciliationDifference

# What names a row of ours by a number that nobody reads is left out: the alert leads to it.
NAMES = {
    "answer_by": _("answer by, hospital time"),
    "dispute": _("number at the gateway"),
    "object": _("number at the gateway"),
    "event": _("number at the gateway"),
    "refund": _("refund"),
    "reference": _("reference"),
    "state": _("state"),
    "difference": _("difference"),
    "type": _("kind"),
    "wrong": _("what does not fit"),
    "code": _("why not"),
}
WRONG = {
    "account": _("account"),
    "amount": _("amount"),
    "currency": _("currency"),
    "payment": _("payment"),
    "live_mode": _("real money was mixed up with test money"),
}
STATES = dict(Dispute.State.choices)
DIFFERENCES = dict(ReconciliationDifference.Kind.choices)


def details_in_words(details: dict[str, str], zone_name: str) -> str:
    """Return a line for each detail that says something to a reader: "Name: value"."""
    return "\n".join(
        f"{capfirst(NAMES[name])}: {_value(name, value, zone_name)}"
        for name, value in details.items()
        if name in NAMES and value
    )


def _value(name: str, value: str, zone_name: str) -> str:
    if name == "answer_by":
        return wall(dt.datetime.fromisoformat(value), zone_name)
    words = {"state": STATES, "difference": DIFFERENCES, "wrong": WRONG}.get(name, {})
    return str(words.get(value, value))
