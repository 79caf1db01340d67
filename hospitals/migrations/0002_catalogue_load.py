"""Remember which catalogue files were loaded last."""

from django.db import migrations, models

import medtour.lib.clock


class Migration(migrations.Migration):
    dependencies = [("hospitals", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="CatalogueLoad",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=40, unique=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("loaded_at", models.DateTimeField(default=medtour.lib.clock.now)),
            ],
        ),
    ]
