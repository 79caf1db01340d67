"""A quote as a paper: the version as it was issued, every line with its price, source and date."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medtour.lib import clock, wording
from medtour.lib.paper_words import (
    Block,
    Row,
    bullets,
    facts,
    frame,
    in_both,
    named,
    notes,
    prose,
    table,
    total,
)
from medtour.templatetags.show import money_text
from payments.models import Quote
from payments.presenters.ladder import Step
from payments.presenters.quotes import (
    Amounts,
    Group,
    LineShown,
    groups_of,
    ladder_of,
    parts_of,
)
from payments.transitions import QuoteState


def quote_paper(quote: Quote, language: str) -> dict[str, Any]:
    """Return an issued version in a language of ours; its own words stay as the hospital's."""
    with translation.override(language):
        groups = [_lines(group, quote, language) for group in groups_of(quote)]
        blocks = [
            facts(_rows(quote, language)),
            total(_("Most likely, for all that is included"), money_text(quote.likely)),
            facts(_sums(quote)),
            *groups,
            prose(_("If there are complications"), quote.complications, tongue=quote.language),
        ]
        if quote.deposit_minor:
            blocks.append(bullets(_("Deposit"), _deposit_lines(quote)))
        return {
            **frame(
                language,
                number=f"{quote.case.reference}-{quote.version}",
                title=_("Quote"),
                footer=_("Quote of %(hospital)s, set by Medtour")
                % {"hospital": quote.case.hospital.name},
                marks=_marks(quote),
            ),
            "blocks": [*blocks, notes(_notes())],
        }


def _marks(quote: Quote) -> list[str]:
    marks = []
    if quote.offer is not None and quote.offer.is_demonstration:
        marks.append(_("This is a demonstration. Bookings here are not real."))
    if quote.state in (QuoteState.SUPERSEDED, QuoteState.DECLINED, QuoteState.EXPIRED):
        marks.append(str(quote.get_state_display()))
    return marks


def _rows(quote: Quote, language: str) -> list[Row]:
    case, hospital = quote.case, quote.case.hospital
    until = _("%(day)s, end of the day at the hospital") % {
        "day": wording.written_date(quote.valid_until, language)
    }
    issued_on = clock.local(quote.issued_at, hospital.time_zone).date()
    return [
        in_both(_("Hospital"), hospital.name, hospital.name_zh_hans or ""),
        named(_("Patient"), case.patient.passport_name, strong=True),
        Row(_("Case"), case.reference, ltr=True),
        named(_("What"), str(quote.offer) if quote.offer else case.treatment.name),
        Row(_("Version"), str(quote.version), ltr=True),
        Row(_("State"), str(quote.get_state_display())),
        Row(_("Issued on"), wording.written_date(issued_on, language)),
        Row(_("Valid until"), until),
        named(_("Why it changes"), quote.change_reason if quote.is_change_order else ""),
    ]


def _sums(quote: Quote) -> list[Row]:
    parts = parts_of(quote)
    return [
        Row(_("At least"), money_text(quote.low)),
        Row(_("At most, without complications"), money_text(quote.high), strong=True),
        Row(_("Your insurer may pay"), money_text(parts.insurer) if parts.insurer else ""),
        Row(_("Your part"), money_text(parts.own)),
        Row(_("Worst case, you pay"), money_text(parts.worst)),
    ]


def _lines(group: Group, quote: Quote, language: str) -> Block:
    heads = [_("For what"), _("Tier"), _("Source"), _("Amount")]
    lines = [
        [
            _label(shown),
            str(shown.line.get_tier_display()),
            _source(shown, quote, language),
            _range(shown.amount),
        ]
        for shown in group.lines
    ]
    return table(str(group.heading), heads, lines, widths=(3, 0, 3, 0))


def _label(shown: LineShown) -> str:
    if shown.is_single:
        return shown.label
    unit = f"{shown.quantity} {shown.line.unit}".strip()
    return f"{shown.label} ({unit} × {_range(shown.unit)})"


def _source(shown: LineShown, quote: Quote, language: str) -> str:
    line = shown.line
    if line.source:
        return f"{line.source}, {wording.written_as_of(line.as_of, language)}"
    issued_on = clock.local(quote.issued_at, quote.case.hospital.time_zone).date()
    return _("Set by the hospital for this quote, %(day)s") % {
        "day": wording.written_date(issued_on, language)
    }


def _range(amounts: Amounts) -> str:
    low = money_text(amounts.low)
    return f"{low} – {money_text(amounts.high)}" if amounts.high else low


def _deposit_lines(quote: Quote) -> list[str]:
    lines = [
        _(
            "After you accept, the hospital asks for a deposit of %(amount)s. "
            "It is part of the price, not an extra."
        )
        % {"amount": money_text(quote.deposit)}
    ]
    lines += [_step(step) for step in ladder_of(quote, None)]
    return [*lines, _("If the hospital cancels, you get everything back.")]


def _step(step: Step) -> str:
    if not step.percent:
        return _("If you cancel later, or do not come, nothing comes back.")
    return _("%(when)s: %(amount)s") % {"when": _until(step), "amount": money_text(step.amount)}


def _until(step: Step) -> str:
    if step.days:
        return ngettext(
            "If you cancel at least %(days)s day before the start",
            "If you cancel at least %(days)s days before the start",
            step.days,
        ) % {"days": step.days}
    if step.hours:
        return ngettext(
            "If you cancel at least %(hours)s hour before the start",
            "If you cancel at least %(hours)s hours before the start",
            step.hours,
        ) % {"hours": step.hours}
    return _("If you cancel before the start")


def _notes() -> list[str]:
    return [
        _("Nothing is agreed until you accept it in My care."),
        _("The hospital may bill only what you accepted."),
        _("Prices are in the hospital’s currency."),
    ]
