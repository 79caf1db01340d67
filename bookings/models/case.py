from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Patient
from hospitals.models import Hospital, Treatment
from medtour.lib import clock
from medtour.lib.ids import public_id, reference


class CaseStateChoice(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Sent to the hospital")
    IN_TRIAGE = "in_triage", _("Being read by the hospital")
    INFO_NEEDED = "info_needed", _("The hospital needs more")
    QUOTED = "quoted", _("Quote ready")
    ACCEPTED = "accepted", _("Quote accepted")
    SCHEDULED = "scheduled", _("Scheduled")
    IN_TREATMENT = "in_treatment", _("In treatment")
    DISCHARGED = "discharged", _("Discharged")
    IN_FOLLOW_UP = "in_follow_up", _("In follow-up")
    CLOSED = "closed", _("Closed")
    DECLINED = "declined", _("Declined by the hospital")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Case(models.Model):
    """One person's journey to one hospital for one need."""

    public_id = models.CharField(max_length=32, unique=True, default=public_id, editable=False)
    reference = models.CharField(_("reference"), max_length=12, default=reference, editable=False)
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="cases", verbose_name=_("patient")
    )
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="cases",
        db_index=False,
        verbose_name=_("hospital"),
    )
    treatment = models.ForeignKey(
        Treatment, on_delete=models.PROTECT, related_name="cases", verbose_name=_("treatment")
    )
    state = models.CharField(
        _("state"), max_length=20, choices=CaseStateChoice.choices, default=CaseStateChoice.DRAFT
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("opened by"),
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["hospital", "-created_at"], name="bookings_case_hospital")]

    def __str__(self):
        return self.reference


class Actor(models.TextChoices):
    PATIENT = "patient", _("patient")
    HOSPITAL = "hospital", _("hospital")
    SYSTEM = "system", _("system")


class CaseEvent(models.Model):
    """One line of history: who moved what, from and to which state, when and why; never changed."""

    at = models.DateTimeField(_("when"), default=clock.now, editable=False)
    case = models.ForeignKey(
        Case, null=True, on_delete=models.PROTECT, related_name="events", verbose_name=_("case")
    )
    appointment = models.ForeignKey(
        "bookings.Appointment",
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
        verbose_name=_("appointment"),
    )
    request = models.ForeignKey(
        "bookings.WindowRequest",
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
        verbose_name=_("request for dates"),
    )
    waiting_entry = models.ForeignKey(
        "bookings.WaitingEntry",
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
        verbose_name=_("waiting-list entry"),
    )
    follow_up = models.ForeignKey(
        "bookings.FollowUpTask",
        null=True,
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
        verbose_name=_("follow-up task"),
    )
    action = models.CharField(_("action"), max_length=40)
    before = models.CharField(_("from"), max_length=20, blank=True)
    after = models.CharField(_("to"), max_length=20, blank=True)
    actor = models.CharField(_("by whom"), max_length=10, choices=Actor.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["request"],
                condition=models.Q(request__isnull=False),
                name="bookings_caseevent_request",
            ),
            models.Index(
                fields=["waiting_entry"],
                condition=models.Q(waiting_entry__isnull=False),
                name="bookings_caseevent_waiting",
            ),
            models.Index(
                fields=["follow_up"],
                condition=models.Q(follow_up__isnull=False),
                name="bookings_caseevent_follow_up",
            ),
        ]

    def __str__(self):
        return f"{self.action} {self.before}→{self.after}"
