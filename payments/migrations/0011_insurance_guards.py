"""Facts of insurers are replaced and never edited; evidence and history are only added to."""

from django.db import migrations

EFFECTIVE = (
    "payments_agreement",
    "payments_networkhospital",
    "payments_planterms",
    "payments_coverage",
)
FINAL = (
    "payments_benefit",
    "payments_balanceentry",
    "payments_eligibilitycheck",
    "payments_guaranteeevent",
    "payments_guaranteedocument",
    "payments_claimevent",
    "payments_remittance",
    "payments_remittanceline",
)

FUNCTIONS = """
CREATE FUNCTION payments_effective_row_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
       AND to_jsonb(NEW) - 'superseded_at' = to_jsonb(OLD) - 'superseded_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a fact with dates is replaced, never edited'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_effective_row_is_final',
              TABLE = TG_TABLE_NAME;
END
$$;

CREATE FUNCTION payments_evidence_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evidence and history are only added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_evidence_is_final',
              TABLE = TG_TABLE_NAME;
END
$$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION payments_evidence_is_final();
DROP FUNCTION payments_effective_row_is_final();
"""


def guard(table: str, function: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}();",
        f"DROP TRIGGER {table}_is_final ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_insurance")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        *(guard(table, "payments_effective_row_is_final") for table in EFFECTIVE),
        *(guard(table, "payments_evidence_is_final") for table in FINAL),
    ]
