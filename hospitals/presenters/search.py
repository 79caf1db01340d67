"""A search in the shapes its page shows: facets, chosen filters, cards with their next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from hospitals.models.offer import Tier
from hospitals.models.treatment import BookingMode
from hospitals.search_terms import FACETS, NARROWED, OPEN_WITHIN_DAYS, PAGE_SIZE, PRICE_BANDS
from hospitals.selectors.search import SearchPage
from hospitals.selectors.search_cards import Card
from hospitals.selectors.search_facets import Count
from medtour.lib import wording
from medtour.lib.money import Money

LEGENDS: dict[str, str | Promise] = {
    "kind": gettext_lazy("What to show"),
    "how": gettext_lazy("How to start"),
    "city": gettext_lazy("City"),
    "province": gettext_lazy("Province"),
    "specialty": gettext_lazy("Specialty"),
    "designation": gettext_lazy("Official designation"),
    "speaks": gettext_lazy("Spoken with you"),
    "tier": gettext_lazy("Price tier"),
    "price": gettext_lazy("Price"),
    "insurer": gettext_lazy("Direct pay reported"),
    "treatment": gettext_lazy("Treatment"),
    "hospital": gettext_lazy("Hospital"),
}
SORT_NAMES: dict[str, str | Promise] = {
    "relevance": gettext_lazy("Best match"),
    "price": gettext_lazy("Lowest price"),
    "opening": gettext_lazy("Soonest opening"),
    "name": gettext_lazy("Name"),
}
KINDS: dict[str, str | Promise] = {
    "o": gettext_lazy("Treatments with a price"),
    "h": gettext_lazy("Hospitals"),
}
FIXED: dict[str, Mapping[str, str | Promise]] = {
    "kind": KINDS,
    "how": dict(BookingMode.choices),
    "tier": dict(Tier.choices),
}
ORDERED_BY_VALUE = {"price", "kind", "how", "tier"}
ORDERS: dict[str, list[str]] = {
    "kind": list(KINDS),
    "how": BookingMode.values,
    "tier": Tier.values,
}
SHOWN_AT_ONCE = 6
STAND_IN = "stand-in-for-an-identity"


class Option(NamedTuple):
    """One value of a facet as a tick box with its number of results."""

    value: str
    label: str
    hits: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A group of tick boxes; `more` are folded away."""

    name: str
    legend: str
    options: list[Option]
    more: list[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    """A chosen filter and the address without it."""

    facet: str
    legend: str
    label: str
    address: str


class ShownCard(NamedTuple):
    """A card with its next opening and its one action."""

    card: Card
    opening: Any
    action: str
    address: str
    details: str


def shown_card(card: Card, opening: Any, language: str) -> ShownCard:
    """Return a card with what a visitor can do next; only offers can be booked."""
    if card.offer_id is None:
        action, leads_to = _next_action(None, language)
        page = address_in(language, leads_to, card.hospital_slug)
        return ShownCard(card, None, action, page, page)
    public_id = card.public_id or ""
    action, leads_to = _next_action(card.mode, language)
    page = address_in(language, "hospitals:offer", public_id)
    return ShownCard(card, opening, action, address_in(language, leads_to, public_id), page)


def offer_action(mode: str, public_id: str) -> tuple[str, str]:
    """Return the label and address of the next step towards an offer."""
    action, leads_to = _next_action(mode, _language())
    return action, address_of(leads_to, public_id)


@lru_cache(maxsize=64)
def _next_action(mode: str | None, _language: str) -> tuple[str, str]:
    """Return the label and the page of the next step: of an offer's mode, or of a hospital."""
    if mode is None:
        return _("See the hospital"), "hospitals:hospital"
    if mode == BookingMode.INSTANT:
        return _("See times"), "bookings:picker"
    if mode == BookingMode.WINDOW:
        return _("Ask for dates"), "bookings:ask_for_dates"
    return _("Read how to start"), "hospitals:offer"


def address_of(page: str, identity: str) -> str:
    """Return the address of a page about one thing; `identity` is a slug or a public id."""
    return address_in(_language(), page, identity)


def address_in(language: str, page: str, identity: str) -> str:
    """Return the address in a page's language that is known already: the one being shown."""
    before, after = _around_identity(page, language)
    return f"{before}{identity}{after}"


@lru_cache(maxsize=64)
def _around_identity(page: str, language: str) -> tuple[str, str]:
    before, _between, after = reverse(page, args=[STAND_IN]).partition(STAND_IN)
    return before, after


def facets(page: SearchPage, *, hidden: tuple[str, ...] = ()) -> list[Facet]:
    """Return the facets that divide these results, in a fixed order."""
    shown, language = [], _language()
    for name in FACETS:
        number = len(page.counts.facets.get(name, ()))
        if name in hidden or (number < 2 and not page.criteria.chosen.get(name)):
            continue
        values = _options(page, name, language)
        first, more = [], []
        for place, option in enumerate(values):
            (first if place < SHOWN_AT_ONCE or option.is_chosen else more).append(option)
        shown.append(Facet(name, _legend(name, language), first, more))
    return shown


def options(page: SearchPage, name: str) -> list[Option]:
    """Return a facet's values, the most frequent first, or in their own order."""
    return _options(page, name, _language())


def _options(page: SearchPage, name: str, language: str) -> list[Option]:
    chosen = page.criteria.chosen.get(name, ())
    values = [
        Option(value, _value_label(name, value, label, language), hits, value in chosen)
        for value, label, hits in page.counts.facets.get(name, [])
    ]
    if name in ORDERED_BY_VALUE:
        order = ORDERS.get(name)
        values.sort(key=lambda o: order.index(o.value) if order and o.value in order else 0)
        if name == "price":
            values.sort(key=lambda o: o.value)
    return values


def legend(facet: str) -> str:
    """Return what a facet is called in the page's language."""
    return _legend(facet, _language())


@lru_cache(maxsize=256)
def _legend(facet: str, _language: str) -> str:
    return str(LEGENDS[facet])


def value_label(facet: str, count: Count) -> str:
    """Return what a facet value is called in the page's language."""
    return _value_label(facet, count.value, count.label, _language())


@lru_cache(maxsize=8192)
def _value_label(facet: str, value: str, label: str, language: str) -> str:
    fixed = FIXED.get(facet, {})
    if value in fixed:
        return str(fixed[value])
    if facet == "price" and value.isdigit():
        return price_band_label(int(value))
    if facet == "speaks":
        return wording.language_name(value, language)
    return label or value


def price_band_label(band: int) -> str:
    """Return the words of a price band, such as CNY 500 to 2,000."""
    return _price_band_label(band, _language())


@lru_cache(maxsize=256)
def _price_band_label(band: int, language: str) -> str:
    limits = [Money(limit, "CNY").formatted(language, whole=True) for limit in PRICE_BANDS]
    if band <= 0:
        return _("Under %(limit)s") % {"limit": limits[0]}
    if band >= len(limits):
        return _("%(limit)s and more") % {"limit": limits[-1]}
    return _("%(low)s to %(high)s") % {"low": limits[band - 1], "high": limits[band]}


def chips(page: SearchPage, data: QueryDict) -> list[Chip]:
    """Return the chosen filters, each with the address that drops it."""
    found = []
    for facet in (*FACETS, *NARROWED):
        chosen = page.criteria.chosen.get(facet, ())
        counts = {c.value: c for c in page.counts.facets.get(facet, [])} if chosen else {}
        for value in chosen:
            label = value_label(facet, counts.get(value) or Count(value, "", 0))
            found.append(Chip(facet, legend(facet), label, address_without(data, facet, value)))
    if days := page.criteria.open_within_days:
        address = address_without(data, "open")
        found.append(Chip("open", _("Next opening"), within_label(days), address))
    return found


def within_label(days: int) -> str:
    """Return the words for a next opening within some days."""
    return ngettext("Within %(days)s day", "Within %(days)s days", days) % {"days": days}


def within_options(page: SearchPage) -> list[tuple[int, str, bool]]:
    """Return the choices for the next opening: days, label, whether chosen."""
    chosen = page.criteria.open_within_days
    return [(days, label, days == chosen) for days, label in _within_labels(_language())]


@lru_cache(maxsize=32)
def _within_labels(_language: str) -> list[tuple[int, str]]:
    return [(days, within_label(days)) for days in OPEN_WITHIN_DAYS]


def sort_options(page: SearchPage) -> list[tuple[str, str, bool]]:
    """Return the ways to sort: value, name, whether chosen."""
    return [(value, name, value == page.criteria.sort) for value, name in _sort_names(_language())]


@lru_cache(maxsize=32)
def _sort_names(_language: str) -> list[tuple[str, str]]:
    return [(value, str(name)) for value, name in SORT_NAMES.items()]


def address_without(data: QueryDict, name: str, value: str = "") -> str:
    """Return this address without one choice, back on the first page."""
    kept = data.copy()
    kept.pop("page", None)
    left = [one for one in kept.getlist(name) if value and one != value]
    kept.setlist(name, left)
    return f"?{kept.urlencode()}"


def address_with(data: QueryDict, **changes: str) -> str:
    """Return this address with other values, back on the first page."""
    changed = data.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed[name] = value
    return f"?{changed.urlencode()}"


def result_pages(page: SearchPage) -> Any:
    """Return the page in the form the pager component reads."""
    numbers = range(page.last_page * PAGE_SIZE)
    return Paginator(numbers, PAGE_SIZE).get_page(page.criteria.page)


def _language() -> str:
    return get_language() or "en"
