"""The catalogue's pages of the staff desk."""

from hospitals.admin import catalogue, offers, people, rates

__all__ = ["catalogue", "offers", "people", "rates"]
