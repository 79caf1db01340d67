"""The site's own settings with the reference views beside the site's addresses."""

import os

os.environ.setdefault("LOG_LEVEL", "ERROR")

from medtour.settings.dev import *  # noqa: E402, F403
from medtour.settings.dev import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "bench.reference"]
ROOT_URLCONF = "bench.reference.urls"
# Facets must be counted, not remembered, when counting them is what is measured.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
