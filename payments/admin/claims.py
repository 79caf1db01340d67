"""Claims for a full refund at the desk; the proof is only ever handed out as a file to save."""

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.forms import ReasonForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.admin.desk_forms import OptionalReasonForm
from payments.admin.money_desk import MoneyDeskAdmin
from payments.models import RefundClaim
from payments.selectors.refundable import left_of, paid_payments
from payments.services.claims import accept_claim, proof_of, refuse_claim

CHIPS = {"asked": "warning", "accepted": "success", "refused": "danger"}
# Only what the first bytes of a file proved is said of it; anything else is a heap of bytes.
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
UNKNOWN = "application/octet-stream"


@admin.register(RefundClaim)
class RefundClaimAdmin(MoneyDeskAdmin):
    audited = "desk.list_claims"
    noted = "desk.view_claim"
    hospital_path = "obligation__hospital"
    case_path = "obligation__case"
    pages = {"proof": "proof", "accept": "accept", "refuse": "refuse"}  # noqa: RUF012
    list_display = ["asked", "chip", "cause", "case", "patient"]
    list_filter = ["state", "cause"]
    ordering = ["-pk"]
    fields = readonly_fields = [
        "case", "patient", "shown_state", "cause", "statement", "kept", "asked", "decided_by",
        "decided", "decision_reason",
    ]  # fmt: skip

    def get_queryset(self, request):
        parts = ("obligation__hospital", "obligation__case__patient", "decided_by")
        return super().get_queryset(request).select_related(*parts).defer("proof")

    @display(description=gettext_lazy("asked, hospital time"), ordering="asked_at")
    def asked(self, claim):
        return wall(claim.asked_at, claim.obligation.hospital.time_zone)

    @display(description=gettext_lazy("decided, hospital time"))
    def decided(self, claim):
        return wall(claim.decided_at, claim.obligation.hospital.time_zone)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, claim):
        return claim.state, claim.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, claim):
        return claim.get_state_display()

    @display(description=gettext_lazy("case"))
    def case(self, claim):
        return claim.obligation.case.reference

    @display(description=gettext_lazy("patient"))
    def patient(self, claim):
        return str(claim.obligation.case.patient)

    @display(description=gettext_lazy("not given back yet"))
    def kept(self, claim):
        return kept_text(claim)

    def acts(self, request, claim):
        is_open = claim.state == RefundClaim.State.ASKED
        return [
            (_("Save the proof"), "proof", bool(claim.proof_type)),
            (_("Accept"), "accept", is_open),
            (_("Refuse"), "refuse", is_open),
        ]

    def proof(self, request, object_id):
        claim = self.own_row(request, object_id)
        if request.method != "GET" or not claim.proof_type:
            raise Http404
        self.note(request, claim, "desk.open_proof")
        found = proof_of(claim)
        kind = found.content_type if found.content_type in ENDINGS else UNKNOWN
        name = f"proof-{claim.public_id}.{ENDINGS.get(kind, 'bin')}"
        return HttpResponse(
            found.content,
            content_type=kind,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": "no-store",
            },
        )

    def accept(self, request, object_id):
        claim = self.own_row(request, object_id)

        def perform(cleaned):
            refunds = accept_claim(claim, by=request.user, reason=cleaned["reason"])
            if any(refund.needs_approval for refund in refunds):
                return _("Accepted. Somebody else must approve the refund before it goes.")
            return _("Accepted. The money is on its way and the patient is told.")

        step = Step(
            title=_("Accept this claim"),
            explanation=_("Everything that was kept goes back. Read the proof first."),
            button=_("Accept the claim"),
            form=OptionalReasonForm(posted(request)),
            back=change_page(claim),
            facts=self._facts(claim),
        )
        return run_step(self, request, step, perform)

    def refuse(self, request, object_id):
        claim = self.own_row(request, object_id)

        def perform(cleaned):
            refuse_claim(claim, by=request.user, reason=cleaned["reason"])
            return _("Refused. The patient is told and can read your reason.")

        form = ReasonForm(posted(request))
        form.fields["reason"].help_text = _("The patient reads this. Write no health details.")
        step = Step(
            title=_("Refuse this claim"),
            explanation=_("What was kept stays with the hospital. The patient can ask again."),
            button=_("Refuse the claim"),
            form=form,
            back=change_page(claim),
            facts=self._facts(claim),
        )
        return run_step(self, request, step, perform)

    @staticmethod
    def _facts(claim):
        return [
            (_("Cause"), claim.get_cause_display()),
            (_("Not given back yet"), kept_text(claim)),
        ]


def kept_text(claim):
    """Return what of the deposit did not go back, by the currency it was charged in."""
    sums = {}
    for payment in paid_payments([claim.obligation]):
        left = left_of(payment).charge
        sums[left.currency] = sums.get(left.currency, Money(0, left.currency)) + left
    return " · ".join(money_text(money) for money in sums.values() if money.minor) or "–"
