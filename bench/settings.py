"""The site's own settings with the reference views beside the site's addresses."""

from medtour.settings.dev import *  # noqa: F403
from medtour.settings.dev import INSTALLED_APPS, REDIS_URL

INSTALLED_APPS = [*INSTALLED_APPS, "bench.reference"]
ROOT_URLCONF = "bench.reference.urls"
CACHES = {
    "default": {
        "BACKEND": "bench.caching.OnlyCounts",
        "LOCATION": REDIS_URL.rsplit("/", 1)[0] + "/1",
        "KEY_PREFIX": "bench",
    }
}
# Counted for every call, and never reached by the few programs that are measured.
MACHINE_CALLS_PER_MINUTE = 10**9
