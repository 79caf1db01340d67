"""How an insurer's officer decides a claim line by line, says what was paid, answers an appeal."""

from dataclasses import dataclass

from django import forms
from django.db import models
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from medtour.lib import clock
from medtour.lib.money import Money
from payments.forms.amounts import AmountField
from payments.forms.claim_lines import PaidLines, bank_payment
from payments.forms.portal import (
    OfficerForm,
    appeal_days_field,
    appeal_until,
    code_field,
    words_field,
)
from payments.forms.tried_files import TriedFileForm
from payments.models import ClaimLine
from payments.presenters.portal_claims import LineFacts, line_facts
from payments.services.insurance.claim_decisions import LineDecision
from payments.services.insurance.remittance_plan import expected

LONGEST_REASON = 300


class Verdict(models.TextChoices):
    """What an insurer does with one line of a claim."""

    ACCEPT = "accept", _("Accept in full")
    CUT = "cut", _("Accept a part")
    DENY = "deny", _("Deny")


@dataclass(frozen=True, slots=True)
class LineBoxes:
    """One line of a claim and the boxes beside it."""

    line: ClaimLine
    facts: LineFacts
    boxes: list[BoundField]


class ClaimForm(OfficerForm):
    """An answer to the version of the claim that the officer has read, with a few boxes a line."""

    def __init__(self, *args, claim, **kwargs):
        super().__init__(*args, **kwargs)
        self.claim = claim
        self.initial.setdefault("row_version", claim.row_version)
        self.lines = list(claim.lines.all())
        for line in self.lines:
            for name, field in self.line_fields(line).items():
                self.fields[f"{name}_{line.position}"] = field

    def amount_box(self, label, **kwargs):
        label = _("%(label)s, in %(currency)s") % {"label": label, "currency": self.claim.currency}
        return AmountField(currency=self.claim.currency, label=label, **kwargs)

    def of(self, line, name):
        """Return what was typed about a line, None where it cannot be used."""
        return self.cleaned_data.get(f"{name}_{line.position}")

    def wrong(self, line, name, words):
        self.add_error(f"{name}_{line.position}", words)

    @property
    def own_boxes(self):
        """Return the boxes that are about the whole claim."""
        of_lines = {f"{name}_{line.position}" for line in self.lines for name in self.line_names}
        return [bound for bound in self if bound.name not in of_lines]

    @property
    def line_boxes(self):
        return [
            LineBoxes(line, line_facts(line, self.claim.currency), self.boxes_of(line))
            for line in self.lines
        ]

    def boxes_of(self, line):
        return [self[f"{name}_{line.position}"] for name in self.line_names]


class DecisionForm(ClaimForm):
    """Accept, cut or deny each line; less than billed needs a code and a reason."""

    line_names = ("verdict", "amount", "code", "reason")
    appeal_days = appeal_days_field()

    def line_fields(self, line):
        return {
            "verdict": forms.ChoiceField(
                label=_("Decision"), choices=Verdict.choices, initial=Verdict.ACCEPT
            ),
            "amount": self.amount_box(
                _("Amount you allow"),
                required=False,
                help_text=_("Only if you accept a part: of the billed amount, not of your share."),
            ),
            "code": code_field(required=False),
            "reason": forms.CharField(
                label=_("Reason in plain words"),
                required=False,
                max_length=LONGEST_REASON,
                widget=forms.TextInput(attrs={"dir": "auto"}),
                error_messages={"max_length": _("Write 300 letters or fewer")},
            ),
        }

    def clean(self):
        cleaned = super().clean()
        for line in self.lines:
            self.check_line(line)
        return cleaned

    def check_line(self, line):
        verdict, amount = self.of(line, "verdict"), self.of(line, "amount")
        if verdict == Verdict.ACCEPT:
            if amount is not None or self.of(line, "code"):
                self.wrong(
                    line, "verdict", _("Choose “Accept a part” or “Deny”, or clear the rest")
                )
            return
        if verdict == Verdict.CUT:
            self.check_amount(line, amount)
        elif line.paid_minor:
            self.wrong(line, "verdict", _("You paid a part of this line: it cannot be denied"))
        for name, words in (
            ("code", _("Enter the reason code")),
            ("reason", _("Write the reason")),
        ):
            if self.of(line, name) == "":
                self.wrong(line, name, words)

    def check_amount(self, line, amount):
        least, name = max(line.paid_minor, 1), f"amount_{line.position}"
        if name not in self.errors and (
            amount is None or not least <= amount.minor < line.billed_minor
        ):
            self.wrong(line, "amount", _("Enter an amount below what was billed"))

    def decisions(self):
        return [self._decision(line) for line in self.lines]

    def _decision(self, line):
        allowed = {
            Verdict.ACCEPT: lambda: line.billed_minor,
            Verdict.CUT: lambda: self.of(line, "amount").minor,
            Verdict.DENY: lambda: 0,
        }[self.of(line, "verdict")]()
        return LineDecision(line.position, allowed, self.of(line, "code"), self.of(line, "reason"))

    @property
    def appeal_until(self):
        return appeal_until(self.cleaned_data["appeal_days"], self.claim.hospital)


