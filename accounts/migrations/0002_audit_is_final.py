"""The audit trail is append-only in the database (PR-07)."""

from django.db import migrations

KEEP = """
CREATE FUNCTION accounts_audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'accounts_audit_is_final';
END
$$;
CREATE TRIGGER accounts_auditentry_is_final BEFORE UPDATE OR DELETE ON accounts_auditentry
FOR EACH ROW EXECUTE FUNCTION accounts_audit_is_final();
"""

FREE = """
DROP TRIGGER accounts_auditentry_is_final ON accounts_auditentry;
DROP FUNCTION accounts_audit_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, FREE)]
