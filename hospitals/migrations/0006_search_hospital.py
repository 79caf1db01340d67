"""A hospital's card counts its offers from an index alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hospitals", "0005_field_names")]

    operations = [
        migrations.AddIndex(
            "searchdocument",
            models.Index(fields=["hospital", "kind"], name="hospitals_search_hospital"),
        ),
    ]
