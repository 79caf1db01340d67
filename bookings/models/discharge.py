from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.case import Case
from hospitals.models import Offer
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField, EncryptedTextField
from medtour.lib.ids import public_id


class TranslationStatus(models.TextChoices):
    """Who stands behind a translated text (M18)."""

    MACHINE = "machine", _("machine translation, not checked")
    HUMAN = "human", _("translated by a person")
    CLINICIAN = "clinician", _("checked by a clinician")


class Pathway(models.TextChoices):
    VISIT = "visit", _("Visit or check-up")
    DAY_CASE = "day_case", _("Treatment without a night")
    INPATIENT = "inpatient", _("Stay with nights")
    TCM = "tcm", _("Traditional Chinese medicine")


class Discharge(models.Model):
    """What a patient leaves the hospital with (QM-08); a correction is a new version.

    `medicines` is a list of {inn, dose}, `implants` of {name, udi}, `tests` of
    {test, due_on, threshold}; every text about health is encrypted.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="discharges", verbose_name=_("case")
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    offer = models.ForeignKey(
        Offer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="discharges",
        verbose_name=_("offer"),
    )
    pathway = models.CharField(_("pathway"), max_length=10, choices=Pathway.choices)
    discharged_on = models.DateField(_("discharged on"))
    summary_zh = EncryptedTextField(_("summary in Chinese"))
    summary = EncryptedTextField(_("summary in the patient's language"))
    language = models.CharField(_("patient's language"), max_length=10)
    translation_status = models.CharField(
        _("translation"), max_length=10, choices=TranslationStatus.choices
    )
    translator_name = models.CharField(_("translator"), max_length=150, blank=True)
    medicines = EncryptedJSONField(_("medicines"), default=list)
    implants = EncryptedJSONField(_("implants"), default=list)
    restrictions = EncryptedTextField(_("what to avoid"), blank=True)
    flying = EncryptedTextField(_("flying"), blank=True)
    warning_signs = EncryptedTextField(_("warning signs"))
    tests = EncryptedJSONField(_("tests that are due"), default=list)
    no_tests_needed = models.BooleanField(_("no tests needed"), default=False)
    contact = models.CharField(_("contact at the hospital"), max_length=300)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_at = models.DateTimeField(_("recorded"), default=clock.now, editable=False)
    is_demonstration = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("discharge")
        verbose_name_plural = _("discharges")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="bookings_discharge_version"),
            models.CheckConstraint(
                condition=Q(translation_status="machine") | ~Q(translator_name=""),
                name="bookings_discharge_translator_named",
            ),
        ]

    def __str__(self):
        return f"{self.case_id} · {self.version}"


class Door(models.Model):
    """What a signed link opens only with a second thing that its reader knows; wrong ones count."""

    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    locked_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True


class HandBack(Door):
    """The letter to the home doctor about one discharge (M17): its code, and when it was given."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    discharge = models.OneToOneField(
        Discharge, on_delete=models.PROTECT, related_name="hand_back", verbose_name=_("discharge")
    )
    code = EncryptedTextField(editable=False)
    language = models.CharField(_("language of the letter"), max_length=10)
    given_to = EncryptedTextField(_("given to"), blank=True)
    given_at = models.DateTimeField(_("given"), null=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("given by"),
    )
    opened_at = models.DateTimeField(_("first opened"), null=True)

    class Meta:
        verbose_name = _("hand-back to the home doctor")
        verbose_name_plural = _("hand-backs to home doctors")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_at=None) | Q(given_by__isnull=False),
                name="bookings_handback_given_by_somebody",
            )
        ]

    def __str__(self):
        return self.public_id
