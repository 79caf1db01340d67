"""Alerts about money, and the comparisons of the ledger with the gateway that raise some."""

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from unfold.decorators import display

from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from hospitals.access import is_operator
from hospitals.admin.desk import DeskInline, ReadOnlyDeskAdmin
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.access import MONEY_ROLES, reconciliations_of_staff
from payments.admin.alert_words import details_in_words
from payments.admin.desk_forms import NoteForm
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import MoneyAlert, ReconciliationDifference, ReconciliationRun
from payments.services.alerts import resolve_alert

PLATFORM_ZONE = "UTC"


class ResolvedFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "alert"

    def lookups(self, request, model_admin):
        return [("open", pgettext_lazy("state", "Open")), ("done", gettext_lazy("Dealt with"))]

    def queryset(self, request, queryset):
        if self.value() in ("open", "done"):
            return queryset.filter(resolved_at__isnull=self.value() == "open")
        return queryset


@admin.register(MoneyAlert)
class MoneyAlertAdmin(MoneyDeskAdmin):
    audited = "desk.list_alerts"
    noted = "desk.view_alert"
    pages = {"resolve": "resolve"}  # noqa: RUF012
    list_display = ["raised", "chip", "kind", "hospital", "about"]
    list_filter = [ResolvedFilter, "kind"]
    ordering = ["-pk"]
    fields = readonly_fields = [
        "kind", "shown_state", "hospital", "about", "shown_details", "raised", "resolved",
        "resolution",
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("hospital", "payment__obligation")

    @staticmethod
    def _zone(alert):
        return alert.hospital.time_zone if alert.hospital else PLATFORM_ZONE

    def _wall(self, alert, instant):
        return wall(instant, self._zone(alert))

    @display(description=gettext_lazy("raised, hospital time"), ordering="raised_at")
    def raised(self, alert):
        return self._wall(alert, alert.raised_at)

    @display(description=gettext_lazy("resolved, hospital time"))
    def resolved(self, alert):
        return self._wall(alert, alert.resolved_at)

    @display(description=gettext_lazy("state"), label={"open": "danger", "done": "success"})
    def chip(self, alert):
        return (
            ("done", _("Dealt with")) if alert.resolved_at else ("open", pgettext("state", "Open"))
        )

    @display(description=gettext_lazy("state"))
    def shown_state(self, alert):
        return self.chip(alert)[1]

    @display(description=gettext_lazy("amount due"), empty_value="–")
    def about(self, alert):
        return alert.payment.obligation.transfer_reference if alert.payment else None

    @display(description=gettext_lazy("details"), empty_value="–")
    def shown_details(self, alert):
        return details_in_words(alert.details, self._zone(alert)) or None

    def acts(self, request, alert):
        return [(_("Mark as dealt with"), "resolve", alert.resolved_at is None)]

    def resolve(self, request, object_id):
        alert = self.own_row(request, object_id)

        def perform(cleaned):
            resolve_alert(alert, by=request.user, note=cleaned["note"])
            return _("Marked as dealt with.")

        step = Step(
            title=_("Mark this alert as dealt with"),
            explanation=_("Say what was done. The alert stays in the list."),
            button=_("Mark as dealt with"),
            form=NoteForm(posted(request)),
            back=change_page(alert),
            facts=[(_("Alert"), alert.get_kind_display())],
        )
        return run_step(self, request, step, perform)


class DifferenceInline(DeskInline):
    """Each thing that ledger and gateway see differently, by name."""

    model = ReconciliationDifference
    fields = readonly_fields = ["shown_kind", "movement", "about", "in_ledger", "at_gateway"]
    verbose_name_plural = gettext_lazy("differences")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("difference"))
    def shown_kind(self, difference):
        return difference.get_kind_display()

    @display(description=gettext_lazy("movement"))
    def movement(self, difference):
        return difference.type

    @display(description=gettext_lazy("number at the gateway"))
    def about(self, difference):
        return difference.object_id

    @display(description=gettext_lazy("in the ledger"), empty_value="–")
    def in_ledger(self, difference):
        return amount_or_none(difference.ledger_minor, difference.currency)

    @display(description=gettext_lazy("at the gateway"), empty_value="–")
    def at_gateway(self, difference):
        return amount_or_none(difference.gateway_minor, difference.currency)


def amount_or_none(minor, currency):
    return None if minor is None else money_text(Money(minor, currency))


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyDeskAdmin):
    """Comparisons, newest first; one of the platform's own account is for operators only."""

    readers = MONEY_ROLES
    audited = "desk.list_reconciliations"
    list_display = ["account", "first", "last", "lines", "chip"]
    ordering = ["-pk"]
    inlines = [DifferenceInline]
    fields = readonly_fields = ["account", "first", "last", "lines", "found"]

    def get_queryset(self, request):
        rows = reconciliations_of_staff(request.user)
        return rows.annotate(found_count=Count("differences")).order_by("-pk")

    def allows(self, request, roles, obj=None):
        """A row is shown to whoever the list shows it to; it has no hospital of its own."""
        if obj is None or is_operator(request.user):
            return super().allows(request, roles)
        return reconciliations_of_staff(request.user).filter(pk=obj.pk).exists()

    @display(description=gettext_lazy("account"), ordering="account_id")
    def account(self, run):
        return run.account_id or _("The platform’s own")

    @display(description=gettext_lazy("movements compared"), ordering="compared")
    def lines(self, run):
        return run.compared

    @display(description=gettext_lazy("from (UTC)"), ordering="from_at")
    def first(self, run):
        return f"{run.from_at:%Y-%m-%d %H:%M}"

    @display(description=gettext_lazy("until (UTC)"), ordering="until_at")
    def last(self, run):
        return f"{run.until_at:%Y-%m-%d %H:%M}"

    @display(description=gettext_lazy("differences"))
    def found(self, run):
        return run.found_count

    @display(description=gettext_lazy("result"), label={"same": "success", "differs": "danger"})
    def chip(self, run):
        if not run.found_count:
            return "same", _("No difference")
        return "differs", _("%(count)s differences") % {"count": run.found_count}
