"""What a patient types after a discharge: the date of birth at the door, and the answers."""

import re
import unicodedata
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms.three_box_date import ThreeBoxDateField
from bookings.questions import CHOICE, NUMBER, TEMPERATURE, questions_of

COLDEST, HOTTEST = Decimal(34), Decimal(43)
SIGNS = re.compile(r"[°CFcf\s]")
# Digits only: an exponent is no temperature, and can be too large to count with.
PLAIN = re.compile(r"[0-9]{1,3}(?:\.[0-9]*)?|\.[0-9]+")
A_TENTH = Decimal("0.1")


class TemperatureField(forms.CharField):
    """A body temperature as people write it: 37,5 or 99.5, in °C or °F, in any digits.

    The two scales cannot be mixed up: no living person has a number that fits both. Cleans to a
    text in °C with one decimal, such as "37.5", or to "".
    """

    default_error_messages = {
        "no_number": _("Enter the temperature as a number, for example 36.8"),
        "unlikely": _("Enter a temperature from 34 to 43 °C, or from 93 to 109 °F"),
    }

    def clean(self, value):
        text = super().clean(value)
        written = "".join(str(unicodedata.digit(sign, sign)) for sign in SIGNS.sub("", text))
        written = written.replace(",", ".").replace("٫", ".")
        if not written:
            return ""
        if not PLAIN.fullmatch(written):
            raise ValidationError(self.error_messages["no_number"], code="no_number")
        return str(self._in_celsius(Decimal(written)).quantize(A_TENTH))

    def _in_celsius(self, number):
        celsius = number if number <= HOTTEST else (number - 32) / Decimal("1.8")
        if not COLDEST <= celsius <= HOTTEST:
            raise ValidationError(self.error_messages["unlikely"], code="unlikely")
        return celsius


def field_of(question):
    """Return the form field of one question."""
    words = {
        "label": question.label,
        "help_text": question.hint,
        "required": question.is_required,
    }
    if question.kind == NUMBER:
        return forms.TypedChoiceField(
            choices=[(number, str(number)) for number in range(11)],
            coerce=int,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose a number from 0 to 10")},
            **words,
        )
    if question.kind == CHOICE:
        return forms.ChoiceField(
            choices=question.choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose one of the answers")},
            **words,
        )
    if question.kind == TEMPERATURE:
        box = forms.TextInput(attrs={"inputmode": "decimal", "class": "w-4", "dir": "ltr"})
        return TemperatureField(max_length=12, widget=box, **words)
    box = forms.Textarea(attrs={"rows": 4, "dir": "auto"})
    return forms.CharField(max_length=2000, widget=box, **words)


class FollowUpForm(forms.Form):
    """The questions of one plan on one page, in the plan's order."""

    def __init__(self, *args, codes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= {question.code: field_of(question) for question in questions_of(codes)}

    def answers(self):
        """Return what was answered by question; empty answers are left out."""
        return {code: value for code, value in self.cleaned_data.items() if value not in (None, "")}


class BirthDateForm(forms.Form):
    """What opens the link to the questions."""

    date_of_birth = ThreeBoxDateField(
        label=_("Date of birth of the patient"),
        help_text=_("Day, month, year, for example 27 3 1984."),
    )


class LetterCodeForm(forms.Form):
    """What opens the link to the letter for the home doctor."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("The patient has the code. It has eight letters and digits."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "class": "w-20",
                "dir": "ltr",
            }
        ),
        error_messages={"required": _("Enter the code")},
    )

    def clean_code(self):
        return re.sub(r"[\s-]", "", self.cleaned_data["code"]).upper()
