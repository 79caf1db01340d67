"""Doctors, interpreters, rooms and the staff of a hospital."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.services import audit
from hospitals.admin.desk import EDITORS, DeskAdmin, DeskInline, OneHospitalForm, OperatorAdmin
from hospitals.admin.tabs import EnglishRequired, language_tabs
from hospitals.models import Doctor, DoctorLanguage, Equipment, HospitalMembership, Interpreter


class DoctorForm(EnglishRequired, OneHospitalForm):
    pass


class DoctorLanguageInline(DeskInline):
    model = DoctorLanguage
    writers = EDITORS


@admin.register(Doctor)
class DoctorAdmin(DeskAdmin):
    """Doctors of the own hospital; demonstration doctors stay marked as such."""

    form = DoctorForm
    writers = EDITORS
    list_display = ["name", "hospital", "department", "is_public", "is_demonstration"]
    list_select_related = ["hospital", "department__specialty", "department__hospital"]
    list_filter = ["is_public", "is_demonstration"]
    search_fields = ["name_en", "name_zh_hans", "licence_number"]
    ordering = ["hospital_id", "pk"]
    readonly_fields = ["is_demonstration"]
    inlines = [DoctorLanguageInline]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    "hospital",
                    "department",
                    "licence_number",
                    "is_public",
                    "is_demonstration",
                ]
            },
        ),
        *language_tabs(Doctor, "name", "title", "about"),
    )


@admin.register(Interpreter)
class InterpreterAdmin(DeskAdmin):
    writers = EDITORS
    list_display = ["name", "hospital", "spoken", "is_active", "is_demonstration"]
    list_select_related = ["hospital"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    ordering = ["hospital_id", "pk"]
    readonly_fields = ["is_demonstration"]
    fields = ["hospital", "name", "languages", "is_active", "is_demonstration"]

    @display(description=_("languages"))
    def spoken(self, interpreter):
        return ", ".join(interpreter.languages)


class EquipmentForm(EnglishRequired, OneHospitalForm):
    pass


@admin.register(Equipment)
class EquipmentAdmin(DeskAdmin):
    form = EquipmentForm
    writers = EDITORS
    list_display = ["name", "hospital", "is_demonstration"]
    list_select_related = ["hospital"]
    search_fields = ["name_en", "name_zh_hans"]
    ordering = ["hospital_id", "pk"]
    readonly_fields = ["is_demonstration"]
    fieldsets = (
        (None, {"fields": ["hospital", "is_demonstration"]}),
        *language_tabs(Equipment, "name"),
    )


@admin.register(HospitalMembership)
class HospitalMembershipAdmin(OperatorAdmin):
    """Who works where; giving somebody a role lets them into the desk, and is noted."""

    form = forms.ModelForm
    list_display = ["user", "hospital", "role"]
    list_select_related = ["user", "hospital"]
    list_filter = ["role"]
    search_fields = ["user__email", "hospital__slug"]
    autocomplete_fields = ["user"]

    def has_delete_permission(self, request, obj=None):
        return self.allows(request, None)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        obj.user.is_staff = True
        obj.user.save(update_fields=["is_staff"])
        self._note(request, "desk.grant_role", obj)

    def delete_model(self, request, obj):
        self._note(request, "desk.end_role", obj)
        super().delete_model(request, obj)

    def _note(self, request, action, membership):
        audit.record(
            by=request.user,
            action=action,
            target=f"accounts.user:{membership.user.public_id}",
            hospital_slug=membership.hospital.slug,
            reason=membership.role,
        )
