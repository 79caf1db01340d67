"""The number to call for an ambulance in a country, each with its source and date.

A country that is not in the file has none here: its people read "your local emergency number".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language

from medtour.lib.money import locale_of
from medtour.lib.places import country_of_clock, country_of_number

FILE = Path(__file__).parent / "fixtures" / "emergency" / "numbers.json"
CHINA = "CN"


@dataclass(frozen=True, slots=True)
class EmergencyNumber:
    """One number; `country` is an ISO code, `source` and `as_of` say where it was read and when."""

    country: str
    number: str
    source: str
    as_of: str

    def place(self, language: str) -> str:
        """Return the country's name in a language."""
        names = locale_of(language).territories
        return str(names.get(self.country, self.country))

    @property
    def place_here(self) -> str:
        """The country's name in the language of the page."""
        return self.place(get_language() or "en")


@lru_cache(maxsize=1)
def all_numbers() -> Mapping[str, EmergencyNumber]:
    """Return every known number by its country."""
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    shared = read["all_emergencies"]
    found = {
        country: EmergencyNumber(country, number, shared["source"], shared["as_of"])
        for number, countries in shared["numbers"].items()
        for country in countries
    }
    return found | {row["country"]: EmergencyNumber(**row) for row in read["numbers"]}


def country_of(*, phone: str, zone_name: str) -> str:
    """Return where a person is likely at home: the telephone's country, else the clock's, or ""."""
    return country_of_number(phone) or country_of_clock(zone_name)


def numbers_for(countries: Iterable[str]) -> list[EmergencyNumber]:
    """Return the numbers of China and of these countries, as far as they are known, each once."""
    wanted = dict.fromkeys([CHINA, *countries])
    return [all_numbers()[country] for country in wanted if country in all_numbers()]
