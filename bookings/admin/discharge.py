"""The end of a treatment at the desk: the papers, the letter for the home doctor, closing."""

from django import forms
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.services import audit
from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.forms import PlainForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.forms.discharge import DischargeForm, initial_of
from bookings.models.discharge import Pathway
from bookings.services import discharges
from bookings.services.follow_up_plans import is_doctor_at
from bookings.transitions import CASE, CaseState
from hospitals.models.staff import Role
from medtour.lib import clock

# Who writes what a patient goes home with.
CARE_TEAM = frozenset({Role.COORDINATOR, Role.DOCTOR})


class GivenToForm(forms.Form):
    given_to = forms.CharField(
        label=gettext_lazy("Given to"),
        max_length=200,
        help_text=gettext_lazy("For example: the patient, on paper; or the name of the doctor."),
        widget=UnfoldAdminTextInputWidget,
    )


class DischargeActs:
    """The acts of a case's page after treatment; mixed into the page of cases."""

    def discharge_urls(self):
        acts = {
            "discharge": self.discharge,
            "hand-back": self.hand_back,
            "close": self.close_case,
        }
        return [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"bookings_case_{act}",
            )
            for act, view in acts.items()
        ]

    def discharge_acts(self, request, case):
        """Return the buttons that make sense now for the care team."""
        if not self.allows(request, CARE_TEAM, case):
            return []
        newest = discharges.newest_discharge(case)
        begins = case.state in (CaseState.IN_TREATMENT, CaseState.DISCHARGED) and newest is None
        corrects = newest is not None and case.state in discharges.CORRECTABLE
        gives = newest is not None and newest.hand_back.given_at is None
        closes = newest is not None and CaseState.CLOSED in CASE.get(case.state, ())
        possible = [
            (_("Write the discharge"), "discharge", begins),
            (_("Correct the discharge"), "discharge", corrects),
            (_("Record the letter for the home doctor"), "hand-back", gives),
            (_("Close the case"), "close", closes),
        ]
        return [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:bookings_case_{act}", args=[case.pk]),
            }
            for label, act, fits in possible
            if fits
        ]

    def discharge(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)
        newest = discharges.newest_discharge(case)
        self._note(request, case, "desk.open_discharge")
        form = in_desk_look(
            DischargeForm(
                posted(request),
                case=case,
                is_doctor=is_doctor_at(request.user, case.hospital_id),
                initial=initial_of(newest) or self._first_values(case),
            )
        )

        def perform(_cleaned):
            discharges.record_discharge(case, facts=form.facts(), by=request.user)
            return _("Saved. The patient is told, and the questions are planned.")

        step = Step(
            title=_("Correct the discharge") if newest else _("Write the discharge"),
            explanation=_(
                "The patient reads this in My care. Medicines need a person who translated or "
                "checked them. A correction is kept as a new version."
            ),
            button=_("Save and tell the patient"),
            form=form,
            back=change_page(case),
        )
        return run_step(self, request, step, perform)

    def _first_values(self, case):
        """Return what is known already: the last visit's offer, today, the account's language."""
        last = case.appointments.select_related("slot__offer").order_by("-slot__starts_at").first()
        offer = last.slot.offer if last else None
        nights = offer.inpatient_nights if offer else 0
        return {
            "offer": offer,
            "pathway": Pathway.INPATIENT if nights else Pathway.VISIT,
            "discharged_on": clock.today(case.hospital.time_zone),
            "language": case.patient.account.locale,
        }

    def hand_back(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)
        newest = discharges.newest_discharge(case)

        def perform(cleaned):
            discharges.give_hand_back(newest, given_to=cleaned["given_to"], by=request.user)
            return _("Recorded. The patient gets the link for the home doctor.")

        step = Step(
            title=_("Record the letter for the home doctor"),
            explanation=_(
                "The letter holds the papers, the exact tests, their dates and thresholds. The "
                "patient gets a link for the doctor, and finds the code in My care."
            ),
            button=_("Record as given"),
            form=GivenToForm(posted(request)),
            back=change_page(case),
            nothing="" if newest else _("Write the discharge first."),
        )
        return run_step(self, request, step, perform)

    def close_case(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)

        def perform(_cleaned):
            discharges.close_case(case, by=request.user)
            return _("Closed. Nothing more is asked.")

        step = Step(
            title=_("Close the case"),
            explanation=_(
                "Questions that are still planned, yearly ones too, are not sent any more. This "
                "cannot be undone."
            ),
            button=_("Close the case"),
            form=PlainForm(posted(request)),
            back=change_page(case),
        )
        return run_step(self, request, step, perform)

    def _note(self, request, case, action):
        audit.record(
            by=request.user,
            action=action,
            target=f"bookings.case:{case.public_id}",
            patient_public_id=case.patient.public_id,
            hospital_slug=case.hospital.slug,
        )
