"""Disputes at the desk: until when the bank wants an answer, and what can be answered."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.models.consent import Purpose
from bookings.admin.states import action_words, state_words
from bookings.admin.times import language_name, wall
from bookings.models.case import Actor
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import Dispute
from payments.selectors.evidence import evidence_summary

CHIPS = {"open": "warning", "late": "danger", "won": "success", "lost": "danger"}


def log_words(line):
    """Return what a line of history says: what, from which state to which, and who."""
    states = [state_words(line.action, state) for state in (line.before, line.after)]
    moved = states[0] != states[1] and all(states)
    parts = [
        action_words(line.action),
        f"{states[0]} → {states[1]}" if moved else states[1],
        Actor(line.actor).label,
    ]
    return " · ".join(str(part) for part in parts if part)


@admin.register(Dispute)
class DisputeAdmin(MoneyDeskAdmin):
    audited = "desk.list_disputes"
    noted = "desk.view_dispute"
    hospital_path = "payment__obligation__hospital"
    case_path = "payment__obligation__case"
    list_display = ["answer_by", "chip", "shown_amount", "reason", "case", "opened"]
    list_filter = ["state"]
    ordering = ["evidence_due_at", "pk"]
    change_form_outer_after_template = "admin/payments/evidence.html"
    fields = readonly_fields = [
        "case", "patient", "shown_state", "answer_by", "shown_amount", "reason", "at_gateway",
        "opened", "closed",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("payment__obligation__hospital", "payment__obligation__case__patient")
        more = ("payment__obligation__appointment__slot",)
        return super().get_queryset(request).select_related(*parts, *more)

    def more_context(self, request, dispute):
        found = evidence_summary(dispute)
        zone = dispute.payment.obligation.hospital.time_zone
        ladder = [
            _("%(percent)s %% until %(hours)s hours before") % {"percent": percent, "hours": hours}
            for hours, percent in found.ladder
        ]
        return {
            "evidence": {
                "facts": [
                    (_("Paid"), f"{money_text(found.charged)} · {wall(found.paid_at, zone)}"),
                    (_("Given back"), money_text(found.refunded)),
                    (_("Agreed to the terms"), wall(found.agreed_at, zone)),
                    (_("Language of the terms"), language_name(found.terms_language)),
                    (_("Cancellation policy"), found.policy or _("the notice of the offer")),
                    (_("Comes back"), " · ".join(ladder) or "–"),
                    (_("Appointment"), wall(found.starts_at, zone)),
                    (_("Arrived"), wall(found.came_at, zone)),
                    (_("Completed"), wall(found.done_at, zone)),
                ],
                "log": [(wall(line.at, zone), log_words(line)) for line in found.log],
                "consents": [
                    (wall(each.at, zone), Purpose(each.purpose).label, each)
                    for each in found.consents
                ],
            }
        }

    @display(description=gettext_lazy("answer by, hospital time"), ordering="evidence_due_at")
    def answer_by(self, dispute):
        return wall(dispute.evidence_due_at, dispute.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("opened, hospital time"), ordering="opened_at")
    def opened(self, dispute):
        return wall(dispute.opened_at, dispute.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("closed, hospital time"))
    def closed(self, dispute):
        return wall(dispute.closed_at, dispute.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, dispute):
        due = dispute.evidence_due_at
        if dispute.state == Dispute.State.OPEN and due and due < clock.now():
            return "late", _("Open, too late to answer")
        return dispute.state, dispute.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, dispute):
        return self.chip(dispute)[1]

    @display(description=gettext_lazy("amount"))
    def shown_amount(self, dispute):
        return money_text(Money(dispute.amount_minor, dispute.payment.charge_currency))

    @display(description=gettext_lazy("number at the gateway"))
    def at_gateway(self, dispute):
        return dispute.gateway_id

    @display(description=gettext_lazy("case"))
    def case(self, dispute):
        return dispute.payment.obligation.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, dispute):
        return str(dispute.payment.obligation.case.patient)
