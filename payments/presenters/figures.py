"""Numbers and percentages as the page's language writes them."""

from decimal import Decimal

from babel.numbers import format_decimal

from medtour.lib.money import locale_of
from medtour.templatetags.show import page_language


def decimal_text(value: Decimal) -> str:
    """Return a number in the page's language without useless zeros: 1, 2.5."""
    return format_decimal(value, format="#,##0.##", locale=locale_of(page_language()))


def share_text(value: Decimal) -> str:
    """Return a percentage of something: 104 %."""
    figure = format_decimal(value, format="#,##0.#", locale=locale_of(page_language()))
    return f"{figure}\N{NO-BREAK SPACE}%"


def percent_text(value: Decimal) -> str:
    """Return a percentage with its sign, a narrow gap and at most one decimal place: +5.5 %."""
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    figure = format_decimal(abs(value), format="#,##0.#", locale=locale_of(page_language()))
    return f"{sign}{figure}\N{NO-BREAK SPACE}%"


def rate_text(rate: Decimal, contract: str, charge: str) -> str:
    """Return a rate with the decimal mark of the page's language: 1 CNY = 0,1378 USD."""
    figure = format_decimal(rate, format="0.##########", locale=locale_of(page_language()))
    return f"1 {contract} = {figure} {charge}"
