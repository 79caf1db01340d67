from django.db import models

from medtour.lib import clock


class CatalogueLoad(models.Model):
    """Which files were loaded last, so that loading the same ones again can be left out."""

    what = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(default=clock.now)

    def __str__(self):
        return self.what
