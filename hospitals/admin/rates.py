"""The exchange rates that were fetched; operators read them, nobody writes them by hand."""

from django.contrib import admin

from hospitals.admin.desk import OperatorAdmin
from hospitals.models import ExchangeRate


@admin.register(ExchangeRate)
class ExchangeRateAdmin(OperatorAdmin):
    operator_edits = False
    list_display = ["day", "currency", "per_euro", "source", "fetched_at"]
    list_filter = ["currency"]
    ordering = ["-day", "currency"]
