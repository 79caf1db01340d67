"""What was discharged, planned, answered or said on the telephone is never rewritten."""

from django.db import migrations

FINAL = (
    "bookings_discharge",
    "bookings_followupplan",
    "bookings_followupanswer",
    "bookings_answertranslation",
    "bookings_followupcall",
)
GUARD = """
CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION bookings_history_is_final();
"""
FREE = "DROP TRIGGER {table}_is_final ON {table};"


class Migration(migrations.Migration):
    dependencies = [("bookings", "0006_follow_up")]
    operations = [
        migrations.RunSQL(GUARD.format(table=table), FREE.format(table=table)) for table in FINAL
    ]
