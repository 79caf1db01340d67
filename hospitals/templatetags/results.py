"""The cards and tick boxes of a results page, rendered by shape and filled with their own texts.

What a card shows is in templates/hospitals/; here is only what may be remembered: the head of a
card belongs to a hospital, its next step to a kind of offer.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from hospitals.presenters.search import Option, ShownCard
from hospitals.selectors.search_cards import Card
from medtour.templatetags.frames import filled, gap
from medtour.templatetags.show import page_language
from medtour.templatetags.ui import price

register = template.Library()

OPTION = (
    '<label class="choice"><input type="checkbox" form="find" name="{}" value="{}"{}>'
    '<span>{}</span><span class="count"><bdi>{}</bdi></span></label>'
)


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
    is_offer: bool
    ownership: str

    @classmethod
    def of(cls, shown: ShownCard) -> "Head":
        card = shown.card
        shared = (getattr(card, name) for name in cls._fields[:-2])
        return cls(*shared, card.offer_id is not None, shown.ownership)


class Next(NamedTuple):
    """What the lower part of a card says of the next opening, in two clocks."""

    mode: str | None
    answer_within_working_days: int
    time_zone: str
    city: str
    starts_at: Any
    last_confirmed_at: Any


def _rendered(name: str, **context: Any) -> str:
    return get_template(f"hospitals/{name}.html").render(context)


@lru_cache(maxsize=8192)
def _head(head: Head, lead: str, language: str) -> str:
    texts = {"title": gap("title"), "details": gap("details")}
    return _rendered("_card_head", card=head, lead=lead, language_code=language, **texts)


@lru_cache(maxsize=4096)
def _next(part: Next, visitor_zone: str, visitor_zone_chosen: bool, language: str) -> str:
    zones = {"visitor_zone": visitor_zone, "visitor_zone_chosen": visitor_zone_chosen}
    return _rendered(
        "_next", shown={"opening": part if part.starts_at else None}, card=part, **zones
    )


@lru_cache(maxsize=256)
def _strip(kind: str, offers: int, action: str, language: str) -> str:
    gaps = {name: gap(name) for name in ("price", "next", "address", "title", "hospital")}
    return _rendered("_card_strip", kind=kind, offers=offers, action=action, **gaps)


@register.simple_tag(takes_context=True)
def next_step(context: template.Context, shown: ShownCard) -> SafeString:
    """The next opening of an offer, or what else comes next."""
    card, opening = shown.card, shown.opening
    part = Next(
        card.mode,
        card.answer_within_working_days,
        card.time_zone,
        card.city,
        opening.starts_at if opening else None,
        opening.last_confirmed_at if opening else None,
    )
    zone, chosen = context.get("visitor_zone", ""), context.get("visitor_zone_chosen", False)
    return mark_safe(_next(part, zone, chosen, page_language()))


@register.simple_tag(takes_context=True)
def result_card(context: template.Context, shown: ShownCard, lead: str = "") -> SafeString:
    """One result: an offer, or a hospital; `lead` says whose name stands first."""
    card, language = shown.card, page_language()
    head = filled(_head(Head.of(shown), lead, language), title=card.title, details=shown.details)
    parts: dict[str, Any] = {}
    if card.offer_id:
        parts["next"] = next_step(context, shown)
        if card.price:
            parts["price"] = price(context, card.price, what=gettext("Price"))
    kind = _kind(card)
    strip = filled(
        _strip(kind, 0 if card.offer_id else card.offers, shown.action, language),
        **parts,
        address=shown.address,
        title=card.title or "",
        hospital=card.hospital_name,
    )
    return mark_safe(f'<article class="offer">{head}\n{strip}</article>')


def _kind(card: Card) -> str:
    if card.offer_id is None:
        return "hospital"
    return "priced" if card.price else "unpriced"


@register.simple_tag
def tick_boxes(options: list[Option], name: str) -> SafeString:
    """The values of a facet as tick boxes with their numbers of results."""
    return mark_safe(
        "".join(
            OPTION.format(
                name,
                escape(option.value),
                " checked" if option.is_chosen else "",
                escape(option.label),
                option.hits,
            )
            for option in options
        )
    )
