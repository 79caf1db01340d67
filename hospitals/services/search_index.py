"""Keeps the search index true: all of it after a load, one offer or hospital after a change."""

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from hospitals.models import (
    Hospital,
    NextOpening,
    Offer,
    SearchDocument,
    SearchFacets,
    SearchLexeme,
)
from hospitals.search_terms import FACETS_OF_A_SET, lexeme
from hospitals.services.direct_pay import direct_pay_insurers
from hospitals.services.search_documents import (
    Document,
    all_documents,
    hospital_document,
    hospitals_to_index,
    offer_document,
    offers_to_index,
    place_lexemes,
)
from hospitals.services.search_words import (
    WordList,
    add_hospital,
    add_offer_title,
    all_labels,
    all_words,
)

DOCUMENT_COLUMNS = (
    "kind, hospital_id, offer_id, treatment_id, place_id, own_id, speech_id, cost_id,"
    " price_minor, lexemes"
)
TABLES = (
    "hospitals_searchdocument, hospitals_searchfacets, hospitals_searchlexeme,"
    " hospitals_searchword, hospitals_facetlabel"
)
# Pairs of sets are counted by the database as documents come and go.
COUNTED = "hospitals_searchpair"


@transaction.atomic
def rebuild_index() -> int:
    """Build the whole index anew and return the number of documents; readers keep the old one.

    Documents are laid down in the order of their price, which is how most lists are read.
    """
    documents = sorted(all_documents(), key=_by_price)
    words, labels = all_words().rows(), all_labels()
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {COUNTED}, {TABLES} IN SHARE ROW EXCLUSIVE MODE")
        for table in TABLES.split(", "):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
        _write_documents(cursor, documents)
        _copy(cursor, "hospitals_searchword", "language, stem, word, targets", words)
        _copy(cursor, "hospitals_facetlabel", "language, lexeme, label", labels)
        cursor.execute(f"ANALYZE {COUNTED}, {TABLES}")
    return len(documents)


@transaction.atomic
def index_offer(offer_id: int) -> None:
    """Put one offer, and the hospital's own entry, right in the index after a change."""
    offer = Offer.objects.filter(pk=offer_id).first()
    if offer is None:
        SearchDocument.objects.filter(offer_id=offer_id).delete()
        return
    words = WordList()
    if offer.is_published:
        add_offer_title(words, offer)
    _replace_documents(offer.hospital_id, only_offer_id=offer_id)
    _merge_words(words)


@transaction.atomic
def index_hospital(hospital_id: int) -> None:
    """Put one hospital, its names and all its offers right in the index after a change."""
    words = WordList()
    hospital = Hospital.objects.get(pk=hospital_id)
    add_hospital(words, hospital)
    target = lexeme("hospital", hospital.slug)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hospitals_searchword SET targets = array_remove(targets, %s)"
            " WHERE targets @> ARRAY[%s]",
            [target, target],
        )
        cursor.execute("DELETE FROM hospitals_searchword WHERE targets = '{}'")
    _replace_documents(hospital_id)
    _merge_words(words)


@transaction.atomic
def set_next_openings(openings: Mapping[int, dt.datetime | None]) -> None:
    """Remember when each offer (by key) is next free; None means that no time is open."""
    if not openings:
        return
    NextOpening.objects.filter(
        offer_id__in=[offer_id for offer_id, starts_at in openings.items() if starts_at is None]
    ).delete()
    NextOpening.objects.bulk_create(
        [
            NextOpening(offer_id=offer_id, starts_at=starts_at)
            for offer_id, starts_at in sorted(openings.items())
            if starts_at is not None
        ],
        update_conflicts=True,
        unique_fields=["offer"],
        update_fields=["starts_at"],
    )


def _replace_documents(hospital_id: int, only_offer_id: int | None = None) -> None:
    with connection.cursor() as cursor:  # writers take turns: see the trigger that counts pairs
        cursor.execute(f"LOCK TABLE {COUNTED} IN SHARE ROW EXCLUSIVE MODE")
    stale = SearchDocument.objects.filter(hospital_id=hospital_id)
    if only_offer_id is not None:
        stale = stale.filter(offer_id=only_offer_id) | stale.filter(kind=SearchDocument.HOSPITAL)
    stale.delete()
    documents: list[Document] = []
    agreed = direct_pay_insurers()
    for hospital in hospitals_to_index(hospital_id):
        place = place_lexemes(hospital, agreed)
        published = Offer.objects.filter(hospital=hospital, is_published=True)
        treatments = published.values_list("treatment__slug", flat=True).order_by("pk")
        documents.append(hospital_document(hospital, treatments, place))
        only = {"hospital_id": hospital_id} | ({"pk": only_offer_id} if only_offer_id else {})
        documents += [offer_document(offer, hospital, place) for offer in offers_to_index(**only)]
    with connection.cursor() as cursor:
        _write_documents(cursor, documents)


def _merge_words(words: WordList) -> None:
    with connection.cursor() as cursor:
        for row in words.rows():
            cursor.execute(
                "INSERT INTO hospitals_searchword (language, stem, word, targets)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (language, stem) DO UPDATE SET targets ="
                " ARRAY(SELECT DISTINCT unnest(hospitals_searchword.targets || excluded.targets)"
                " ORDER BY 1)",
                row,
            )


def _write_documents(cursor: CursorWrapper, documents: Sequence[Document]) -> None:
    sets, numbers = _write_facets(cursor, documents), _write_lexemes(cursor, documents)
    rows = (
        (
            document.kind,
            document.hospital_id,
            document.offer_id,
            document.treatment_id,
            *(sets[getattr(document, name)] for name in FACETS_OF_A_SET),
            document.price_minor,
            [numbers[lexeme] for lexeme in document.lexemes],
        )
        for document in documents
    )
    _copy(cursor, "hospitals_searchdocument", DOCUMENT_COLUMNS, rows)


def _write_lexemes(cursor: CursorWrapper, documents: Iterable[Document]) -> dict[str, int]:
    held = sorted({lexeme for document in documents for lexeme in document.lexemes})
    SearchLexeme.objects.bulk_create(
        [SearchLexeme(lexeme=lexeme) for lexeme in held], ignore_conflicts=True, batch_size=2000
    )
    cursor.execute("SELECT lexeme, id FROM hospitals_searchlexeme WHERE lexeme = ANY (%s)", [held])
    return dict(cursor.fetchall())


def _write_facets(
    cursor: CursorWrapper, documents: Iterable[Document]
) -> dict[tuple[str, ...], int]:
    sets = sorted({getattr(each, name) for each in documents for name in FACETS_OF_A_SET})
    SearchFacets.objects.bulk_create(
        [SearchFacets(lexemes=list(facets)) for facets in sets],
        ignore_conflicts=True,
        batch_size=2000,
    )
    cursor.execute("SELECT lexemes, id FROM hospitals_searchfacets")
    return {tuple(lexemes): pk for lexemes, pk in cursor.fetchall()}


def _by_price(document: Document) -> tuple[bool, int, int, int]:
    price = document.price_minor
    return (price is None, price or 0, document.offer_id or 0, document.hospital_id)


def _copy(
    cursor: CursorWrapper, table: str, columns: str, rows: Iterable[tuple[object, ...]]
) -> None:
    lines = io.StringIO()
    for row in rows:
        lines.write("\t".join(_copy_field(value) for value in row) + "\n")
    lines.seek(0)
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)


def _copy_field(value: object) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, list):
        value = "{" + ",".join(f'"{item}"' for item in value) + "}"
    return str(value).replace("\\", r"\\").replace("\t", " ").replace("\n", " ")
