"""Joins catalogue cards with what the bookings know about free times."""

from bookings.selectors.availability import next_openings
from hospitals.models.treatment import BookingMode
from hospitals.presenters.search import ShownCard, shown_card
from hospitals.selectors.search_cards import Card


def with_openings(cards: list[Card]) -> list[ShownCard]:
    """Return cards with their next openings: one statement for all, none without instant offers."""
    wanted = [card.offer_id for card in cards if card.mode == BookingMode.INSTANT and card.offer_id]
    openings = next_openings(wanted)
    return [shown_card(card, openings.get(card.offer_id or 0)) for card in cards]
