"""A complaint in the patient's own words."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ComplaintForm(forms.Form):
    words = forms.CharField(
        label=_("What went wrong?"),
        help_text=_("Only the people who look after you at this hospital read it."),
        max_length=8_000,
        error_messages={
            "required": _("Write what went wrong"),
            "max_length": _("Write 8,000 letters or fewer"),
        },
        widget=forms.Textarea(attrs={"rows": 7}),
    )
