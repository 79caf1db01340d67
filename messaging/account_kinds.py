"""Mails about the account itself: codes to prove an address, and news of changes to it."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from medtour.lib import clock
from messaging.clock_faces import clock_face
from messaging.kinds import Kind, Ready, Resolve, Sensitivity, Suppressed, register

Context = Mapping[str, str]

CODES = ("email_confirmation", "login_code", "password_reset_code")
LINKS = {"unknown_account": "signup_url", "account_already_exists": "password_reset_url"}
CHANGES: dict[str, frozenset[str]] = {
    "password_changed": frozenset(),
    "password_reset": frozenset(),
    "password_set": frozenset(),
    "email_confirm": frozenset(),
    "email_changed": frozenset({"from_email", "to_email"}),
    "email_deleted": frozenset({"deleted_email"}),
    "totp_activated": frozenset(),
    "totp_deactivated": frozenset(),
    "recovery_codes_generated": frozenset(),
}


def code(context: Context) -> Ready | Suppressed:
    """Show a code and how long it works; a code that has run out is not sent any more."""
    if datetime.fromisoformat(context["expires_at"]) <= clock.now():
        return Suppressed("code has run out")
    return Ready({"code": context["code"], "minutes": int(context["minutes"])})


def link(name: str) -> Resolve:
    """Return a resolver that shows one address of the site."""
    return lambda context: Ready({name: context[name]})


def change(names: frozenset[str]) -> Resolve:
    """Return a resolver that shows when the account changed, on the recipient's clock."""

    def resolve(context: Context) -> Ready:
        face = clock_face(
            datetime.fromisoformat(context["at"]), timezone.get_current_timezone_name()
        )
        return Ready({"changed_clock": face, **{name: context[name] for name in names}})

    return resolve


def _register(
    name: str, placeholders: frozenset[str], resolve: Resolve, **more: Sensitivity
) -> None:
    register(Kind(f"accounts.{name}", placeholders, resolve, address_is_given=True, **more))


for _name in CODES:
    _register(_name, frozenset({"code", "minutes"}), code, sensitivity=Sensitivity.SECRET)
for _name, _placeholder in LINKS.items():
    _register(_name, frozenset({_placeholder}), link(_placeholder))
for _name, _names in CHANGES.items():
    _register(_name, _names | {"changed_clock"}, change(_names))
