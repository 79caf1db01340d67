"""What only this machine needs: the mails of a laptop, and proof that processes live."""

from django.db import models

from medtour.lib import clock


class DevelopmentMail(models.Model):
    """A mail kept in the database instead of sent, so that a laptop can open it in the browser.

    The unique Message-ID makes handing the same mail over twice harmless.
    """

    message_id = models.CharField(max_length=200)
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    source = models.BinaryField()
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], name="messaging_development_mail_once")
        ]

    def __str__(self):
        return self.message_id


class Heartbeat(models.Model):
    """When a background process last proved that it works (RL-05)."""

    process = models.CharField(max_length=20, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self):
        return self.process
