"""A file of questions."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST = 500_000


class BatchForm(forms.Form):
    """One CSV or XLSX file; what stands in it is looked at when it is asked."""

    file = forms.FileField(
        label=_("File (CSV or XLSX)"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={
            "required": _("Choose the file."),
            "empty": _("This file is empty. Choose another one."),
        },
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise ValidationError(_("The file is larger than 500 kB. Please split it."))
        return upload
