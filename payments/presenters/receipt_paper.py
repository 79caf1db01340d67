"""The words of a receipt in one language, from the facts that were frozen when it was issued."""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from medtour.lib import clock, wording
from medtour.lib.money import Money
from medtour.templatetags.show import money_text
from payments.method_words import METHODS
from payments.models import ObligationKind, Receipt
from payments.presenters.figures import rate_text
from payments.transitions import RefundState

BRAND = "Medtour"
REGIONS = {"zh-hans": "CN", "en": "GB"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the paper; codes and Latin names (`ltr`) run left to right in every language."""

    label: str
    value: str
    note: str = ""
    ltr: bool = False
    strong: bool = False


def receipt_paper(receipt: Receipt, language: str) -> dict[str, Any]:
    """Return what `papers/receipt.typ` shows, in a language of ours."""
    with translation.override(language):
        facts = receipt.facts
        is_refund = facts["kind"] == "refund"
        charge = _text(facts["charge"])
        return {
            "lang": language.partition("-")[0],
            "region": REGIONS.get(language),
            "rtl": translation.get_language_bidi(),
            "brand": BRAND,
            "number": receipt.number,
            "title": _("Receipt for a refund") if is_refund else _("Receipt for a payment"),
            "marks": _marks(receipt),
            "facts": [asdict(row) for row in _facts(receipt, is_refund, language)],
            "total": {"label": _("Paid back") if is_refund else _("Paid"), "value": charge},
            "sums": [asdict(row) for row in _sums(facts, is_refund, language)],
            "notes": _notes(),
            "footer": _("Receipt of %(payee)s, made by Medtour") % {"payee": facts["payee"]},
        }


def _text(amount: Mapping[str, Any]) -> str:
    return money_text(Money(amount["minor"], amount["currency"]))


def _marks(receipt: Receipt) -> list[str]:
    marks = []
    if receipt.facts["is_demonstration"]:
        marks.append(_("Demonstration: no real money was paid."))
    if receipt.refund is not None and receipt.refund.state == RefundState.FAILED:
        marks.append(_("Not valid any more: the bank sent this money back."))
    return marks


def _facts(receipt: Receipt, is_refund: bool, language: str) -> list[Row]:
    facts = receipt.facts
    issued = clock.local(receipt.issued_at, facts["zone"]).date()
    hospital = facts["hospital"].get(language) or facts["hospital"].get("en", "")
    payer = receipt.payer or _("No name given")
    rows = [
        Row(_("Number"), receipt.number, ltr=True),
        Row(_("Issued on"), wording.written_date(issued, language)),
        Row(
            _("Paid back by") if is_refund else _("Paid to"), facts["payee"], ltr=True, strong=True
        ),
        Row(_("Hospital"), hospital, ltr=_runs_ltr(hospital)),
        Row(
            _("Paid back to") if is_refund else _("Paid by"),
            payer,
            ltr=_runs_ltr(payer),
            strong=bool(receipt.payer),
        ),
        Row(_("For"), str(ObligationKind(facts["due"]).label)),
        Row(_("Case"), facts["case"], ltr=True),
        Row(_("Reference code"), facts["reference"], ltr=True),
    ]
    if facts.get("of_receipt"):
        rows.append(Row(_("Receipt of the payment"), facts["of_receipt"], ltr=True))
    return [*rows, _when(facts, is_refund, language), _method(facts)]


def _runs_ltr(text: str) -> bool:
    """Tell which way a name runs, by its first letter."""
    kinds = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind == "L" for kind in kinds if kind in ("L", "R", "AL")), True)


def _when(facts: Mapping[str, Any], is_refund: bool, language: str) -> Row:
    """Return the moment on the hospital's clock; a bank names a day only."""
    if day := facts.get("received_on"):
        return Row(_("Received on"), wording.written_date(dt.date.fromisoformat(day), language))
    at, zone = dt.datetime.fromisoformat(facts["at"]), facts["zone"]
    note = _("%(place)s time, %(offset)s") % {
        "place": wording.city_of_zone(zone, language),
        "offset": wording.written_offset(at, zone),
    }
    day_words = wording.written_date(clock.local(at, zone).date(), language)
    label = _("Paid back on") if is_refund else _("Paid on")
    return Row(label, f"{day_words} · {wording.written_time(at, zone)}", note=note)


def _method(facts: Mapping[str, Any]) -> Row:
    method = facts["method"]
    known = METHODS.get(method)
    return Row(_("Paid with"), str(known) if known else method or _("Not known"), ltr=not known)


def _sums(facts: Mapping[str, Any], is_refund: bool, language: str) -> list[Row]:
    charge, contract = facts["charge"], facts["contract"]
    label = (
        _("Of what counted towards the contract") if is_refund else _("Counts towards the contract")
    )
    rows = [Row(label, _text(contract), strong=True)]
    if facts.get("surplus", {}).get("minor"):
        rows.append(Row(_("More than was due; it goes back"), _text(facts["surplus"])))
    if charge["currency"] != contract["currency"]:
        rows.append(_rate(facts, charge["currency"], contract["currency"], language))
    return rows


def _rate(facts: Mapping[str, Any], charge: str, contract: str, language: str) -> Row:
    rate = rate_text(Decimal(facts["rate"]), contract, charge)
    note = ""
    if facts["rate_on"]:
        note = _("Rate of %(day)s, %(source)s") % {
            "day": wording.written_date(dt.date.fromisoformat(facts["rate_on"]), language),
            "source": _(facts["rate_source"]) if facts["rate_source"] else "",
        }
    return Row(_("Exchange rate"), rate, note=note, ltr=True)


def _notes() -> list[str]:
    return [
        _("The contract with the hospital is in the contract’s currency."),
        _(
            "This receipt is not a fapiao, China’s official tax invoice. "
            "Only the hospital can issue a fapiao."
        ),
    ]
