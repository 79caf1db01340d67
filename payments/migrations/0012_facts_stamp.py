"""The stamp of an insurer's rules, set by the database with every change of them (DP-09, G9)."""

import django.db.models.deletion
from django.db import migrations, models

# A sequence, not a counter: its numbers never come twice, not even after a rollback.
STAMP = """
CREATE SEQUENCE payments_facts_version;
CREATE FUNCTION payments_stamp_facts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose bigint;
BEGIN
    CASE TG_TABLE_NAME
        WHEN 'payments_agreement', 'payments_plan', 'payments_network' THEN
            whose := NEW.insurer_id;
        WHEN 'payments_networkhospital' THEN
            SELECT insurer_id INTO whose FROM payments_network WHERE id = NEW.network_id;
        WHEN 'payments_planterms' THEN
            SELECT insurer_id INTO whose FROM payments_plan WHERE id = NEW.plan_id;
        WHEN 'payments_benefit' THEN
            SELECT plan.insurer_id INTO whose FROM payments_planterms AS terms
              JOIN payments_plan AS plan ON plan.id = terms.plan_id WHERE terms.id = NEW.terms_id;
    END CASE;
    INSERT INTO payments_insurerfactsstamp (insurer_id, version)
    VALUES (whose, nextval('payments_facts_version'))
    ON CONFLICT (insurer_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END
$$;
INSERT INTO payments_insurerfactsstamp (insurer_id, version)
SELECT insurer_id, nextval('payments_facts_version')
  FROM (SELECT insurer_id FROM payments_agreement UNION SELECT insurer_id FROM payments_plan
        UNION SELECT insurer_id FROM payments_network) AS known;
"""
UNSTAMP = "DROP FUNCTION payments_stamp_facts(); DROP SEQUENCE payments_facts_version;"
RULES = (
    "payments_agreement",
    "payments_plan",
    "payments_network",
    "payments_networkhospital",
    "payments_planterms",
    "payments_benefit",
)


def stamped(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_is_stamped AFTER INSERT OR UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION payments_stamp_facts();",
        f"DROP TRIGGER {table}_is_stamped ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("hospitals", "0007_deposits_and_rates"),
        ("payments", "0011_insurance_guards"),
    ]
    operations = [
        migrations.CreateModel(
            name="InsurerFactsStamp",
            fields=[
                (
                    "insurer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="facts_stamp",
                        serialize=False,
                        to="hospitals.insurer",
                    ),
                ),
                ("version", models.BigIntegerField()),
            ],
            options={"ordering": ["insurer"]},
        ),
        migrations.AddIndex(
            model_name="eligibilitycheck",
            index=models.Index(
                condition=models.Q(("outcome", "REJECTED")),
                fields=["asked_at", "insurer"],
                name="payments_check_rejected",
            ),
        ),
        migrations.RunSQL(STAMP, UNSTAMP),
        *(stamped(table) for table in RULES),
    ]
