"""Names of fields; the migrations before give them by now, and databases that ran this stay true."""

from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_field_names'),
        ('bookings', '0003_slots_made_once'),
        ('hospitals', '0005_field_names'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = []
