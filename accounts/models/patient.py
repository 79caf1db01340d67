from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from medtour.lib import clock
from medtour.lib.ids import public_id


class Relation(models.TextChoices):
    SELF = "self", _("Me")
    CHILD = "child", _("My child")
    OTHER = "other", _("Somebody else")


class Patient(models.Model):
    """A person to be treated, looked after by one account (FHIR Patient and RelatedPerson).

    The passport name is one field in Latin letters, as hospitals register it (AX-05).
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="patients",
        verbose_name=_("account"),
    )
    relation = models.CharField(_("relation"), max_length=10, choices=Relation.choices)
    passport_name = models.CharField(_("name as in the passport"), max_length=150)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    phone = PhoneNumberField(_("telephone"), blank=True)
    language = models.CharField(_("language to be spoken"), max_length=10, default="en")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=models.Q(relation="self"),
                name="accounts_patient_one_self",
            ),
            models.CheckConstraint(
                condition=~models.Q(passport_name=""), name="accounts_patient_named"
            ),
        ]

    def __str__(self):
        return self.passport_name
