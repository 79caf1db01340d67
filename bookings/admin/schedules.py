"""Working hours and the days that differ; a closed day first shows whom it hits."""

from django import forms
from django.contrib import admin, messages
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from bookings.admin.slots import appointment_rows
from bookings.models import CalendarDay, Schedule, ScheduleException
from bookings.models.schedule import ExceptionKind
from bookings.services import hours, slots
from hospitals.admin.desk import (
    CARE_READERS,
    PLANNERS,
    DeskAdmin,
    OneHospitalForm,
    OperatorAdmin,
)
from hospitals.admin.tabs import EnglishRequired, language_tabs


class ScheduleForm(OneHospitalForm):
    def clean(self):
        cleaned = super().clean()
        opens, closes = cleaned.get("starts_at"), cleaned.get("ends_at")
        if opens and closes and closes <= opens:
            self.add_error("ends_at", _("The hours end after they begin."))
        if cleaned.get("doctor") and cleaned.get("equipment"):
            self.add_error("equipment", _("Choose a doctor or a room, not both."))
        if cleaned.get("slot_minutes") is not None and cleaned["slot_minutes"] < 5:
            self.add_error("slot_minutes", _("At least five minutes."))
        if cleaned.get("capacity") == 0:
            self.add_error("capacity", _("At least one place."))
        return cleaned


@admin.register(Schedule)
class ScheduleAdmin(DeskAdmin):
    """Weekly hours by the hospital's wall clock; saving lets future free times follow."""

    form = ScheduleForm
    readers = CARE_READERS
    writers = PLANNERS
    list_display = [
        "weekday",
        "starts_at",
        "ends_at",
        "offer",
        "doctor",
        "capacity",
        "is_active",
    ]
    list_filter = ["weekday", "is_active"]
    list_select_related = ["offer__treatment", "doctor"]
    search_fields = ["offer__treatment__name_en", "doctor__name_en"]
    ordering = ["hospital_id", "weekday", "starts_at", "pk"]
    autocomplete_fields = ["offer", "doctor"]
    fields = [
        ("hospital", "offer"),
        ("doctor", "equipment"),
        ("weekday", "is_active"),
        ("starts_at", "ends_at"),
        ("slot_minutes", "capacity"),
        ("valid_from", "valid_until"),
    ]

    def get_readonly_fields(self, request, obj=None):
        return ["hospital", "offer"] if obj else []

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and not form.changed_data:
            return
        on_sale = hours.change_hours(obj)
        text = ngettext("%(count)s time is on sale.", "%(count)s times are on sale.", on_sale)
        messages.info(request, text % {"count": on_sale})
        rows = appointment_rows(request.user, hours.outside_hours(obj))
        if rows:
            messages.warning(request, _outside_text(rows))


def _outside_text(rows):
    """Name the appointments that the new hours leave behind, each with a link to its page."""
    title = ngettext(
        "%(count)s appointment is outside the new hours. Move it or cancel it:",
        "%(count)s appointments are outside the new hours. Move or cancel each of them:",
        len(rows),
    ) % {"count": len(rows)}
    links = format_html_join(
        ", ", '<a href="{}">{}</a>', [(row["address"], row["text"]) for row in rows]
    )
    return format_html("{} {}", title, links)


def hours_of_offer(schedule):
    """Name working hours so that those of two offers can be told apart."""
    return f"{schedule} · {schedule.offer}"


class ExceptionForm(OneHospitalForm):
    """Shows the appointments that a closed day hits; only then, with a tick, it is saved."""

    seen = forms.BooleanField(
        label=_("I have seen whom this hits and will move or cancel each appointment."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if field := self.fields.get("schedule"):
            field.queryset = field.queryset.select_related("offer__treatment")
            field.label_from_instance = hours_of_offer

    def clean(self):
        cleaned = super().clean()
        extra = cleaned.get("kind") == ExceptionKind.EXTRA
        if extra and not cleaned.get("schedule"):
            self.add_error("schedule", _("Extra hours belong to working hours. Choose them."))
        if extra and not (cleaned.get("starts_at") and cleaned.get("ends_at")):
            self.add_error("starts_at", _("Extra hours need a beginning and an end."))
        elif extra and cleaned["ends_at"] <= cleaned["starts_at"]:
            self.add_error("ends_at", _("The hours end after they begin."))
        if not self.errors and not cleaned.get("seen"):
            self._warn(cleaned)
        return cleaned

    def _warn(self, cleaned):
        planned = ScheduleException(
            **{name: value for name, value in cleaned.items() if name != "seen"}
        )
        rows = appointment_rows(self.user, slots.appointments_hit(planned))
        if not rows:
            return
        lines = format_html_join(
            "", '<li><a href="{}">{}</a></li>', [(row["address"], row["text"]) for row in rows]
        )
        title = ngettext(
            "This hits %(count)s appointment. Look at it, then tick the box and save:",
            "This hits %(count)s appointments. Look at them, then tick the box and save:",
            len(rows),
        ) % {"count": len(rows)}
        self.add_error("seen", format_html("{}<ul>{}</ul>", title, lines))


@admin.register(ScheduleException)
class ScheduleExceptionAdmin(DeskAdmin):
    form = ExceptionForm
    readers = CARE_READERS
    writers = PLANNERS
    list_display = ["date", "kind", "hospital", "doctor", "reason"]
    list_filter = ["kind"]
    list_select_related = ["hospital", "doctor"]
    ordering = ["-date", "pk"]
    autocomplete_fields = ["doctor"]
    fields = [
        "hospital",
        ("date", "kind"),
        ("doctor", "schedule"),
        ("starts_at", "ends_at"),
        "reason",
        "seen",
    ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        form.user = request.user
        return form

    def get_fields(self, request, obj=None):
        return [name for name in self.fields if not (obj and name == "seen")]

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        hit = slots.add_exception(obj, by=request.user)
        if hit:
            text = ngettext(
                "%(count)s appointment now waits to be moved or cancelled.",
                "%(count)s appointments now wait to be moved or cancelled.",
                len(hit),
            )
            messages.warning(request, text % {"count": len(hit)})


class CalendarDayForm(EnglishRequired, forms.ModelForm):
    pass


@admin.register(CalendarDay)
class CalendarDayAdmin(OperatorAdmin):
    form = CalendarDayForm
    list_display = ["date", "kind", "name", "works_as_weekday", "as_of"]
    list_filter = ["kind"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("country", "date", "kind", "works_as_weekday"),
                    "source",
                    ("as_of", "confidence"),
                ]
            },
        ),
        *language_tabs(CalendarDay, "name"),
    )
