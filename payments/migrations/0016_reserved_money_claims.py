"""Money that a card keeps counts towards an amount due, like money that is being paid."""

from django.db import migrations

CLAIMS = """
CREATE OR REPLACE FUNCTION payments_claims(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state IN ('created', 'pending', 'reserved', 'succeeded')
$$;
"""
BEFORE = """
CREATE OR REPLACE FUNCTION payments_claims(state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT state IN ('created', 'pending', 'succeeded')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0015_deposit_gaps_and_reservations")]
    operations = [migrations.RunSQL(CLAIMS, BEFORE)]
