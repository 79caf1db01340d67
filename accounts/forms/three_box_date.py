"""A date in three boxes, because everybody can type a known date but few can pick it (AX-02)."""

import datetime as dt
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PARTS = (
    ("day", pgettext_lazy("in a date", "Day"), 1, 31, _("Enter the day as a number from 1 to 31")),
    ("month", _("Month"), 1, 12, _("Enter the month as a number from 1 to 12")),
    ("year", _("Year"), 1000, 9999, _("Enter the year with four digits, for example 1984")),
)
LONGEST_BOX = 4


class ThreeBoxDateWidget(forms.MultiWidget):
    template_name = "accounts/three_box_date.html"
    use_fieldset = True

    def __init__(self, attrs=None):
        boxes = {}
        for name, _label, _least, most, _error in PARTS:
            digits = len(str(most))
            boxes[name] = forms.TextInput(
                attrs={"inputmode": "numeric", "maxlength": digits, "class": f"w-{digits}"}
            )
        super().__init__(boxes, attrs)

    def decompress(self, value):
        return [value.day, value.month, value.year] if isinstance(value, dt.date) else [None] * 3

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        for box, part in zip(context["widget"]["subwidgets"], PARTS, strict=True):
            box["label"] = part[1]
        return context

    def _render(self, template_name, context, renderer=None):
        # The form renderer knows only Django's own templates; this one is ours.
        return render_to_string(template_name, context)

    def id_for_label(self, id_):
        return f"{id_}_0" if id_ else ""


def _digits(text):
    """Return a box as ASCII digits: people may type the digits of their own script."""
    text = (text or "").strip()
    return "".join(str(unicodedata.digit(sign, sign)) for sign in text)


class ThreeBoxDateField(forms.Field):
    """Clean to a date or None; each error names the box that is wrong."""

    widget = ThreeBoxDateWidget
    default_error_messages = {
        "required": _("Enter the date: day, month and year"),
        "no_such_day": _("Enter a day that this month has"),
    }

    def clean(self, value):
        boxes = [_digits(box) for box in (value or ["", "", ""])]
        if not any(boxes):
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        numbers = [self._number(box, part) for box, part in zip(boxes, PARTS, strict=True)]
        try:
            return dt.date(numbers[2], numbers[1], numbers[0])
        except ValueError as error:
            raise ValidationError(self.error_messages["no_such_day"], code="no_such_day") from error

    def _number(self, box, part):
        name, _label, least, most, message = part
        is_number = box.isascii() and box.isdigit() and len(box) <= LONGEST_BOX
        if not is_number or not least <= int(box) <= most:
            raise ValidationError(message, code=name)
        return int(box)

    def has_changed(self, initial, data):
        return self.widget.decompress(initial) != data
