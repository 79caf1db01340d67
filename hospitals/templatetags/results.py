"""The cards and tick boxes of a results page, rendered by shape and filled with their own texts.

What a card shows is in templates/hospitals/; here is only what may be remembered: markup by shape,
and the few texts that many hospitals share.
"""

from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from hospitals.models.hospital import Ownership
from hospitals.presenters.search import Facet, Option, ShownCard, address_in
from hospitals.selectors.search_cards import Card
from medtour.templatetags.clock_line import clocks_line_for
from medtour.templatetags.frames import Frame, filled, frame, gap
from medtour.templatetags.show import instant, page_language
from medtour.templatetags.ui import illustration, price_for

register = template.Library()

OPTION = (
    '<label class="choice"><input type="checkbox" form="find" name="{}" value="{}"{}>'
    '<span>{}</span><span class="count"><bdi>'
)
OPTION_END = "</bdi></span></label>"


class Shape(NamedTuple):
    """What the markup of a card depends on; everything else is filled in."""

    language: str
    kind: str
    lead: str
    action: str
    is_name_translated: bool
    has_chinese_name: bool
    is_demonstration: bool
    has_offers: bool


OWNERSHIPS = dict(Ownership.choices)
GAPS = (
    *("title", "details", "picture", "city", "ownership", "languages", "designations"),
    *("hospital_name", "hospital_address", "chinese_name", "price", "next", "address"),
)


def _rendered(name: str, **context: Any) -> SafeString:
    return get_template(f"hospitals/{name}.html").render(context)


@lru_cache(maxsize=1024)
def _card_frame(shape: Shape) -> Frame:
    gaps = {name: gap(name) for name in GAPS}
    offers = gap("offers") if shape.has_offers else ""
    top, strip = (
        _rendered(part, **gaps, **shape._asdict(), offers=offers)
        for part in ("_card_head", "_card_strip")
    )
    return frame(f'<article class="offer">{top}\n{strip}</article>')


@lru_cache(maxsize=1024)
def _languages(codes: tuple[str, ...], _language: str) -> SafeString:
    return _rendered("_card_languages", codes=codes)


@lru_cache(maxsize=1024)
def _designations(held: tuple[tuple[str, str, str], ...], _language: str) -> SafeString:
    return _rendered("_card_designations", designations=held)


@lru_cache(maxsize=256)
def _next_frame(mode: str | None, days: int, is_open: bool, _language: str) -> Frame:
    gaps = {name: gap(name) for name in ("clocks", "confirmed")}
    return frame(_rendered("_next", mode=mode, days=days, is_open=is_open, **gaps))


class Reader(NamedTuple):
    """For whom a page is written: language, own zone and currency."""

    language: str
    zone: str
    zone_chosen: bool
    currency: str

    @classmethod
    def of(cls, context: template.Context) -> "Reader":
        zone = context.get("visitor_zone", "")
        chosen = context.get("visitor_zone_chosen", False)
        return cls(page_language(), zone, chosen, context.get("visitor_currency", ""))


@register.simple_tag(takes_context=True)
def next_step(context: template.Context, shown: ShownCard) -> SafeString:
    """The next opening of an offer, or what else comes next."""
    return _next_step(shown, Reader.of(context))


def _next_step(shown: ShownCard, reader: Reader) -> SafeString:
    card, opening = shown.card, shown.opening
    starts_at = opening.starts_at if opening else None
    parts = _next_frame(
        card.mode, card.answer_within_working_days, starts_at is not None, reader.language
    )
    if opening is None or starts_at is None:
        return filled(parts)
    own = reader.zone if reader.zone_chosen else ""
    return filled(
        parts,
        clocks=clocks_line_for(starts_at, card.time_zone, card.city, own),
        confirmed=instant(opening.last_confirmed_at, card.time_zone),
    )


