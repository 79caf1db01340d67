from django.db import models

from hospitals.models import Insurer


class InsurerFactsStamp(models.Model):
    """Which version of an insurer's rules is the present one, for copies kept in memory.

    Triggers on the tables of rules set it in the transaction of the change, from a sequence: a
    number never comes twice, so a copy of something rolled back is never taken for the present.
    """

    insurer = models.OneToOneField(
        Insurer, on_delete=models.CASCADE, primary_key=True, related_name="facts_stamp"
    )
    version = models.BigIntegerField()

    class Meta:
        ordering = ["insurer"]

    def __str__(self):
        return f"{self.insurer_id} {self.version}"
