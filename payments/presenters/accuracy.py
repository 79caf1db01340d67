"""How near a hospital's quotes came to its bills, in words and figures of a page."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from payments.presenters.figures import share_text
from payments.selectors.accuracy import MINIMUM, Accuracy


def accuracy_text(accuracy: Accuracy | None) -> str:
    """Return in one sentence how near a hospital's quotes came to its bills."""
    shown = accuracy_shown(accuracy)
    if shown is None:
        return _("Fewer than %(least)s settled cases: too few to say.") % {"least": MINIMUM}
    return _(
        "%(cases)s settled cases: the middle bill was %(median)s of its first quote, "
        "half of all between %(lower)s and %(upper)s."
    ) % {
        "cases": shown.cases,
        "median": shown.median,
        "lower": shown.lower,
        "upper": shown.upper,
    }


@dataclass(frozen=True, slots=True)
class AccuracyShown:
    """How near a hospital's quotes came to its bills, in percentages of the first quote."""

    cases: int
    since: dt.date
    median: str
    lower: str
    upper: str


def accuracy_shown(accuracy: Accuracy | None) -> AccuracyShown | None:
    if accuracy is None:
        return None
    return AccuracyShown(
        cases=accuracy.cases,
        since=accuracy.since,
        median=share_text(accuracy.median_percent),
        lower=share_text(accuracy.lower_percent),
        upper=share_text(accuracy.upper_percent),
    )
