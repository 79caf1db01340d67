"""What the desk types for a package of sessions: its days, its promise, and each session."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.forms.discharge import LinesField
from bookings.models import PackageSession
from bookings.package_rules import HIGHER, LOWER, Promise
from medtour.lib import clock


class CarePackageForm(forms.Form):
    begins_on = forms.DateField(
        label=_("First session on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    count = forms.IntegerField(label=_("How many sessions"), min_value=1, max_value=60)
    every_days = forms.IntegerField(
        label=_("One session every so many days"), min_value=1, max_value=30
    )
    measure = forms.CharField(
        label=_("What is measured"), max_length=120, help_text=_("For example: pain, 0 to 10")
    )
    better = forms.ChoiceField(
        label=_("What is better"),
        choices=[(LOWER, _("A lower number")), (HIGHER, _("A higher number"))],
    )
    start = forms.DecimalField(label=_("Value at the start"), max_digits=7, decimal_places=2)
    course = LinesField(
        label=_("Expected course, one line each: day | value"),
        help_text=_("For example: 14 | 5 means a value of 5 by day 14"),
        parts=("day", "value"),
        needed=("day", "value"),
        form=_("day | value"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_course(self):
        try:
            course = [
                (int(row["day"]), Decimal(row["value"])) for row in self.cleaned_data["course"]
            ]
        except (ValueError, InvalidOperation):
            raise ValidationError(
                _("Write each line as two numbers, for example: 14 | 5")
            ) from None
        if not course:
            raise ValidationError(_("Write at least one line: a package makes a promise."))
        return course

    def promise(self):
        written = self.cleaned_data
        return Promise(written["measure"], written["better"], written["start"], written["course"])

    def session_days(self):
        written = self.cleaned_data
        step = dt.timedelta(days=written["every_days"])
        return [written["begins_on"] + step * number for number in range(written["count"])]


class SessionForm(forms.Form):
    session = forms.ModelChoiceField(label=_("Session"), queryset=PackageSession.objects.none())
    done_on = forms.DateField(
        label=_("Took place on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    measured = forms.DecimalField(
        label=_("Measured value"), max_digits=7, decimal_places=2, required=False
    )

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        sessions = PackageSession.objects.filter(package__case=case).order_by("number")
        self.fields["session"].queryset = sessions
        self.initial.setdefault("session", sessions.filter(done_on=None).first())
        self.initial.setdefault("done_on", clock.today(case.hospital.time_zone))
