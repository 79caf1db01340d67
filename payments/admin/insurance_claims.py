"""Claims to insurers at the desk: what is missing, by when, and every step to the last word."""

from functools import partial

from django.contrib import admin, messages
from django.http import Http404, HttpResponseRedirect
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display
from unfold.views import ChangeList

from bookings.admin.steps import change_page
from bookings.admin.times import wall
from hospitals.admin.desk import DeskInline
from medtour.answers import archive_to_save
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.admin import claim_pages as pages
from payments.admin import claim_steps as steps
from payments.admin.claim_steps import claim_step
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import ClaimDocument, ClaimLine, InsuranceClaim
from payments.presenters.claim_paper import claim_archive
from payments.selectors.insurance.claim_needs import missing_by_claim, missing_items
from payments.services.insurance.claim_pack import pack_name
from payments.services.insurance.remittance_plan import WAITS
from payments.transitions import SHORTFALL
from payments.transitions import ClaimState as C

CHIPS = {
    C.DRAFT: None, C.SUBMITTED: "warning", C.ADJUDICATED: "warning", C.PAID: "success",
    C.SHORT_PAID: "danger", C.DENIED: "danger", C.APPEALED: "warning", C.CLOSED: "success",
}  # fmt: skip
TAKES_DOCUMENTS = (C.DRAFT, *SHORTFALL, C.APPEALED)


class ClaimList(ChangeList):
    """Finds what the claims of one page lack with one more statement, not one a row."""

    def get_results(self, request):
        super().get_results(request)
        self.result_list = list(self.result_list)
        drafts = [claim for claim in self.result_list if claim.state == C.DRAFT]
        missing = missing_by_claim(drafts) if drafts else {}
        for claim in self.result_list:
            claim.missing = missing.get(claim.pk, ())


class ReadOnlyInline(DeskInline):
    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


class LineInline(ReadOnlyInline):
    model = ClaimLine
    fields = readonly_fields = [
        "position", "label", "tier", "code", "billed", "part", "allowed", "paid", "denial_code",
    ]  # fmt: skip
    verbose_name_plural = gettext_lazy("lines")

    @display(description=gettext_lazy("billed"))
    def billed(self, line):
        return money_text(Money(line.billed_minor, line.claim.currency))

    @display(description=gettext_lazy("insurer’s part"))
    def part(self, line):
        return money_text(Money(line.insurer_minor, line.claim.currency))

    @display(description=gettext_lazy("allowed"), empty_value="–")
    def allowed(self, line):
        if line.allowed_minor is None:
            return None
        return money_text(Money(line.allowed_minor, line.claim.currency))

    @display(description=gettext_lazy("paid"))
    def paid(self, line):
        return money_text(Money(line.paid_minor, line.claim.currency))


class DocumentInline(ReadOnlyInline):
    model = ClaimDocument
    fields = readonly_fields = ["kind", "name", "added_at"]
    verbose_name_plural = gettext_lazy("documents")

    @display(description=gettext_lazy("name"))
    def name(self, row):
        return row.document.name

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("document")


