"""What narrows the portal's lists; an address with anything unknown shows the whole list."""

from django import forms
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock
from payments.presenters.portal_claims import AGES
from payments.presenters.portal_trail import ACTIONS, KINDS


def hospital_field(hospitals, **kwargs):
    return forms.ModelChoiceField(
        label=_("Hospital"), queryset=hospitals, to_field_name="slug", **kwargs
    )


class FilterForm(forms.Form):
    """Choices of a list; what cannot be used is left out, not complained about."""

    use_required_attribute = False

    def chosen(self):
        """Return what can be used of the address; afterwards no choice is called optional."""
        for field in self.fields.values():
            field.required = False
        self.is_valid()
        found = {name: self.cleaned_data.get(name) for name in self.fields}
        self.errors.clear()
        for field in self.fields.values():
            field.required = True
        return found


class ClaimFilterForm(FilterForm):
    """Hospital and age beside the tabs of states."""

    state = forms.CharField(widget=forms.HiddenInput)
    age = forms.ChoiceField(
        label=_("Sent"),
        choices=[("", _("Any time")), *((key, label) for key, (_bucket, label) in AGES.items())],
    )

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"] = hospital_field(hospitals, empty_label=_("All hospitals"))
        self.order_fields(["state", "hospital", "age"])

    def chosen(self):
        found = super().chosen()
        return found | {"age": AGES[found["age"]][0] if found["age"] else None}


class MonthForm(FilterForm):
    """One hospital and one month; this month unless another is chosen."""

    month = forms.DateField(
        label=_("Month"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month", "dir": "ltr"}, format="%Y-%m"),
    )

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"] = hospital_field(hospitals, empty_label=None)
        self.order_fields(["hospital", "month"])

    def chosen(self):
        found = super().chosen()
        hospital = found["hospital"] or self.fields["hospital"].queryset.first()
        zone = hospital.time_zone if hospital else "Asia/Shanghai"
        return {"hospital": hospital, "month": found["month"] or clock.today(zone).replace(day=1)}


class TrailFilterForm(FilterForm):
    """Who did what about which kind of record."""

    action = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *ACTIONS.items()])
    about = forms.ChoiceField(
        label=_("About"), choices=[("", _("All kinds of records")), *KINDS.items()]
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"] = forms.ModelChoiceField(
            label=_("Who"),
            queryset=people,
            to_field_name="public_id",
            empty_label=_("Everybody"),
        )
        self.order_fields(["who", "action", "about"])
