from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "payments"
    verbose_name = _("Payments and insurers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from hospitals.services import direct_pay  # apps are not loaded at import
        from payments.selectors.insurance.standing import insurers_by_hospital

        direct_pay.use_source(insurers_by_hospital)
