"""Gateways: the ways in which a payer's money reaches a hospital's account."""

from payments.gateways.protocol import PaymentGateway

NAMES = ("stripe",)


def gateway(name: str = "stripe") -> PaymentGateway:
    """Return the gateway called `name`; raises `GatewayRefused` when it has no key."""
    if name not in NAMES:
        raise LookupError(f"no gateway is called {name!r}")
    from payments.gateways import stripe  # late: the SDK takes a tenth of a second to load

    return stripe.from_settings()
