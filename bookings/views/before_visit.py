"""What a patient does before and beside a visit: records that are missing, complaints."""

from django.contrib import messages
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models.consent import Purpose
from accounts.services.consents import has_consent
from bookings.access import cases_for
from bookings.forms.complaint import ComplaintForm
from bookings.forms.records import SendRecordsForm
from bookings.pre_visit_refusals import RecordsNotNeeded
from bookings.selectors.records import open_request, sent_files
from bookings.services.complaints import file_complaint
from bookings.services.records_requests import say_sent, send_record
from bookings.views.appointments import form_page
from bookings.views.pages import found_or_404, posts_only, render_form, see_other
from medtour.answers import refusals_show


def own_case(request, public_id):
    joined = ("hospital__city", "patient")
    return found_or_404(cases_for(request.user).select_related(*joined), public_id=public_id)


@posts_only("case")
def records_sent(request, case):
    """Take the patient's word that the records are on their way."""
    found = own_case(request, case)
    asked = open_request(found)
    if asked is not None:
        say_sent(asked, by=request.user)
        messages.success(request, _("Thank you. The hospital sees that you sent it."))
    return see_other("case", case=found.public_id)


def show_records(request, case, *, form=None, refusal=None):
    found = own_case(request, case)
    asked, files = open_request(found), list(sent_files(found))
    if asked is None and not files:
        if refusal is not None:
            messages.warning(request, refusal.message)
        return see_other("case", case=found.public_id)
    has_agreed = has_consent(found.patient, Purpose.HEALTH_DATA)
    context = {
        "case": found,
        "hospital": found.hospital,
        "records": asked,
        "files": files,
        "form": form or SendRecordsForm(has_agreed=has_agreed),
        "refused": getattr(request, "sending", ""),
        "refusal": refusal,
    }
    return render_form(request, "bookings/records.html", context)


@form_page
@refusals_show(show_records)
def records(request, case):
    """Show what was sent for the records that are missing; a POST sends more files."""
    if request.method != "POST":
        return show_records(request, case)
    found = own_case(request, case)
    asked = open_request(found)
    if asked is None:
        raise RecordsNotNeeded
    has_agreed = has_consent(found.patient, Purpose.HEALTH_DATA)
    form = SendRecordsForm(request.POST, request.FILES, has_agreed=has_agreed)
    if not form.is_valid():
        return show_records(request, case, form=form)
    for upload in form.cleaned_data["files"]:
        request.sending = upload.name
        send_record(asked, upload=upload, by=request.user, consents=form.given())
    messages.success(request, _("Sent. The hospital sees your files now."))
    return see_other("records", case=found.public_id)


def show_complaints(request, case, *, refusal=None, form=None):
    found = own_case(request, case)
    context = {
        "case": found,
        "hospital": found.hospital,
        "complaints": list(found.complaints.all()),
        "form": form or ComplaintForm(),
        "refusal": refusal,
    }
    return render_form(request, "bookings/complaints.html", context)


def complaints_again(request, case, *, refusal):
    """Show what was typed once more, with the sentence."""
    return show_complaints(request, case, refusal=refusal, form=ComplaintForm(request.POST))


@form_page
@refusals_show(complaints_again)
def complaints(request, case):
    """Show the complaints of a case with their answers; a POST files another one."""
    found = own_case(request, case)
    if request.method != "POST":
        return show_complaints(request, case)
    form = ComplaintForm(request.POST)
    if not form.is_valid():
        return show_complaints(request, case, form=form)
    words, language = form.cleaned_data["words"], get_language() or "en"
    file_complaint(found, words=words, language=language, by=request.user)
    messages.success(request, _("Sent. The hospital reads it and answers you here."))
    return see_other("complaints", case=found.public_id)
