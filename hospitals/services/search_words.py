"""Collects the words that lead to catalogue lexemes, and what facet lexemes are called."""

from collections.abc import Iterable, Iterator
from typing import Any

from modeltranslation.utils import build_localized_fieldname

from hospitals.models import (
    City,
    Hospital,
    Insurer,
    Offer,
    Programme,
    Province,
    Specialty,
    Treatment,
)
from hospitals.search_terms import lexeme
from hospitals.search_text import Word, text_words
from hospitals.services.search_documents import LANGUAGES, in_language

ALWAYS_FOUND = ("en", "zh-hans")
Texts = dict[str, list[str]]


class WordList:
    """Words of each language with the lexemes they lead to."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], tuple[str, set[str]]] = {}

    def add(self, language: str, word: Word, target: str) -> None:
        """Let `word`, typed by a visitor of `language`, lead to `target`; keep its short form."""
        key = (language, word.stem)
        text, targets = self._entries.get(key, (word.text, set()))
        shortest = min(text, word.text, key=lambda form: (len(form), form))
        self._entries[key] = (shortest, targets | {target})

    def add_texts(self, target: str, texts: Texts) -> None:
        """Let a visitor find `target` by its words in their language, English and Chinese."""
        words = {
            language: {word for text in texts.get(language, []) for word in text_words(text)}
            for language in LANGUAGES
        }
        for language in LANGUAGES:
            for source in {language, *ALWAYS_FOUND}:
                for word in words[source]:
                    self.add(language, word, target)

    def rows(self) -> list[tuple[str, str, str, list[str]]]:
        """Return (language, stem, word, targets), sorted."""
        return [
            (language, stem, text, sorted(targets))
            for (language, stem), (text, targets) in sorted(self._entries.items())
        ]


def texts_of(row: Any, *fields: str) -> Texts:
    """Return the texts of a translated row by language; a fall-back is not a translation."""
    return {
        language: [text for field in fields if (text := in_language(row, field, language))]
        for language in LANGUAGES
    }


def everywhere(text: str) -> Texts:
    """Return an untranslated text as found in every language."""
    return {language: [text] for language in LANGUAGES if text}


def add_hospital(words: WordList, hospital: Hospital) -> None:
    """Let a hospital be found by its names and its other names."""
    target = lexeme("hospital", hospital.slug)
    words.add_texts(target, texts_of(hospital, "name"))
    words.add_texts(target, everywhere(hospital.aliases))


def add_offer_title(words: WordList, offer: Offer) -> None:
    """Let an offer be found by the words of its own title."""
    for source in LANGUAGES:
        _add_title_words(words, source, text_words(in_language(offer, "title", source)))


def add_all_titles(words: WordList) -> None:
    """Do the same for every published offer; each word once, however many titles have it."""
    columns = [build_localized_fieldname("title", language) for language in LANGUAGES]
    found: dict[str, set[Word]] = {language: set() for language in LANGUAGES}
    titled = Offer.objects.filter(is_published=True).exclude(title_en=None).exclude(title_en="")
    for titles in titled.values_list(*columns).iterator(chunk_size=2000):
        for source, title in zip(LANGUAGES, titles, strict=True):
            found[source] |= text_words(title or "")
    for source in LANGUAGES:
        _add_title_words(words, source, found[source])


def _add_title_words(words: WordList, source: str, found: Iterable[Word]) -> None:
    for word in found:
        for language in LANGUAGES if source in ALWAYS_FOUND else (source,):
            words.add(language, word, lexeme("title", f"{source}:{word.stem}"))


def all_words() -> WordList:
    """Return the words of the whole catalogue."""
    words = WordList()
    for hospital in Hospital.objects.order_by("pk"):
        add_hospital(words, hospital)
    for treatment in Treatment.objects.order_by("pk"):
        words.add_texts(
            lexeme("treatment", treatment.slug), texts_of(treatment, "name", "synonyms")
        )
    for specialty in Specialty.objects.order_by("pk"):
        words.add_texts(
            lexeme("specialty", specialty.code), texts_of(specialty, "name", "synonyms")
        )
    for target, row in _named_rows():
        texts = texts_of(row, "name") if not isinstance(row, Insurer) else everywhere(row.name)
        words.add_texts(target, texts)
    add_all_titles(words)
    return words


def all_labels() -> list[tuple[str, str, str]]:
    """Return (language, lexeme, label) of the facets whose names are data; English fills gaps."""
    named = [
        *_named_rows(),
        *((lexeme("specialty", row.code), row) for row in Specialty.objects.order_by("pk")),
        *((lexeme("treatment", row.slug), row) for row in Treatment.objects.order_by("pk")),
        *((lexeme("hospital", row.slug), row) for row in Hospital.objects.order_by("pk")),
    ]
    labels = []
    for target, row in named:
        for language in LANGUAGES:
            if isinstance(row, Insurer):
                label = row.name
            else:
                label = in_language(row, "name", language) or in_language(row, "name", "en")
            labels.append((language, target, label))
    return labels


def _named_rows() -> Iterator[tuple[str, Any]]:
    for city in City.objects.order_by("pk"):
        yield lexeme("city", city.slug), city
    for province in Province.objects.order_by("pk"):
        yield lexeme("province", province.slug), province
    for programme in Programme.objects.order_by("pk"):
        yield lexeme("designation", programme.code), programme
    for insurer in Insurer.objects.order_by("pk"):
        yield lexeme("insurer", insurer.slug), insurer
