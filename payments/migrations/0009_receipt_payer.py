"""Who paid stands on a receipt, encrypted; what a receipt says is never changed."""

from django.db import migrations

import medtour.lib.crypto

FINAL_RECEIPTS = """
CREATE FUNCTION payments_receipt_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a receipt is never changed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'payments_receipt_is_final';
END
$$;
-- The payer's name may be written again under a new key.
CREATE TRIGGER payments_receipt_is_final
BEFORE DELETE OR UPDATE OF public_id, number, payment_id, refund_id, facts, issued_at
ON payments_receipt FOR EACH ROW EXECUTE FUNCTION payments_receipt_is_final();
"""
FREE_RECEIPTS = """
DROP TRIGGER payments_receipt_is_final ON payments_receipt;
DROP FUNCTION payments_receipt_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_one_draft")]
    operations = [
        migrations.AddField(
            model_name="receipt",
            name="payer",
            field=medtour.lib.crypto.EncryptedTextField(blank=True, default="", verbose_name="paid by"),
            preserve_default=False,
        ),
        migrations.RunSQL(FINAL_RECEIPTS, FREE_RECEIPTS),
    ]