@register.simple_tag(takes_context=True)
def result_card(context: template.Context, shown: ShownCard, lead: str = "") -> SafeString:
    """One result: an offer, or a hospital; `lead` says whose name stands first."""
    return _card(shown, lead, Reader.of(context), gettext("Price"))


@register.simple_tag(takes_context=True)
def result_cards(context: template.Context, cards: list[ShownCard]) -> SafeString:
    """The results of a page as the entries of a list."""
    reader, what = Reader.of(context), gettext("Price")
    return mark_safe("".join(f"<li>{_card(shown, '', reader, what)}</li>" for shown in cards))


def _card(shown: ShownCard, lead: str, reader: Reader, what: str) -> SafeString:
    card, language = shown.card, reader.language
    kind = _kind(card)
    shape = Shape(
        language,
        kind,
        lead,
        shown.action,
        card.is_name_translated,
        bool(card.chinese_name) and language != "zh-hans",
        card.is_demonstration,
        kind == "hospital" and bool(card.offers),
    )
    return filled(
        _card_frame(shape),
        title=card.title or "",
        details=shown.details,
        picture=illustration(card.illustration, "gate"),
        hospital_address=address_in(language, "hospitals:hospital", card.hospital_slug),
        hospital_name=card.hospital_name,
        chinese_name=card.chinese_name,
        city=card.city,
        ownership=str(OWNERSHIPS.get(card.ownership, "")),
        languages=_languages(card.languages, language),
        designations=_designations(card.designations, language),
        offers=card.offers,
        address=shown.address,
        price=price_for(card.price, what, reader.currency, language) if card.price else "",
        next=_next_step(shown, reader) if card.offer_id else "",
    )


def _kind(card: Card) -> str:
    if card.offer_id is None:
        return "hospital"
    return "priced" if card.price else "unpriced"


@register.simple_tag
def result_count(total: int) -> str:
    """How many results there are, in words."""
    return ngettext("%(number)s result", "%(number)s results", total) % {"number": total}


@register.simple_tag
def facet_group(facet: Facet) -> SafeString:
    """A facet's values as tick boxes, the rarer ones folded away."""
    parts = _facet_frame(facet.name, facet.legend, len(facet.more), page_language())
    return filled(
        parts,
        options=_tick_boxes(facet.options, facet.name),
        more=_tick_boxes(facet.more, facet.name),
    )


@lru_cache(maxsize=1024)
def _facet_frame(name: str, legend: str, number: int, language: str) -> Frame:
    texts = {"options": gap("options"), "more": gap("more")}
    return frame(_rendered("_facet", facet_name=name, legend=legend, number=number, **texts))


def _tick_boxes(options: list[Option], name: str) -> SafeString:
    return mark_safe(
        "".join(
            [
                f"{_tick_box(name, value, label, is_chosen)}{hits}{OPTION_END}"
                for value, label, hits, is_chosen in options
            ]
        )
    )


@lru_cache(maxsize=8192)
def _tick_box(name: str, value: str, label: str, is_chosen: bool) -> str:
    """Return a tick box up to its number of results."""
    return OPTION.format(name, escape(value), " checked" if is_chosen else "", escape(label))


@register.simple_tag
def opening_group(choices: list[tuple[int, str, bool]]) -> SafeString:
    """The choice of how soon the next opening must be."""
    return mark_safe(_opening_group(tuple(choices), page_language()))


@lru_cache(maxsize=64)
def _opening_group(choices: tuple[tuple[int, str, bool], ...], language: str) -> str:
    is_any = not any(is_chosen for _days, _label, is_chosen in choices)
    return _rendered("_opening_group", within=choices, is_any=is_any)


@register.simple_tag
def sort_form(sorts: list[tuple[str, str, bool]]) -> SafeString:
    """The choice of an order for the results."""
    return mark_safe(_sort_form(tuple(sorts), page_language()))


@lru_cache(maxsize=64)
def _sort_form(sorts: tuple[tuple[str, str, bool], ...], language: str) -> str:
    return _rendered("_sort_form", sorts=sorts)
