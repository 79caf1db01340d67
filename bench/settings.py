"""The site's own settings with the reference views beside the site's addresses."""

import os

os.environ.setdefault("LOG_LEVEL", "ERROR")

from medtour.settings.dev import *  # noqa: E402, F403
from medtour.settings.dev import INSTALLED_APPS, TEMPLATES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "bench.reference"]
ROOT_URLCONF = "bench.reference.urls"
TEMPLATES[0]["OPTIONS"]["debug"] = False
