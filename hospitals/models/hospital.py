from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from hospitals.models.place import City
from hospitals.models.provenance import Sourced
from hospitals.models.treatment import Specialty


class Ownership(models.TextChoices):
    PUBLIC = "public", _("Public hospital")
    PRIVATE = "private", _("Private hospital")
    JOINT = "joint", _("Joint venture")


class PositionPrecision(models.TextChoices):
    BUILDING = "building", _("the building")
    APPROXIMATE = "approximate", _("within about 1 km")
    ZONE = "zone", _("the middle of the zone")
    CITY = "city", _("the middle of the city")


class Hospital(Sourced):
    """One real institution; what nobody sourced stays empty."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    aliases = models.TextField(_("other names, for search"), blank=True)
    city = models.ForeignKey(
        City, on_delete=models.PROTECT, related_name="hospitals", verbose_name=_("city")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership.choices)
    website = models.CharField(_("official site"), max_length=200, blank=True)
    telephone = PhoneNumberField(_("telephone"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    position_precision = models.CharField(
        max_length=12, choices=PositionPrecision.choices, blank=True
    )
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True)
    payee = models.CharField(_("payee"), max_length=200, blank=True)
    payee_is_demonstration = models.BooleanField(_("payee is a demonstration"), default=False)
    specialties_basis = models.TextField(_("what the departments are based on"), blank=True)
    languages_basis = models.TextField(_("what the languages are based on"), blank=True)
    notes = models.TextField(_("notes from the sources"), blank=True)
    answer_within_working_days = models.PositiveSmallIntegerField(
        _("answers requests within working days"), default=2
    )
    overbooking_places = models.PositiveSmallIntegerField(
        _("extra places staff may add to one time"), default=0
    )

    class Meta:
        verbose_name = _("hospital")
        verbose_name_plural = _("hospitals")
        ordering = ["slug"]

    def __str__(self):
        return self.name

    @property
    def can_be_navigated_to(self):
        """Only a building's position may guide a patient (data rule)."""
        return self.position_precision == PositionPrecision.BUILDING


class SpokenLanguage(models.Model):
    """A language that a hospital is reported to serve patients in."""

    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.CASCADE,
        related_name="spoken_languages",
        verbose_name=_("hospital"),
    )
    code = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hospital", "code"], name="hospitals_language_once")
        ]
        ordering = ["code"]

    def __str__(self):
        return self.code


class Programme(Sourced):
    """An official pilot or zone status that an authority grants."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    summary = models.TextField(_("what it means"), blank=True)
    issuer = models.CharField(_("issuer"), max_length=200)
    granted_on = models.CharField(_("since"), max_length=20, blank=True)
    ended_on = models.CharField(_("until"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("designation programme")
        verbose_name_plural = _("designation programmes")
        ordering = ["code"]

    def __str__(self):
        return self.name


class Designation(Sourced):
    """A hospital's place in a programme; a status, never a rating."""

    hospital = models.ForeignKey(
        Hospital, on_delete=models.CASCADE, related_name="designations", verbose_name=_("hospital")
    )
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        related_name="designations",
        verbose_name=_("designation programme"),
    )
    checked_on = models.DateField(_("checked on"))

    class Meta:
        verbose_name = _("designation")
        verbose_name_plural = _("designations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "programme"], name="hospitals_designation_once"
            )
        ]

    def __str__(self):
        return str(self.programme)


class Department(Sourced):
    """A specialty that a hospital is known or reported to have."""

    hospital = models.ForeignKey(
        Hospital, on_delete=models.CASCADE, related_name="departments", verbose_name=_("hospital")
    )
    specialty = models.ForeignKey(
        Specialty, on_delete=models.PROTECT, related_name="departments", verbose_name=_("specialty")
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "specialty"], name="hospitals_department_once"
            )
        ]

    def __str__(self):
        return f"{self.hospital} · {self.specialty}"
