"""Names of fields; the migrations before give them by now, and databases that ran this stay true."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_audit_is_final'),
    ]

    operations = []
