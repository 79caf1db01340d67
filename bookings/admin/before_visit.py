"""What the desk does before a visit: the invitation letter, the link to a consultation."""

from django import forms
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminURLInputWidget

from accounts.services import audit
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.forms.invitation import InvitationForm, first_values
from bookings.papers.invitation import invitation_paper
from bookings.selectors.invitations import invitations_of_staff
from bookings.services.consultation_links import set_consultation_link
from bookings.services.invitations import issue_invitation
from bookings.transitions import AppointmentState
from hospitals.models.staff import Role
from medtour.answers import asked_language, paper_to_save
from medtour.lib import clock, papers

# Only somebody who speaks for the hospital writes to an embassy.
LETTER_WRITERS = frozenset({Role.COORDINATOR})


class LinkForm(forms.Form):
    url = forms.URLField(
        label=gettext_lazy("Address of the video consultation"),
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("The patient opens it in My care, after signing in."),
        widget=UnfoldAdminURLInputWidget,
    )


class BeforeVisitActs:
    """The acts of an appointment's page before the visit; mixed into the page of appointments."""

    def before_visit_views(self):
        return {
            "invitation": self.invitation,
            "invitation-pdf": self.invitation_pdf,
            "consultation-link": self.consultation_link,
        }

    def before_visit_acts(self, request, appointment):
        """Return (label, act, whether it asks first, whether it makes sense now)."""
        lies_ahead = (
            appointment.state == AppointmentState.CONFIRMED
            and appointment.slot.starts_at > clock.now()
        )
        writes = self.allows(request, LETTER_WRITERS, appointment)
        has_letter = writes and self._letters(request, appointment).exists()
        return [
            (_("Issue an invitation letter"), "invitation", True, lies_ahead and writes),
            (_("Save the invitation letter"), "invitation-pdf", True, has_letter),
            (_("Give the link to a video consultation"), "consultation-link", True, lies_ahead),
        ]

    def _letters(self, request, appointment):
        return invitations_of_staff(request.user).filter(case=appointment.case_id)

    def invitation(self, request, object_id):
        appointment = self.own_row(request, object_id, LETTER_WRITERS)
        self._note(request, appointment, "desk.open_invitation")
        initial = first_values(appointment) if appointment.patient_id else {}
        form = in_desk_look(InvitationForm(posted(request), initial=initial))

        def perform(_cleaned):
            issue_invitation(appointment, facts=form.facts(), by=request.user)
            return _("Issued. The patient is told. Print it, sign it and stamp it.")

        step = Step(
            title=_("Issue an invitation letter"),
            explanation=_(
                "The letter says only what you write here and when the appointment is. It does "
                "not say what is treated. If the appointment moves or ends, it no longer counts."
            ),
            button=_("Issue the letter"),
            form=form,
            back=change_page(appointment),
            nothing="" if appointment.patient_id else _("This appointment has no patient yet."),
        )
        return run_step(self, request, step, perform)

    def invitation_pdf(self, request, object_id):
        """Hand out the letter that counts now, to be printed, signed and stamped."""
        appointment = self.own_row(request, object_id, LETTER_WRITERS)
        letter = self._letters(request, appointment).first()
        if letter is None:
            raise Http404
        self._note(request, appointment, "desk.open_invitation")
        language = asked_language(request)
        data = invitation_paper(letter, language)
        body = papers.pdf("invitation", data, language=language, at=letter.issued_at)
        return paper_to_save("invitation", body, number=letter.number)

    def consultation_link(self, request, object_id):
        appointment = self.own_row(request, object_id)

        def perform(cleaned):
            set_consultation_link(appointment, url=cleaned["url"], by=request.user)
            return _("Saved. The patient is told that the link is in My care.")

        step = Step(
            title=_("Give the link to a video consultation"),
            explanation=_("The message does not hold the link. A newer link replaces this one."),
            button=_("Save the link"),
            form=LinkForm(posted(request)),
            back=change_page(appointment),
        )
        return run_step(self, request, step, perform)

    def _note(self, request, appointment, action):
        patient = appointment.patient
        audit.record(
            by=request.user,
            action=action,
            target=f"bookings.appointment:{appointment.public_id}",
            patient_public_id=patient.public_id if patient else "",
            hospital_slug=appointment.hospital.slug,
        )
