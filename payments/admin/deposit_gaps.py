"""Appointments whose deposit went back: a coordinator cancels them or signs that they are kept."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.forms import ReasonForm
from bookings.admin.states import DESK_STATES
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from bookings.transitions import AppointmentState
from medtour.templatetags.show import money_text
from payments.access import PLACE_ROLES
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import DepositGap, RefundCause
from payments.selectors.deposit_gaps import TO_DECIDE
from payments.selectors.refund_preview import refund_preview
from payments.services.deposit_gaps import give_up_place, keep_place

State = DepositGap.State
CHIPS = {State.OPEN: "danger", State.KEPT: "success", State.CANCELLED: None, "over": None}


class WaitsFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "waits"

    def lookups(self, request, model_admin):
        return [("yes", gettext_lazy("To be decided")), ("no", gettext_lazy("Decided or over"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(TO_DECIDE)
        return queryset.exclude(TO_DECIDE) if self.value() == "no" else queryset


@admin.register(DepositGap)
class DepositGapAdmin(MoneyDeskAdmin):
    """The cashier reads them; a coordinator decides."""

    writers = PLACE_ROLES
    audited = "desk.list_deposit_gaps"
    noted = "desk.view_deposit_gap"
    hospital_path = "obligation__hospital"
    case_path = "obligation__case"
    pages = {"keep": "keep", "cancel": "cancel"}
    list_display = ["starts", "chip", "missing_text", "why", "case", "opened"]
    list_filter = [WaitsFilter]
    search_fields = ["=obligation__transfer_reference", "=obligation__case__reference"]
    ordering = ["obligation__appointment__slot__starts_at", "pk"]
    fields = readonly_fields = [
        "case", "patient", "starts", "appointment_state", "shown_state", "missing_text", "why",
        "reference", "opened", "decided_by", "decided", "reason",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("obligation__hospital", "obligation__case__patient", "decided_by")
        more = ("obligation__appointment__slot", "payment")
        return super().get_queryset(request).select_related(*parts, *more)

    @staticmethod
    def _wall(gap, instant):
        return wall(instant, gap.obligation.hospital.time_zone)

    @display(description=gettext_lazy("appointment, hospital time"))
    def starts(self, gap):
        return self._wall(gap, gap.obligation.appointment.slot.starts_at)

    @display(description=gettext_lazy("since, hospital time"), ordering="opened_at")
    def opened(self, gap):
        return self._wall(gap, gap.opened_at)

    @display(description=gettext_lazy("decided, hospital time"))
    def decided(self, gap):
        return self._wall(gap, gap.decided_at)

    @display(description=gettext_lazy("state"), label=CHIPS)
    def chip(self, gap):
        if gap.state == State.OPEN and not stands(gap):
            return "over", _("The appointment is over")
        return gap.state, gap.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, gap):
        return self.chip(gap)[1]

    @display(description=gettext_lazy("state of the appointment"))
    def appointment_state(self, gap):
        return DESK_STATES[gap.obligation.appointment.state]

    @display(description=gettext_lazy("missing"), ordering="missing_minor")
    def missing_text(self, gap):
        return money_text(gap.missing)

    @display(description=gettext_lazy("why"))
    def why(self, gap):
        if gap.dispute_id:
            return _("The bank decided for the payer")
        if gap.refund_id:
            return _("The hospital gave money back")
        return _("The card did not give the reserved money")

    @display(description=gettext_lazy("amount due"))
    def reference(self, gap):
        return gap.obligation.transfer_reference

    @display(description=gettext_lazy("case"))
    def case(self, gap):
        return gap.obligation.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, gap):
        return str(gap.obligation.case.patient)

    def acts(self, request, gap):
        waits = gap.state == State.OPEN and stands(gap)
        return [
            (_("Keep the appointment"), "keep", waits),
            (_("Cancel the appointment"), "cancel", waits),
        ]

    def keep(self, request, object_id):
        gap = self.own_row(request, object_id)

        def perform(cleaned):
            keep_place(gap, by=request.user, reason=cleaned["reason"])
            return _("Kept. The patient is told that nothing more is asked for.")

        form = ReasonForm(posted(request))
        form.fields["reason"].help_text = _("It stays with your name. Write no health details.")
        step = Step(
            title=_("Keep this appointment without its deposit"),
            explanation=_("You sign that the deposit is waived. The patient is not asked again."),
            button=_("Keep the appointment"),
            form=form,
            back=change_page(gap),
            facts=self._facts(gap),
        )
        return run_step(self, request, step, perform)

    def cancel(self, request, object_id):
        gap = self.own_row(request, object_id)

        def perform(cleaned):
            give_up_place(gap, by=request.user, reason=cleaned["reason"])
            return _("Cancelled. The patient is told, and what was still here goes back.")

        form = ReasonForm(posted(request))
        form.fields["reason"].help_text = _("The patient reads this. Write no health details.")
        back = refund_preview(gap.obligation.appointment, cause=RefundCause.HOSPITAL_CANCELLED)
        rest = " · ".join(money_text(money) for money in back.totals.values()) or _("nothing")
        step = Step(
            title=_("Cancel this appointment"),
            explanation=_("The patient gets a message with your reason. This cannot be undone."),
            button=_("Cancel the appointment"),
            form=form,
            back=change_page(gap),
            facts=[*self._facts(gap), (_("Goes back"), rest)],
        )
        return run_step(self, request, step, perform)

    def _facts(self, gap):
        return [
            (_("Patient"), str(gap.obligation.case.patient)),
            (_("Appointment"), self.starts(gap)),
            (_("Missing"), money_text(gap.missing)),
            (_("Why"), self.why(gap)),
        ]


def stands(gap):
    return gap.obligation.appointment.state == AppointmentState.CONFIRMED
