"""Who came, at the desk: arrived, did not come, taken back, over (BK-12)."""

from django.http import HttpResponseNotAllowed
from django.utils.translation import gettext as _

from bookings import policies
from bookings.admin.forms import PlainForm, ReasonForm
from bookings.admin.steps import Step, act_at_once, change_page, posted, run_step
from bookings.services import attendance
from bookings.transitions import APPOINTMENT, AppointmentState
from medtour.lib import clock


class AttendanceActs:
    """The acts of an appointment's page on its day; mixed into the page of appointments."""

    def attendance_views(self):
        return {
            "arrived": self.arrived,
            "no-show": self.no_show,
            "undo-no-show": self.undo_no_show,
            "completed": self.completed,
        }

    def attendance_acts(self, appointment):
        """Return (label, act, whether it asks first, whether it makes sense now)."""
        now, after = clock.now(), APPOINTMENT.get(appointment.state, frozenset())
        begun = appointment.slot.starts_at + policies.NO_SHOW_GRACE <= now
        undoable = attendance.may_be_undone(appointment, now=now)
        return [
            (_("Mark as arrived"), "arrived", False, AppointmentState.ARRIVED in after),
            (_("Did not come"), "no-show", False, AppointmentState.NO_SHOW in after and begun),
            (_("Take back “did not come”"), "undo-no-show", True, undoable),
            (_("Completed"), "completed", True, AppointmentState.COMPLETED in after),
        ]

    def arrived(self, request, object_id):
        return self._at_once(request, object_id, attendance.mark_arrived, _("Marked as arrived."))

    def no_show(self, request, object_id):
        said = _("Noted that the patient did not come.")
        return self._at_once(request, object_id, attendance.mark_no_show, said)

    def _at_once(self, request, object_id, service, said):
        appointment = self.own_row(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])

        def perform():
            service(appointment, by=request.user)
            return said

        return act_at_once(request, change_page(appointment), perform)

    def completed(self, request, object_id):
        appointment = self.own_row(request, object_id)

        def perform(_cleaned):
            attendance.mark_completed(appointment, by=request.user)
            return _("Marked as completed.")

        step = Step(
            title=_("Mark as completed"),
            explanation=_("The appointment is over. This cannot be undone."),
            button=_("Completed"),
            form=PlainForm(posted(request)),
            back=change_page(appointment),
        )
        return run_step(self, request, step, perform)

    def undo_no_show(self, request, object_id):
        appointment = self.own_row(request, object_id)

        def perform(cleaned):
            attendance.undo_no_show(appointment, by=request.user, reason=cleaned["reason"])
            return _("Taken back. The appointment is confirmed again.")

        form = ReasonForm(posted(request))
        form.fields["reason"].help_text = _("The patient reads this. Write no health details.")
        step = Step(
            title=_("Take back “did not come”"),
            explanation=_(
                "For when it was a mistake. It is possible for 24 hours after it was noted."
            ),
            button=_("Take it back"),
            form=form,
            back=change_page(appointment),
        )
        return run_step(self, request, step, perform)
