"""The sandbox as an app: present on laptops and in tests, refused everywhere else."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LAPTOPS = ("medtour.settings.dev", "medtour.settings.test", "bench.settings")


class SandboxConfig(AppConfig):
    name = "payments.gateways.sandbox"
    label = "payments_sandbox"
    verbose_name = "Payment sandbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Stop the process where somebody could believe that money moved."""
        refuse_in_production(
            settings_module=settings.SETTINGS_MODULE,
            site_url=settings.SITE_URL,
            key=settings.STRIPE_SECRET_KEY,
        )


def refuse_in_production(*, settings_module: str, site_url: str, key: str) -> None:
    """Raise `ImproperlyConfigured` unless this is a laptop without a key for Stripe."""
    if settings_module not in LAPTOPS:
        raise ImproperlyConfigured(
            "The payment sandbox is installed but these are not the settings of a laptop."
        )
    if site_url.startswith("https://"):
        raise ImproperlyConfigured("The payment sandbox is installed on a public site.")
    if key:
        raise ImproperlyConfigured("The payment sandbox is installed although Stripe has a key.")
