"""What happened to each message; what it says only with a reason, which is kept."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.decorators import display

from messaging.admin.acts import ActsAdmin
from messaging.models import DeliveryAttempt, Message
from messaging.selectors.channels import channel_health, people_to_call
from messaging.services import staff

COLOURS = {
    "queued": "info",
    "sending": "info",
    "sent": "success",
    "delivered": "success",
    "read": "success",
    "failed": "warning",
    "dead": "danger",
}


class DeliveryAttemptInline(TabularInline):
    model = DeliveryAttempt
    extra = 0
    fields = readonly_fields = [
        "number",
        "channel",
        "state",
        "started_at",
        "ended_at",
        "outcome",
        "receipts",
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("events")

    @display(description=gettext_lazy("receipts"), empty_value="–")
    def receipts(self, attempt):
        told = [f"{each.state} {each.code}".strip() for each in attempt.events.all()]
        return ", ".join(told) or None

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Message)
class MessageAdmin(ActsAdmin):
    list_display = ["created_at", "kind", "state", "channel", "tries", "locale", "sent_at"]
    list_filter = ["status", "channel", "kind"]
    search_fields = ["=public_id"]
    acts = (
        ("read", gettext_lazy("Read the words"), "read_view"),
        ("resend", gettext_lazy("Send it again"), "resend_view"),
        ("stop", gettext_lazy("Do not send it"), "stop_view"),
    )
    fields = [
        "public_id",
        "kind",
        "locale",
        "time_zone",
        "status",
        "status_reason",
        "channel",
        "attempts",
        "wording_version",
        "not_before",
        "next_attempt_at",
        "event_at",
        "created_at",
        "sent_at",
        "read_at",
        "fell_back_at",
    ]
    inlines = [DeliveryAttemptInline]

    def get_queryset(self, request):
        rows = super().get_queryset(request).defer("subject", "body", "context", "address")
        return rows.annotate(tries=Count("delivery_attempts"))

    def get_urls(self):
        page = path(
            "channels/",
            self.admin_site.admin_view(self.channels_view),
            name="messaging_message_channels",
        )
        return [page, *super().get_urls()]

    @display(description=gettext_lazy("state"), ordering="status", label=COLOURS)
    def state(self, message):
        return message.status, message.get_status_display()

    @display(description=gettext_lazy("attempts"), ordering="tries")
    def tries(self, message):
        return message.tries

    def read_view(self, request, object_id):
        step = {
            "title": _("Read the words of this message"),
            "explanation": _("They are about a patient. Who read them and why is kept."),
            "button": _("Show the words"),
        }

        def perform(message, cleaned):
            subject, body = staff.reveal(message, by=request.user, reason=cleaned["reason"])
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("The words of this message"),
                "subject": subject or _("Nothing is kept of this message."),
                "body": body,
                "language": message.locale,
            }
            return TemplateResponse(request, "admin/messaging/words.html", context)

        return self.act_on(request, object_id, step, perform)

    def resend_view(self, request, object_id):
        step = {
            "title": _("Send this message again"),
            "explanation": _("It goes out once more, from what is true now, by the first channel."),
            "button": _("Send it again"),
        }

        def perform(message, cleaned):
            staff.resend(message, by=request.user, reason=cleaned["reason"])
            return _("It is on its way again.")

        return self.act_on(request, object_id, step, perform)

    def stop_view(self, request, object_id):
        step = {
            "title": _("Do not send this message"),
            "explanation": _("The person will not get it. The reason is kept."),
            "button": _("Do not send it"),
        }

        def perform(message, cleaned):
            staff.stop(message, by=request.user, reason=cleaned["reason"])
            return _("It will not be sent.")

        return self.act_on(request, object_id, step, perform)

    def channels_view(self, request):
        """Show what waits, how long, what failed and bounced, by channel."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("How channels do"),
            "lines": channel_health(),
            "to_call": people_to_call(),
        }
        return TemplateResponse(request, "admin/messaging/channels.html", context)
