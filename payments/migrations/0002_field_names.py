"""Names of fields; the migrations before give them by now, and databases that ran this stay true."""

from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('hospitals', '0005_field_names'),
        ('payments', '0001_insurer_officer'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = []
