from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.hospital import Hospital
from hospitals.models.provenance import Sourced


class SpecialAccessProduct(Sourced):
    """A drug, device or cell technology usable only in a zone such as Boao Lecheng (M16)."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(max_length=40)
    indication = models.CharField(_("for"), max_length=300, blank=True)
    hospital = models.ForeignKey(
        Hospital,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="special_access",
        verbose_name=_("hospital"),
    )
    place = models.CharField(max_length=120, blank=True)
    first_use_date = models.CharField(max_length=20, blank=True)
    china_status = models.CharField(max_length=300, blank=True)
    price_cny_minor = models.BigIntegerField(null=True, blank=True)
    price_basis = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("special-access product")
        verbose_name_plural = _("special-access products")
        ordering = ["slug"]

    def __str__(self):
        return self.name
