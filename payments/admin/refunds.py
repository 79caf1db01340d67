"""Refunds at the desk: a second person approves or refuses, the cashier notes bank refunds."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.forms import PlainForm, ReasonForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from medtour.templatetags.show import money_text
from payments.admin.desk_forms import BankReferenceForm
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import Refund
from payments.presenters.refund_words import (
    APPROVAL,
    BY_BANK,
    REFUND_CHIPS,
    place_text,
    refund_state,
)
from payments.selectors.desk import WAITS_FOR_APPROVAL, WAITS_FOR_CASHIER
from payments.services.refunds import approve_refund, record_bank_refund, refuse_refund


class WaitsFilter(admin.SimpleListFilter):
    title = gettext_lazy("waits for")
    parameter_name = "waits"
    conditions = {"approval": WAITS_FOR_APPROVAL, "bank": WAITS_FOR_CASHIER}  # noqa: RUF012

    def lookups(self, request, model_admin):
        return [
            ("approval", gettext_lazy("a second person")),
            ("bank", gettext_lazy("the cashier, by bank transfer")),
        ]

    def queryset(self, request, queryset):
        condition = self.conditions.get(self.value())
        return queryset if condition is None else queryset.filter(condition)


@admin.register(Refund)
class RefundAdmin(MoneyDeskAdmin):
    audited = "desk.list_refunds"
    noted = "desk.view_refund"
    hospital_path = "payment__obligation__hospital"
    case_path = "payment__obligation__case"
    pages = {"approve": "approve", "refuse": "refuse", "paid": "paid"}  # noqa: RUF012
    list_display = ["begun", "chip", "shown_amount", "cause", "route", "requested_by", "reference"]
    list_filter = [WaitsFilter, "state", "route"]
    search_fields = ["=payment__obligation__transfer_reference", "=gateway_id"]
    ordering = ["-pk"]
    fields = readonly_fields = [
        "reference", "case", "patient", "shown_state", "shown_amount", "left", "cause", "reason",
        "shown_place", "route", "requested_by", "approved_by", "approved", "replaces",
        "bank_reference", "failure_code", "begun", "settled",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("payment__obligation__hospital", "payment__obligation__case__patient")
        people = ("requested_by", "approved_by", "replaces")
        return super().get_queryset(request).select_related(*parts, *people)

    @display(description=gettext_lazy("begun, hospital time"), ordering="created_at")
    def begun(self, refund):
        return self._wall(refund, refund.created_at)

    @display(description=gettext_lazy("approved, hospital time"))
    def approved(self, refund):
        return self._wall(refund, refund.approved_at)

    @display(description=gettext_lazy("settled, hospital time"))
    def settled(self, refund):
        return self._wall(refund, refund.settled_at)

    @staticmethod
    def _wall(refund, instant):
        return wall(instant, refund.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=REFUND_CHIPS)
    def chip(self, refund):
        return refund_state(refund)

    @display(description=gettext_lazy("state"))
    def shown_state(self, refund):
        return refund_state(refund)[1]

    @display(description=gettext_lazy("amount"), ordering="amount_minor")
    def shown_amount(self, refund):
        return money_text(refund.amount)

    @display(description=gettext_lazy("payment"))
    def left(self, refund):
        return money_text(refund.payment.charge)

    @display(description=gettext_lazy("the appointment"))
    def shown_place(self, refund):
        return place_text(refund)

    @display(description=gettext_lazy("amount due"))
    def reference(self, refund):
        return refund.payment.obligation.transfer_reference

    @display(description=gettext_lazy("case"))
    def case(self, refund):
        return refund.payment.obligation.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, refund):
        return str(refund.payment.obligation.case.patient)

    def acts(self, request, refund):
        state = refund_state(refund)[0]
        waits, asked = state == APPROVAL, refund.requested_by_id == request.user.pk
        return [
            (_("Approve"), "approve", waits and not asked),
            (_("Take it back") if asked else _("Refuse"), "refuse", waits),
            (_("Note that it was paid by bank"), "paid", state == BY_BANK),
        ]

    def approve(self, request, object_id):
        refund = self.own_row(request, object_id)

        def perform(_cleaned):
            approve_refund(refund, by=request.user)
            return _("Approved. The refund is on its way and the payer is told.")

        step = Step(
            title=_("Approve this refund"),
            explanation=_(
                "Read cause and reason, and what becomes of the appointment: you sign for it. "
                "Once it is approved, it cannot be stopped."
            ),
            button=_("Approve"),
            form=PlainForm(posted(request)),
            back=change_page(refund),
            facts=self._facts(refund),
        )
        return run_step(self, request, step, perform)

    def refuse(self, request, object_id):
        refund = self.own_row(request, object_id)

        def perform(cleaned):
            refuse_refund(refund, by=request.user, reason=cleaned["reason"])
            return _("The refund was stopped. The payer never heard of it.")

        step = Step(
            title=_("Stop this refund"),
            explanation=_("Nothing is sent. It can be asked for again."),
            button=_("Stop the refund"),
            form=ReasonForm(posted(request)),
            back=change_page(refund),
            facts=self._facts(refund),
        )
        return run_step(self, request, step, perform)

    def paid(self, request, object_id):
        refund = self.own_row(request, object_id)

        def perform(cleaned):
            record_bank_refund(refund, bank_reference=cleaned["bank_reference"], by=request.user)
            return _("Noted. The payer is told.")

        step = Step(
            title=_("Note that this refund was paid by bank"),
            explanation=_("Only after the bank has sent it. A record cannot be changed."),
            button=_("Note it"),
            form=BankReferenceForm(posted(request)),
            back=change_page(refund),
            facts=self._facts(refund),
        )
        return run_step(self, request, step, perform)

    @staticmethod
    def _facts(refund):
        asked = refund.requested_by
        return [
            (_("Amount"), money_text(refund.amount)),
            (_("Of a payment of"), money_text(refund.payment.charge)),
            (_("Cause"), refund.get_cause_display()),
            (_("Reason"), refund.reason or "–"),
            (_("The appointment"), place_text(refund)),
            (_("Asked by"), str(asked) if asked else _("a rule, not a person")),
            (_("How"), refund.get_route_display()),
        ]
