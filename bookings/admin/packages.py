"""Packages of sessions at the desk: planned with a promise, each session recorded (M15)."""

from django.urls import path, reverse
from django.utils.translation import gettext as _

from bookings.admin.desk_widgets import in_desk_look
from bookings.admin.discharge import CARE_TEAM
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.forms.care_package import CarePackageForm, SessionForm
from bookings.selectors.care_packages import package_of
from bookings.services.care_packages import plan_package, record_session


class PackageActs:
    """The acts of a case's page about its package; mixed into the page of cases."""

    def package_urls(self):
        acts = {"package": self.package, "session": self.session}
        return [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"bookings_case_{act}",
            )
            for act, view in acts.items()
        ]

    def package_acts(self, request, case, package):
        if not self.allows(request, CARE_TEAM, case):
            return []
        label = _("Record a session") if package else _("Plan a package of sessions")
        act = "session" if package else "package"
        address = reverse(f"admin:bookings_case_{act}", args=[case.pk])
        return [{"label": label, "asks": True, "address": address}]

    def package(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)
        form = in_desk_look(CarePackageForm(posted(request)))

        def perform(cleaned):
            plan_package(
                case,
                begins_on=cleaned["begins_on"],
                promise=form.promise(),
                session_days=form.session_days(),
                by=request.user,
            )
            return _("The package is planned. The patient sees it under Recovery.")

        step = Step(
            title=_("Plan a package of sessions"),
            explanation=_(
                "Write the course that the patient was promised. Patient and desk see it beside "
                "what happens. The promise cannot be changed later."
            ),
            button=_("Save the package"),
            form=form,
            back=change_page(case),
            nothing=_("This case has a package already.") if package_of(case) else "",
        )
        return run_step(self, request, step, perform)

    def session(self, request, object_id):
        case = self.own_row(request, object_id, CARE_TEAM)

        def perform(cleaned):
            zone = case.hospital.time_zone
            record_session(zone_name=zone, **cleaned)
            return _("The session is recorded.")

        step = Step(
            title=_("Record a session"),
            explanation=_("Recording a session again corrects it."),
            button=_("Record the session"),
            form=in_desk_look(SessionForm(posted(request), case=case)),
            back=change_page(case),
            nothing="" if package_of(case) else _("Plan a package of sessions first."),
        )
        return run_step(self, request, step, perform)
