"""Failed identifications are counted one after the other, whatever comes at once (DP-03)."""

from django.db import migrations

# Failures wait for each other and answers for failures, until the statement that asks has ended;
# answers do not wait for answers. Each SELECT sees what was stored before it got its turn.
FUNCTION = """
CREATE FUNCTION payments_may_ask(
    insurer bigint, asker bigint, client text, is_failure boolean, since timestamptz,
    most_of_asker integer, most_of_insurer integer
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    unidentified CONSTANT varchar[] := ARRAY[
        'POLICY_NOT_FOUND', 'MEMBER_NOT_FOUND', 'MEMBER_MISMATCH'];
    turns CONSTANT bigint[] := ARRAY[
        hashtextextended('insurance.failures:' || insurer, 0),
        hashtextextended('insurance.asker:' || coalesce(asker::text, '') || ':' || client, 0)];
    turn bigint;
    failures integer;
BEGIN
    FOREACH turn IN ARRAY turns LOOP
        IF is_failure THEN
            PERFORM pg_advisory_xact_lock(turn);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(turn);
        END IF;
    END LOOP;
    SELECT count(*) INTO failures FROM payments_eligibilitycheck
     WHERE insurer_id = insurer AND asked_at > since AND outcome = 'REJECTED'
       AND asked_through <> 'batch' AND reason_codes && unidentified;
    IF failures >= most_of_insurer THEN
        RETURN false;
    END IF;
    SELECT count(*) INTO failures FROM payments_eligibilitycheck
     WHERE asked_at > since AND outcome = 'REJECTED' AND asked_through <> 'batch'
       AND reason_codes && unidentified AND asked_by_id IS NOT DISTINCT FROM asker
       AND client_id = client;
    RETURN failures < most_of_asker;
END
$$
"""
DROP = """
DROP FUNCTION payments_may_ask(bigint, bigint, text, boolean, timestamptz, integer, integer)
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0018_one_request_a_member")]
    operations = [migrations.RunSQL(FUNCTION, DROP)]
