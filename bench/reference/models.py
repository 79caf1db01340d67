"""The plain tables of the reference booking; made by the fill, never migrated."""

from django.db import models


class PlainSlot(models.Model):
    capacity = models.IntegerField()
    booked = models.IntegerField()

    class Meta:
        managed = False
        db_table = '"bench"."slot"'


class PlainBooking(models.Model):
    slot = models.ForeignKey(PlainSlot, on_delete=models.DO_NOTHING, related_name="+")
    patient_id = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"bench"."booking"'


class PlainMessage(models.Model):
    kind = models.TextField()
    payload = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = '"bench"."outbox"'
