"""How an account holder wants to be spoken to."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class ProfileForm(forms.ModelForm):
    """How we speak to the account holder: name, language, clock, money."""

    class Meta:
        model = User
        fields = ["called", "locale", "time_zone", "currency"]

    def __init__(self, *args, zones=(), currencies=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["called"].help_text = _("We use this in messages. It may be short.")
        self.fields["called"].widget.attrs |= {"autocomplete": "nickname", "class": "w-20"}
        self.fields["locale"].help_text = _("We write to you in this language.")
        self.fields["time_zone"].widget = forms.Select(
            choices=_with(zones, self.instance.time_zone)
        )
        self.fields["time_zone"].help_text = _("We show this clock beside the hospital's clock.")
        self.fields["currency"].widget = forms.Select(
            choices=[("", _("None")), *_with(currencies, self.instance.currency)]
        )
        self.fields["currency"].help_text = _("We show about how much a price is in this currency.")

    def clean_currency(self):
        currency = self.cleaned_data["currency"]
        if currency and currency not in dict(self.fields["currency"].widget.choices):
            raise ValidationError(_("Choose a currency from the list"))
        return currency


def _with(choices, present):
    """Return the choices, with the present value added when the list does not have it."""
    choices = list(choices)
    if present and present not in dict(choices):
        choices.insert(0, (present, present))
    return choices
