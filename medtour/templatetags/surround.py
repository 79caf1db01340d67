"""What surrounds every page, head to foot, rendered once a shape and filled for each visitor.

A shape is what the markup depends on: language, signed in or not, which menu entry is here.
Whatever belongs to one visitor or one address (token, place, path) is put in at the end and is
never remembered.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django_htmx.jinja import htmx_script

from medtour import places
from medtour.context import NAVIGATION, addresses_of, language_entries, nearest
from medtour.lib import wording
from medtour.templatetags.frames import Frame, filled, frame, gap
from medtour.templatetags.show import page_language, wall_time

register = template.Library()

VISITOR_GAPS = ("csrf_token", "next", "place_address", "visitor_zone", "visitor_city")
TIME_GAPS = ("beijing_time", "visitor_time")


class Shape(NamedTuple):
    """What the markup of head and foot depends on."""

    language_code: str
    signed_in: bool
    is_demonstration: bool
    interface_complete: bool
    support_email: str
    beijing_zone: str
    visitor_zone_chosen: bool
    has_own_clock: bool
    has_currency: bool
    here: str
    inside: bool


class MetaShape(NamedTuple):
    """What the markup of a page's description for machines depends on."""

    language_code: str
    is_demonstration: bool
    site_url: str
    page_title: str
    page_description: str
    inside: bool


@register.simple_tag(takes_context=True)
def site_top(context: template.Context) -> SafeString:
    """The ribbon, the menu and the notes above every page."""
    return _filled(context, "site_top")


@register.simple_tag(takes_context=True)
def site_foot(context: template.Context) -> SafeString:
    """The links below every page."""
    return _filled(context, "site_foot")


@register.simple_tag(takes_context=True)
def page_meta(context: template.Context) -> SafeString:
    """Description, addresses in other languages, and what a shared link shows."""
    inside, rest = _rest(context)
    texts = {name: context.get(name) or "" for name in ("page_title", "page_description")}
    gaps = {name: gap(name) if text else "" for name, text in texts.items()}
    fixed = (context[name] for name in MetaShape._fields[:3])
    parts = _meta_frame(MetaShape(*fixed, **gaps, inside=inside))
    return filled(parts, **texts, rest_path=rest.partition("?")[0])


@register.simple_tag(takes_context=True)
def page_script(context: template.Context) -> SafeString:
    """The script of htmx; only the nonce belongs to one answer."""
    nonce = str(context.get("csp_nonce", ""))
    return filled(_script_frame(), nonce=nonce) if nonce else htmx_script()


@lru_cache(maxsize=1)
def _script_frame() -> Frame:
    return frame(htmx_script(nonce=gap("nonce")))


def _filled(context: template.Context, name: str) -> SafeString:
    inside, rest = _rest(context)
    path, zone = context["request"].path, context["visitor_zone"]
    own_clock = context["visitor_zone_chosen"] and zone != context["beijing_zone"]
    shape = Shape(
        *(context[field] for field in Shape._fields[:7]),
        has_own_clock=own_clock,
        has_currency=bool(context["visitor_currency"]),
        here=nearest(addresses_of(NAVIGATION), path),
        inside=inside,
    )
    texts = {field: context.get(field) for field in VISITOR_GAPS}
    texts["next"] = texts["next"] or context["full_path"]
    return filled(
        _frame(name, shape),
        **texts,
        visitor_currency=context["visitor_currency"],
        beijing_time=wall_time(context["now"], context["beijing_zone"]),
        visitor_time=wall_time(context["now"], zone) if own_clock else "",
        rest=rest,
    )


class FixedNode(template.Node):
    """Markup that depends on the language alone, rendered once and kept in the parsed template."""

    def __init__(self, nodes: template.NodeList) -> None:
        self.nodes = nodes
        self.rendered: dict[str, SafeString] = {}

    def render(self, context: template.Context) -> SafeString:
        language = page_language()
        if language not in self.rendered:
            self.rendered[language] = self.nodes.render(context)
        return self.rendered[language]


@register.tag
def fixed(parser: Any, _token: Any) -> FixedNode:
    """`{% fixed %}…{% endfixed %}` around words and links that no visitor and no data change."""
    nodes = parser.parse(("endfixed",))
    parser.delete_first_token()
    return FixedNode(nodes)


def _rest(context: template.Context) -> tuple[bool, str]:
    """Tell whether the page is inside its language's prefix, and what comes after the prefix."""
    full, prefix = context["full_path"], f"/{context['language_code']}/"
    inside = context["request"].path.startswith(prefix)
    return inside, full[len(prefix) :] if inside else ""


@lru_cache(maxsize=1024)
def _frame(name: str, shape: Shape) -> Frame:
    values: dict[str, Any] = {field: gap(field) for field in (*VISITOR_GAPS, *TIME_GAPS)}
    menu = [(label, address, address == shape.here) for label, address in addresses_of(NAVIGATION)]
    values |= shape._asdict() | {
        "language_tag": wording.language_tag(shape.language_code),
        "visitor_currency": gap("visitor_currency") if shape.has_currency else "",
        "navigation": menu,
        "site_languages": _languages(shape.language_code, shape.inside),
        "zone_options": places.common_zone_options(),
        "currency_options": places.currency_options(),
    }
    return frame(get_template(f"components/{name}.html").render(values))


@lru_cache(maxsize=256)
def _meta_frame(shape: MetaShape) -> Frame:
    languages = _languages(shape.language_code, shape.inside)
    values = {**shape._asdict(), "site_languages": languages}
    return frame(get_template("components/page_meta.html").render(values))


def _languages(present: str, inside: bool) -> list[dict[str, Any]]:
    rest = (gap("rest"), gap("rest_path")) if inside else None
    return language_entries(present, rest)
