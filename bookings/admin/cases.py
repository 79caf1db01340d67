"""Cases of the own hospital: one person's journey with its whole history."""

from django.contrib import admin
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.appointments import HistoryInline
from bookings.admin.discharge import DischargeActs
from bookings.admin.packages import PackageActs
from bookings.admin.records import RecordsActs, RecordsSentFilter
from bookings.models import Case
from bookings.models.case import CaseStateChoice
from bookings.selectors.care_packages import package_of
from hospitals.admin.desk import CARE_READERS, ReadOnlyDeskAdmin
from payments.access import MONEY_ROLES

CHIPS = dict.fromkeys(CaseStateChoice.values) | {
    "scheduled": "success",
    "in_treatment": "primary",
    "submitted": "warning",
    "discharged": "warning",
    "in_follow_up": "info",
}


class CaseHistoryInline(HistoryInline):
    fk_name = "case"


@admin.register(Case)
class CaseAdmin(DischargeActs, PackageActs, RecordsActs, ReadOnlyDeskAdmin):
    audited = "desk.list_cases"
    readers = CARE_READERS
    list_display = ["reference", "chip", "patient", "treatment", "hospital", "created_at"]
    list_filter = ["state", RecordsSentFilter]
    search_fields = ["=reference", "patient__passport_name"]
    ordering = ["-pk"]
    list_select_related = ["patient", "treatment", "hospital"]
    fields = ["reference", "shown_state", "patient", "treatment", "hospital", "created_at"]
    readonly_fields = ["reference", "shown_state", "created_at"]
    inlines = [CaseHistoryInline]
    change_form_outer_before_template = "admin/bookings/case.html"

    @display(description=_("state"), label=CHIPS, ordering="state")
    def chip(self, case):
        return case.state, case.get_state_display()

    @display(description=_("state"))
    def shown_state(self, case):
        return case.get_state_display()

    def get_urls(self):
        records = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"bookings_case_{act}",
            )
            for act, view in self.records_views().items()
        ]
        records += self.record_urls()
        return self.discharge_urls() + self.package_urls() + records + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        case = self.own_row(request, object_id, self.readers)
        audit.record(
            by=request.user,
            action="desk.view_case",
            target=f"bookings.case:{case.public_id}",
            patient_public_id=case.patient.public_id,
            hospital_slug=case.hospital.slug,
        )
        package = package_of(case)
        acts = self._acts(request, case, package)
        panel = {
            "acts": acts,
            "package": package,
            "records": self.records_asked(request, case),
            "show_close": True,
        }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, case, package):
        """Return the acts after treatment, and those of money for whoever handles it."""
        acts = self.discharge_acts(request, case)
        acts += self.package_acts(request, case, package)
        acts += [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:bookings_case_{act}", args=[case.pk]),
            }
            for label, act, fits in self.records_acts(request, case)
            if fits
        ]
        if not self.allows(request, MONEY_ROLES, case):
            return acts
        begin = reverse("admin:payments_quote_add")
        return [
            *acts,
            {
                "label": gettext("Draw up a quote"),
                "asks": True,
                "address": f"{begin}?case={case.reference}",
            },
            {
                "label": gettext("Ask an insurer"),
                "asks": True,
                "address": reverse("admin:payments_guarantee_draft", args=[case.reference]),
            },
        ]
