"""Whether a hospital's deposits can be paid online now: a fitting holder has its account (M23)."""

from hospitals.models import Hospital, Offer
from payments.models import Gateway, PayeeAccount
from payments.policies import payee_matches


def takes_deposits(hospital: Hospital) -> bool:
    """Tell whether the hospital has an account whose holder is the payee it names in public."""
    holder = (
        PayeeAccount.objects.filter(hospital=hospital, gateway=Gateway.STRIPE, is_active=True)
        .values_list("holder_name", flat=True)
        .first()
    )
    return holder is not None and payee_matches(holder, hospital.payee)


def is_payable(offer: Offer) -> bool:
    """Tell whether nothing stands in the way of paying what this offer asks for online."""
    return not offer.asks_deposit_online or takes_deposits(offer.hospital)
