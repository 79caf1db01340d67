"""The parts of the look as tags: `{% icon "pin" %}`, `{% price line %}`, `{% clocks instant %}`.

Small parts are built in Python, because a results page carries hundreds of them; parts with
structure live in templates/components/.
"""

import re
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medtour.templatetags import faces, fields, sources
from medtour.templatetags.clock_line import clocks_line_for
from medtour.templatetags.frames import filled, frame, gap
from medtour.templatetags.pages import page_links
from medtour.templatetags.show import page_language
from medtour.templatetags.sources import Fact, HomeCurrency, PriceFacts, PriceShape

register = template.Library()
register.filter("written_source", sources.written_source)

SYMBOL = re.compile(r'<symbol id="i-([a-z]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)
MIRRORED = {"arrow", "chev"}
TIERS = {"basic": "tier-basic", "international": "tier-intl", "package": "tier-pack"}
BARS = mark_safe('<span class="bars" aria-hidden="true"><i></i><i></i><i></i></span>')
ALERT_ICONS = {"": "info", "good": "check", "wait": "hourglass", "bad": "alert"}


def component(name: str, **context: Any) -> SafeString:
    """Render templates/components/<name>.html with nothing but these values."""
    return mark_safe(get_template(f"components/{name}.html").render(context))


# ---- icons and pictures -------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text(encoding="utf-8")
    return dict(SYMBOL.findall(sprite))


@lru_cache(maxsize=512)
def _icon(name: str, classes: str) -> SafeString:
    css = " ".join(filter(None, ["ic", "flip" if name in MIRRORED else "", classes]))
    return mark_safe(
        f'<svg class="{css}" viewBox="0 0 24 24" aria-hidden="true">{_symbols()[name]}</svg>'
    )


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """A line icon that says nothing by itself; an unknown name is an error."""
    return _icon(name, classes)


@lru_cache(maxsize=64)
def _picture(name: str, frame: str) -> SafeString:
    city = name.removeprefix("city-")
    drawing = (
        '<svg class="il" viewBox="0 0 400 220" aria-hidden="true" focusable="false">'
        f'<use href="{static("img/cities.svg")}#city-{city}"/></svg>'
    )
    if frame == "gate":
        drawing = (
            f'<div class="gate gate-{city}"><div class="gate-in"><div class="gate-sun"></div>'
            f"{drawing}</div></div>"
        )
    elif frame == "plate":
        drawing = f'<div class="plate">{drawing}</div>'
    return mark_safe(drawing)


@register.simple_tag
def illustration(name: str, frame: str = "plate") -> SafeString:
    """A city drawing, such as city-shanghai, in a moon gate, on a plate or bare (frame="")."""
    return _picture(name, frame)


# ---- chips --------------------------------------------------------------------------------------


@register.simple_tag
def chip(text: str, kind: str = "", icon: str = "") -> SafeString:
    """One fact in two to five words; kind: wait, home, bad, plain, demo."""
    css = f"chip chip-{kind}" if kind else "chip"
    return format_html('<span class="{}">{}{}</span>', css, _icon(icon, "") if icon else "", text)


@register.simple_tag
def tier(code: str) -> SafeString:
    """The price tier, or "Tier not stated" for a reported figure without one."""
    return _tier(code, page_language())


@lru_cache(maxsize=64)
def _tier(code: str, language: str) -> SafeString:
    names = {"basic": _("Basic"), "international": _("International"), "package": _("Package")}
    name = names.get(code) or _("Tier not stated")
    css = TIERS.get(code, "tier-none")
    return format_html('<span class="chip tier {}">{}{}</span>', css, BARS, name)


@register.simple_tag
def demo_label() -> SafeString:
    return chip(_("Demonstration"), "demo")


# ---- sources ------------------------------------------------------------------------------------
# What depends on its values and the language only is rendered once and remembered. `typed` keeps
# text that is marked safe apart from the same text that is not.


@lru_cache(maxsize=4096, typed=True)
def _source_chip(fact: Fact, kind: str, checked: Any, language: str) -> SafeString:
    return component("source_chip", **sources.provenance(fact, kind=kind, checked=checked))


@register.simple_tag
def source_chip(fact: Any, kind: str = "", checked: Any = None) -> SafeString:
    """Source and date of a sourced row; low confidence is said in words."""
    return _source_chip(Fact.of(fact), kind, checked, page_language())


@register.simple_tag
def designation_seal(designation: Any) -> SafeString:
    """An official status with issuer and date; never a rating."""
    return component("designation_seal", designation=designation, programme=designation.programme)


# ---- money --------------------------------------------------------------------------------------


@lru_cache(maxsize=1024, typed=True)
def _price_frame(shape: PriceShape, language: str):
    texts = {name: gap(name) for name in ("what", "currency", "figure")}
    about = gap("about") if shape.rate_date else ""
    return frame(component("price", about=about, **texts, **shape._asdict()))


@lru_cache(maxsize=4096, typed=True)
def _price(
    line: PriceFacts, what: str, size: str, sourced: bool, home: HomeCurrency, language: str
) -> SafeString:
    parts = sources.price_parts(line, home.code, language)
    source = "" if size == "sm" else parts["rate_source"]
    rate = (parts["rate_date"], source, parts["is_stale"])
    shape = PriceShape(parts["tier_code"], line.fact, *rate, size, sourced)
    texts = {name: parts[name] for name in ("currency", "figure", "about")}
    return filled(_price_frame(shape, language), what=what, **texts)


@register.simple_tag(takes_context=True)
def price(
    context: template.Context,
    line: Any,
    what: str = "",
    size: str = "",
    with_source: bool = True,
) -> SafeString:
    """A price with tier, home-currency estimate and source; `line` is like a PriceLine."""
    facts, home = PriceFacts.of(line), HomeCurrency.of(context.get("visitor_currency", ""))
    return _price(facts, what or facts.label, size, with_source, home, page_language())


def price_for(line: Any, what: str, currency: str, language: str) -> SafeString:
    """A price with its source, where language and currency of the reader are known already."""
    return _price(PriceFacts.of(line), what, "", True, HomeCurrency.of(currency), language)


@lru_cache(maxsize=4096, typed=True)
def _figure(line: PriceFacts, size: str, home: HomeCurrency, language: str) -> SafeString:
    parts = sources.price_parts(line, home.code, language)
    return component("figure_line", **parts, size=size)


@register.simple_tag(takes_context=True)
def figure(context: template.Context, line: Any, size: str = "sm") -> SafeString:
    """The amount or range alone with its estimate, for a row that names tier and source itself."""
    home = HomeCurrency.of(context.get("visitor_currency", ""))
    return _figure(PriceFacts.of(line), size, home, page_language())


@register.simple_tag(takes_context=True)
def ledger(context: template.Context, lines: Any, total: Any = None, total_label: str = ""):
    """A bill that can be checked by hand; `lines` are like PriceLine, `total` is Money."""
    facts = [PriceFacts.of(line) for line in lines]
    currency, language = context.get("visitor_currency", ""), page_language()
    return component(
        "ledger",
        lines=[(line, sources.price_parts(line, currency, language)) for line in facts],
        total=total,
        total_label=total_label or _("Total"),
        estimate=sources.sum_parts(total, currency, language),
    )


@register.simple_tag(takes_context=True)
def about_sum(context: template.Context, amount: Any) -> SafeString | str:
    """A sum in the visitor's currency with day, source and age of the rate; nothing without one."""
    parts = sources.sum_parts(amount, context.get("visitor_currency", ""), page_language())
    return component("about", **parts) if parts else ""


# ---- time ---------------------------------------------------------------------------------------


def visitor_zone_of(context: template.Context) -> str:
    """Return the zone the visitor chose, or nothing: an unknown place gets no clock."""
    return context.get("visitor_zone", "") if context.get("visitor_zone_chosen", True) else ""


@lru_cache(maxsize=4096, typed=True)
def _two_clocks(name: str, instant: Any, zone: str, place: str, visitor_zone: str, language: str):
    return component(name, **faces.two_faces(instant, zone, place, visitor_zone))


@register.simple_tag(takes_context=True)
def clocks(context: template.Context, instant: Any, hospital_zone: str, place: str = ""):
    """Hospital time first, the visitor's own second; one clock when both are the same."""
    own = visitor_zone_of(context)
    return _two_clocks("clocks", instant, hospital_zone, place, own, page_language())


@register.simple_tag(takes_context=True)
def clocks_line(context: template.Context, instant: Any, hospital_zone: str, place: str = ""):
    """The two clocks on one line, where space is short."""
    own = visitor_zone_of(context)
    return clocks_line_for(instant, hospital_zone, place, own)


@register.simple_tag(takes_context=True)
def hold_countdown(
    context: template.Context,
    until: Any,
    hospital_zone: str,
    title: str = "",
    place: str = "",
    with_day: bool = False,
) -> SafeString:
    """How long a place is held: the clock time always, the countdown as an extra.

    A place held for days says until which day (`with_day`) and does not count down.
    """
    both = faces.two_faces(until, hospital_zone, place, visitor_zone_of(context))
    if with_day:
        both = faces.with_days(both)
    title = title or _("Held for you")
    return component("hold_countdown", **both, until=until, title=title, with_day=with_day)


# ---- forms --------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: BoundField, label: str = "", hint: str = "") -> SafeString:
    """Label, hint, error and box of one form field, in that order (AX-02)."""
    if bound.is_hidden:
        return mark_safe(bound.as_hidden())
    return component(fields.template_of(bound), **fields.parts(bound, label, hint))


@register.simple_tag
def fields_of(form: forms.BaseForm) -> SafeString:
    """Every field of a form in its own order."""
    return mark_safe("\n".join(field(bound) for bound in form))


@register.simple_tag
def error_summary(*forms_: forms.BaseForm | None) -> SafeString:
    """What is wrong, first in main, each problem linked to its box; nothing without errors."""
    problems = [problem for form in forms_ if form for problem in fields.problems(form)]
    if not problems:
        return mark_safe("")
    title = ngettext("There is a problem", "There are %(number)s problems", len(problems)) % {
        "number": len(problems)
    }
    return component("error_summary", problems=problems, title=title)


@register.simple_tag
def button(
    text: str, href: str = "", kind: str = "", icon: str = "", name: str = "", value: str = ""
) -> SafeString:
    """A verb with an object; kind may hold several: line, quiet, danger, seal, lg, sm, block."""
    css = " ".join(["btn", *(f"btn-{part}" for part in kind.split())])
    sign = _icon(icon, "") if icon else ""
    if href:
        return format_html('<a class="{}" href="{}">{}{}</a>', css, href, sign, text)
    named = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html('<button class="{}" type="submit"{}>{}{}</button>', css, named, sign, text)


# ---- blocks -------------------------------------------------------------------------------------


@register.simple_block_tag
def alert(content: str, kind: str = "", title: str = "", icon: str = "") -> SafeString:
    """A note that is part of the page; kind: good, wait, bad, or none for information."""
    sign = _icon(icon or ALERT_ICONS[kind], "")
    return component("alert", content=content, kind=kind, title=title, sign=sign)


@register.simple_block_tag
def card(content: str, title: str = "", kind: str = "", level: int = 2) -> SafeString:
    """A box with a hairline; kind: raised, tint."""
    return component("card", content=content, title=title, kind=kind, level=level)


@register.simple_block_tag
def empty_state(content: str, title: str = "", picture: str = "city-garden") -> SafeString:
    """What is missing, why, and what to do."""
    return component("empty_state", content=content, title=title, picture=picture)


# ---- finding one's way --------------------------------------------------------------------------


@register.simple_tag
def stepper(steps: list[str], current: int) -> SafeString:
    """The steps of a form; `current` counts from 1."""
    return component("stepper", steps=list(enumerate(steps, start=1)), current=current)


@register.simple_tag
def breadcrumbs(crumbs: list[tuple[str, str]]) -> SafeString:
    """Pairs of label and address; the last one is this page and needs no address."""
    return component("breadcrumbs", crumbs=crumbs)


@register.simple_tag(takes_context=True)
def pager(context: template.Context, page: Any, parameter: str = "page") -> SafeString:
    """Links to the pages around this one that keep every other choice in the address."""
    if page.paginator.num_pages < 2:
        return mark_safe("")
    return page_links(page, context["request"].GET.copy(), parameter)
