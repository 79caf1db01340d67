"""Parts of the quotes' pages at the desk: a filter, and the lines as they stand."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from hospitals.admin.desk import DeskInline
from medtour.templatetags.show import money_text
from payments.models import QuoteLine
from payments.presenters.figures import decimal_text
from payments.presenters.quotes import line_shown
from payments.transitions import QuoteState


class SeenFilter(admin.SimpleListFilter):
    """Sent quotes by whether the patient has opened them."""

    title = gettext_lazy("read by the patient")
    parameter_name = "seen"

    def lookups(self, request, model_admin):
        return [("yes", gettext_lazy("Read")), ("no", gettext_lazy("Not read yet"))]

    def queryset(self, request, queryset):
        if self.value() == "yes":
            return queryset.filter(read_at__isnull=False)
        if self.value() == "no":
            return queryset.filter(read_at=None, state=QuoteState.ISSUED)
        return queryset


class QuoteLineInline(DeskInline):
    """The lines as they stand; drafts are written on a page of their own."""

    model = QuoteLine
    fields = readonly_fields = ["label", "tier", "inclusion", "amount_of_line", "source", "as_of"]
    verbose_name_plural = gettext_lazy("lines")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("amount"))
    def amount_of_line(self, line):
        shown = line_shown(line, line.quote)
        ends = [shown.amount.low, shown.amount.high]
        amount = " – ".join(money_text(end) for end in ends if end)
        unit = f" {line.unit}" if line.unit else ""
        return amount if shown.is_single else f"{decimal_text(line.quantity)}{unit} · {amount}"
