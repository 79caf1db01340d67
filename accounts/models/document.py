from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.patient import Patient
from medtour.lib import clock
from medtour.lib.crypto import EncryptedTextField
from medtour.lib.ids import public_id


class DocumentState(models.TextChoices):
    QUARANTINED = "quarantined", _("Being checked")
    CLEAN = "clean", _("Checked")
    REFUSED = "refused", _("Refused")


class MedicalDocument(models.Model):
    """A file of a patient, kept encrypted in parts under a key of its own (PR-10, SE-14).

    `sealed_key` is the file's key, wrapped by the master key. The name is what the person called
    it; it is encrypted too, because names of files tell about illness.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="documents", verbose_name=_("patient")
    )
    name = EncryptedTextField(_("name"))
    content_type = models.CharField(_("type"), max_length=60)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    sealed_key = EncryptedTextField(editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=DocumentState.choices, default=DocumentState.QUARANTINED
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("added by"),
    )
    added_at = models.DateTimeField(_("added"), default=clock.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-pk"]

    def __str__(self):
        return self.public_id

    @property
    def is_ready(self):
        """Tell whether it may be handed out: known to be clean, and still there (SE-14)."""
        return self.state == DocumentState.CLEAN and self.deleted_at is None


class DocumentPart(models.Model):
    """One encrypted mebibyte; document, number and whether it is the last are bound to it."""

    document = models.ForeignKey(MedicalDocument, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["document", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="accounts_document_part_once"
            )
        ]

    def __str__(self):
        return f"{self.document_id} {self.number}"
