"""The one statement that writes a claim on a place with everything that belongs to it.

One round trip holds the slot's row for as short as can be, and needs no transaction round it: a
statement is one by itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.models import User
from bookings.models import Appointment, Case
from bookings.services import history
from medtour.lib.prepared import prepared_rows
from messaging.services import Outgoing, insertion

CASE_COLUMNS = (
    "public_id",
    "reference",
    "patient_id",
    "hospital_id",
    "treatment_id",
    "state",
    "opened_by_id",
    "created_at",
)
# What a new claim never has is missing: its period comes from the trigger, it was not extended.
CLAIM_COLUMNS = (
    "public_id",
    "reference",
    "hospital_id",
    "slot_id",
    "state",
    "held_until",
    "holder_key",
    "booker_id",
    "patient_id",
    "language",
    "interpreter_id",
    "request_id",
    "waiting_entry_id",
    "ended_by",
    "ended_reason",
    "version",
    "calendar_sequence",
    "idempotency_key",
    "request_fingerprint",
    "created_at",
    "confirmed_at",
)


def _values(prefix: str, columns: Sequence[str]) -> str:
    return ", ".join(f"%({prefix}_{name})s" for name in columns)


OPEN_CASE = f"""opened AS (
    INSERT INTO bookings_case ({", ".join(CASE_COLUMNS)}) VALUES ({_values("case", CASE_COLUMNS)})
    RETURNING id
), """  # noqa: S608  (only names of columns)
CLAIM = f"""claimed AS (
    INSERT INTO bookings_appointment ({", ".join(CLAIM_COLUMNS)}, case_id)
    VALUES ({_values("claim", CLAIM_COLUMNS)}, {{case}}) RETURNING id, case_id
), noted AS ({{noted}})"""  # noqa: S608  (only names of columns)


@lru_cache(maxsize=32)
def _statement(*, opens_case: bool, messages: str) -> str:
    claim = CLAIM.format(
        case="(SELECT id FROM opened)" if opens_case else "%(claim_case_id)s",
        noted=history.insertion_beside_claim(opens_case=opens_case),
    )
    sent = f", sent AS ({messages})" if messages else ""
    opened = OPEN_CASE if opens_case else ""
    # The parts are the constants above; every value is a parameter.
    return f"WITH {opened}{claim}{sent} SELECT id, case_id FROM claimed"  # noqa: S608


def write_claim(
    appointment: Appointment,
    *,
    action: str,
    by: User | None,
    actor: str,
    case: Case | None = None,
    messages: Sequence[Outgoing] = (),
) -> None:
    """Save a new claim with its line of history, maybe a new case with its own, maybe messages.

    Raises IntegrityError, and leaves nothing behind, when the database refuses the place.
    """
    message_text, parameters = insertion(messages, now=appointment.created_at)
    parameters |= {f"claim_{name}": getattr(appointment, name) for name in CLAIM_COLUMNS}
    if case is None:
        parameters["claim_case_id"] = appointment.case_id
    else:
        parameters |= {f"case_{name}": getattr(case, name) for name in CASE_COLUMNS}
    parameters |= {
        "line_at": appointment.created_at,
        "line_by": by.pk if by else None,
        "line_actor": actor,
        "line_action": action,
    }
    statement = _statement(opens_case=case is not None, messages=message_text)
    [(claim_id, case_id)] = prepared_rows(statement, parameters)
    _is_saved(appointment, claim_id)
    if case is not None:
        _is_saved(case, case_id)
        appointment.case = case


def _is_saved(row: Model, key: Any) -> None:
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias
