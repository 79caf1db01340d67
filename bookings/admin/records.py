"""Records that are missing, and papers of a case to print; acts of the page of cases."""

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.services.documents import open_document
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.discharge import CARE_TEAM
from bookings.admin.forms import PlainForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from bookings.models import Case, RecordsDocument, RecordsRequest
from bookings.papers.after import discharge_paper, hand_back_paper
from bookings.selectors.hand_backs import contents_in, letters_for
from bookings.selectors.records import requests_of
from bookings.services import records_requests
from medtour.answers import asked_language, file_to_save, paper_to_save
from medtour.lib import clock, papers


class RecordsForm(forms.Form):
    """What is missing and how to send it, as the patient reads it in My care."""

    items = forms.CharField(
        label=gettext_lazy("What is missing, one line each, in the patient's language"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    how = forms.CharField(
        label=gettext_lazy("How to send it, in the patient's language"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = forms.DateField(
        label=gettext_lazy("Needed by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, zone_name, **kwargs):
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day is not None and day < clock.today(self.zone_name):
            raise forms.ValidationError(_("This day is over already at the hospital."))
        return day


def _asked(case, asked):
    """Return one request as the panel of the case shows it."""
    zone = case.hospital.time_zone
    return {
        "items": asked.items,
        "asked": wall(asked.asked_at, zone),
        "sent": asked.sent_at and wall(asked.sent_at, zone),
        "is_open": asked.closed_at is None,
        "files": [
            {
                "name": sent.document.name,
                "at": wall(sent.sent_at, zone),
                "state": sent.document.get_state_display(),
                "address": reverse(
                    "admin:bookings_case_record", args=[case.pk, sent.document.public_id]
                )
                if sent.document.is_ready
                else "",
            }
            for sent in asked.documents.all()
        ],
    }


class RecordsSentFilter(admin.SimpleListFilter):
    """Cases whose patient sent what was missing, and nobody has said that it is complete."""

    title = gettext_lazy("records")
    parameter_name = "records"

    def lookups(self, request, model_admin):
        return [("sent", _("Sent, to be read")), ("missing", _("Still missing"))]

    def queryset(self, request, cases):
        if self.value() not in ("sent", "missing"):
            return cases
        waits = RecordsRequest.objects.filter(case=OuterRef("pk"), closed_at=None)
        return cases.filter(Exists(waits.filter(sent_at__isnull=self.value() == "missing")))


class RecordsActs:
    """The acts of a case's page about records and papers; mixed into the page of cases."""

    def records_views(self):
        return {
            "records": self.ask_records,
            "records-complete": self.records_complete,
            "discharge-pdf": self.discharge_pdf,
            "hand-back-pdf": self.hand_back_pdf,
        }

    def records_acts(self, request, case):
        """Return (label, act, whether it makes sense now) for the care team."""
        if not self.allows(request, CARE_TEAM, case):
            return []
        is_over = case.state in records_requests.OVER
        is_open = case.records_requests.filter(closed_at=None).exists()
        has_papers = case.discharges.exists()
        return [
            (_("Ask for records"), "records", not is_over),
            (_("Records are complete"), "records-complete", is_open),
            (_("Save the discharge papers"), "discharge-pdf", has_papers),
            (_("Save the letter for the home doctor"), "hand-back-pdf", has_papers),
        ]

    def record_urls(self):
        view = self.admin_site.admin_view(self.open_record)
        return [path("<int:object_id>/record/<str:document>/", view, name="bookings_case_record")]

    def records_asked(self, request, case):
        """Return every request for records with the files that were sent, for the care team."""
        if not self.allows(request, CARE_TEAM, case):
            return []
        return [_asked(case, asked) for asked in requests_of(case)]

    def open_record(self, request, object_id, document):
        """Hand out a file that the patient sent; opening it is written down."""
        case = self.own_row(request, object_id, CARE_TEAM)
        sent = RecordsDocument.objects.filter(request__case=case, document__public_id=document)
        found = sent.select_related("document__patient").first()
        if found is None or request.method != "GET":
            raise Http404
        slug = case.hospital.slug
        content = open_document(found.document, by=request.user, hospital_slug=slug)
        return file_to_save(content.chunks, content_type=content.content_type, name=content.name)

    def ask_records(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)
        with translation.override(case.patient.account.locale):
            how = _("Press “Send files here” on the page of your case in My care.")
        form = RecordsForm(posted(request), zone_name=case.hospital.time_zone, initial={"how": how})

        def perform(cleaned):
            records_requests.ask_for_records(case, by=request.user, **cleaned)
            return _("Asked. The patient is told that something is missing.")

        step = Step(
            title=_("Ask for records"),
            explanation=_(
                "The patient reads the list in My care. The message itself does not say what is "
                "missing. An earlier list is replaced."
            ),
            button=_("Ask the patient"),
            form=in_desk_look(form),
            back=change_page(case),
        )
        return run_step(self, request, step, perform)

    def records_complete(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)

        def perform(_cleaned):
            records_requests.close_records(case, by=request.user)
            return _("Noted. Nothing is missing any more.")

        step = Step(
            title=_("Records are complete"),
            explanation=_("The list goes away in My care. A message that waits is not sent."),
            button=_("Records are complete"),
            form=PlainForm(posted(request)),
            back=change_page(case),
        )
        return run_step(self, request, step, perform)

    def discharge_pdf(self, request, object_id):
        return self._paper(request, object_id, "discharge", discharge_paper)

    def hand_back_pdf(self, request, object_id):
        return self._paper(request, object_id, "hand_back", hand_back_paper)

    def _paper(self, request, object_id, kind, paper):
        """Hand out a paper of the case's newest discharge, to be printed for the patient."""
        case = self.own_row(request, object_id, CARE_TEAM)
        letter = letters_for(Case.objects.filter(pk=case.pk)).first()
        if letter is None:
            raise Http404
        self._note(request, case, f"desk.save_{kind}")
        language = asked_language(request) if "language" in request.GET else letter.language
        said = contents_in(letter, language)
        data = paper(said, language)
        body = papers.pdf(kind, data, language=language, at=said.recorded_at)
        return paper_to_save(kind, body, number=data["number"])
