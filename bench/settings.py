"""The site's own settings with the reference views beside the site's addresses."""

from medtour.settings import dev

vars().update({name: value for name, value in vars(dev).items() if name.isupper()})
INSTALLED_APPS = [*dev.INSTALLED_APPS, "bench.reference"]
ROOT_URLCONF = "bench.reference.urls"
CACHES = {
    "default": {
        "BACKEND": "bench.caching.OnlyCounts",
        "LOCATION": dev.REDIS_URL.rsplit("/", 1)[0] + "/1",
        "KEY_PREFIX": "bench",
    }
}
# Counted for every call, and never reached by the few programs that are measured.
MACHINE_CALLS_PER_MINUTE = 10**9
