"""What is due at the desk: how far it is paid, transfers that the bank credited, ageing."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display

from bookings.admin.steps import Step, change_page, posted
from bookings.admin.times import wall
from hospitals.admin.desk import DeskInline
from medtour.lib import clock
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.access import obligations_of_staff, refunds_of_staff
from payments.admin.desk_forms import ReceiptForm
from payments.admin.money_desk import MoneyDeskAdmin, run_checked_step
from payments.admin.payments import PAYMENT_CHIPS, who_paid
from payments.models import Obligation, Payment
from payments.selectors.ageing import ageing
from payments.selectors.desk import due_states, state_of_due, transfer_outcome, with_paid_in
from payments.selectors.due import asked_instead
from payments.services.arrivals import LAPSED, PLACE_LOST
from payments.services.cancellation import CANCELLED
from payments.services.transfers import record_receipt
from payments.transitions import BALANCE_CHANGED, DEPOSIT_CHANGED, OWN_PART_CHANGED, TAKEN_BACK

STATES = {
    "open": pgettext_lazy("state", "Open"),
    "running": gettext_lazy("Being paid"),
    "partly": gettext_lazy("Partly paid"),
    "overdue": gettext_lazy("Overdue"),
    "paid": gettext_lazy("Paid"),
    "closed": gettext_lazy("No longer due"),
}
CHIPS = {
    "open": "info",
    "running": "warning",
    "partly": "warning",
    "overdue": "danger",
    "paid": "success",
    "closed": None,
}


WHY_CLOSED = {
    PLACE_LOST: gettext_lazy("Money came after the place was gone"),
    LAPSED: gettext_lazy("Nobody paid in time"),
    CANCELLED: gettext_lazy("The appointment was cancelled"),
    BALANCE_CHANGED: gettext_lazy("The bill or the insurer’s part changed"),
    DEPOSIT_CHANGED: gettext_lazy("A change order changed the deposit"),
    TAKEN_BACK: gettext_lazy("The patient took it back"),
    OWN_PART_CHANGED: gettext_lazy("The insurer’s promise leaves less to the patient"),
}


class DueStateFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return list(STATES.items())

    def queryset(self, request, queryset):
        condition = due_states(clock.now()).get(self.value())
        return queryset if condition is None else queryset.filter(condition)


class PaymentInline(DeskInline):
    """Every attempt to pay it, oldest first."""

    model = Payment
    fk_name = "obligation"
    fields = readonly_fields = ["begun", "chip", "charged", "counts", "paid_by"]
    ordering = ["pk"]
    show_change_link = True
    verbose_name_plural = gettext_lazy("payments")

    def get_queryset(self, request):
        parts = ("obligation__hospital", "payer", "share")
        return super().get_queryset(request).select_related(*parts)

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("begun, hospital time"))
    def begun(self, payment):
        return wall(payment.created_at, payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=PAYMENT_CHIPS)
    def chip(self, payment):
        return payment.state, payment.get_state_display()

    @display(description=gettext_lazy("charged"))
    def charged(self, payment):
        return money_text(payment.charge)

    @display(description=gettext_lazy("counts as"))
    def counts(self, payment):
        return money_text(payment.contract)

    @display(description=gettext_lazy("paid by"), empty_value="–")
    def paid_by(self, payment):
        return who_paid(payment)


@admin.register(Obligation)
class ObligationAdmin(MoneyDeskAdmin):
    """Amounts due; a transfer is recorded where its reference code leads."""

    audited = "desk.list_dues"
    noted = "desk.view_due"
    case_path = "case"
    pages = {"receipt": "receipt"}  # noqa: RUF012
    list_display = ["transfer_reference", "chip", "kind", "shown_amount", "paid", "due", "patient"]
    list_filter = [DueStateFilter, "kind"]
    search_fields = ["=transfer_reference", "=case__reference", "case__patient__passport_name"]
    ordering = ["-pk"]
    list_select_related = ["hospital", "case__patient"]
    list_before_template = "admin/payments/due_links.html"
    inlines = [PaymentInline]
    fields = readonly_fields = [
        "transfer_reference", "shown_state", "kind", "shown_amount", "paid", "still_due", "due",
        "case_reference", "patient", "since", "settled", "closed", "why_closed",
    ]  # fmt: skip

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("hospital", "case__patient")
        return with_paid_in(rows)

    @display(description=gettext_lazy("state"), label=CHIPS)
    def chip(self, due):
        state = state_of_due(due, clock.now())
        return state, STATES[state]

    @display(description=gettext_lazy("state"))
    def shown_state(self, due):
        return STATES[state_of_due(due, clock.now())]

    @display(description=gettext_lazy("amount"), ordering="amount_minor")
    def shown_amount(self, due):
        return money_text(due.amount)

    @display(description=gettext_lazy("paid"), ordering="paid_minor")
    def paid(self, due):
        return money_text(Money(due.paid_minor, due.currency))

    @display(description=gettext_lazy("still due"))
    def still_due(self, due):
        return money_text(transfer_outcome(due, Money(0, due.currency)).still_due)

    @display(description=gettext_lazy("due, hospital time"), ordering="due_at", empty_value="–")
    def due(self, due):
        return due.due_at and wall(due.due_at, due.hospital.time_zone)

    @display(description=gettext_lazy("why it is closed"), empty_value="–")
    def why_closed(self, due):
        why, instead = WHY_CLOSED.get(due.closed_reason, due.closed_reason), asked_instead(due)
        if instead is None:
            return why or None
        return _("%(why)s. %(reference)s asks for it now.") % {"why": why, "reference": instead}

    @display(description=gettext_lazy("patient"))
    def patient(self, due):
        return str(due.case.patient)

    @display(description=gettext_lazy("case"))
    def case_reference(self, due):
        return due.case.reference

    @display(description=gettext_lazy("since, hospital time"))
    def since(self, due):
        return wall(due.opened_at, due.hospital.time_zone)

    @display(description=gettext_lazy("paid in full, hospital time"))
    def settled(self, due):
        return wall(due.settled_at, due.hospital.time_zone)

    @display(description=gettext_lazy("closed, hospital time"))
    def closed(self, due):
        return wall(due.closed_at, due.hospital.time_zone)

    def get_urls(self):
        view = self.admin_site.admin_view(self.ageing)
        return [path("ageing/", view, name="payments_obligation_ageing"), *super().get_urls()]

    def acts(self, request, due):
        return [(_("Record a bank transfer"), "receipt", True)]

    def receipt(self, request, object_id):
        due = self.own_row(request, object_id)
        due = asked_instead(due) or due
        said = _("Recorded. The patient sees it at once.")

        def facts_of(cleaned):
            outcome = transfer_outcome(due, cleaned["amount"])
            facts = [
                (_("Counts towards"), str(due)),
                (_("Amount due"), money_text(due.amount)),
                (_("This transfer"), money_text(cleaned["amount"])),
                (_("Of it counts towards the amount due"), money_text(outcome.counts)),
                (_("Still due after it"), money_text(outcome.still_due)),
            ]
            if outcome.surplus.minor:
                facts.append((_("Too much, goes back to the sender"), money_text(outcome.surplus)))
            return [*facts, (_("What this means"), transfer_words(outcome))]

        def perform(cleaned):
            wanted = ("amount", "received_on", "remitter", "bank_reference")
            record_receipt(due, by=request.user, **{name: cleaned[name] for name in wanted})
            return said

        step = Step(
            title=_("Record a bank transfer for %(reference)s") % {"reference": due},
            explanation=_(
                "Write what the bank statement says. You see what it means before it is saved. "
                "A record cannot be changed afterwards."
            ),
            button=_("Continue") if request.method == "GET" else _("Record the transfer"),
            form=ReceiptForm(posted(request), currency=due.currency),
            back=change_page(due),
        )
        return run_checked_step(self, request, step, facts_of=facts_of, perform=perform)

    def ageing(self, request):
        """Show how long unpaid amounts and unfinished refunds have waited."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = ageing(
            obligations_of_staff(request.user), refunds_of_staff(request.user), now=clock.now()
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("How long money has waited"),
            "parts": [
                (_("Not paid yet"), found.due),
                (_("On its way back"), found.going_back),
            ],
        }
        return TemplateResponse(request, "admin/payments/ageing.html", context)


def transfer_words(outcome):
    """Say in a sentence whether a transfer is a part, exactly it, or too much."""
    if outcome.surplus.minor and not outcome.counts.minor:
        return _("Nothing is due any more. All of it goes back.")
    if outcome.surplus.minor:
        return _("More came than is due. The amount is paid; the rest goes back.")
    if outcome.still_due.minor:
        return _("A part is paid. The amount stays open until the rest arrives.")
    return _("The amount is paid in full.")
