from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.case import Case
from bookings.models.discharge import Discharge, Door, Pathway, TranslationStatus
from hospitals.models import Hospital, Offer
from medtour.lib import clock
from medtour.lib.crypto import EncryptedJSONField, EncryptedTextField
from medtour.lib.ids import public_id


class FollowUpStateChoice(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DUE = "due", _("Due")
    ASKED = "asked", _("Asked")
    ANSWERED = "answered", _("Answered")
    MISSED = "missed", _("Not answered")
    ESCALATED = "escalated", _("To be called")
    CLOSED = "closed", _("Closed")


class Level(models.TextChoices):
    """What the doctor's rules say about an answer; a missed one is a reason to call as well."""

    GREEN = "green", _("Green")
    AMBER = "amber", _("Amber")
    RED = "red", _("Red")
    MISSED = "missed", _("No answer")


class FollowUpPlan(models.Model):
    """One version of a plan: when to ask, what to ask, and what to make of it; never changed.

    Without a hospital it is the platform's own plan. `rules` are read by `follow_up_rules`;
    `rules_set_by` is the doctor who set them, None while nobody at the hospital has.
    """

    hospital = models.ForeignKey(
        Hospital,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="follow_up_plans",
        verbose_name=_("hospital"),
    )
    offer = models.ForeignKey(
        Offer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="follow_up_plans",
        verbose_name=_("offer"),
    )
    pathway = models.CharField(_("pathway"), max_length=10, choices=Pathway.choices, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days after discharge"))
    yearly_count = models.PositiveSmallIntegerField(_("yearly questions, how often"), default=0)
    questions = ArrayField(models.CharField(max_length=20), verbose_name=_("questions"))
    rules = models.JSONField(_("rules"), default=dict)
    remind_after_days = models.PositiveSmallIntegerField(_("remind after days"), default=1)
    missed_after_days = models.PositiveSmallIntegerField(_("missed after days"), default=3)
    amber_hours = models.PositiveSmallIntegerField(_("amber: call within hours"), default=24)
    missed_hours = models.PositiveSmallIntegerField(_("missed: call within hours"), default=48)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("written by"),
    )
    rules_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("rules set by"),
    )
    created_at = models.DateTimeField(_("written"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("follow-up plan")
        verbose_name_plural = _("follow-up plans")
        ordering = ["hospital", "offer", "pathway", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["hospital", "offer", "pathway", "version"],
                nulls_distinct=False,
                name="bookings_plan_version",
            ),
            models.CheckConstraint(
                condition=Q(missed_after_days__gt=models.F("remind_after_days")),
                name="bookings_plan_reminds_before_missed",
            ),
        ]

    def __str__(self):
        return str(self.offer or self.get_pathway_display() or _("All offers"))


class FollowUpTask(Door):
    """Questions that fall due for one case: planned → due → asked → answered | missed → …

    `due_on` is a date at the hospital; the questions go out at ten in the morning of that date
    where the patient is. `next_at` is when the next step of the machine is due, None when only
    people act. `target_at` is until when somebody has to call.
    """

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="follow_ups", verbose_name=_("case")
    )
    discharge = models.ForeignKey(
        Discharge,
        on_delete=models.PROTECT,
        related_name="follow_ups",
        db_index=False,
        verbose_name=_("discharge"),
    )
    plan = models.ForeignKey(
        FollowUpPlan,
        on_delete=models.PROTECT,
        related_name="tasks",
        db_index=False,
        verbose_name=_("follow-up plan"),
    )
    day = models.PositiveSmallIntegerField(_("day after discharge"))
    is_yearly = models.BooleanField(_("yearly"), default=False)
    due_on = models.DateField(_("due on"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=FollowUpStateChoice.choices,
        default=FollowUpStateChoice.PLANNED,
    )
    next_at = models.DateTimeField(_("next step"), null=True)
    asked_at = models.DateTimeField(_("asked"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    level = models.CharField(_("level"), max_length=6, choices=Level.choices, blank=True)
    target_at = models.DateTimeField(_("call until"), null=True)
    outcome = EncryptedTextField(_("outcome"), blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("follow-up task")
        verbose_name_plural = _("follow-up tasks")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "day"], name="bookings_followup_once"),
            models.CheckConstraint(
                condition=~Q(state="escalated") | Q(target_at__isnull=False),
                name="bookings_followup_call_has_a_target",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=Q(next_at__isnull=False),
                name="bookings_followup_due",
            ),
            models.Index(
                fields=["target_at"],
                condition=Q(state="escalated"),
                name="bookings_followup_calls",
            ),
        ]

    def __str__(self):
        return _("Day %(day)s after discharge") % {"day": self.day}


class FollowUpAnswer(models.Model):
    """What a patient answered, as it was sent; a correction is one more row (MS-10)."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    task = models.ForeignKey(
        FollowUpTask, on_delete=models.PROTECT, related_name="answers", verbose_name=_("task")
    )
    answers = EncryptedJSONField(_("answers"))
    level = models.CharField(_("level"), max_length=6, choices=Level.choices)
    reasons = EncryptedJSONField(_("why"), default=list)
    wording = models.CharField(_("edition of the questions"), max_length=20)
    locale = models.CharField(_("language"), max_length=10)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    sent_at = models.DateTimeField(_("sent"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["pk"]

    def __str__(self):
        return self.public_id


class AnswerTranslation(models.Model):
    """The patient's own words in another language, and who stands behind it; the newest counts."""

    answer = models.ForeignKey(
        FollowUpAnswer,
        on_delete=models.PROTECT,
        related_name="translations",
        verbose_name=_("answer"),
    )
    language = models.CharField(_("language"), max_length=10)
    text = EncryptedTextField(_("translation"))
    status = models.CharField(_("status"), max_length=10, choices=TranslationStatus.choices)
    translator_name = models.CharField(_("translator"), max_length=150, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("entered by"),
    )
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("translation of an answer")
        verbose_name_plural = _("translations of answers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="machine") | ~Q(translator_name=""),
                name="bookings_answer_translator_named",
            )
        ]

    def __str__(self):
        return f"{self.answer_id} {self.language}"


class FollowUpCall(models.Model):
    """A call that a coordinator made because of an answer, or of none."""

    task = models.ForeignKey(
        FollowUpTask, on_delete=models.PROTECT, related_name="calls", verbose_name=_("task")
    )
    has_reached = models.BooleanField(_("the patient was reached"))
    note = EncryptedTextField(_("what was said"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("called by"),
    )
    at = models.DateTimeField(_("when"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} UTC"
