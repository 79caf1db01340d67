"""Guarantees at the hospital's desk: the list with its clocks, and one button for each act."""

from django.contrib import admin
from django.http import Http404
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services.documents import open_document
from bookings.admin.times import wall
from hospitals.admin.desk import DeskInline
from medtour.answers import file_to_save
from medtour.lib import clock
from medtour.templatetags.show import money_text
from payments.access import cases_of_money_staff
from payments.admin import guarantee_acts as acts
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import Guarantee, GuaranteeDocument, GuaranteeEvent
from payments.presenters.categories import category_label
from payments.transitions import OPEN_GUARANTEE, WITH_INSURER
from payments.transitions import GuaranteeState as G

CHIPS = {
    "approved": "success", "used": "success", "submitted": "info", "more_info": "warning",
    "declined": "danger", "expired": "danger", "cancelled": "danger",
}  # fmt: skip
CLOCKS = {"late": "danger", "soon": "warning", "running": "success", "none": ""}


class RunningFilter(admin.SimpleListFilter):
    title = gettext_lazy("clock")
    parameter_name = "clock"

    def lookups(self, request, model_admin):
        return [
            ("late", gettext_lazy("Time is over")),
            ("soon", gettext_lazy("Three quarters gone")),
        ]

    def queryset(self, request, queryset):
        running = queryset.filter(state__in=OPEN_GUARANTEE)
        if self.value() == "late":
            return running.filter(overdue_at__isnull=False)
        if self.value() == "soon":
            return running.filter(warn_at__lte=clock.now(), overdue_at=None)
        return queryset


class HistoryInline(DeskInline):
    model = GuaranteeEvent
    fields = readonly_fields = ["at", "action", "before", "after", "by", "client_id", "reason"]
    verbose_name_plural = gettext_lazy("history")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


class DocumentInline(DeskInline):
    model = GuaranteeDocument
    fields = readonly_fields = ["kind", "name", "shared_at", "shared_by"]
    verbose_name_plural = gettext_lazy("documents of this request")

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission

    @display(description=gettext_lazy("name"))
    def name(self, shared):
        if not shared.document.is_ready:
            return shared.document.name
        address = reverse(
            "admin:payments_guarantee_document",
            args=[shared.guarantee_id, shared.document.public_id],
        )
        return format_html('<a href="{}">{}</a>', address, shared.document.name)


