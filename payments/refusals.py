"""The ways in which money says no, and which database constraint stands behind each."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal, constraint_name
from medtour.lib.locks import busy_is_a_refusal


class NothingOwed(Refusal):
    code = "nothing_owed"

    def __init__(self) -> None:
        super().__init__(_("This amount is paid, or somebody is paying it at this moment."))


class ObligationClosed(Refusal):
    code = "obligation_closed"

    def __init__(self) -> None:
        super().__init__(_("This amount is no longer due. Nothing was charged."))


class DepositUnclear(Refusal):
    code = "deposit_unclear"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The hospital does not say at this moment how much the deposit is. "
                "Please write to us."
            )
        )


class HoldOver(Refusal):
    code = "hold_over"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The time was held for you until now, but not longer. "
                "Nothing was charged. Please choose a time again."
            )
        )


class NoPayee(Refusal):
    code = "no_payee"

    def __init__(self) -> None:
        super().__init__(_("This hospital cannot take payments here yet. Please write to us."))


class PayeeMismatch(Refusal):
    code = "payee_mismatch"

    def __init__(self) -> None:
        super().__init__(
            _(
                "We stopped this payment: the account does not belong to the payee that "
                "the hospital names. Nothing was charged. Please write to us."
            )
        )


class CurrencyNotTaken(Refusal):
    code = "currency_not_taken"

    def __init__(self) -> None:
        super().__init__(_("This currency cannot be charged. Please choose another one."))


class AmountChanged(Refusal):
    code = "amount_changed"

    def __init__(self) -> None:
        super().__init__(
            _("The amount has changed since you opened this page. Please look at it again.")
        )


class TooSmall(Refusal):
    code = "too_small"

    def __init__(self) -> None:
        super().__init__(_("This amount is too small to be charged in this currency."))


class GatewayUnavailable(Refusal):
    code = "gateway_unavailable"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            _(
                "The payment page cannot be reached at this moment. Nothing was charged. "
                "Please try again in a few minutes."
            )
        )


class PaymentOver(Refusal):
    code = "payment_over"

    def __init__(self) -> None:
        super().__init__(_("This payment is over. Please start again."))


class ShareClosed(Refusal):
    code = "share_closed"

    def __init__(self) -> None:
        super().__init__(
            _("This share is paid, being paid, or was taken back. Nothing was charged.")
        )


class ShareTooLarge(Refusal):
    code = "share_too_large"

    def __init__(self) -> None:
        super().__init__(
            _("A share must be more than nothing and not more than what is still due.")
        )


class TopUpTooLarge(Refusal):
    code = "top_up_too_large"

    def __init__(self) -> None:
        super().__init__(_("Enter an amount that is not more than what is left"))


BY_CONSTRAINT: dict[str, type[Refusal]] = {
    "payments_obligation_not_overpaid": NothingOwed,
    "payments_payment_one_live": NothingOwed,
    "payments_payment_attempt": NothingOwed,
    "payments_payment_share_once": ShareClosed,
}


@contextmanager
def refusals_of_the_database() -> Iterator[None]:
    """Turn lock time-outs and broken constraints into the refusals they stand for."""
    with busy_is_a_refusal():
        try:
            yield
        except IntegrityError as error:
            refusal = BY_CONSTRAINT.get(constraint_name(error))
            if refusal is None:
                raise
            raise refusal() from error  # type: ignore[call-arg]
