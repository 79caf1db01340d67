"""Programs of insurers: how their tokens are made, how often they may call, whom we call."""

import environ

env = environ.Env()

# Client credentials only (`payments/api/token.py`); we keep a token's hash.
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 900
# Calls of one client in a minute, and askings for a token from one address.
MACHINE_CALLS_PER_MINUTE = env.int("MACHINE_CALLS_PER_MINUTE", default=600)
MACHINE_TOKENS_PER_MINUTE = env.int("MACHINE_TOKENS_PER_MINUTE", default=30)
# Hosts of insurers that answer themselves; nobody else is asked about a member (SE-20).
INSURER_HOSTS: list[str] = env.list("INSURER_HOSTS", default=[])
# name=secret, …; a connection names its secret and never holds it.
INSURER_SECRETS: dict[str, str] = dict(
    each.split("=", 1) for each in env.list("INSURER_SECRETS", default=[]) if "=" in each
)
INSURER_SCHEMES = ("https",)
INSURER_CONNECT_SECONDS = env.int("INSURER_CONNECT_SECONDS", default=2)
INSURER_ANSWER_SECONDS = env.int("INSURER_ANSWER_SECONDS", default=4)
