from django.db import models
from django.utils.translation import gettext_lazy as _


class Province(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("province")
        verbose_name_plural = _("provinces")
        ordering = ["slug"]

    def __str__(self):
        return self.name


class City(models.Model):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    province = models.ForeignKey(
        Province, on_delete=models.PROTECT, related_name="cities", verbose_name=_("province")
    )
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    illustration = models.CharField(max_length=40, default="city-garden")

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["slug"]

    def __str__(self):
        return self.name
