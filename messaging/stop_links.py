"""The signed address behind List-Unsubscribe: it names an account and a category, and nothing more.

It does not run out: a person may find an old mail and want no more of its kind.
"""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from messaging.enums import OPTIONAL_CATEGORIES, Category

SALT = "messaging.stop"


def stop_address(user: User, category: Category) -> str:
    """Return the address that ends one category of mails for one account by POST."""
    token = signing.Signer(salt=SALT).sign_object([user.public_id, category.value])
    return settings.SITE_URL.rstrip("/") + reverse("stop_mails", args=[token])


def read_stop_token(token: str) -> tuple[str, Category] | None:
    """Return the account's public id and the category, or None for a forged address."""
    try:
        public_id, category = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (public_id, Category(category)) if category in OPTIONAL_CATEGORIES else None
