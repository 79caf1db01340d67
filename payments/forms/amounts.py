"""A sum of money as a person types it: any grouping, any decimal sign, any of our digits."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from medtour.lib.money import Money, exponent

FIGURE = re.compile(r"\d{1,12}(?:\.\d+)?")
SIGNS = re.compile(r"[.,\u066b\u066c]")


class AmountField(forms.CharField):
    """Cleans to Money of `currency`; more decimals than the currency has are refused."""

    default_error_messages = {
        "required": _("Enter an amount"),
        "figure": _("Enter the amount in figures, for example 1500"),
    }

    def __init__(self, *, currency="CNY", **kwargs):
        self.currency = currency
        super().__init__(max_length=24, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "dir": "ltr"}

    def clean(self, value):
        typed = super().clean(value)
        if not typed:
            return None
        figure = plain_figure(typed, exponent(self.currency))
        if not figure:
            raise ValidationError(self.error_messages["figure"], code="figure")
        return Money.from_major(figure, self.currency)


def plain_figure(typed, decimals):
    """Return digits with a point, or nothing when it is not a sum with so many decimals.

    The last of several different signs is the decimal one; three digits after a lone sign are a
    group, unless the currency itself has three decimals.
    """
    typed = "".join(str(unicodedata.digit(sign, sign)) for sign in typed)
    typed = re.sub(r"[\s'’_]", "", typed)
    head, tail = typed, ""
    signs = list(SIGNS.finditer(typed))
    if signs:
        last = signs[-1]
        after = typed[last.end() :]
        is_only_kind = len({each.group() for each in signs}) == 1
        is_group = is_only_kind and len(after) == 3 and (decimals != 3 or len(signs) > 1)
        if not is_group:
            head, tail = typed[: last.start()], after
    figure = SIGNS.sub("", head) + (f".{tail}" if tail else "")
    return figure if FIGURE.fullmatch(figure) and len(tail) <= decimals else ""