@admin.register(Guarantee)
class GuaranteeAdmin(MoneyDeskAdmin):
    audited = "desk.list_guarantees"
    noted = "desk.view_guarantee"
    case_path = "case"
    inlines = [DocumentInline, HistoryInline]  # noqa: RUF012
    pages = {name: name for name in acts.PAGES}  # noqa: RUF012
    list_display = ["number", "insurer", "patient", "chip", "clock", "due", "asked", "treatment"]
    list_filter = ["state", RunningFilter, "urgency"]
    ordering = ["-pk"]
    fields = readonly_fields = [
        "number", "version", "shown_state", "shown_clock", "due", "insurer", "patient",
        "case_number",
        "appointment", "urgency", "setting", "kind_of_care", "procedure_code", "diagnosis_code",
        "clinical_note", "treatment", "estimated", "asked", "promised_sum", "good",
        "excluded_items", "conditions", "insurer_reference", "question", "refusal_code",
        "refusal_reason", "appeal_until", "notice_due",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("hospital", "insurer", "case__patient", "appointment")
        return super().get_queryset(request).select_related(*parts)

    @display(description=gettext_lazy("request"), ordering="pk")
    def number(self, guarantee):
        return guarantee.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, guarantee):
        return str(guarantee.case.patient)

    @display(description=gettext_lazy("case"))
    def case_number(self, guarantee):
        return guarantee.case.reference

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, guarantee):
        return guarantee.state, guarantee.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, guarantee):
        return guarantee.get_state_display()

    @display(description=gettext_lazy("clock"), label=CLOCKS)
    def clock(self, guarantee):
        return acts.clock_of(guarantee, now=clock.now())

    @display(description=gettext_lazy("clock"))
    def shown_clock(self, guarantee):
        return self.clock(guarantee)[1]

    @display(description=gettext_lazy("until, hospital time"))
    def due(self, guarantee):
        return wall(guarantee.clock_due_at, guarantee.hospital.time_zone)

    @display(description=gettext_lazy("insurer must be told by, hospital time"))
    def notice_due(self, guarantee):
        return wall(guarantee.notice_due_at, guarantee.hospital.time_zone)

    @display(description=gettext_lazy("estimate"))
    def estimated(self, guarantee):
        return money_text(guarantee.estimate)

    @display(description=gettext_lazy("asked"))
    def asked(self, guarantee):
        return money_text(guarantee.requested)

    @display(description=gettext_lazy("promised"), empty_value="–")
    def promised_sum(self, guarantee):
        if guarantee.approved_from is None:
            return None
        return money_text(guarantee.approved) if guarantee.approved else _("No upper limit")

    @display(description=gettext_lazy("category of care"))
    def kind_of_care(self, guarantee):
        return category_label(guarantee.category)

    @display(description=gettext_lazy("good"), empty_value="–")
    def good(self, guarantee):
        if guarantee.approved_from is None:
            return None
        return f"{guarantee.approved_from} – {guarantee.approved_until}"

    @display(description=gettext_lazy("treatment"), ordering="service_from")
    def treatment(self, guarantee):
        return f"{guarantee.service_from} – {guarantee.service_until}"

    def acts(self, request, guarantee):
        state = guarantee.state
        with_insurer = state in WITH_INSURER
        return [
            (_("Complete the request"), "complete", state == G.DRAFT),
            (_("Send to the insurer"), "send", state == G.DRAFT),
            (_("Save the request as PDF"), "paper", True),
            (_("Answer the question"), "answer", state == G.MORE_INFO),
            (_("Add a document"), "share", state in OPEN_GUARANTEE),
            (_("Record the insurer’s question"), "asked_us", state == G.SUBMITTED),
            (_("Record the insurer’s yes"), "record_yes", with_insurer),
            (_("Record the insurer’s no"), "record_no", with_insurer),
            (_("Ask for a higher sum"), "top_up", state == G.APPROVED),
            (_("Appeal"), "appeal", state == G.DECLINED and guarantee.appeal_until is not None),
            (_("Take the request back"), "take_back", state in OPEN_GUARANTEE),
            (_("End the guarantee"), "end", state == G.APPROVED),
        ]

    def get_urls(self):
        draft = path(
            "draft/<str:reference>/",
            self.admin_site.admin_view(self.draft),
            name="payments_guarantee_draft",
        )
        document = path(
            "<int:object_id>/documents/<str:document>/",
            self.admin_site.admin_view(self.document),
            name="payments_guarantee_document",
        )
        return [draft, document, *super().get_urls()]

    def document(self, request, object_id, document):
        """Hand out a document of this request; opening it is written down."""
        guarantee = self.own_row(request, object_id, self.readers)
        shared = guarantee.documents.select_related("document__patient").filter(
            document__public_id=document
        )
        found = shared.first()
        if found is None or request.method != "GET":
            raise Http404
        slug = guarantee.hospital.slug
        content = open_document(found.document, by=request.user, hospital_slug=slug)
        return file_to_save(content.chunks, content_type=content.content_type, name=content.name)

    def draft(self, request, reference):
        """Draw up a request for a case of a hospital where this person handles money."""
        case = cases_of_money_staff(request.user).filter(reference=reference).first()
        if case is None:
            raise Http404
        return acts.draft(self, request, case)

    def run(self, request, object_id, act):
        return acts.PAGES[act](self, request, self.own_row(request, object_id))


def _page(name):
    def page(self, request, object_id):
        return self.run(request, object_id, name)

    page.__name__ = name
    return page


for _name in acts.PAGES:
    setattr(GuaranteeAdmin, _name, _page(_name))
