"""Failures are counted by their index, also by a connection that first counted an empty table.

A function keeps the plan of its first calls. Made while there were no checks, it read the whole
table from then on, and an answer took longer with every check that was added.
"""

from django.db import migrations

FUNCTION = """
ALTER FUNCTION payments_may_ask(bigint, bigint, text, boolean, timestamptz, integer, integer)
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0022_hash_persons")]
    operations = [
        migrations.RunSQL(
            f"{FUNCTION} SET enable_seqscan = off", f"{FUNCTION} RESET enable_seqscan"
        )
    ]
