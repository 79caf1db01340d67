"""The database's last word: places are counted by a trigger, history cannot be rewritten."""

from django.db import migrations

COUNT_PLACES = """
CREATE FUNCTION bookings_occupies(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state IN ('offered', 'held', 'awaiting_guarantee', 'awaiting_payment',
                     'confirmed', 'arrived')
$$;

CREATE FUNCTION bookings_count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    occupied_slot bigint;
    wanted_slot bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND bookings_occupies(OLD.state) THEN
        occupied_slot := OLD.slot_id;
    END IF;
    IF TG_OP <> 'DELETE' AND bookings_occupies(NEW.state) THEN
        wanted_slot := NEW.slot_id;
    END IF;
    IF wanted_slot IS DISTINCT FROM occupied_slot THEN
        IF occupied_slot IS NOT NULL THEN
            UPDATE bookings_slot SET booked = booked - 1 WHERE id = occupied_slot;
        END IF;
        IF wanted_slot IS NOT NULL THEN
            UPDATE bookings_slot SET booked = booked + 1
             WHERE id = wanted_slot AND booked < capacity AND withdrawn_at IS NULL
            RETURNING tstzrange(starts_at, ends_at, '[)') INTO NEW.period;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'no place left at slot %', wanted_slot
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'bookings_slot_has_a_place',
                          TABLE = 'bookings_slot';
            END IF;
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER bookings_appointment_counts_places
BEFORE INSERT OR DELETE OR UPDATE OF state, slot_id ON bookings_appointment
FOR EACH ROW EXECUTE FUNCTION bookings_count_places();

ALTER TABLE bookings_slot SET (fillfactor = 90);
"""

UNCOUNT_PLACES = """
DROP TRIGGER bookings_appointment_counts_places ON bookings_appointment;
DROP FUNCTION bookings_count_places();
DROP FUNCTION bookings_occupies(text);
ALTER TABLE bookings_slot RESET (fillfactor);
"""

KEEP_HISTORY = """
CREATE FUNCTION bookings_history_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'bookings_history_is_final';
END
$$;
CREATE TRIGGER bookings_caseevent_is_final BEFORE UPDATE OR DELETE ON bookings_caseevent
FOR EACH ROW EXECUTE FUNCTION bookings_history_is_final();
"""

FREE_HISTORY = """
DROP TRIGGER bookings_caseevent_is_final ON bookings_caseevent;
DROP FUNCTION bookings_history_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [
        migrations.RunSQL(COUNT_PLACES, UNCOUNT_PLACES),
        migrations.RunSQL(KEEP_HISTORY, FREE_HISTORY),
    ]
