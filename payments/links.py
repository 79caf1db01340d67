"""Signed links by which somebody without an account pays one share (M9)."""

from django.core import signing

from payments.models import PaymentShare

SALT = "payments.share-link"
MAX_AGE_SECONDS = 60 * 60 * 24 * 60


def sign_share(share: PaymentShare) -> str:
    """Return a token for the link to a share; it names no person and no illness."""
    return signing.dumps(share.public_id, salt=SALT)


def share_from_token(token: str) -> PaymentShare | None:
    """Return the share of a token, also one that ended; None when forged or too old."""
    try:
        public_id = signing.loads(token, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    return (
        PaymentShare.objects.filter(public_id=public_id)
        .select_related("obligation__hospital__city", "obligation__appointment")
        .first()
    )
