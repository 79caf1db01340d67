"""The database's last word on quotes and bills: what was sent to a patient stays as it was."""

from django.db import migrations

FINAL_LINES = """
CREATE TRIGGER payments_quoteline_is_final
BEFORE INSERT OR DELETE OR UPDATE OF quote_id, position, label, label_words, tier, quantity, unit,
    unit_price_minor, high_unit_price_minor, inclusion, source, as_of, confidence
ON payments_quoteline
FOR EACH ROW EXECUTE FUNCTION payments_issued_quote_is_final();

CREATE FUNCTION payments_issued_words_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (NEW.state = 'draft' OR (
        (OLD.insurer_share_minor, OLD.change_reason, OLD.replaces_id, OLD.language)
        IS DISTINCT FROM
        (NEW.insurer_share_minor, NEW.change_reason, NEW.replaces_id, NEW.language)
    )) THEN
        RAISE EXCEPTION 'an issued quote is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_issued_quote_is_final';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_quote_words_are_final BEFORE UPDATE ON payments_quote
FOR EACH ROW EXECUTE FUNCTION payments_issued_words_are_final();
"""
FREE_LINES = """
DROP TRIGGER payments_quote_words_are_final ON payments_quote;
DROP FUNCTION payments_issued_words_are_final();
DROP TRIGGER payments_quoteline_is_final ON payments_quoteline;
"""

FINAL_BILLS = """
CREATE FUNCTION payments_bill_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a final bill is never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_bill_is_final';
END
$$;
CREATE TRIGGER payments_finalbill_is_final BEFORE UPDATE OR DELETE ON payments_finalbill
FOR EACH ROW EXECUTE FUNCTION payments_bill_is_final();
CREATE TRIGGER payments_billline_is_final BEFORE UPDATE OR DELETE ON payments_billline
FOR EACH ROW EXECUTE FUNCTION payments_bill_is_final();

CREATE FUNCTION payments_bill_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_finalbill' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.bill_id;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM payments_finalbill AS bill
         WHERE bill.id = wanted
           AND (bill.total_minor, bill.agreed_minor) = (
               SELECT coalesce(sum(line.amount_minor), 0), coalesce(sum(line.agreed_minor), 0)
                 FROM payments_billline AS line WHERE line.bill_id = bill.id)
    ) THEN
        RAISE EXCEPTION 'bill % does not add up', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_bill_adds_up';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER payments_finalbill_adds_up AFTER INSERT ON payments_finalbill
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_bill_adds_up();
CREATE CONSTRAINT TRIGGER payments_billline_adds_up AFTER INSERT ON payments_billline
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_bill_adds_up();
"""
FREE_BILLS = """
DROP TRIGGER payments_billline_adds_up ON payments_billline;
DROP TRIGGER payments_finalbill_adds_up ON payments_finalbill;
DROP FUNCTION payments_bill_adds_up();
DROP TRIGGER payments_billline_is_final ON payments_billline;
DROP TRIGGER payments_finalbill_is_final ON payments_finalbill;
DROP FUNCTION payments_bill_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_quotes_and_bills")]
    operations = [
        migrations.RunSQL(FINAL_LINES, FREE_LINES),
        migrations.RunSQL(FINAL_BILLS, FREE_BILLS),
    ]
