"""Money as whole minor units with a currency; never a float, never times a hundred (PY-02)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)

LOCALE_TAGS = {"zh-hans": "zh_Hans_CN", "ar": "ar_001", "en": "en_GB"}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met."""


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return the number of minor-unit digits (ISO 4217): CNY 2, JPY 0, KWD 3."""
    return get_currency_precision(currency)


def babel_locale(language: str) -> str:
    """Return the CLDR locale for one of our language codes, with Western digits everywhere."""
    tag = LOCALE_TAGS.get(language, language.replace("-", "_"))
    return f"{tag}@numbers=latn" if tag.startswith("ar") else tag


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Return the CLDR locale of one of our languages, with Western digits."""
    return Locale.parse(babel_locale(language))


@lru_cache(maxsize=64)
def _separators(language: str) -> tuple[str, str]:
    locale = locale_of(language)
    return get_group_symbol(locale), get_decimal_symbol(locale)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount: `minor` whole minor units of `currency` (ISO 4217 code)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("minor units are whole numbers")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not a currency code: {self.currency!r}")

    @classmethod
    def from_major(cls, amount: Decimal | int | str, currency: str) -> "Money":
        """Return the amount given in major units, rounded half-even to the minor unit."""
        scaled = Decimal(amount).scaleb(exponent(currency))
        return cls(int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN)), currency)

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")

    def number(self, language: str, *, whole: bool = False) -> str:
        """Return the figure alone in a language's grouping; `whole` leaves minor units out."""
        digits = 0 if whole else exponent(self.currency)
        group, point = _separators(language)
        figure = f"{abs(self.major):,.{digits}f}"
        if self.minor < 0:
            pattern = "#,##0" + ("." + "0" * digits if digits else "")
            return format_decimal(self.major, format=pattern, locale=locale_of(language))
        return figure.translate({ord(","): group, ord("."): point})

    def formatted(self, language: str, *, whole: bool = False) -> str:
        """Return code and figure, such as CNY 1,935.00, in a language's order and grouping."""
        digits = 0 if whole else exponent(self.currency)
        figure = "#,##0" + ("." + "0" * digits if digits else "")
        return format_currency(
            self.major,
            self.currency,
            format=f"¤¤ {figure}",
            locale=locale_of(language),
            currency_digits=False,
        )
