"""Facets are counted by four small sets instead of two large ones."""

import django.db.models.deletion
from django.db import migrations, models

SPLIT = """
CREATE TEMPORARY TABLE split ON COMMIT DROP AS
SELECT document.id,
       ARRAY(SELECT l FROM unnest(facets.lexemes) l WHERE l LIKE 'speaks:%' ORDER BY l COLLATE "C") AS speech,
       ARRAY(SELECT l FROM unnest(facets.lexemes) l WHERE l ~ '^(tier|price):' ORDER BY l COLLATE "C") AS cost,
       ARRAY(SELECT l FROM unnest(facets.lexemes) l WHERE l !~ '^(speaks|tier|price):' ORDER BY l COLLATE "C") AS own
FROM hospitals_searchdocument document JOIN hospitals_searchfacets facets ON facets.id = document.own_id;
INSERT INTO hospitals_searchfacets (lexemes)
SELECT speech FROM split UNION SELECT cost FROM split UNION SELECT own FROM split
ON CONFLICT DO NOTHING;
UPDATE hospitals_searchdocument document
   SET speech_id = speech.id, cost_id = cost.id, own_id = own.id
  FROM split
  JOIN hospitals_searchfacets speech ON speech.lexemes = split.speech
  JOIN hospitals_searchfacets cost ON cost.lexemes = split.cost
  JOIN hospitals_searchfacets own ON own.lexemes = split.own
 WHERE split.id = document.id;
DELETE FROM hospitals_searchfacets facets
 WHERE facets.id NOT IN (SELECT unnest(ARRAY[place_id, own_id, speech_id, cost_id])
                           FROM hospitals_searchdocument);
"""


def set_of_facets(**options):
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to="hospitals.searchfacets",
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("hospitals", "0003_search")]

    operations = [
        migrations.AddField("searchdocument", "speech", set_of_facets(null=True)),
        migrations.AddField("searchdocument", "cost", set_of_facets(null=True)),
        migrations.RunSQL(SPLIT, migrations.RunSQL.noop),
        migrations.AlterField("searchdocument", "speech", set_of_facets()),
        migrations.AlterField("searchdocument", "cost", set_of_facets()),
        migrations.AddIndex(
            "searchdocument",
            models.Index(
                fields=["place", "own", "speech", "cost"], name="hospitals_search_by_place"
            ),
        ),
        migrations.AddIndex(
            "searchdocument",
            models.Index(fields=["own", "place", "speech", "cost"], name="hospitals_search_by_own"),
        ),
    ]
