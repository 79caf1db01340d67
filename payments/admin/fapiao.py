"""Requests for a fapiao at the desk: the hospital issues it elsewhere, its number is kept here."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.forms import ReasonForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from medtour.templatetags.show import money_text
from payments.admin.desk_forms import FapiaoNumberForm
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import FapiaoRequest
from payments.services.fapiao import record_fapiao, refuse_fapiao

CHIPS = {"requested": "warning", "issued": "success", "refused": "danger"}


@admin.register(FapiaoRequest)
class FapiaoRequestAdmin(MoneyDeskAdmin):
    audited = "desk.list_fapiaos"
    noted = "desk.view_fapiao"
    hospital_path = "payment__obligation__hospital"
    case_path = "payment__obligation__case"
    pages = {"record": "record", "refuse": "refuse"}  # noqa: RUF012
    list_display = ["asked", "chip", "title_kind", "paid", "case", "number"]
    list_filter = ["state"]
    search_fields = ["=number", "=payment__obligation__case__reference"]
    ordering = ["-pk"]
    fields = readonly_fields = [
        "case", "paid", "shown_state", "title_kind", "title", "tax_number", "address", "email",
        "number", "answer", "asked", "recorded_by", "recorded",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("payment__obligation__hospital", "payment__obligation__case__patient")
        return super().get_queryset(request).select_related(*parts, "recorded_by")

    @display(description=gettext_lazy("asked, hospital time"), ordering="requested_at")
    def asked(self, wish):
        return wall(wish.requested_at, wish.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("recorded, hospital time"))
    def recorded(self, wish):
        return wall(wish.recorded_at, wish.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, wish):
        return wish.state, wish.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, wish):
        return wish.get_state_display()

    @display(description=gettext_lazy("paid"))
    def paid(self, wish):
        return money_text(wish.payment.contract)

    @display(description=gettext_lazy("case"))
    def case(self, wish):
        return wish.payment.obligation.case.reference

    def acts(self, request, wish):
        is_open = wish.state == FapiaoRequest.State.REQUESTED
        return [
            (_("Record its number"), "record", is_open),
            (_("Not possible"), "refuse", is_open),
        ]

    def record(self, request, object_id):
        wish = self.own_row(request, object_id)

        def perform(cleaned):
            record_fapiao(wish, number=cleaned["number"], by=request.user)
            return _("Recorded. The patient sees the number.")

        step = Step(
            title=_("Record the number of the fapiao"),
            explanation=_("Issue the fapiao in the hospital’s own system first."),
            button=_("Record the number"),
            form=FapiaoNumberForm(posted(request)),
            back=change_page(wish),
        )
        return run_step(self, request, step, perform)

    def refuse(self, request, object_id):
        wish = self.own_row(request, object_id)

        def perform(cleaned):
            refuse_fapiao(wish, reason=cleaned["reason"], by=request.user)
            return _("The patient sees your reason and can ask again.")

        form = ReasonForm(posted(request))
        form.fields["reason"].help_text = _("The patient reads this. Write no health details.")
        step = Step(
            title=_("Say that no fapiao is possible"),
            explanation=_("For example because the tax number does not fit the name."),
            button=_("Send the answer"),
            form=form,
            back=change_page(wish),
        )
        return run_step(self, request, step, perform)
