"""Searches that fill a page, so that both databases are asked for pages with as much on them.

With a tenth of the data most words and filters lead to less than a page; a page of nine results is
quicker than one of fifteen however the data is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection

from bench.client import HOST, get
from bench.questions import Question

CARDS = 20
CARD = b'<article class="offer"'
ONE_WORD, FILTERS = 160, 80  # as many to one as in the mix


@dataclass(frozen=True, slots=True)
class FullPages:
    """Requests whose answers have a full page, and how many results the mix has a page."""

    requests: list[bytes]
    cards_of_mix: float


def full_pages(port: int, questions: Iterator[Question]) -> FullPages:
    """Ask the server at `port` and keep what fills a page: one word, or two filters."""
    wanted = {True: ONE_WORD, False: FILTERS}
    kept: list[bytes] = []
    cards: list[int] = []
    connection = HTTPConnection(HOST, port)
    while any(wanted.values()):
        question = next(questions)
        connection.request("GET", question.site_path)
        cards.append(connection.getresponse().read().count(CARD))
        is_one_word = bool(question.words)
        is_simple = len(question.words.split()) + bool(question.filters) == 1
        if is_simple and cards[-1] == CARDS and wanted[is_one_word]:
            wanted[is_one_word] -= 1
            kept.append(get(question.site_path))
    connection.close()
    return FullPages(kept, sum(cards) / len(cards))
