"""Choosing a day on the desk's lists."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from bookings.admin.times import days_at_hospitals


class DayFilter(admin.SimpleListFilter):
    """Days by the hospital's own calendar; without a choice the next seven."""

    title = gettext_lazy("day")
    parameter_name = "day"
    spans = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7)}

    def lookups(self, request, model_admin):
        return [
            ("today", gettext_lazy("Today")),
            ("tomorrow", gettext_lazy("Tomorrow")),
            ("week", gettext_lazy("Next 7 days")),
            ("all", gettext_lazy("All days")),
        ]

    def choices(self, changelist):
        return list(super().choices(changelist))[1:]

    def value(self):
        return super().value() or "week"

    def queryset(self, request, queryset):
        span = self.spans.get(self.value())
        if span is None:
            return queryset
        return queryset.filter(
            days_at_hospitals(request.user, path=self.path, first=span[0], count=span[1])
        )

    path = "slot__"
