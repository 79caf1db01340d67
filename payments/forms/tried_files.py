"""A file that is tried before it is taken: it comes back signed, so that exactly it is recorded."""

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _


class TriedFileForm(forms.Form):
    """Cleans to `content`: of the file that was chosen now, or of the one that was tried before.

    What is kept lies in the page, signed for one purpose and one `owner`, who alone can send it
    back.
    """

    salt = "payments.tried-file"
    largest = 500_000
    too_large = _("The file is larger than 500 kB. Please split it.")
    choose = _("Choose the file.")

    file = forms.FileField(
        label=_("File (CSV or XLSX)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"empty": _("This file is empty. Choose another one.")},
    )
    tried = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, owner="", **kwargs):
        super().__init__(*args, **kwargs)
        self.full_salt = f"{self.salt}:{owner}"
        # Only beside a file that was tried another one is a choice.
        self.fields["file"].required = not self.is_bound

    def clean(self):
        cleaned = super().clean()
        upload, tried = cleaned.get("file"), cleaned.get("tried")
        self.fields["file"].required = not tried
        if upload and upload.size > self.largest:
            self.add_error("file", self.too_large)
        elif upload:
            cleaned["content"] = upload.read()
        elif tried:
            self._take_back(tried, cleaned)
        elif "file" not in self.errors:
            self.add_error("file", self.choose)
        return cleaned

    def _take_back(self, tried, cleaned):
        try:
            cleaned["content"] = signing.loads(tried, salt=self.full_salt).encode("latin-1")
        except signing.BadSignature:
            self.add_error("file", _("Choose the file again."))

    @property
    def is_confirmed(self):
        """Tell whether the file that was tried before is sent again, and no other one."""
        return bool(self.cleaned_data["tried"]) and not self.cleaned_data["file"]

    def keep(self, content):
        """Carry the file that was tried to the next step."""
        signed = signing.dumps(content.decode("latin-1"), salt=self.full_salt, compress=True)
        self.data = {**self.data.dict(), "tried": signed}
        self.fields["file"].required = False

    def forget(self):
        """Drop what was tried before, so that a file with faults is never followed by another."""
        self.data = {**self.data.dict(), "tried": ""}
        self.fields["file"].required = True
