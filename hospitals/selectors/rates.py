"""The exchange rates that were fetched last."""

from decimal import Decimal

from hospitals.models import ExchangeRate
from medtour.lib.exchange import RateTable


def newest_rates() -> RateTable | None:
    """Return the rates of the newest day that is stored, in one query; None while there is none."""
    newest = ExchangeRate.objects.order_by("-day").values("day")[:1]
    rows = list(ExchangeRate.objects.filter(day=newest))
    if not rows:
        return None
    per_euro = {row.currency: row.per_euro for row in rows}
    return RateTable(rows[0].day, {**per_euro, "EUR": Decimal(1)}, rows[0].source)
