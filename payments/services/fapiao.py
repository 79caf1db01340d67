"""A wish for the hospital's fapiao: kept for its cashier, never issued by us (PY-14)."""

import datetime as dt
import re
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.refusals import ReasonMissing
from medtour.lib import clock
from medtour.lib.errors import Refusal, constraint_name
from medtour.lib.locks import busy_is_a_refusal, lock_row
from messaging.services import Outgoing, queue
from payments.models import FapiaoRequest, Payment
from payments.transitions import PaymentState


class FapiaoAskedAlready(Refusal):
    code = "fapiao_asked_already"

    def __init__(self) -> None:
        super().__init__(_("A fapiao was asked for already. The hospital is working on it."))


class NothingToInvoice(Refusal):
    code = "nothing_to_invoice"

    def __init__(self) -> None:
        super().__init__(_("A fapiao is possible only for money that has arrived."))


class FapiaoDecided(Refusal):
    code = "fapiao_decided"

    def __init__(self) -> None:
        super().__init__(_("This request was answered in the meantime. Please look at it again."))


class FapiaoNumberMissing(Refusal):
    code = "fapiao_number_missing"
    status = 422

    def __init__(self) -> None:
        super().__init__(_("Please enter the number that is printed on the fapiao."))


# Eight or twenty digits, with or without the paper's code before them.
NUMBER = re.compile(r"(?=.*[0-9]{8})[A-Z0-9][A-Z0-9 -]{7,39}")


@dataclass(frozen=True, slots=True)
class FapiaoDetails:
    """Whom the fapiao is made out to; `title_kind` is one of FapiaoRequest.Title."""

    title_kind: str
    title: str
    tax_number: str = ""
    address: str = ""
    email: str = ""


def ask_fapiao(
    payment: Payment, details: FapiaoDetails, *, by: User, now: dt.datetime | None = None
) -> FapiaoRequest:
    """Note that the patient wants a fapiao for a payment that arrived and did not go back whole.

    A payment has one open or issued request; after a refusal the patient may ask again. Raises
    NothingToInvoice or FapiaoAskedAlready.
    """
    if payment.state != PaymentState.SUCCEEDED or not payment.refundable.minor:
        raise NothingToInvoice
    wish = FapiaoRequest(
        payment=payment,
        title_kind=details.title_kind,
        title=details.title,
        tax_number=details.tax_number,
        address=details.address,
        email=details.email,
        requested_by=by,
        requested_at=now or clock.now(),
    )
    try:
        with transaction.atomic():
            wish.save(force_insert=True)
    except IntegrityError as error:
        if constraint_name(error) == "payments_fapiao_once":
            raise FapiaoAskedAlready from error
        raise
    return wish


def record_fapiao(
    wish: FapiaoRequest, *, number: str, by: User, now: dt.datetime | None = None
) -> FapiaoRequest:
    """Keep the number of the fapiao that the hospital issued, and tell the patient.

    Raises FapiaoNumberMissing, also for what can be no such number, or FapiaoDecided.
    """
    written = " ".join(number.upper().split())
    if not NUMBER.fullmatch(written):
        raise FapiaoNumberMissing
    return _answer(wish, FapiaoRequest.State.ISSUED, by=by, now=now or clock.now(), number=written)


def refuse_fapiao(
    wish: FapiaoRequest, *, reason: str, by: User, now: dt.datetime | None = None
) -> FapiaoRequest:
    """Tell the patient why there will be no fapiao; raises ReasonMissing or FapiaoDecided."""
    if not reason.strip():
        raise ReasonMissing
    return _answer(
        wish, FapiaoRequest.State.REFUSED, by=by, now=now or clock.now(), answer=reason.strip()
    )


def _answer(
    wish: FapiaoRequest,
    state: str,
    *,
    by: User,
    now: dt.datetime,
    number: str = "",
    answer: str = "",
) -> FapiaoRequest:
    with busy_is_a_refusal(), transaction.atomic():
        locked = lock_row(
            FapiaoRequest.objects.select_related("payment__obligation__case__patient__account"),
            wish.pk,
        )
        if locked.state != FapiaoRequest.State.REQUESTED:
            raise FapiaoDecided
        locked.state, locked.number, locked.answer = state, number[:40], answer[:300]
        locked.recorded_by, locked.recorded_at = by, now
        locked.save(update_fields=["state", "number", "answer", "recorded_by", "recorded_at"])
        _tell(locked)
    return locked


def _tell(wish: FapiaoRequest) -> None:
    kind = f"payments.fapiao_{wish.state}"
    queue(
        Outgoing(
            kind=kind,
            recipient=wish.payment.obligation.case.patient.account,
            dedupe_key=f"{kind}:{wish.public_id}",
            context={"fapiao": wish.public_id},
        )
    )
