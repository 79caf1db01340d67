"""Files that a patient sends to the hospital, several at once."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models.consent import Purpose
from accounts.services.consents import GivenConsent

MOST_AT_ONCE = 10
AGREE = _(
    "I agree that my hospital keeps these files about my health, encrypted, and that the people "
    "who look after me there read them. I can take this back at any time."
)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; its value is a list."""

    def clean(self, data, initial=None):
        files = data if isinstance(data, (list, tuple)) else [data]
        cleaned = [super(FilesField, self).clean(each, initial) for each in files or [None]]
        if len(cleaned) > MOST_AT_ONCE:
            raise ValidationError(_("Choose ten files or fewer at once"))
        return cleaned


class SendRecordsForm(forms.Form):
    """The files, and the agreement to keep them where none was given before (PR-01)."""

    files = FilesField(
        label=_("Files"),
        help_text=_("PDF, JPEG or PNG, each at most 20 MB. You can choose several at once."),
        widget=FilesInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": _("Choose a file"),
            "empty": _("The file is empty. Choose another one"),
        },
    )
    agree = forms.BooleanField(label=AGREE, error_messages={"required": _("Tick this box")})

    def __init__(self, *args, has_agreed, **kwargs):
        super().__init__(*args, **kwargs)
        if has_agreed:
            del self.fields["agree"]

    def given(self):
        """Return the agreement that was ticked here, if it was asked for."""
        if not self.cleaned_data.get("agree"):
            return []
        language = get_language() or "en"
        return [GivenConsent(Purpose.HEALTH_DATA.value, "", str(AGREE), language)]
