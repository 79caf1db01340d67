"""What happened to each message; never what it says or to whom it speaks of."""

from django.contrib import admin
from unfold.admin import TabularInline

from accounts.admin import OperatorOnly
from messaging.models import DeliveryAttempt, Message


class DeliveryAttemptInline(TabularInline):
    model = DeliveryAttempt
    extra = 0
    fields = readonly_fields = ["number", "started_at", "ended_at", "outcome"]

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_add_permission(self, request, obj=None):
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Message)
class MessageAdmin(OperatorOnly):
    list_display = ["created_at", "kind", "status", "locale", "attempts", "sent_at"]
    list_filter = ["status", "kind"]
    search_fields = ["=public_id"]
    fields = [
        "public_id",
        "kind",
        "locale",
        "time_zone",
        "status",
        "status_reason",
        "attempts",
        "not_before",
        "next_attempt_at",
        "created_at",
        "sent_at",
        "read_at",
    ]
    inlines = [DeliveryAttemptInline]
