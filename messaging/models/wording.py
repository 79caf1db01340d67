"""Wording that staff changed; the shipped text is version 0 and has no row (MS-11)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from medtour.lib import clock


class WordingVersion(models.Model):
    """One text of one part of a kind in one language; rows are only added, the newest is live.

    Versions count up for a kind in a language, so that one number says what both parts were. An
    empty text goes back to the shipped one.
    """

    class Part(models.TextChoices):
        SUBJECT = "subject", _("subject")
        WORDS = "words", _("words")

    kind = models.CharField(_("kind"), max_length=80)
    part = models.CharField(_("part"), max_length=10, choices=Part.choices)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    is_live = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(_("written"), default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
    )

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "language", "version"], name="messaging_wording_version"
            ),
            models.UniqueConstraint(
                fields=["kind", "part", "language"],
                condition=models.Q(is_live=True),
                name="messaging_wording_one_live",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.part} {self.language} v{self.version}"
