"""What cashier and coordinator fill in about claims to insurers."""

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from medtour.lib.money import Money
from payments.admin.desk_forms import amount_field
from payments.models import DocumentKind, RemittanceStatus
from payments.services.insurance.claim_decisions import LineDecision
from payments.services.insurance.remittance_plan import BankPayment, Paid, expected

LARGEST_FILE = 500_000
SALT = "payments.remittance-file"


def text_field(label, length, **kwargs):
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "dir": "ltr"})
    return forms.CharField(label=label, max_length=length, widget=widget, **kwargs)


def day_field(label, **kwargs):
    return forms.DateField(label=label, widget=UnfoldAdminSingleDateWidget, **kwargs)


class ByVersion(forms.Form):
    """Carries the version of the row that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, claim, **kwargs):
        super().__init__(*args, **kwargs)
        self.claim = claim
        self.initial.setdefault("version", claim.row_version)


class FapiaoForm(ByVersion):
    number = text_field(_("Number of the fapiao"), 30)


class SendForm(ByVersion):
    despite_deadline = forms.BooleanField(
        label=_("Send it even if the last day is over"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


class CloseForm(ByVersion):
    without_appeal = forms.BooleanField(
        label=_("Close it even if an appeal is still possible"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


class DocumentForm(forms.Form):
    """A document that the patient has here already, or a new file."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=DocumentKind.choices, widget=UnfoldAdminSelectWidget
    )
    document = forms.ModelChoiceField(
        label=_("Document of the patient"),
        queryset=None,
        required=False,
        to_field_name="public_id",
        widget=UnfoldAdminSelectWidget,
    )
    file = forms.FileField(
        label=_("Or a new file (PDF, JPEG or PNG)"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
    )

    def __init__(self, *args, documents, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["document"].queryset = documents
        self.fields["document"].label_from_instance = lambda document: document.name

    def clean(self):
        cleaned = super().clean()
        if bool(cleaned.get("document")) == bool(cleaned.get("file")):
            raise forms.ValidationError(_("Choose a document, or a file: one of the two."))
        return cleaned


class AppealForm(ByVersion):
    reason = forms.CharField(
        label=_("Why the decision is wrong"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )
    missing_documents = forms.MultipleChoiceField(
        label=_("What the insurer said it lacked; it is in the claim now"),
        choices=DocumentKind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class LinesForm(ByVersion):
    """One amount and one code for each line of a claim."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = list(self.claim.lines.all())
        for line in self.lines:
            names = {"number": line.position, "line": line.label}
            amount = amount_field(self.claim.currency, _("%(number)s. %(line)s") % names)
            amount.initial = Money(self.first_amount(line), self.claim.currency).number("en")
            self.fields[f"amount_{line.position}"] = amount
            self.fields[f"code_{line.position}"] = text_field(
                _("Reason code of line %(number)s, if less") % names, 40, required=False
            )

    def first_amount(self, line):
        """Return the minor units that a line begins with: all that was billed."""
        return line.billed_minor

    def typed(self, line):
        """Return the minor units and the code of a line."""
        cleaned = self.cleaned_data
        return cleaned[f"amount_{line.position}"].minor, cleaned[f"code_{line.position}"]


class DecisionForm(LinesForm):
    """What the insurer allows of each line, for an insurer that answers by post."""

    appeal_until = day_field(_("Appeal until"), required=False)

    def decisions(self):
        return [LineDecision(line.position, *self.typed(line)) for line in self.lines]


class AnswerForm(DecisionForm):
    answer = forms.CharField(
        label=_("The insurer’s answer"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    agrees = forms.BooleanField(
        label=_("The insurer agrees and decides the lines again as below"),
        required=False,
        widget=UnfoldBooleanWidget,
    )
    field_order = ("version", "answer", "agrees", "appeal_until")


class PaymentForm(LinesForm):
    """What one transfer paid of each line of one claim."""

    bank_reference = text_field(_("The bank’s reference of the transfer"), 80)
    paid_on = day_field(_("Day it was paid"))
    appeal_until = day_field(_("Appeal until, if it falls short"), required=False)

    def first_amount(self, line):
        return expected(self.claim, line)

    def payment(self):
        total = sum(self.typed(line)[0] for line in self.lines)
        return bank_payment(self.cleaned_data, Money(total, self.claim.currency))

    def parts(self):
        return [self._part(line, *self.typed(line)) for line in self.lines]

    def _part(self, line, minor, code):
        due = expected(self.claim, line)
        status = RemittanceStatus.SHORT_PAID if minor else RemittanceStatus.DENIED
        if minor == due:
            status = RemittanceStatus.PAID
        return Paid(self.claim.reference, line.position, status, minor, code, line.position)


def bank_payment(cleaned, amount):
    return BankPayment(
        cleaned["bank_reference"], cleaned["paid_on"], amount, cleaned["appeal_until"]
    )


class RemittanceFileForm(forms.Form):
    """A transfer and the insurer's file about it; a file that was tried comes back signed."""

    hospital = forms.ModelChoiceField(
        label=_("Hospital"),
        queryset=None,
        to_field_name="slug",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    insurer = forms.ModelChoiceField(
        label=_("Insurer"), queryset=None, to_field_name="slug", widget=UnfoldAdminSelectWidget
    )
    bank_reference = text_field(_("The bank’s reference of the transfer"), 80)
    paid_on = day_field(_("Day it was paid"))
    amount = amount_field("CNY", _("Amount"))
    appeal_until = day_field(_("Appeal until, if it falls short"), required=False)
    file = forms.FileField(
        label=_("The insurer’s file (CSV or XLSX)"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("Columns: claim, line, status (paid, short_paid, denied), paid, code."),
    )
    tried = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, hospitals, insurers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals
        self.fields["insurer"].queryset = insurers

    def clean(self):
        cleaned = super().clean()
        upload, tried = cleaned.get("file"), cleaned.get("tried")
        if upload and upload.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 500 kB. Please split it."))
        if upload:
            cleaned["content"] = upload.read()
        elif tried:
            try:
                cleaned["content"] = signing.loads(tried, salt=SALT).encode("latin-1")
            except signing.BadSignature:
                raise forms.ValidationError(_("Choose the file again.")) from None
        else:
            raise forms.ValidationError(_("Choose the insurer’s file."))
        return cleaned

    def keep(self, content):
        """Carry the file that was tried to the next step, so that exactly it is recorded."""
        signed = signing.dumps(content.decode("latin-1"), salt=SALT, compress=True)
        self.data = {**self.data.dict(), "tried": signed}

    def payment(self):
        return bank_payment(self.cleaned_data, self.cleaned_data["amount"])


class DrawUpClaimForm(forms.Form):
    guarantee = forms.ModelChoiceField(
        label=_("Guarantee"),
        queryset=None,
        to_field_name="public_id",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args, guarantees, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["guarantee"]
        field.queryset = guarantees
        field.label_from_instance = lambda row: f"{row.reference} · {row.case} · {row.insurer}"


class MonthForm(forms.Form):
    hospital = forms.ModelChoiceField(
        label=_("Hospital"),
        queryset=None,
        to_field_name="slug",
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    month = forms.DateField(
        label=_("Month"),
        input_formats=["%Y-%m"],
        widget=UnfoldAdminTextInputWidget(attrs={"type": "month", "dir": "ltr"}),
    )

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hospital"].queryset = hospitals
