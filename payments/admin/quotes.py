"""Quotes at the desk: drawn up, sent, changed and billed by the own hospital's staff."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from bookings.admin.forms import PlainForm, ReasonForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from bookings.models import Case
from hospitals.access import hospitals_of_staff
from hospitals.admin.desk import ReadOnlyDeskAdmin
from hospitals.models import Offer
from medtour.templatetags.show import money_text
from payments.access import MONEY_ROLES, QUOTE_ROLES
from payments.admin.quote_forms import DrawUpForm, FindCaseForm
from payments.admin.quote_pages import bill_view, draft_view
from payments.admin.quote_parts import QuoteLineInline, SeenFilter
from payments.models import Quote
from payments.models.quote import Inclusion
from payments.presenters.accuracy import accuracy_text
from payments.presenters.quotes import parts_of, quote_page
from payments.selectors.accuracy import quote_accuracy
from payments.services import quotes
from payments.transitions import QuoteState

CHIPS = {
    QuoteState.DRAFT: None,
    QuoteState.ISSUED: "warning",
    QuoteState.ACCEPTED: "success",
    QuoteState.DECLINED: "danger",
    QuoteState.SUPERSEDED: None,
    QuoteState.EXPIRED: "danger",
}
AGAIN = (QuoteState.ISSUED, QuoteState.DECLINED, QuoteState.EXPIRED)


def note_view(request, quote):
    """Write down that a person of the staff opened this patient's quote (PR-07)."""
    audit.record(
        by=request.user,
        action="desk.view_quote",
        target=f"payments.quote:{quote.public_id}",
        patient_public_id=quote.case.patient.public_id,
        hospital_slug=quote.case.hospital.slug,
    )


