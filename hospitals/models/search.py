"""What the search reads: one narrow row per offer and per hospital, and the words that lead there.

All of it is derived by `hospitals.services.search_index` and can be thrown away and built again,
so nothing here refers to the catalogue by a database constraint.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from hospitals.models.hospital import Hospital
from hospitals.models.offer import Offer
from hospitals.models.treatment import Treatment


class SearchFacets(models.Model):
    """A set of facet lexemes that many documents share; counting sets is cheaper than lexemes."""

    lexemes = ArrayField(models.TextField(), unique=True)

    class Meta:
        ordering = ["pk"]
        indexes = [GinIndex(fields=["lexemes"], name="hospitals_search_sets")]

    def __str__(self):
        return " ".join(self.lexemes)


class SetOfFacets(models.ForeignKey):
    """A reference to a set of facets; documents are never looked up from the set's side."""

    def __init__(self, to=SearchFacets, **options):
        shared = {
            "on_delete": models.CASCADE,
            "db_constraint": False,
            "db_index": False,
            "related_name": "+",
        }
        super().__init__(to, **(shared | options))

    def deconstruct(self):
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.ForeignKey", arguments, options


class SearchLexeme(models.Model):
    """A lexeme such as `treatment:mri-scan`, by number so that documents are narrow rows."""

    id = models.AutoField(primary_key=True)
    lexeme = models.TextField(unique=True, db_collation="C")

    class Meta:
        ordering = ["lexeme"]

    def __str__(self):
        return self.lexeme


class SearchDocument(models.Model):
    """One thing that a search finds: an offer (`o`) or a hospital (`h`).

    `lexemes` holds the numbers of lexemes such as `treatment:mri-scan`, `city:shanghai` or
    `tier:basic`; the words of eight languages are in `SearchWord`, which points at these lexemes.
    Documents are replaced and never altered: their sets are counted in `SearchPair`.
    """

    OFFER, HOSPITAL = "o", "h"

    kind = models.CharField(max_length=1)
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
    )
    offer = models.OneToOneField(
        Offer,
        null=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
    )
    treatment = models.ForeignKey(
        Treatment,
        null=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    place = SetOfFacets()
    own = SetOfFacets()
    speech = SetOfFacets()
    cost = SetOfFacets()
    price_minor = models.BigIntegerField(null=True)
    lexemes = ArrayField(models.IntegerField())

    class Meta:
        ordering = ["pk"]
        indexes = [
            GinIndex(fields=["lexemes"], name="hospitals_search_lexemes", fastupdate=False),
            models.Index(fields=["price_minor", "id"], name="hospitals_search_price"),
            models.Index(fields=["hospital", "kind"], name="hospitals_search_hospital"),
            # Filters of several sets are counted and put in order from these alone.
            models.Index(
                fields=["place", "own", "speech", "cost"],
                include=["price_minor", "id"],
                name="hospitals_search_by_place",
            ),
            models.Index(
                fields=["own", "place", "speech", "cost"],
                include=["price_minor", "id"],
                name="hospitals_search_by_own",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.hospital_id} {self.offer_id or ''}"


class SearchPair(models.Model):
    """How many documents have the set `given_set` in one column and `counted_set` in another.

    A trigger on the documents keeps it true. Filters on one set alone, and searches without any,
    are counted from here. The column itself is among the others: all its sets, each once.
    """

    given = models.CharField(max_length=6)
    given_set = SetOfFacets()
    counted = models.CharField(max_length=6)
    counted_set = SetOfFacets()
    hits = models.IntegerField()

    class Meta:
        ordering = ["given", "given_set", "counted", "counted_set"]
        constraints = [
            models.UniqueConstraint(
                fields=["given", "given_set", "counted", "counted_set"],
                name="hospitals_search_pair_once",
            ),
            models.CheckConstraint(
                condition=models.Q(hits__gte=0), name="hospitals_search_pair_hits"
            ),
        ]

    def __str__(self):
        return (
            f"{self.given} {self.given_set_id}, {self.counted} {self.counted_set_id}: {self.hits}"
        )


class SearchWord(models.Model):
    """A word as visitors of one language may type it, and the lexemes it leads to."""

    language = models.CharField(max_length=10)
    stem = models.TextField(db_collation="C")
    word = models.TextField()
    targets = ArrayField(models.TextField())

    class Meta:
        ordering = ["language", "stem"]
        constraints = [
            models.UniqueConstraint(fields=["language", "stem"], name="hospitals_search_word_once")
        ]
        indexes = [
            GinIndex(OpClass("word", name="gin_trgm_ops"), name="hospitals_search_spelling"),
            GinIndex(fields=["targets"], name="hospitals_search_targets"),
        ]

    def __str__(self):
        return self.word


class FacetLabel(models.Model):
    """What a facet lexeme is called in one language; fixed choices are named by the page."""

    language = models.CharField(max_length=10)
    lexeme = models.TextField()
    label = models.TextField()

    class Meta:
        ordering = ["language", "lexeme"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "lexeme"], name="hospitals_facet_label_once"
            )
        ]

    def __str__(self):
        return self.label


class NextOpening(models.Model):
    """When an offer's next free time begins, as the bookings last told us."""

    offer = models.OneToOneField(
        Offer,
        primary_key=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
    )
    starts_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["starts_at", "pk"]

    def __str__(self):
        return f"{self.offer_id} {self.starts_at:%Y-%m-%d %H:%M}"
