"""What the desk calls the states of appointments and the lines of a history."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy

from bookings.history_words import WORDS
from bookings.models.appointment import AppointmentStateChoice
from bookings.models.case import CaseStateChoice
from bookings.models.follow_up import FollowUpStateChoice
from bookings.models.window import RequestStateChoice
from bookings.transitions import OCCUPYING, AppointmentState
from payments.models.payment import PaymentStateChoice

CHIPS = {
    **dict.fromkeys(AppointmentStateChoice.values),
    AppointmentState.CONFIRMED: "success",
    AppointmentState.ARRIVED: "primary",
    AppointmentState.COMPLETED: "info",
    AppointmentState.HELD: "warning",
    AppointmentState.OFFERED: "warning",
    AppointmentState.AWAITING_PAYMENT: "warning",
    AppointmentState.AWAITING_GUARANTEE: "warning",
    AppointmentState.NO_SHOW: "danger",
    AppointmentState.CANCELLED: "danger",
}
DESK_STATES = {
    **dict(AppointmentStateChoice.choices),
    AppointmentState.OFFERED: gettext_lazy("Offered to the patient"),
    AppointmentState.HELD: gettext_lazy("Held for a visitor"),
    AppointmentState.AWAITING_GUARANTEE: gettext_lazy("Waiting for the insurer"),
}
DESK_WORDS = {
    **WORDS,
    "withdraw_time": gettext_lazy("Time taken off sale"),
    "payment": gettext_lazy("Payment"),
    "follow_up_planned": gettext_lazy("Questions about the recovery planned"),
    "follow_up_overtaken": gettext_lazy("Not asked: later questions are due"),
    "follow_up_case_ended": gettext_lazy("Not asked: the case has ended"),
    "follow_up_due": gettext_lazy("Questions about the recovery fell due"),
    "follow_up_closed": gettext_lazy("Follow-up task closed"),
}
LET_GO = ("release", "replace")
STATE_WORDS = {
    **dict(FollowUpStateChoice.choices),
    **dict(CaseStateChoice.choices),
    **dict(RequestStateChoice.choices),
    **DESK_STATES,
}
PAYMENT_WORDS = dict(PaymentStateChoice.choices)


def action_words(action):
    """Return what happened in a line of history, in words."""
    return DESK_WORDS.get(action, action)


def state_words(action, state):
    """Return a state that a line of history names, in the words of what the line is about."""
    if action == "payment":
        return PAYMENT_WORDS.get(state)
    return STATE_WORDS.get(AppointmentState.EXPIRED if action in LET_GO else state)


def desk_state(appointment):
    """Return the state as the desk says it: a hold that nobody booked has expired, not ended."""
    let_go = appointment.state == AppointmentState.CANCELLED and appointment.case_id is None
    return AppointmentState.EXPIRED if let_go else appointment.state


class WithdrawnTimeFilter(admin.SimpleListFilter):
    """Live appointments at times that are no longer on sale: each waits for a person."""

    title = gettext_lazy("withdrawn times")
    parameter_name = "withdrawn"

    def lookups(self, request, model_admin):
        return [("live", gettext_lazy("To be moved or cancelled"))]

    def queryset(self, request, queryset):
        if self.value() != "live":
            return queryset
        return queryset.filter(slot__withdrawn_at__isnull=False, state__in=OCCUPYING)


class StateFilter(admin.SimpleListFilter):
    """The states as the list shows them."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return DESK_STATES.items()

    def queryset(self, request, queryset):
        let_go = Q(state=AppointmentState.CANCELLED, case=None)
        if self.value() == AppointmentState.EXPIRED:
            return queryset.filter(Q(state=AppointmentState.EXPIRED) | let_go)
        if self.value() == AppointmentState.CANCELLED:
            return queryset.filter(state=AppointmentState.CANCELLED).exclude(let_go)
        return queryset.filter(state=self.value()) if self.value() in DESK_STATES else queryset
