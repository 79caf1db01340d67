"""What people search for: words common and rare, filters, in eight languages, never twice alike."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from psycopg2.extensions import connection as Connection

from bench.fill.words import common_word, vocabulary

LANGUAGES = ("en", "zh-hans", "ru", "id", "vi", "mn", "ar", "fr")
# Shares of the mix: one word, a word with filters, two words, filters only.
ONE_WORD, WORD_AND_FILTERS, TWO_WORDS, FILTERS_ONLY = 40, 25, 15, 20


@dataclass(frozen=True, slots=True)
class Question:
    """One search as the site gets it, and the same as the reference gets it."""

    language: str
    words: str
    filters: tuple[tuple[str, str], ...]
    lexemes: tuple[str, ...]

    @property
    def site_path(self) -> str:
        return f"/{self.language}/search/?" + urlencode([("q", self.words), *self.filters])

    @property
    def reference_path(self) -> str:
        query = [("lang", self.language), ("q", self.words)]
        return "/reference/search?" + urlencode(
            [*query, *(("filter", lexeme) for lexeme in self.lexemes)]
        )


class Questions:
    """Makes questions that have answers in one measured database; the same for the same seed."""

    def __init__(self, database: Connection, seed: int) -> None:
        self.chance = random.Random(seed)
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT city.id, city.slug FROM hospitals_hospital hospital"
                " JOIN bench.hospital own ON own.id = hospital.id"
                " JOIN hospitals_city city ON city.id = hospital.city_id ORDER BY 1"
            )
            self.cities = cursor.fetchall()
            cursor.execute(
                "SELECT DISTINCT specialty.id, specialty.code FROM hospitals_specialty specialty"
                " JOIN hospitals_treatment treatment ON treatment.specialty_id = specialty.id"
                " ORDER BY 1"
            )
            self.specialties = cursor.fetchall()
            cursor.execute(
                "SELECT title_en FROM hospitals_offer WHERE is_published ORDER BY id LIMIT 20000"
            )
            self.titles = [row[0].split() for row in cursor.fetchall()]
        self.places = {word: place for place, word in enumerate(vocabulary("en"))}

    def __iter__(self) -> Iterator[Question]:
        while True:
            yield self._question()

    def _question(self) -> Question:
        language = self.chance.choice(LANGUAGES)
        kind = self.chance.choices(range(4), (ONE_WORD, WORD_AND_FILTERS, TWO_WORDS, FILTERS_ONLY))[
            0
        ]
        words = vocabulary(language)
        text = words[common_word(self.chance)] if kind in (0, 1) else ""
        if kind == 2:
            title = self.chance.choice(self.titles)
            text = " ".join(words[self.places[word]] for word in self.chance.sample(title, 2))
        filters: list[tuple[str, str]] = []
        lexemes: list[str] = []
        if kind in (1, 3):
            city_id, city = self.chance.choice(self.cities)
            filters.append(("city", city))
            lexemes.append(f"c:{city_id}")
        if kind == 3:
            specialty_id, specialty = self.chance.choice(self.specialties)
            filters.append(("specialty", specialty))
            lexemes.append(f"s:{specialty_id}")
        return Question(language, text, tuple(filters), tuple(lexemes))
