"""Settings for the test suite: fast hashes, plain static files, no outside world."""

import os

os.environ.setdefault("LOG_LEVEL", "WARNING")
# The suite pays in the sandbox; only the tests marked stripe_live use a key, and ask for it there.
STRIPE_LIVE_TEST_KEY = os.environ.pop("STRIPE_SECRET_KEY", "")

from medtour.settings.dev import *  # noqa: E402, F403
from medtour.settings.dev import DATABASES, STORAGES, TEMPLATES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = "«undefined template variable %s»"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASES["default"]["TEST"] = {"NAME": os.environ.get("TEST_DB_NAME", "test_medtour")}
ACCOUNT_RATE_LIMITS = False
CELERY_TASK_ALWAYS_EAGER = False
ALLOWED_HOSTS = ["*"]
EXCHANGE_RATES_URL = ""
