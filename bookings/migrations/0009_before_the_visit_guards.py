"""What was issued, given or answered before a visit is never rewritten."""

from django.db import migrations

FINAL = ("bookings_invitationletter", "bookings_consultationlink")
GUARD = """
CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION bookings_history_is_final();
"""
FREE = "DROP TRIGGER {table}_is_final ON {table};"
ANSWERED = """
CREATE TRIGGER bookings_complaint_is_final BEFORE UPDATE OR DELETE ON bookings_complaint
FOR EACH ROW WHEN (OLD.answered_at IS NOT NULL)
EXECUTE FUNCTION bookings_history_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0008_before_the_visit")]
    operations = [
        *(migrations.RunSQL(GUARD.format(table=table), FREE.format(table=table)) for table in FINAL),
        migrations.RunSQL(ANSWERED, FREE.format(table="bookings_complaint")),
    ]
