"""How text becomes search words: one folding for storing and for asking, in every language.

Letters lose case, accents and Arabic decoration; words lose the commonest endings; Chinese, which
has no spaces, is cut into overlapping pairs of characters.
"""

import re
import unicodedata
from dataclasses import dataclass

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
RUNS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:[-'’.·][^\W_{HAN}]+)*")
HAN_RUN = re.compile(rf"[{HAN}]+")
PARTS = re.compile(r"[^\W_]+")
CYRILLIC = re.compile(r"[а-яөүңқ]")
ARABIC = re.compile(r"[\u0621-\u064a]")
SAME_LETTER = str.maketrans(
    {"ى": "ي", "ة": "ه", "đ": "d", "ı": "i", "ł": "l", "ø": "o", "\u0640": ""}
)
ARABIC_ARTICLE = re.compile(r"^(?:وال|بال|كال|فال|ال|لل)(?=.{3})")
CYRILLIC_ENDING = re.compile(
    r"(?<=...)(?:иями|ями|ами|ией|иям|ием|иях|ого|его|ому|ему|ыми|ими|ая|яя|ое|ее|ые|ие|ыи|ии|ои|"
    r"ую|юю|ов|ев|еи|ам|ям|ах|ях|ом|ем|ия|ию|а|я|о|е|ы|и|у|ю|ь)$"
)
FILLERS = """
a an and at for from in is of on or the to with china chinese
в во для и из на от по с у к китай китае китая
de des du en et la le les pour au aux dans chine
di dan dengan untuk ke tiongkok cina
o tai cho cua va trung quoc
хятад хятадад
في من على الى عن مع و صين الصين
的 在 和 中国
"""
STOP_WORDS = frozenset(FILLERS.split())
MOST_QUERY_WORDS = 12
LONGEST_QUERY = 100


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it stands folded in the text, and the stem it is stored and found under."""

    text: str
    stem: str
    is_han: bool = False


def fold(text: str) -> str:
    """Return `text` without case, accents, Arabic vowel signs and lookalike letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", bare).translate(SAME_LETTER)


def stem(word: str) -> str:
    """Return a folded word without its commonest ending, so that singular and plural meet."""
    if CYRILLIC.search(word):
        return CYRILLIC_ENDING.sub("", word)
    if ARABIC.search(word):
        return ARABIC_ARTICLE.sub("", word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def text_words(text: str) -> set[Word]:
    """Return every word under which a stored text can be found.

    A hyphenated word counts in parts and as a whole (x-ray: x, ray, xray); a Chinese run counts as
    its pairs and its last character, so that one character finds it by prefix.
    """
    found: set[Word] = set()
    for run in RUNS.findall(fold(text)):
        if HAN_RUN.fullmatch(run):
            found.update(Word(pair, pair, is_han=True) for pair in [*_pairs(run), run[-1]])
            continue
        parts = PARTS.findall(run)
        for part in {*parts, "".join(parts)}:
            found.add(Word(part, stem(part)))
    return {word for word in found if word.text not in STOP_WORDS}


def query_words(text: str) -> list[Word]:
    """Return the words of what somebody typed, in order, without fillers and repetitions."""
    words: dict[str, Word] = {}
    for run in RUNS.findall(fold(text[:LONGEST_QUERY])):
        if HAN_RUN.fullmatch(run):
            pieces = [Word(pair, pair, is_han=True) for pair in _pairs(run) or [run]]
        else:
            pieces = [Word(part, stem(part)) for part in PARTS.findall(run)]
        for word in pieces:
            if word.text not in STOP_WORDS:
                words.setdefault(word.stem, word)
    telling = [word for word in words.values() if word.is_han or len(word.text) > 1]
    return (telling or list(words.values()))[:MOST_QUERY_WORDS]


def likeness(left: str, right: str) -> int:
    """Return how many letters to add, drop, change or swap to turn one word into the other."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, start=1):
        row = [i]
        for j, b in enumerate(right, start=1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]


def may_be_meant(typed: str, known: str) -> bool:
    """Tell whether a known word is close enough to be offered for a mistyped one."""
    return likeness(typed, known) <= min(3, max(1, len(typed) // 4)) and len(typed) > 2


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
