"""Payments at the desk, read-only: by whom, how, how far. From here a refund is asked for."""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.steps import Step, change_page, posted
from bookings.admin.times import wall
from hospitals.admin.desk import DeskInline
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.admin.day_pages import day_view, export_view
from payments.admin.desk_forms import RefundForm
from payments.admin.money_desk import MoneyDeskAdmin, run_checked_step
from payments.method_words import METHODS
from payments.models import Payment, Place, Refund, RefundCause, RefundRoute
from payments.models.payment import PaymentStateChoice
from payments.presenters.figures import rate_text
from payments.presenters.refund_words import REFUND_CHIPS, refund_state
from payments.refund_refusals import (
    NothingToRefund,
    PlaceUndecided,
    RefundsFrozen,
    RefundTooLarge,
)
from payments.refund_rules import REFUND_DAYS
from payments.selectors.deposit_gaps import confirmed_appointment
from payments.selectors.refund_preview import refund_preview
from payments.selectors.refundable import goes_by_bank, is_frozen, left_of
from payments.services.refunds import needs_second, request_refund, takes_the_deposit
from payments.transitions import PaymentState

PAYMENT_CHIPS = {
    **dict.fromkeys(PaymentStateChoice.values),
    PaymentState.PENDING: "warning",
    PaymentState.RESERVED: "info",
    PaymentState.SUCCEEDED: "success",
    PaymentState.FAILED: "danger",
}


def who_paid(payment):
    """Return the payer as the desk may know them: the sender, the share's name, the account."""
    if payment.payer_name:
        return payment.payer_name
    if payment.share_id:
        return payment.share.label
    return (payment.payer.called or payment.payer.email) if payment.payer else None


class RefundInline(DeskInline):
    model = Refund
    fields = readonly_fields = ["begun", "chip", "shown_amount", "cause", "route"]
    ordering = ["pk"]
    show_change_link = True
    verbose_name_plural = gettext_lazy("refunds")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("payment__obligation__hospital")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("begun, hospital time"))
    def begun(self, refund):
        return wall(refund.created_at, refund.payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=REFUND_CHIPS)
    def chip(self, refund):
        return refund_state(refund)

    @display(description=gettext_lazy("amount"))
    def shown_amount(self, refund):
        return money_text(refund.amount)


