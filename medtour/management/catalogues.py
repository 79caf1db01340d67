"""Compares the translation catalogues with the texts in the project, and adds what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import to_locale

from medtour.management.extraction import Key, Place, placeholders

PLURAL_FORMS = {
    "zh-hans": "nplurals=1; plural=0;",
    "id": "nplurals=1; plural=0;",
    "vi": "nplurals=1; plural=0;",
    "mn": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    ),
    "ar": (
        "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
        "n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5);"
    ),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one language's catalogue."""

    language: str
    what: str
    text: str


def languages() -> list[str]:
    """Return the languages that have a catalogue: all but the one the texts are written in."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def catalogue_path(language: str) -> Path:
    return settings.LOCALE_PATHS[0] / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(language: str) -> polib.POFile:
    """Return a language's catalogue, an empty one with the right plural rule if there is none."""
    path = catalogue_path(language)
    if path.exists():
        return polib.pofile(str(path))
    catalogue = polib.POFile()
    catalogue.metadata = {
        "Project-Id-Version": "medtour",
        "Language": to_locale(language),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURAL_FORMS[language],
    }
    return catalogue


def entries(catalogue: polib.POFile) -> dict[Key, polib.POEntry]:
    return {
        Key(entry.msgid, entry.msgid_plural or "", entry.msgctxt or ""): entry
        for entry in catalogue
        if not entry.obsolete
    }


def add_missing(language: str, texts: dict[Key, list[Place]]) -> int:
    """Append an untranslated entry for every new text; return how many were added."""
    catalogue = read(language)
    known = entries(catalogue)
    new = [key for key in texts if key not in known]
    plural_count = _plural_count(language)
    for key in new:
        catalogue.append(_empty_entry(key, texts[key], plural_count))
    if new:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path))
    return len(new)


def drop_unused(language: str, texts: dict[Key, list[Place]]) -> int:
    """Remove entries that no source file marks any more; return how many."""
    catalogue = read(language)
    unused = [entry for key, entry in entries(catalogue).items() if key not in texts]
    for entry in unused:
        catalogue.remove(entry)
    if unused:
        catalogue.save(str(catalogue_path(language)))
    return len(unused)


def faults(language: str, texts: dict[Key, list[Place]], *, complete: bool) -> Iterator[Fault]:
    """Yield what is wrong: fuzzy entries, lost placeholders and, where asked, missing texts."""
    known = entries(read(language))
    for key in texts:
        entry = known.get(key)
        if entry is None or not entry.translated():
            if complete:
                yield Fault(language, "missing", key.text)
        else:
            yield from _entry_faults(language, key, entry)
    for key, entry in known.items():
        if entry.fuzzy:
            yield Fault(language, "fuzzy", key.text)


def _entry_faults(language: str, key: Key, entry: polib.POEntry) -> Iterator[Fault]:
    forms = [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]
    if key.plural and len(forms) != _plural_count(language):
        yield Fault(language, "wrong number of plural forms", key.text)
    allowed = placeholders(key.text) | placeholders(key.plural)
    for form in forms or [entry.msgstr]:
        if not placeholders(form) <= allowed:
            yield Fault(language, "unknown placeholder", key.text)
    # The last plural form stands for many and must carry every placeholder; "one" need not.
    fullest = placeholders(forms[-1] if forms else entry.msgstr)
    if fullest != placeholders(key.plural or key.text):
        yield Fault(language, "lost placeholder", key.text)


def _plural_count(language: str) -> int:
    return int(PLURAL_FORMS[language].split(";")[0].split("=")[1])


def _empty_entry(key: Key, places: list[Place], plural_count: int) -> polib.POEntry:
    fields = {
        "msgid": key.text,
        "occurrences": [(place.path, "") for place in places[:3]],
        "comment": "\n".join(sorted({place.note for place in places if place.note})),
    }
    if key.context:
        fields["msgctxt"] = key.context
    if "%(" in key.text or "%(" in key.plural:
        fields["flags"] = ["python-format"]
    if key.plural:
        fields["msgid_plural"] = key.plural
        fields["msgstr_plural"] = dict.fromkeys(range(plural_count), "")
    return polib.POEntry(**fields)