@admin.register(InsuranceClaim)
class InsuranceClaimAdmin(MoneyDeskAdmin):
    """Services own every field; cashier and coordinator act through the buttons."""

    audited = "desk.list_insurance_claims"
    noted = "desk.view_insurance_claim"
    case_path = "bill__quote__case"
    pages = {  # noqa: RUF012
        "fapiao": "fapiao", "document": "document", "send": "send", "export": "export",
        "decide": "decide", "payment": "payment", "appeal": "appeal", "answer": "answer",
        "close": "close",
    }  # fmt: skip
    list_before_template = "admin/payments/claim_links.html"
    list_display = ["reference", "chip", "insurer", "patient", "part", "owed", "due_on", "lacks"]
    list_filter = ["state", "insurer"]
    search_fields = ["=reference", "=bill__quote__case__reference", "=fapiao_number"]
    ordering = ["-pk"]
    inlines = [LineInline, DocumentInline]
    fields = readonly_fields = [
        "reference", "shown_state", "lacks_now", "insurer", "hospital", "case", "patient",
        "shown_billed", "part", "own_part", "shown_paid", "owed", "fapiao_number",
        "discharged_on", "due_on", "sent", "payment_due_on", "appeal_until",
    ]  # fmt: skip

    def get_changelist(self, request, **kwargs):
        return ClaimList

    def get_queryset(self, request):
        parts = ("insurer", "hospital", "guarantee", "bill__quote__case__patient")
        rows = super().get_queryset(request).select_related(*parts)
        return rows.prefetch_related("documents")

    def get_urls(self):
        views = {
            "draw-up": ("draw_up", pages.draw_up_view),
            "remittance": ("remittance", pages.remittance_view),
            "ageing": ("ageing", pages.ageing_view),
            "statement": ("statement", pages.statement_view),
        }
        own = [
            path(
                f"{address}/",
                self.admin_site.admin_view(partial(view, self)),
                name=f"payments_insuranceclaim_{name}",
            )
            for address, (name, view) in views.items()
        ]
        return own + super().get_urls()

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, claim):
        return claim.state, claim.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, claim):
        return claim.get_state_display()

    @display(description=gettext_lazy("case"))
    def case(self, claim):
        return claim.bill.quote.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, claim):
        return str(claim.bill.quote.case.patient)

    @display(description=gettext_lazy("billed"))
    def shown_billed(self, claim):
        return money_text(claim.billed)

    @display(description=gettext_lazy("insurer’s part"), ordering="insurer_minor")
    def part(self, claim):
        return money_text(claim.insurer_part)

    @display(description=gettext_lazy("patient’s part"))
    def own_part(self, claim):
        return money_text(claim.patient_part)

    @display(description=gettext_lazy("paid by the insurer"))
    def shown_paid(self, claim):
        return money_text(claim.paid)

    @display(description=gettext_lazy("still owed"))
    def owed(self, claim):
        return money_text(claim.outstanding)

    @display(description=gettext_lazy("sent, hospital time"), empty_value="–")
    def sent(self, claim):
        return claim.submitted_at and wall(claim.submitted_at, claim.hospital.time_zone)

    @display(description=gettext_lazy("missing"), empty_value="–")
    def lacks(self, claim):
        return ", ".join(str(item.name) for item in claim.missing) or None

    @display(description=gettext_lazy("missing"), empty_value="–")
    def lacks_now(self, claim):
        if claim.state != C.DRAFT:
            return None
        return ", ".join(str(item.name) for item in missing_items(claim)) or _("Nothing")

    def acts(self, request, claim):
        state = claim.state
        return [
            (_("Write the number of the fapiao"), "fapiao", state == C.DRAFT),
            (_("Add a document"), "document", state in TAKES_DOCUMENTS),
            (_("Send to the insurer"), "send", state == C.DRAFT),
            (_("Save as one file (ZIP)"), "export", True),
            (_("Note the insurer’s decision"), "decide", state == C.SUBMITTED),
            (_("Record what the insurer paid"), "payment", state in WAITS),
            (_("Appeal"), "appeal", state in SHORTFALL),
            (_("Note the answer to the appeal"), "answer", state == C.APPEALED),
            (_("Close the claim"), "close", state in (C.PAID, *SHORTFALL)),
        ]

    def fapiao(self, request, object_id):
        return claim_step(self, request, object_id, steps.FAPIAO)

    def document(self, request, object_id):
        return claim_step(self, request, object_id, steps.DOCUMENT)

    def send(self, request, object_id):
        return claim_step(self, request, object_id, steps.SEND)

    def decide(self, request, object_id):
        return claim_step(self, request, object_id, steps.DECIDE)

    def payment(self, request, object_id):
        return claim_step(self, request, object_id, steps.PAYMENT)

    def appeal(self, request, object_id):
        return claim_step(self, request, object_id, steps.APPEAL)

    def answer(self, request, object_id):
        return claim_step(self, request, object_id, steps.ANSWER)

    def close(self, request, object_id):
        return claim_step(self, request, object_id, steps.CLOSE)

    def export(self, request, object_id):
        claim = self.own_row(request, object_id)
        if request.method != "GET":
            raise Http404
        try:
            pieces = claim_archive(claim, by=request.user, language=get_language() or "en")
        except Refusal as refusal:
            messages.error(request, str(refusal.message))
            return HttpResponseRedirect(change_page(claim))
        return archive_to_save(pieces, name=pack_name(claim))