@admin.register(Payment)
class PaymentAdmin(MoneyDeskAdmin):
    audited = "desk.list_payments"
    noted = "desk.view_payment"
    hospital_path = "obligation__hospital"
    case_path = "obligation__case"
    pages = {"refund": "refund"}  # noqa: RUF012
    list_display = ["begun", "chip", "charged", "counts", "back", "paid_by", "way", "reference"]
    list_filter = ["state", "gateway"]
    search_fields = ["=obligation__transfer_reference", "=bank_reference", "=intent_id"]
    ordering = ["-pk"]
    list_select_related = ["obligation__hospital", "payer", "share"]
    list_before_template = "admin/payments/payment_links.html"
    inlines = [RefundInline]
    fields = readonly_fields = [
        "reference", "case", "patient", "shown_state", "charged", "counts", "surplus", "shown_rate",
        "back", "paid_by", "way", "holder", "bank_reference", "received_on", "recorded_by",
        "failure_code", "begun", "settled",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("obligation__hospital", "obligation__case__patient", "payer", "share")
        return super().get_queryset(request).select_related(*parts, "payee_account", "recorded_by")

    @display(description=gettext_lazy("begun, hospital time"), ordering="created_at")
    def begun(self, payment):
        return wall(payment.created_at, payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("settled, hospital time"))
    def settled(self, payment):
        return wall(payment.settled_at, payment.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=PAYMENT_CHIPS, ordering="state")
    def chip(self, payment):
        return payment.state, payment.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, payment):
        return payment.get_state_display()

    @display(description=gettext_lazy("charged"))
    def charged(self, payment):
        return money_text(payment.charge)

    @display(description=gettext_lazy("counts as"))
    def counts(self, payment):
        return money_text(payment.contract)

    @display(description=gettext_lazy("paid beyond what was owed"), empty_value="–")
    def surplus(self, payment):
        money = Money(payment.surplus_minor, payment.obligation.currency)
        return money_text(money) if money.minor else None

    @display(description=gettext_lazy("rate"), empty_value="–")
    def shown_rate(self, payment):
        if not payment.rate_on:
            return None
        rate = rate_text(payment.rate, payment.obligation.currency, payment.charge_currency)
        return f"{rate} · {payment.rate_on:%Y-%m-%d} · {payment.rate_source}"

    @display(description=gettext_lazy("given back"), empty_value="–")
    def back(self, payment):
        money = Money(payment.refunded_minor, payment.charge_currency)
        return money_text(money) if money.minor else None

    @display(description=gettext_lazy("paid by"), empty_value="–")
    def paid_by(self, payment):
        return who_paid(payment)

    @display(description=gettext_lazy("way to pay"), ordering="gateway")
    def way(self, payment):
        return METHODS.get(payment.method, payment.method) or payment.get_gateway_display()

    @display(description=gettext_lazy("amount due"))
    def reference(self, payment):
        return payment.obligation.transfer_reference

    @display(description=gettext_lazy("case"))
    def case(self, payment):
        return payment.obligation.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, payment):
        return str(payment.obligation.case.patient)

    @display(description=gettext_lazy("payee"))
    def holder(self, payment):
        account = payment.payee_account
        shown = _("%(name)s (demonstration)") if account.is_demonstration else "%(name)s"
        return shown % {"name": account.holder_name}

    def get_urls(self):
        wrap = self.admin_site.admin_view
        own = [
            path("day/", wrap(self.day), name="payments_payment_day"),
            path("day/<str:kind>/", wrap(self.export), name="payments_payment_export"),
        ]
        return own + super().get_urls()

    def day(self, request):
        return day_view(self, request)

    def export(self, request, kind):
        return export_view(self, request, kind)

    def acts(self, request, payment):
        fits = payment.state == PaymentState.SUCCEEDED and payment.refundable.minor > 0
        return [(_("Give money back"), "refund", fits)]

    def refund(self, request, object_id):
        payment = self.own_row(request, object_id)

        def facts_of(cleaned):
            return refund_facts(payment, cleaned, by=request.user)

        def perform(cleaned):
            wanted = {name: cleaned[name] for name in ("amount", "cause", "reason")}
            place = cleaned.get("place", "")
            refund = request_refund(payment, by=request.user, place=place, **wanted)
            if refund.needs_approval:
                return _("Asked. Somebody else must approve it before it goes.")
            return _("The refund is on its way. The payer is told.")

        left = left_of(payment).charge
        step = Step(
            title=_("Give money back"),
            explanation=_(
                "Up to %(left)s of this payment can go back. "
                "You see what will happen before it does."
            )
            % {"left": money_text(left)},
            button=_("Continue") if request.method == "GET" else _("Give it back"),
            form=RefundForm(
                posted(request),
                currency=payment.charge_currency,
                initial={name: request.GET.get(name, "") for name in ("amount", "cause")},
                asks_place=confirmed_appointment(payment.obligation) is not None,
            ),
            back=change_page(payment),
        )
        return run_checked_step(self, request, step, facts_of=facts_of, perform=perform)


def refund_facts(payment, cleaned, *, by):
    """Return what this refund would do; raises the refusal it would meet."""
    amount, left = cleaned["amount"], left_of(payment).charge
    if is_frozen(payment):
        raise RefundsFrozen
    if payment.state != PaymentState.SUCCEEDED or left.minor <= 0:
        raise NothingToRefund
    if amount.minor > left.minor:
        raise RefundTooLarge
    route = RefundRoute.BANK_TRANSFER if goes_by_bank(payment) else RefundRoute.ORIGINAL
    first, last = REFUND_DAYS[route]
    second = needs_second(payment, amount, by=by)
    return [
        (_("Goes back"), money_text(amount)),
        (_("Left of this payment afterwards"), money_text(left - amount)),
        *place_facts(payment, amount, cleaned.get("place", "")),
        (_("How"), route.label),
        (
            _("With the payer after"),
            _("%(first)s to %(last)s days") % {"first": first, "last": last},
        ),
        (
            _("Second person"),
            _("Needed: somebody else must approve it") if second else _("Not needed"),
        ),
    ]


def place_facts(payment, amount, place):
    """Return what becomes of the appointment that stands on this money; nothing without one.

    Cancelling sends back everything that was paid. Raises PlaceUndecided.
    """
    if not takes_the_deposit(payment, amount):
        return []
    if place not in Place.values:
        raise PlaceUndecided
    appointment = confirmed_appointment(payment.obligation)
    when = wall(appointment.slot.starts_at, appointment.hospital.time_zone)
    facts = [(_("The appointment"), f"{when} · {Place(place).label}")]
    if place == Place.CANCEL:
        everything = refund_preview(appointment, cause=RefundCause.HOSPITAL_CANCELLED).totals
        in_all = " · ".join(money_text(money) for money in everything.values())
        facts.append((_("Goes back in all, to everybody who paid"), in_all))
    return facts
