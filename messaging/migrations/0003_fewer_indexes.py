"""One index for one question: each write has to keep them all."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Django makes these for LIKE; nobody looks for a part of a public id.
UNASKED = {
    "messaging_message_public_id_82b7a873_like": "messaging_message",
}


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0002_field_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='recipient',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL, verbose_name='recipient'),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX IF EXISTS {name}",
                f"CREATE INDEX {name} ON {table} (public_id varchar_pattern_ops)",
            )
            for name, table in UNASKED.items()
        ),
    ]
