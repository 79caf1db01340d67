"""How near a hospital's quotes came to its final bills (M4), told only of five cases or more."""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import connection

from hospitals.models import Hospital, Treatment

MINIMUM = 5
ONE_PLACE = Decimal("0.1")

# The first version a patient accepted is what they decided on: change orders do not make a
# hospital look more exact. A quote of nothing has no ratio.
SETTLED = """
SELECT count(*),
       percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (
           ORDER BY bill.total_minor * 100.0 / first.likely_minor),
       min(bill.recorded_at)
  FROM payments_finalbill AS bill
  JOIN payments_quote AS billed ON billed.id = bill.quote_id
  JOIN bookings_case AS care ON care.id = billed.case_id
  JOIN LATERAL (
       SELECT likely_minor, currency FROM payments_quote
        WHERE case_id = care.id AND answered_at IS NOT NULL
          AND state IN ('accepted', 'superseded')
        ORDER BY version LIMIT 1) AS first ON true
 WHERE care.hospital_id = %s AND care.treatment_id = %s
   AND first.likely_minor > 0 AND first.currency = bill.currency
"""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Final bills as a percentage of what was quoted: median and the middle half of the cases."""

    cases: int
    median_percent: Decimal
    lower_percent: Decimal
    upper_percent: Decimal
    since: dt.date


def quote_accuracy(hospital: Hospital, treatment: Treatment) -> Accuracy | None:
    """Return the accuracy of a hospital's quotes for a treatment; None below five settled cases."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [hospital.pk, treatment.pk])
        cases, quartiles, since = cursor.fetchone()
    if cases < MINIMUM:
        return None
    lower, median, upper = (_percent(value) for value in quartiles)
    return Accuracy(cases, median, lower, upper, since.date())


def _percent(value: float) -> Decimal:
    """Round for showing; statistics of ratios, never an amount of money."""
    return Decimal(str(value)).quantize(ONE_PLACE, rounding=ROUND_HALF_EVEN)
