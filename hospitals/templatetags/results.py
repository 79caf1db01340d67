"""The cards and tick boxes of a results page, rendered by shape and filled with their own texts.

What a card shows is in templates/hospitals/; here is only what may be remembered: the head of a
card belongs to a hospital, its next step to a kind of offer.
"""

from functools import lru_cache
from html import escape
from operator import attrgetter
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from hospitals.models.hospital import Ownership
from hospitals.presenters.search import Facet, Option, ShownCard
from hospitals.selectors.search_cards import Card
from medtour.templatetags.frames import Frame, filled, frame, gap
from medtour.templatetags.show import page_language
from medtour.templatetags.ui import price_for

register = template.Library()

OPTION = (
    '<label class="choice"><input type="checkbox" form="find" name="{}" value="{}"{}>'
    '<span>{}</span><span class="count"><bdi>'
)
OPTION_END = "</bdi></span></label>"


class Head(NamedTuple):
    """What the upper part of a card says of the hospital, and of an offer's kind."""

    hospital_slug: str
    hospital_name: str
    is_name_translated: bool
    chinese_name: str | None
    city: str
    illustration: str
    languages: tuple[str, ...]
    designations: tuple[tuple[str, str, str], ...]
    is_demonstration: bool
    ownership: str
    is_offer: bool

    @classmethod
    def of(cls, shown: ShownCard) -> "Head":
        return cls(*SHARED(shown.card), shown.card.offer_id is not None)


SHARED = attrgetter(*Head._fields[:-1])
OWNERSHIPS = dict(Ownership.choices)


class Next(NamedTuple):
    """What the lower part of a card says of the next opening, in two clocks."""

    mode: str | None
    answer_within_working_days: int
    time_zone: str
    city: str
    starts_at: Any
    last_confirmed_at: Any


def _rendered(name: str, **context: Any) -> SafeString:
    return get_template(f"hospitals/{name}.html").render(context)


@lru_cache(maxsize=8192)
def _card_frame(head: Head, lead: str, kind: str, offers: int, action: str, language: str) -> Frame:
    upper = {"card": head._replace(ownership=str(OWNERSHIPS.get(head.ownership, ""))), "lead": lead}
    texts = {name: gap(name) for name in ("title", "details")}
    top = _rendered("_card_head", language_code=language, **upper, **texts)
    strip = _strip(kind, offers, action, language)
    return frame(f'<article class="offer">{top}\n{strip}</article>')


@lru_cache(maxsize=4096)
def _next(part: Next, visitor_zone: str, visitor_zone_chosen: bool, language: str) -> SafeString:
    zones = {"visitor_zone": visitor_zone, "visitor_zone_chosen": visitor_zone_chosen}
    return _rendered(
        "_next", shown={"opening": part if part.starts_at else None}, card=part, **zones
    )


@lru_cache(maxsize=256)
def _strip(kind: str, offers: int, action: str, language: str) -> str:
    gaps = {name: gap(name) for name in ("price", "next", "address", "title", "hospital")}
    return _rendered("_card_strip", kind=kind, offers=offers, action=action, **gaps)


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
    part = Next(
        card.mode,
        card.answer_within_working_days,
        card.time_zone,
        card.city,
        opening.starts_at if opening else None,
        opening.last_confirmed_at if opening else None,
    )
    return _next(part, reader.zone, reader.zone_chosen, reader.language)


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
    card = shown.card
    texts: dict[str, Any] = {}
    if card.offer_id:
        texts["next"] = _next_step(shown, reader)
        if card.price:
            texts["price"] = price_for(card.price, what, reader.currency, reader.language)
    offers = 0 if card.offer_id else card.offers
    parts = _card_frame(Head.of(shown), lead, _kind(card), offers, shown.action, reader.language)
    return filled(
        parts,
        **texts,
        title=card.title or "",
        details=shown.details,
        address=shown.address,
        hospital=card.hospital_name,
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
