"""Final bills at the desk: every bill beside its quote, the largest differences to be found."""

from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import F
from django.db.models.functions import Abs
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.times import wall
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import DeskInline, ReadOnlyDeskAdmin
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments import quote_rules
from payments.access import MONEY_ROLES, QUOTE_ROLES
from payments.admin.money_desk import PANEL
from payments.models import BillLine, FinalBill, RefundCause
from payments.presenters.figures import percent_text
from payments.selectors.balances import paid_beyond_the_bill
from payments.selectors.refundable import left_of, paid_payments


class DifferenceFilter(admin.SimpleListFilter):
    """Bills that differ a lot, and bills with something that nobody agreed to."""

    title = gettext_lazy("difference")
    parameter_name = "difference"

    def lookups(self, request, model_admin):
        return [
            ("large", gettext_lazy("More than 10 %")),
            ("not_agreed", gettext_lazy("With parts that were not agreed")),
        ]

    def queryset(self, request, queryset):
        if self.value() == "large":
            likely = F("quote__likely_minor")
            return queryset.annotate(away=Abs(F("total_minor") - likely) * 100).filter(
                away__gt=likely * quote_rules.REASON_ABOVE_PERCENT
            )
        if self.value() == "not_agreed":
            return queryset.filter(agreed_minor__lt=F("total_minor"))
        return queryset


class BillLineInline(DeskInline):
    model = BillLine
    fields = readonly_fields = ["label", "quote_line", "billed", "agreed"]
    verbose_name_plural = gettext_lazy("lines")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("billed"))
    def billed(self, line):
        return money_text(Money(line.amount_minor, line.bill.currency))

    @display(description=gettext_lazy("agreed"))
    def agreed(self, line):
        return money_text(Money(line.agreed_minor, line.bill.currency))


@admin.register(FinalBill)
class FinalBillAdmin(ReadOnlyDeskAdmin):
    """The list of differences between quotes and bills."""

    audited = "desk.list_bills"
    hospital_path = "quote__case__hospital"
    readers = QUOTE_ROLES
    list_display = ["case", "quoted", "billed", "percent", "not_agreed", "reason", "recorded"]
    list_filter = [DifferenceFilter]
    search_fields = ["=quote__case__reference"]
    ordering = ["-pk"]
    list_select_related = ["quote__case__hospital"]
    inlines = [BillLineInline]
    change_form_outer_before_template = PANEL
    fields = readonly_fields = [
        "case", "quoted", "billed", "percent", "not_agreed", "beyond", "reason", "recorded_by",
        "recorded",
    ]  # fmt: skip

    def change_view(self, request, object_id, form_url="", extra_context=None):
        bill = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_bill",
            target=f"payments.finalbill:{bill.public_id}",
            patient_public_id=bill.quote.case.patient.public_id,
            hospital_slug=bill.quote.case.hospital.slug,
        )
        context = {**(extra_context or {}), "acts": refund_acts(request, bill), "show_close": True}
        return super().change_view(request, object_id, form_url, context)

    @display(description=gettext_lazy("paid in beyond the bill"), empty_value="–")
    def beyond(self, bill):
        money = paid_beyond_the_bill(bill.quote.case, bill.currency)
        return money_text(money) if money.minor else None

    @display(description=gettext_lazy("case"))
    def case(self, bill):
        return bill.quote.case.reference

    @display(description=gettext_lazy("quoted"), ordering="quote__likely_minor")
    def quoted(self, bill):
        return money_text(bill.quote.likely)

    @display(description=gettext_lazy("billed"), ordering="total_minor")
    def billed(self, bill):
        return money_text(bill.total)

    @display(description=gettext_lazy("difference"), empty_value="–")
    def percent(self, bill):
        found = quote_rules.variance_percent(bill.quote.likely_minor, bill.total_minor)
        return None if found is None else percent_text(found)

    @display(description=gettext_lazy("not agreed"), empty_value="–")
    def not_agreed(self, bill):
        return money_text(bill.total - bill.agreed) if bill.total != bill.agreed else None

    @display(description=gettext_lazy("recorded, hospital time"), ordering="recorded_at")
    def recorded(self, bill):
        return wall(bill.recorded_at, bill.quote.case.hospital.time_zone)

    @display(description=gettext_lazy("why it differs"), empty_value="–")
    def reason(self, bill):
        return bill.variance_reason or None


def refund_acts(request, bill):
    """Return a way to each payment from which what is beyond the bill can go back.

    The form there is filled in as far as the payment's currency is the contract's.
    """
    beyond = paid_beyond_the_bill(bill.quote.case, bill.currency)
    hospital = bill.quote.case.hospital
    if not beyond.minor or not hospitals_of_staff(request.user, MONEY_ROLES).filter(pk=hospital.pk):
        return []
    acts = []
    for payment in paid_payments(bill.quote.case.obligations.all()):
        left = left_of(payment).charge
        if left.minor <= 0:
            continue
        query = {"cause": RefundCause.FINAL_BILL}
        if left.currency == beyond.currency:
            query["amount"] = min(left, beyond).major
        address = reverse("admin:payments_payment_refund", args=[payment.pk])
        label = _("Give money back from %(paid)s") % {"paid": money_text(payment.charge)}
        acts.append({"label": label, "asks": True, "address": f"{address}?{urlencode(query)}"})
    return acts
