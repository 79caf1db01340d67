from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.hospital import Department, Hospital
from medtour.lib.ids import public_id


class LanguageProof(models.TextChoices):
    """How a doctor's level in a language is known."""

    CERTIFICATE = "certificate", _("certificate seen")
    WORKED_ABROAD = "worked_abroad", _("worked in the language")
    SELF_STATED = "self_stated", _("own statement")


class Doctor(models.Model):
    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="doctors", verbose_name=_("hospital")
    )
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="doctors", verbose_name=_("department")
    )
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=160, blank=True)
    about = models.TextField(_("about"), blank=True)
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True)
    is_public = models.BooleanField(_("shown to patients"), default=False)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("doctor")
        verbose_name_plural = _("doctors")
        ordering = ["pk"]

    def __str__(self):
        return self.name


class DoctorLanguage(models.Model):
    doctor = models.ForeignKey(
        Doctor, on_delete=models.CASCADE, related_name="languages", verbose_name=_("doctor")
    )
    code = models.CharField(_("language"), max_length=10)
    level = models.CharField(_("level (CEFR)"), max_length=4, blank=True)
    proof = models.CharField(_("how we know"), max_length=20, choices=LanguageProof.choices)

    class Meta:
        verbose_name = _("doctor's language")
        verbose_name_plural = _("doctors' languages")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["doctor", "code"], name="hospitals_doctor_language")
        ]

    def __str__(self):
        return self.code


class Interpreter(models.Model):
    """Somebody who interprets at a hospital; taken together with the doctor or not at all (M12)."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="interpreters", verbose_name=_("hospital")
    )
    name = models.CharField(_("name"), max_length=120)
    languages = ArrayField(models.CharField(max_length=10), verbose_name=_("languages"))
    is_active = models.BooleanField(_("active"), default=True)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("interpreter")
        verbose_name_plural = _("interpreters")
        ordering = ["pk"]

    def __str__(self):
        return self.name


class Equipment(models.Model):
    """A room or device that is booked by itself, such as a scanner."""

    hospital = models.ForeignKey(
        Hospital, on_delete=models.PROTECT, related_name="equipment", verbose_name=_("hospital")
    )
    name = models.CharField(_("name"), max_length=120)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("room or device")
        verbose_name_plural = _("rooms and devices")
        ordering = ["pk"]

    def __str__(self):
        return self.name