class AppealForm(DecisionForm):
    """The answer to an appeal: words always; the lines count only where the insurer agrees."""

    agrees = forms.ChoiceField(
        label=_("Do you agree with the appeal?"),
        choices=[
            ("yes", _("Yes: we decide the lines again, as below")),
            ("no", _("No: our decision stays as it is")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether you agree")},
    )
    answer = words_field(
        _("Your answer"), help_text=_("The hospital reads this."), missing=_("Write your answer")
    )
    field_order = ("row_version", "agrees", "answer", "appeal_days")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.order_fields(self.field_order)

    def check_line(self, line):
        if self.cleaned_data.get("agrees") == "yes":
            super().check_line(line)


def bank_fields():
    """Return the boxes of one transfer, as the bank states it."""
    return {
        "bank_reference": forms.CharField(
            label=_("The bank’s reference of the transfer"),
            max_length=80,
            help_text=_("One transfer is recorded once: its reference tells it apart."),
            widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "class": "w-20"}),
            error_messages={
                "required": _("Enter the bank’s reference"),
                "max_length": _("Enter a reference of 80 signs or fewer"),
            },
        ),
        "paid_on": ThreeBoxDateField(label=_("Day it was paid"), required=True),
        "appeal_days": appeal_days_field(),
    }


def check_paid_on(form, zone):
    """Note when the day of a payment has not come yet."""
    day = form.cleaned_data.get("paid_on")
    if day and day > clock.today(zone):
        form.add_error("paid_on", _("Enter a day that is not in the future"))


class PaymentForm(PaidLines, ClaimForm):
    """What one transfer paid of each line of one claim."""

    line_names = ("amount", "code")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= bank_fields()
        self.order_fields(["row_version", "bank_reference", "paid_on", "appeal_days"])

    def line_fields(self, line):
        due = Money(expected(self.claim, line), self.claim.currency)
        return {
            "amount": self.amount_box(_("Paid"), initial=due.number("en")),
            "code": code_field(required=False),
        }

    def clean(self):
        cleaned = super().clean()
        for line in self.lines:
            self.check_line(line)
        check_paid_on(self, self.claim.hospital.time_zone)
        cleaned["appeal_until"] = appeal_until(cleaned.get("appeal_days"), self.claim.hospital)
        return cleaned

    def check_line(self, line):
        amount, due = self.of(line, "amount"), expected(self.claim, line)
        if amount is None:
            return
        if amount.minor > due:
            self.wrong(line, "amount", _("Enter no more than this line still brings"))
        elif amount.minor < due and not self.of(line, "code"):
            self.wrong(line, "code", _("Enter the reason code for paying less"))

    def typed(self, line):
        return self.of(line, "amount").minor, self.of(line, "code")


class RemittanceFileForm(TriedFileForm):
    """A transfer and the file about it."""

    hospital = forms.ModelChoiceField(
        label=_("Hospital"),
        queryset=None,
        to_field_name="slug",
        empty_label=_("Choose the hospital"),
        error_messages={
            "required": _("Choose the hospital"),
            "invalid_choice": _("Choose the hospital from the list"),
        },
    )
    amount = AmountField(label=_("Amount of the transfer, in CNY"))

    def __init__(self, *args, hospitals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= bank_fields()
        self.fields["hospital"].queryset = hospitals
        self.order_fields(["hospital", "bank_reference", "paid_on", "amount", "appeal_days"])

    def clean(self):
        cleaned = super().clean()
        hospital = cleaned.get("hospital")
        if hospital:
            check_paid_on(self, hospital.time_zone)
            cleaned["appeal_until"] = appeal_until(cleaned.get("appeal_days"), hospital)
        return cleaned

    def payment(self):
        return bank_payment(self.cleaned_data, self.cleaned_data["amount"])
