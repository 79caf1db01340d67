"""What a page may load and where its forms may lead."""

import environ
from csp.constants import NONCE, NONE, SELF

env = environ.Env()

STRIPE_CHECKOUT_ORIGIN = env("STRIPE_CHECKOUT_ORIGIN", default="https://checkout.stripe.com")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # A form's redirect counts as its target: the pay button leads there (decision 009).
        "form-action": [SELF, STRIPE_CHECKOUT_ORIGIN],
    }
}
