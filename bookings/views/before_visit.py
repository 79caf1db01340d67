"""What a patient does before and beside a visit: records that are missing, complaints."""

from django.contrib import messages
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bookings.access import cases_for
from bookings.forms.complaint import ComplaintForm
from bookings.services.complaints import file_complaint
from bookings.services.records_requests import say_sent
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
    asked = found.records_requests.filter(closed_at=None).first()
    if asked is not None:
        say_sent(asked, by=request.user)
        messages.success(request, _("Thank you. The hospital sees that you sent it."))
    return see_other("case", case=found.public_id)


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
