from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.offer import Offer


class VisitPreparation(models.Model):
    """What a patient has to do before a visit: fasting, medicines, documents; by offer.

    What the hospital has not said stays empty, and the paper says so. `fasting_hours` and
    `clear_fluids_hours` count back from the start; zero means that eating and drinking is allowed.
    """

    offer = models.OneToOneField(
        Offer,
        on_delete=models.CASCADE,
        related_name="visit_preparation",
        verbose_name=_("offer"),
    )
    fasting_hours = models.PositiveSmallIntegerField(
        _("eat nothing for so many hours before (0: eating is allowed)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(48)],
    )
    clear_fluids_hours = models.PositiveSmallIntegerField(
        _("drink nothing, not even water, for so many hours before (0: drinking is allowed)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(48)],
    )
    medicines = models.TextField(_("what to do about medicines, one line each"), blank=True)
    documents = models.TextField(_("documents to bring, one line each"), blank=True)

    class Meta:
        verbose_name = _("preparation for the visit")
        verbose_name_plural = _("preparations for visits")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fasting_hours=None)
                | models.Q(clear_fluids_hours=None)
                | models.Q(fasting_hours__gte=models.F("clear_fluids_hours")),
                name="hospitals_preparation_order",
                violation_error_message=_("Whoever may not drink may not eat either."),
            )
        ]

    def __str__(self):
        return str(self.offer)
