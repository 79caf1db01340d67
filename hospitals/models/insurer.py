from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models.hospital import Hospital
from hospitals.models.provenance import Sourced


class Insurer(Sourced):
    """An insurance company, network or assistance firm as listed; agreements live in payments."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    hq_country = models.CharField(max_length=10, blank=True)
    hq_basis = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40)
    direct_billing_known = models.CharField(max_length=20, blank=True)
    direct_billing_detail = models.TextField(blank=True)
    direct_billing_hospitals = models.ManyToManyField(
        Hospital, blank=True, related_name="reported_direct_billing_insurers"
    )

    class Meta:
        verbose_name = _("insurer")
        verbose_name_plural = _("insurers")
        ordering = ["slug"]

    def __str__(self):
        return self.name
