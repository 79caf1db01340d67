from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.consent import Consent
from accounts.models.patient import Patient
from medtour.lib import clock


class RecipientKind(models.TextChoices):
    HOSPITAL = "hospital", _("Hospital")
    INSURER = "insurer", _("Insurer")
    PROCESSOR = "processor", _("Service provider")


class Disclosed(models.TextChoices):
    """What can be passed on about a person."""

    IDENTITY = "identity", _("Name and date of birth")
    INSURANCE = "insurance", _("Insurance details")
    DIAGNOSIS = "diagnosis", _("Diagnosis and what was done so far")
    TREATMENT = "treatment", _("Treatment and its days")
    ESTIMATE = "estimate", _("Cost estimate")
    DOCUMENTS = "documents", _("Documents")
    ANSWER = "answer", _("Answer to a question")


class Disclosure(models.Model):
    """One passing on of a person's data: to whom, what, why and when; never changed (PR-02).

    `about` is "app.model:public id" of what it was passed on for.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="disclosures", verbose_name=_("patient")
    )
    consent = models.ForeignKey(
        Consent, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("consent")
    )
    recipient_kind = models.CharField(
        _("kind of recipient"), max_length=10, choices=RecipientKind.choices
    )
    recipient = models.CharField(_("recipient"), max_length=120)
    country = models.CharField(_("country"), max_length=10, blank=True)
    what = ArrayField(
        models.CharField(max_length=12, choices=Disclosed.choices), verbose_name=_("what")
    )
    about = models.CharField(max_length=80)
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["about"], name="accounts_disclosure_about")]

    def __str__(self):
        return f"{self.recipient} {self.at:%Y-%m-%d}"

    @property
    def labels(self):
        """What was passed on, in words of the active language."""
        return [Disclosed(each).label for each in self.what]
