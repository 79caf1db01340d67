"""The database's last word on money: sums are counted by triggers, the ledger is only added to."""

from django.db import migrations

CLAIM_OBLIGATION = """
CREATE FUNCTION payments_claims(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state IN ('created', 'pending', 'succeeded')
$$;

CREATE FUNCTION payments_count_payments() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before_minor bigint := 0;
    after_minor bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' AND payments_claims(OLD.state) THEN
        before_minor := OLD.contract_minor;
    END IF;
    IF payments_claims(NEW.state) THEN
        after_minor := NEW.contract_minor;
    END IF;
    IF before_minor <> after_minor THEN
        UPDATE payments_obligation SET claimed_minor = claimed_minor + after_minor - before_minor
         WHERE id = NEW.obligation_id;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER payments_payment_claims_obligation
BEFORE INSERT OR UPDATE OF state, contract_minor ON payments_payment
FOR EACH ROW EXECUTE FUNCTION payments_count_payments();
"""
UNCLAIM_OBLIGATION = """
DROP TRIGGER payments_payment_claims_obligation ON payments_payment;
DROP FUNCTION payments_count_payments();
DROP FUNCTION payments_claims(text);
"""

COUNT_REFUNDS = """
CREATE FUNCTION payments_count_refunds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before_minor bigint := 0;
    after_minor bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state <> 'failed' THEN
        before_minor := OLD.amount_minor;
    END IF;
    IF NEW.state <> 'failed' THEN
        after_minor := NEW.amount_minor;
    END IF;
    IF before_minor <> after_minor THEN
        UPDATE payments_payment SET refunded_minor = refunded_minor + after_minor - before_minor
         WHERE id = NEW.payment_id AND state = 'succeeded';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'only a payment that succeeded can be refunded'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_refund_of_a_payment',
                      TABLE = 'payments_refund';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER payments_refund_counts
BEFORE INSERT OR UPDATE OF state, amount_minor ON payments_refund
FOR EACH ROW EXECUTE FUNCTION payments_count_refunds();
"""
UNCOUNT_REFUNDS = """
DROP TRIGGER payments_refund_counts ON payments_refund;
DROP FUNCTION payments_count_refunds();
"""

FINAL_LEDGER = """
CREATE FUNCTION payments_ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_ledger_is_final';
END
$$;
CREATE TRIGGER payments_ledgerposting_is_final BEFORE UPDATE OR DELETE ON payments_ledgerposting
FOR EACH ROW EXECUTE FUNCTION payments_ledger_is_final();
CREATE TRIGGER payments_ledgerentry_is_final BEFORE UPDATE OR DELETE ON payments_ledgerentry
FOR EACH ROW EXECUTE FUNCTION payments_ledger_is_final();

CREATE FUNCTION payments_posting_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'payments_ledgerposting' THEN
        wanted := NEW.id;
    ELSE
        wanted := NEW.posting_id;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM payments_ledgerentry WHERE posting_id = wanted)
       OR EXISTS (SELECT 1 FROM payments_ledgerentry WHERE posting_id = wanted
                   GROUP BY currency HAVING sum(amount_minor) <> 0) THEN
        RAISE EXCEPTION 'posting % does not add up', wanted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_posting_adds_up';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER payments_ledgerentry_adds_up AFTER INSERT ON payments_ledgerentry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_posting_adds_up();
CREATE CONSTRAINT TRIGGER payments_ledgerposting_adds_up AFTER INSERT ON payments_ledgerposting
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_posting_adds_up();
"""
FREE_LEDGER = """
DROP TRIGGER payments_ledgerposting_adds_up ON payments_ledgerposting;
DROP TRIGGER payments_ledgerentry_adds_up ON payments_ledgerentry;
DROP FUNCTION payments_posting_adds_up();
DROP TRIGGER payments_ledgerentry_is_final ON payments_ledgerentry;
DROP TRIGGER payments_ledgerposting_is_final ON payments_ledgerposting;
DROP FUNCTION payments_ledger_is_final();
"""

FINAL_QUOTES = """
CREATE FUNCTION payments_issued_quote_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    quote_state text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT state INTO quote_state FROM payments_quote WHERE id = NEW.quote_id;
    ELSE
        SELECT state INTO quote_state FROM payments_quote WHERE id = OLD.quote_id;
    END IF;
    IF quote_state <> 'draft' THEN
        RAISE EXCEPTION 'an issued quote is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_issued_quote_is_final';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_quoteline_is_final
BEFORE INSERT OR DELETE OR UPDATE OF quote_id, position, label, tier, quantity, unit,
    unit_price_minor, high_unit_price_minor, inclusion, source ON payments_quoteline
FOR EACH ROW EXECUTE FUNCTION payments_issued_quote_is_final();

CREATE FUNCTION payments_issued_sums_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND (
        (OLD.case_id, OLD.version, OLD.currency, OLD.low_minor, OLD.likely_minor, OLD.high_minor,
         OLD.complications, OLD.valid_until, OLD.deposit_minor, OLD.ladder, OLD.issued_at)
        IS DISTINCT FROM
        (NEW.case_id, NEW.version, NEW.currency, NEW.low_minor, NEW.likely_minor, NEW.high_minor,
         NEW.complications, NEW.valid_until, NEW.deposit_minor, NEW.ladder, NEW.issued_at)
    ) THEN
        RAISE EXCEPTION 'an issued quote is never changed'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_issued_quote_is_final';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payments_quote_is_final BEFORE UPDATE ON payments_quote
FOR EACH ROW EXECUTE FUNCTION payments_issued_sums_are_final();
"""
FREE_QUOTES = """
DROP TRIGGER payments_quote_is_final ON payments_quote;
DROP FUNCTION payments_issued_sums_are_final();
DROP TRIGGER payments_quoteline_is_final ON payments_quoteline;
DROP FUNCTION payments_issued_quote_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_money")]
    operations = [
        migrations.RunSQL(CLAIM_OBLIGATION, UNCLAIM_OBLIGATION),
        migrations.RunSQL(COUNT_REFUNDS, UNCOUNT_REFUNDS),
        migrations.RunSQL(FINAL_LEDGER, FREE_LEDGER),
        migrations.RunSQL(FINAL_QUOTES, FREE_QUOTES),
    ]
