"""An answer sent twice, or to a version that is no longer the newest."""

from django.contrib import messages
from django.utils.translation import gettext as _

from medtour.answers import see_other_address


def was_sent_by(user, row, actions):
    """Tell whether this person's very answer is the newest thing that happened: sent twice."""
    events = list(row.events.all())
    return bool(events) and events[-1].action in actions and events[-1].by_id == user.pk


def answered_already(request, address):
    messages.info(request, _("You have answered already. Nothing was sent twice."))
    return see_other_address(address)


def for_newest(typed, row):
    """Return what was typed, as an answer to the version of the row shown with it."""
    data = typed.copy()
    data["row_version"] = str(row.row_version)
    return data
