"""People whom no message reached, what people wrote to us, addresses that must not be used."""

from django import forms
from django.contrib import admin
from django.db.models import F
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from accounts.services import audit
from messaging.admin.acts import ActsAdmin
from messaging.models import InboundMessage, StaffTask, Suppression
from messaging.services import staff
from messaging.services.inbound import mark_done
from messaging.services.suppressions import lift


class NothingForm(forms.Form):
    """An act that needs no more than a press of its button."""


class OpenFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "done"

    def lookups(self, request, model_admin):
        return [("no", gettext_lazy("Open")), ("yes", gettext_lazy("Dealt with"))]

    def queryset(self, request, queryset):
        if self.value() in ("no", "yes"):
            return queryset.filter(done_at__isnull=self.value() == "no")
        return queryset


@admin.register(StaffTask)
class StaffTaskAdmin(ActsAdmin):
    list_display = ["opened_at", "person", "kind", "reason", "done_at"]
    list_filter = [OpenFilter]
    list_select_related = ["message__recipient"]
    fields = readonly_fields = ["opened_at", "person", "kind", "reason", "done_at", "note"]
    acts = (("done", gettext_lazy("I reached the person"), "done_view"),)

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("message__recipient")
        return rows.order_by(F("done_at").asc(nulls_first=True), "pk")

    @display(description=gettext_lazy("person"))
    def person(self, task):
        return task.message.recipient

    @display(description=gettext_lazy("message"))
    def kind(self, task):
        return task.message.kind

    def done_view(self, request, object_id):
        step = {
            "title": _("The person knows now"),
            "explanation": _("Say how you reached them. The line stays in the list."),
            "button": _("I reached the person"),
        }

        def perform(task, cleaned):
            staff.finish_task(task, by=request.user, note=cleaned["reason"])
            return _("Marked as dealt with.")

        return self.act_on(request, object_id, step, perform)


@admin.register(InboundMessage)
class InboundMessageAdmin(ActsAdmin):
    list_display = ["received_at", "channel", "intent", "contact", "done_at"]
    list_filter = [OpenFilter, "channel", "intent"]
    list_select_related = ["contact"]
    fields = ["received_at", "channel", "intent", "done_at"]
    acts = (
        ("read", gettext_lazy("Read the words"), "read_view"),
        ("done", gettext_lazy("Dealt with"), "done_view"),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).defer("body", "number")

    def read_view(self, request, object_id):
        step = {
            "title": _("Read this reply"),
            "explanation": _("It is about a patient. Who read it and why is kept."),
            "button": _("Show the words"),
        }

        def perform(reply, cleaned):
            target = f"messaging.inbound:{reply.pk}"
            reason = cleaned["reason"]
            audit.record(by=request.user, action="desk.reply_read", target=target, reason=reason)
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Reply"),
                "subject": reply.number,
                "body": reply.body,
            }
            return TemplateResponse(request, "admin/messaging/words.html", context)

        return self.act_on(request, object_id, step, perform)

    def done_view(self, request, object_id):
        step = {
            "title": _("This reply is dealt with"),
            "explanation": _("It stays in the list."),
            "button": _("Dealt with"),
            "form": NothingForm,
        }

        def perform(reply, _cleaned):
            mark_done(reply, by=request.user)
            return _("Marked as dealt with.")

        return self.act_on(request, object_id, step, perform)


@admin.register(Suppression)
class SuppressionAdmin(ActsAdmin):
    list_display = ["created_at", "user", "channel", "category", "reason", "lifted_at"]
    list_filter = ["reason", "channel", "category"]
    list_select_related = ["user"]
    fields = ["created_at", "user", "channel", "category", "reason", "lifted_at"]
    acts = (("lift", gettext_lazy("Use this address again"), "lift_view"),)

    def lift_view(self, request, object_id):
        step = {
            "title": _("Use this address again"),
            "explanation": _("Do this once its owner has put it right."),
            "button": _("Use this address again"),
            "form": NothingForm,
        }

        def perform(suppression, _cleaned):
            lift(suppression, by=request.user)
            return _("The address is used again.")

        return self.act_on(request, object_id, step, perform)
