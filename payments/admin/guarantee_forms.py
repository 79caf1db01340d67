"""What coordinator and cashier fill in about guarantees."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from bookings.models import Appointment
from bookings.transitions import OCCUPYING
from payments.admin.desk_forms import amount_field
from payments.models import DocumentKind, EligibilityCheck, Urgency
from payments.services.insurance.guarantee_decisions import Promise, Refused
from payments.services.insurance.guarantees import CAN_BE_ASKED, Request

ROWS = {"rows": 4}


class VersionForm(forms.Form):
    """Every act names the version that the person saw."""

    row_version = forms.IntegerField(widget=forms.HiddenInput)


def code_field(label, *, required=False):
    return forms.CharField(
        label=label,
        max_length=20,
        required=required,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr"}),
    )


def note_field():
    return forms.CharField(
        label=_("Condition and treatment so far"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
    )


class CompleteForm(VersionForm):
    """The medical part of a draft, as it can still be changed."""

    diagnosis_code = code_field(_("Diagnosis code (ICD-10)"), required=True)
    procedure_code = code_field(_("Procedure code"))
    clinical_note = note_field()


class DraftForm(forms.Form):
    """A request from a check of the case: the appointment, the days, the diagnosis."""

    check_found = forms.ModelChoiceField(
        label=_("Eligibility check"),
        queryset=EligibilityCheck.objects.none(),
        widget=UnfoldAdminSelectWidget,
        help_text=_("The request goes to the insurer of this check, with its amounts."),
    )
    appointment = forms.ModelChoiceField(
        label=_("Appointment"),
        queryset=Appointment.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"), choices=Urgency.choices, widget=UnfoldAdminSelectWidget
    )
    diagnosis_code = code_field(_("Diagnosis code (ICD-10)"))
    procedure_code = code_field(_("Procedure code"))
    clinical_note = note_field()
    service_from = forms.DateField(label=_("Treatment from"), widget=UnfoldAdminSingleDateWidget)
    service_until = forms.DateField(label=_("Treatment until"), widget=UnfoldAdminSingleDateWidget)

    def __init__(self, *args, case, **kwargs):
        super().__init__(*args, **kwargs)
        of_patient = Q(case=case) | Q(case=None, patient=case.patient_id, hospital=case.hospital_id)
        checks = EligibilityCheck.objects.filter(
            of_patient, outcome__in=CAN_BE_ASKED, member__isnull=False
        )
        self.fields["check_found"].queryset = checks.select_related("insurer")
        self.fields["check_found"].label_from_instance = check_label
        self.fields["appointment"].queryset = case.appointments.filter(state__in=OCCUPYING)

    def request(self):
        cleaned = {key: value for key, value in self.cleaned_data.items() if key != "check_found"}
        return Request(**cleaned)


def check_label(check):
    return f"{check.insurer} · {check.get_outcome_display()} · {check.service_on}"


class SendForm(VersionForm):
    despite_lead_time = forms.BooleanField(
        label=_("Send it although fewer working days remain than the plan needs"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


class ShareForm(forms.Form):
    """A file of the patient for this request, from the computer."""

    kind = forms.ChoiceField(
        label=_("What it is"), choices=DocumentKind.choices, widget=UnfoldAdminSelectWidget
    )
    upload = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("A PDF, JPEG or PNG of at most 20 MB. The patient sees that it was passed on."),
    )


class AnswerForm(VersionForm):
    answer = forms.CharField(
        label=_("Answer"), max_length=4000, widget=UnfoldAdminTextareaWidget(attrs=ROWS)
    )
    kind = forms.ChoiceField(
        label=_("What the file is"),
        choices=[("", "–"), *DocumentKind.choices],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    upload = forms.FileField(label=_("File"), required=False, widget=UnfoldAdminFileFieldWidget)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("upload") and not cleaned.get("kind"):
            self.add_error("kind", _("Choose what the file is"))
        return cleaned


class AskedForm(VersionForm):
    """The insurer's question, when it came by mail or telephone."""

    question = forms.CharField(
        label=_("The insurer’s question"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
        help_text=_("The patient reads this."),
    )


class PromiseForm(VersionForm):
    """The insurer's letter, when it came by mail."""

    is_open = forms.BooleanField(
        label=_("Without an upper limit"), required=False, widget=UnfoldBooleanWidget
    )
    valid_from = forms.DateField(label=_("Good from"), widget=UnfoldAdminSingleDateWidget)
    valid_until = forms.DateField(label=_("Good until"), widget=UnfoldAdminSingleDateWidget)
    insurer_reference = forms.CharField(
        label=_("The insurer’s reference"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    excluded_items = forms.CharField(
        label=_("What is left out"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
    )
    conditions = forms.CharField(
        label=_("Conditions"),
        required=False,
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
    )
    upload = forms.FileField(
        label=_("The insurer’s letter"), required=False, widget=UnfoldAdminFileFieldWidget
    )

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["amount"] = amount_field(currency, _("Amount"))
        self.fields["amount"].required = False
        self.order_fields(["row_version", "amount"])

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("amount") and not cleaned.get("is_open"):
            self.add_error("amount", _("Enter the amount, or tick that there is no upper limit"))
        return cleaned

    def promise(self):
        cleaned = self.cleaned_data
        return Promise(
            amount=None if cleaned["is_open"] else cleaned["amount"],
            valid_from=cleaned["valid_from"],
            valid_until=cleaned["valid_until"],
            excluded_items=cleaned["excluded_items"],
            conditions=cleaned["conditions"],
            insurer_reference=cleaned["insurer_reference"],
        )


class RefusedForm(VersionForm):
    code = forms.CharField(
        label=_("The insurer’s reason code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr"}),
    )
    refused_because = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
        help_text=_("The patient reads this."),
    )
    appeal_until = forms.DateField(
        label=_("The insurer takes an appeal until"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
    )

    def refused(self):
        cleaned = self.cleaned_data
        return Refused(cleaned["code"], cleaned["refused_because"], cleaned["appeal_until"])


class TopUpForm(forms.Form):
    """A higher sum for the whole treatment, and why."""

    why = forms.CharField(
        label=_("Why more is needed"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
    )

    def __init__(self, *args, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["estimate"] = amount_field(currency, _("Estimate of the whole treatment"))
        self.fields["requested"] = amount_field(currency, _("Asked of the insurer in all"))
        self.order_fields(["estimate", "requested"])


class EndForm(VersionForm):
    why = forms.CharField(
        label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget(attrs=ROWS)
    )


class AppealForm(VersionForm):
    why = forms.CharField(
        label=_("Why the decision is wrong"),
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs=ROWS),
    )
    missing_documents = forms.MultipleChoiceField(
        label=_("Documents that were missing"),
        choices=DocumentKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
