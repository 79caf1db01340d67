"""Settings for a laptop: plain http, mail into a browsable outbox, readable logs."""

import os

os.environ.setdefault(
    "SECRET_KEY", "development-only-key-that-is-not-used-anywhere-else-0123456789"
)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dev:bWVkdG91ci1kZXZlbG9wbWVudC1vbmx5LWtleS0zMmI=")
os.environ.setdefault("LOOKUP_HASH_KEY", "bWVkdG91ci1kZXZlbG9wbWVudC1sb29rdXAta2V5LTE=")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
os.environ.setdefault("SITE_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
os.environ.setdefault("DATABASE_URL", "postgres://app@127.0.0.1:5432/app")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("EMAIL_BACKEND", "messaging.channels.development_mail.EmailBackend")

from medtour.settings.base import *  # noqa: E402, F403
from medtour.settings.base import (  # noqa: E402
    CELERY_BEAT_SCHEDULE,
    INSTALLED_APPS,
    STRIPE_SECRET_KEY,
)
from medtour.settings.logs import logging_config  # noqa: E402

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
LANGUAGE_COOKIE_SECURE = False
# On a laptop, tests and measurements are many visitors behind one address.
HOLDS_AT_ONCE_PER_ADDRESS = HOLDS_PER_HOUR_PER_ADDRESS = 0
DEMONSTRATION = True
DEVELOPMENT_MAIL_VISIBLE = True
LOGGING = logging_config(as_json=False, level=os.environ.get("LOG_LEVEL", "INFO"))

# Without a key nobody can pay: a sandbox of our own answers in Stripe's place.
PAYMENTS_SANDBOX = not STRIPE_SECRET_KEY
if PAYMENTS_SANDBOX:
    INSTALLED_APPS += ["payments.gateways.sandbox"]
    STRIPE_WEBHOOK_SECRETS = ["whsec_development_only"]
    # No real money moves, and a laptop may have no way to newer rates than the bundled ones.
    CHARGE_RATE_MAX_AGE_DAYS = None
    CELERY_BEAT_SCHEDULE["sandbox news"] = {"task": "payments_sandbox.deliver", "schedule": 2.0}
