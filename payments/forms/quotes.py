"""A patient's answer to a quote; the version that was read comes back with it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AcceptQuoteForm(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    has_read = forms.BooleanField(
        label=_(
            "I have read what is included, what is not, and what happens to the price "
            "if there are complications."
        ),
        error_messages={"required": _("Tick the box when you have read the quote.")},
    )


class DeclineQuoteForm(forms.Form):
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why do you decline?"),
        help_text=_("Only the hospital reads this."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
