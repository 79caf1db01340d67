"""What the desk types for a follow-up plan: days, questions, times, and the doctor's rules."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.models.discharge import Pathway
from bookings.questions import CHOICE, NUMBER, QUESTIONS, TEMPERATURE
from bookings.services.follow_up_plans import PlanFacts
from hospitals.models import Offer

LAST_DAY, MOST_DAYS = 3650, 30
LEVELS = (("amber", _("Amber: %(question)s")), ("red", _("Red: %(question)s")))
NUMBERS = {
    "days": _("Days after discharge"),
    "yearly_count": _("Yearly questions, how often"),
    "remind_after_days": _("Remind after days without an answer"),
    "missed_after_days": _("Call after days without an answer"),
    "amber_hours": _("Amber: call within hours"),
    "missed_hours": _("No answer: call within hours"),
}


class DaysField(forms.CharField):
    """Days as people write them: 1, 3, 7."""

    def prepare_value(self, value):
        return ", ".join(str(day) for day in value) if isinstance(value, list) else value

    def clean(self, value):
        written = re.split(r"[\s,;，、]+", super().clean(value).strip(" ,;"))
        if not all(part.isascii() and part.isdigit() for part in written):
            raise ValidationError(_("Write the days as numbers, for example 1, 3, 7, 14."))
        days = sorted({int(part) for part in written})
        if len(days) > MOST_DAYS or not 1 <= days[0] <= days[-1] <= LAST_DAY:
            raise ValidationError(_("Write 1 to 30 days, each from 1 to 3650."))
        return days


class PlanScopeForm(forms.Form):
    """What a plan is for: a hospital, one of its offers, or one pathway."""

    hospital = forms.ModelChoiceField(label=_("Hospital"), queryset=None)
    offer = forms.ModelChoiceField(label=_("Offer"), queryset=None, required=False)
    pathway = forms.ChoiceField(
        label=_("Pathway"), choices=[("", _("Every pathway")), *Pathway.choices], required=False
    )

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals
        offers = Offer.objects.filter(hospital__in=hospitals).select_related("treatment")
        self.fields["offer"].queryset = offers.order_by("pk")
        if len(hospitals[:2]) == 1:
            self.initial.setdefault("hospital", hospitals[0].pk)

    def clean(self):
        cleaned = super().clean()
        offer, hospital = cleaned.get("offer"), cleaned.get("hospital")
        if offer and hospital and offer.hospital_id != hospital.pk:
            self.add_error("offer", _("Choose something of the same hospital."))
        return cleaned


class FollowUpPlanForm(forms.Form):
    """One version of a plan; who is no doctor sees questions and rules but cannot change them."""

    days = DaysField(label=NUMBERS["days"], help_text=_("For example 1, 3, 7, 14, 30, 90"))
    yearly_count = forms.IntegerField(label=NUMBERS["yearly_count"], min_value=0, max_value=10)
    remind_after_days = forms.IntegerField(
        label=NUMBERS["remind_after_days"], min_value=1, max_value=30
    )
    missed_after_days = forms.IntegerField(
        label=NUMBERS["missed_after_days"], min_value=2, max_value=60
    )
    amber_hours = forms.IntegerField(label=NUMBERS["amber_hours"], min_value=1, max_value=168)
    missed_hours = forms.IntegerField(label=NUMBERS["missed_hours"], min_value=1, max_value=336)
    questions = forms.MultipleChoiceField(
        label=_("Questions"),
        choices=[(code, question.label) for code, question in QUESTIONS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, standing, may_set_rules, **kwargs):
        super().__init__(*args, **kwargs)
        self.standing = standing
        self.fields |= dict(_rule_fields())
        for name, field in self.fields.items():
            if name == "questions" or name.startswith("rule_"):
                field.disabled = not may_set_rules

    def clean(self):
        cleaned = super().clean()
        remind, missed = cleaned.get("remind_after_days"), cleaned.get("missed_after_days")
        if remind and missed and missed <= remind:
            self.add_error("missed_after_days", _("Write more days than until the reminder."))
        for code in QUESTIONS:
            amber, red = cleaned.get(f"rule_{code}_amber"), cleaned.get(f"rule_{code}_red")
            is_number = amber is not None and red is not None and not isinstance(amber, list)
            if is_number and red <= amber:
                self.add_error(f"rule_{code}_red", _("Red begins above amber."))
        return cleaned

    def facts(self):
        """Return what was written as the service takes it."""
        written = self.cleaned_data
        return PlanFacts(
            rules=self._rules(),
            questions=[code for code in QUESTIONS if code in written["questions"]],
            **{name: written[name] for name in NUMBERS},
        )

    def _rules(self):
        rules = {}
        for code, question in QUESTIONS.items():
            bounds = {}
            for level, _label in LEVELS:
                value = self.cleaned_data.get(f"rule_{code}_{level}")
                if value not in (None, [], ""):
                    bounds[level] = _stored(question, value)
            if bounds:
                rules[code] = bounds
        return rules


def _stored(question, value):
    """Return a bound as the rules keep it: a whole number, a decimal as text, or a list."""
    return str(value) if question.kind == TEMPERATURE else value


def _rule_fields():
    for code, question in QUESTIONS.items():
        for level, label in LEVELS:
            words = {"label": label % {"question": question.short}, "required": False}
            if question.kind == NUMBER:
                field = forms.IntegerField(min_value=0, max_value=10, **words)
            elif question.kind == TEMPERATURE:
                field = forms.DecimalField(
                    min_value=34, max_value=43, decimal_places=1, max_digits=3, **words
                )
            elif question.kind == CHOICE:
                box = forms.CheckboxSelectMultiple
                field = forms.MultipleChoiceField(choices=question.choices, widget=box, **words)
            else:
                continue
            yield f"rule_{code}_{level}", field


def initial_of_plan(plan):
    """Return the first values of the form: those of the version that stands."""
    values = {name: getattr(plan, name) for name in (*NUMBERS, "questions")}
    for code, rule in plan.rules.items():
        for level, bound in rule.items():
            values[f"rule_{code}_{level}"] = bound
    return values
