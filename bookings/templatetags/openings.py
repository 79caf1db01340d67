"""The next free times of a hospital, rendered by shape and filled with their own texts."""

from functools import lru_cache

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from bookings.selectors.hospital_openings import HospitalOpenings
from hospitals.presenters.search import address_in
from medtour.templatetags.clock_line import clocks_line_for
from medtour.templatetags.frames import Frame, filled, frame, gap
from medtour.templatetags.show import page_language
from medtour.templatetags.ui import visitor_zone_of

register = template.Library()


@register.simple_tag(takes_context=True)
def opening_entries(context: template.Context, found: HospitalOpenings) -> SafeString:
    """The next free time of each offer as the entries of a list, in two clocks."""
    language, zone, own = page_language(), found.time_zone, visitor_zone_of(context)
    return mark_safe(
        "".join(
            filled(
                _entry(each.is_translated, each.places_left, language),
                title=each.title,
                address=address_in(language, "bookings:picker", each.offer_public_id),
                clocks=clocks_line_for(each.starts_at, zone, "", own),
            )
            for each in found.openings
        )
    )


@lru_cache(maxsize=256)
def _entry(is_translated: bool, places_left: int, language: str) -> Frame:
    gaps = {name: gap(name) for name in ("title", "address", "clocks")}
    shape = {"is_translated": is_translated, "places_left": places_left}
    return frame(get_template("bookings/_opening.html").render({**shape, **gaps}))
