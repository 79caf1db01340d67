"""Joins catalogue cards with what the bookings know about free times."""

from hospitals.presenters.search import ShownCard, shown_card
from hospitals.selectors.search_cards import Card
from medtour.templatetags.show import page_language


def with_openings(cards: list[Card]) -> list[ShownCard]:
    """Return cards as they are shown; each was read with its next opening beside it."""
    language = page_language()
    return [shown_card(card, card.beside, language) for card in cards]
