"""Documents hold lexemes by number, and pairs of sets are counted as documents come and go."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

NUMBER_LEXEMES = """
INSERT INTO hospitals_searchlexeme (lexeme)
SELECT DISTINCT held.lexeme COLLATE "C"
  FROM hospitals_searchdocument document, unnest(tsvector_to_array(document.tokens)) held(lexeme)
 ORDER BY 1;
UPDATE hospitals_searchdocument document
   SET lexemes = ARRAY(SELECT lexeme.id FROM unnest(tsvector_to_array(document.tokens)) held(name)
                         JOIN hospitals_searchlexeme lexeme ON lexeme.lexeme = held.name
                        ORDER BY lexeme.lexeme);
"""
NAME_LEXEMES = """
UPDATE hospitals_searchdocument document
   SET tokens = array_to_tsvector(ARRAY(
       SELECT lexeme.lexeme::text FROM hospitals_searchlexeme lexeme
        WHERE lexeme.id = ANY (document.lexemes)));
"""
# Writes the rows anew, narrow and in the order of their price.
LAY_DOWN = "CLUSTER hospitals_searchdocument USING hospitals_search_price"
# Writers of documents take turns, so that no two add to the same pairs in different orders.
COUNT_PAIRS = """
CREATE FUNCTION hospitals_count_pairs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE hospitals_searchpair IN SHARE ROW EXCLUSIVE MODE;
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'a search document is replaced, never altered';
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO hospitals_searchpair AS pair (given, given_set_id, counted, counted_set_id, hits)
        SELECT given.name, given.set_id, counted.name, counted.set_id, count(*)
          FROM changed
         CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                                    ('cost', cost_id)) given(name, set_id)
         CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                                    ('cost', cost_id)) counted(name, set_id)
         GROUP BY 1, 2, 3, 4
        ON CONFLICT (given, given_set_id, counted, counted_set_id)
        DO UPDATE SET hits = pair.hits + excluded.hits;
    ELSE
        UPDATE hospitals_searchpair pair SET hits = pair.hits - gone.hits
          FROM (
            SELECT given.name AS given, given.set_id AS given_set_id,
                   counted.name AS counted, counted.set_id AS counted_set_id, count(*) AS hits
              FROM changed
             CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                                        ('cost', cost_id)) given(name, set_id)
             CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                                        ('cost', cost_id)) counted(name, set_id)
             GROUP BY 1, 2, 3, 4
          ) gone
         WHERE (pair.given, pair.given_set_id, pair.counted, pair.counted_set_id)
             = (gone.given, gone.given_set_id, gone.counted, gone.counted_set_id);
        DELETE FROM hospitals_searchpair WHERE hits = 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hospitals_searchdocument_comes AFTER INSERT ON hospitals_searchdocument
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION hospitals_count_pairs();
CREATE TRIGGER hospitals_searchdocument_goes AFTER DELETE ON hospitals_searchdocument
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION hospitals_count_pairs();
CREATE TRIGGER hospitals_searchdocument_stays BEFORE UPDATE ON hospitals_searchdocument
FOR EACH STATEMENT EXECUTE FUNCTION hospitals_count_pairs();
INSERT INTO hospitals_searchpair (given, given_set_id, counted, counted_set_id, hits)
SELECT given.name, given.set_id, counted.name, counted.set_id, count(*)
  FROM hospitals_searchdocument
 CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                            ('cost', cost_id)) given(name, set_id)
 CROSS JOIN LATERAL (VALUES ('place', place_id), ('own', own_id), ('speech', speech_id),
                            ('cost', cost_id)) counted(name, set_id)
 GROUP BY 1, 2, 3, 4;
ANALYZE hospitals_searchpair;
ANALYZE hospitals_searchlexeme;
ANALYZE hospitals_searchdocument;
"""


def set_of_facets():
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="hospitals.searchfacets",
    )


class Migration(migrations.Migration):
    dependencies = [("hospitals", "0007_deposits_and_rates")]

    operations = [
        migrations.CreateModel(
            name="SearchLexeme",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("lexeme", models.TextField(db_collation="C", unique=True)),
            ],
            options={"ordering": ["lexeme"]},
        ),
        migrations.CreateModel(
            name="SearchPair",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("given", models.CharField(max_length=6)),
                ("counted", models.CharField(max_length=6)),
                ("hits", models.IntegerField()),
                ("given_set", set_of_facets()),
                ("counted_set", set_of_facets()),
            ],
            options={
                "ordering": ["given", "given_set", "counted", "counted_set"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["given", "given_set", "counted", "counted_set"],
                        name="hospitals_search_pair_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hits__gte", 0)), name="hospitals_search_pair_hits"
                    ),
                ],
            },
        ),
        migrations.AddField(
            "searchdocument",
            "lexemes",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), null=True, size=None
            ),
        ),
        migrations.RunSQL(NUMBER_LEXEMES, migrations.RunSQL.noop),
        migrations.AlterField(
            "searchdocument",
            "lexemes",
            django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
        ),
        migrations.RemoveIndex("searchdocument", "hospitals_search_tokens"),
        migrations.AlterField(
            "searchdocument",
            "tokens",
            django.contrib.postgres.search.SearchVectorField(null=True),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, NAME_LEXEMES),
        migrations.RemoveField("searchdocument", "tokens"),
        migrations.RemoveIndex("searchdocument", "hospitals_search_by_place"),
        migrations.RemoveIndex("searchdocument", "hospitals_search_by_own"),
        migrations.RunSQL(LAY_DOWN, migrations.RunSQL.noop),
        migrations.AddIndex(
            "searchdocument",
            models.Index(
                fields=["place", "own", "speech", "cost"],
                include=["price_minor", "id"],
                name="hospitals_search_by_place",
            ),
        ),
        migrations.AddIndex(
            "searchdocument",
            models.Index(
                fields=["own", "place", "speech", "cost"],
                include=["price_minor", "id"],
                name="hospitals_search_by_own",
            ),
        ),
        migrations.AddIndex(
            "searchdocument",
            django.contrib.postgres.indexes.GinIndex(
                fields=["lexemes"], fastupdate=False, name="hospitals_search_lexemes"
            ),
        ),
        migrations.AddIndex(
            "searchfacets",
            django.contrib.postgres.indexes.GinIndex(
                fields=["lexemes"], name="hospitals_search_sets"
            ),
        ),
        migrations.RunSQL(
            COUNT_PAIRS,
            """
            DROP TRIGGER hospitals_searchdocument_comes ON hospitals_searchdocument;
            DROP TRIGGER hospitals_searchdocument_goes ON hospitals_searchdocument;
            DROP TRIGGER hospitals_searchdocument_stays ON hospitals_searchdocument;
            DROP FUNCTION hospitals_count_pairs();
            """,
        ),
    ]