@admin.register(Quote)
class QuoteAdmin(ReadOnlyDeskAdmin):
    """Services own every field; staff act through the buttons."""

    audited = "desk.list_quotes"
    hospital_path = "case__hospital"
    readers = QUOTE_ROLES
    writers = MONEY_ROLES
    list_display = ["case", "patient", "version", "chip", "likely_total", "seen", "valid_until"]
    list_filter = ["state", SeenFilter]
    search_fields = ["=case__reference", "case__patient__passport_name"]
    ordering = ["-pk"]
    list_select_related = ["case__patient", "case__hospital"]
    inlines = [QuoteLineInline]
    change_form_outer_before_template = "admin/bookings/panel.html"
    fields = readonly_fields = [
        "case", "patient", "version", "shown_state", "likely_total", "least", "most",
        "shown_deposit", "insurer_part", "valid_until", "complications", "change_reason", "seen",
        "sent", "answered", "decline_reason", "drawn_up_by", "accuracy",
    ]  # fmt: skip

    @display(description=gettext_lazy("patient"))
    def patient(self, quote):
        return str(quote.case.patient)

    @display(description=gettext_lazy("state"), label=CHIPS, ordering="state")
    def chip(self, quote):
        return quote.state, quote.get_state_display()

    @display(description=gettext_lazy("state"))
    def shown_state(self, quote):
        return quote.get_state_display()

    @display(description=gettext_lazy("most likely"), ordering="likely_minor")
    def likely_total(self, quote):
        return money_text(quote.likely)

    @display(description=gettext_lazy("at least"))
    def least(self, quote):
        return money_text(quote.low)

    @display(description=gettext_lazy("at most"))
    def most(self, quote):
        return money_text(quote.high)

    @display(description=gettext_lazy("deposit"))
    def shown_deposit(self, quote):
        return money_text(quote.deposit)

    @display(description=gettext_lazy("read by the patient"), empty_value="–", ordering="read_at")
    def seen(self, quote):
        if quote.issued_at is None:
            return None
        return _("Read") if quote.read_at else _("Not read yet")

    @display(description=gettext_lazy("sent, hospital time"), empty_value="–")
    def sent(self, quote):
        return quote.issued_at and wall(quote.issued_at, quote.case.hospital.time_zone)

    @display(description=gettext_lazy("answered, hospital time"), empty_value="–")
    def answered(self, quote):
        return quote.answered_at and wall(quote.answered_at, quote.case.hospital.time_zone)

    @display(description=gettext_lazy("insurer’s share"), empty_value="–")
    def insurer_part(self, quote):
        return money_text(parts_of(quote).insurer) or None

    @display(description=gettext_lazy("how exact these quotes were"))
    def accuracy(self, quote):
        return accuracy_text(quote_accuracy(quote.case.hospital, quote.case.treatment))

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related(
                "case__patient", "case__hospital", "case__treatment", "replaces", "offer"
            )
        )

    def has_add_permission(self, request):
        return self.allows(request, self.writers)

    def get_urls(self):
        views = {
            "edit": self.edit,
            "preview": self.preview,
            "issue": self.issue,
            "discard": self.discard,
            "supersede": self.supersede,
            "bill": self.bill,
        }
        own = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"payments_quote_{act}",
            )
            for act, view in views.items()
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        quote = self.own_row(request, object_id, self.readers)
        note_view(request, quote)
        panel = {"acts": self._acts(request, quote), "show_close": True}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **panel})

    def _acts(self, request, quote):
        """Return the buttons that make sense now."""
        acts = [(_("See it as the patient does"), "preview", True)]
        if self.allows(request, self.writers, quote):
            draft = quote.state == QuoteState.DRAFT
            in_force = quote.state == QuoteState.ACCEPTED
            billed = in_force and quote.bill is not None
            acts = [
                (_("Write lines and terms"), "edit", draft),
                *acts,
                (_("Send to the patient"), "issue", draft),
                (_("Discard the draft"), "discard", draft),
                (_("Start a new version"), "supersede", quote.state in AGAIN),
                (_("Start a change order"), "supersede", in_force and not billed),
                (_("Record the final bill"), "bill", in_force and not billed),
            ]
        return [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:payments_quote_{act}", args=[quote.pk]),
            }
            for label, act, fits in acts
            if fits
        ]

    def add_view(self, request, form_url="", extra_context=None):
        """Ask for a case of the own hospital, then whether its prices come from a list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        reference = request.GET.get("case", "").strip().upper()
        case = self._own_cases(request).filter(reference=reference).first() if reference else None
        if case is None:
            return self._ask_for_case(request, reference)
        made = []

        def perform(cleaned):
            draft = quotes.draw_up(
                case, by=request.user, offer=cleaned["offer"], tier=cleaned["tier"]
            )
            made.append(draft)
            return _("The draft is there. Write its lines and terms.")

        offers = Offer.objects.filter(hospital=case.hospital_id).select_related("treatment")
        own = offers.filter(treatment=case.treatment_id).order_by("pk").first()
        step = Step(
            title=_("Draw up a quote for case %(reference)s") % {"reference": case.reference},
            explanation=_("The patient sees nothing until you send it."),
            button=_("Begin the draft"),
            form=DrawUpForm(posted(request), offers=offers.order_by("pk"), initial={"offer": own}),
            back=reverse("admin:payments_quote_changelist"),
        )
        return self._then_edit(run_step(self, request, step, perform), made)

    def _own_cases(self, request):
        hospitals = hospitals_of_staff(request.user, self.writers)
        return Case.objects.filter(hospital__in=hospitals).select_related("hospital")

    def _ask_for_case(self, request, reference):
        form = FindCaseForm({"case": reference} if reference else None)
        if reference and form.is_valid():
            form.add_error("case", _("Your hospital has no case with this reference."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Draw up a quote"),
            "form": form,
            "back": reverse("admin:payments_quote_changelist"),
        }
        return render(request, "admin/payments/find_case.html", context)

    @staticmethod
    def _then_edit(response, made):
        if made:
            return HttpResponseRedirect(reverse("admin:payments_quote_edit", args=[made[0].pk]))
        return response

    def edit(self, request, object_id):
        quote = self.own_row(request, object_id)
        if quote.state != QuoteState.DRAFT:
            return HttpResponseRedirect(change_page(quote))
        note_view(request, quote)
        return draft_view(self, request, quote)

    def bill(self, request, object_id):
        quote = self.own_row(request, object_id)
        if quote.state != QuoteState.ACCEPTED:
            return HttpResponseRedirect(change_page(quote))
        note_view(request, quote)
        return bill_view(self, request, quote)

    def preview(self, request, object_id):
        quote = self.own_row(request, object_id, self.readers)
        if request.method != "GET":
            raise Http404
        note_view(request, quote)
        page = quote_page(quote, [])
        context = {"page": page, "quote": quote, "hospital": quote.case.hospital, "refusal": None}
        return render(request, "payments/quote.html", {**context, "preview": True})

    def issue(self, request, object_id):
        quote = self.own_row(request, object_id)

        def perform(_cleaned):
            quotes.issue_quote(quote, by=request.user)
            return _("Sent. The patient is told.")

        most_likely = money_text(quote.likely)
        count = quote.lines.filter(inclusion=Inclusion.INCLUDED).count()
        step = Step(
            title=_("Send this quote to the patient"),
            explanation=_(
                "%(count)s lines are included, most likely %(total)s. Once it is sent, "
                "it cannot be changed, only followed by a new version."
            )
            % {"count": count, "total": most_likely},
            button=_("Send the quote"),
            form=PlainForm(posted(request)),
            back=change_page(quote),
        )
        return run_step(self, request, step, perform)

    def discard(self, request, object_id):
        quote = self.own_row(request, object_id)

        def perform(_cleaned):
            quotes.discard_draft(quote)
            return _("Discarded. The patient never saw it.")

        step = Step(
            title=_("Discard this draft"),
            explanation=_("Its lines are kept in the list, but it is never sent."),
            button=_("Discard the draft"),
            form=PlainForm(posted(request)),
            back=change_page(quote),
        )
        return run_step(self, request, step, perform)

    def supersede(self, request, object_id):
        quote = self.own_row(request, object_id)
        changes = quote.state == QuoteState.ACCEPTED
        made = []

        def perform(cleaned):
            reason = cleaned.get("reason", "")
            made.append(quotes.supersede(quote, by=request.user, reason=reason))
            return _("The new version is a draft with the same lines.")

        step = Step(
            title=_("Start a change order") if changes else _("Start a new version"),
            explanation=_("The accepted quote stays in force until the patient accepts the change.")
            if changes
            else _("The patient can no longer accept the version that was sent."),
            button=_("Begin the draft"),
            form=ReasonForm(posted(request)) if changes else PlainForm(posted(request)),
            back=change_page(quote),
        )
        return self._then_edit(run_step(self, request, step, perform), made)
