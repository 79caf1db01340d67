"""Accounts and the audit trail for the platform's operators."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin

from accounts.models import AuditEntry, User

for unwanted in (Group, EmailAddress, Authenticator):
    if admin.site.is_registered(unwanted):
        admin.site.unregister(unwanted)


class OperatorOnly(ModelAdmin):
    """Only operators open these pages, and nobody deletes from them."""

    actions = None
    show_full_result_count = False

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(OperatorOnly):
    """People open accounts themselves; an operator can close one or let it into the desk."""

    form = forms.ModelForm
    list_display = ["email", "called", "is_active", "is_staff", "date_joined"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email"]
    ordering = ["-pk"]
    fields = ["email", "called", "locale", "time_zone", "is_active", "is_staff", "date_joined"]
    readonly_fields = ["email", "called", "locale", "time_zone", "date_joined"]

    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request)


@admin.register(AuditEntry)
class AuditEntryAdmin(OperatorOnly):
    list_display = ["at", "user", "action", "target", "hospital_slug"]
    list_select_related = ["user"]
    list_filter = ["action"]
    search_fields = ["=patient_public_id", "=target", "user__email"]
