"""How allauth speaks to people: through the outbox like everything else."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from medtour.lib import clock
from medtour.lib.ids import public_id
from messaging import account_kinds, kinds
from messaging.services import Outgoing, queue

# Both are the same mail to a person: here is the code for your address.
SAME_KIND = {"email_confirmation_signup": "email_confirmation"}


def code_lifetime(name: str) -> timedelta:
    """Return how long allauth accepts a code of this kind."""
    seconds = {
        "email_confirmation": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
        "login_code": app_settings.LOGIN_BY_CODE_TIMEOUT,
        "password_reset_code": app_settings.PASSWORD_RESET_BY_CODE_TIMEOUT,
    }
    return timedelta(seconds=seconds[name])


class OutboxAccountAdapter(DefaultAccountAdapter):
    """Queues a message of kind `accounts.*`; a template of allauth that has no kind is an error."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Type the newest code that we sent you."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        name = template_prefix.rpartition("/")[2]
        name = SAME_KIND.get(name, name)
        kind = kinds.get(f"accounts.{name}")
        message = Outgoing(
            kind=kind.name,
            recipient=context.get("user") or _owner_of(email),
            dedupe_key=f"{kind.name}:{public_id()}",
            context=_message_context(name, context),
            address=email,
            locale=translation.get_language() or "",
            time_zone=getattr(allauth_context.request, "visitor_zone", ""),
        )
        with transaction.atomic():
            queue(message)

    def save_user(self, request: Any, user: User, form: Any, commit: bool = True) -> User:
        """A new account starts with the language, clock and currency of the page it was made on."""
        user.locale = translation.get_language() or user.locale
        if getattr(request, "visitor_zone_chosen", False):
            user.time_zone = request.visitor_zone
        user.currency = getattr(request, "visitor_currency", "")
        return super().save_user(request, user, form, commit)


def _message_context(name: str, context: dict[str, Any]) -> dict[str, str]:
    if name in account_kinds.CODES:
        lifetime = code_lifetime(name)
        return {
            "code": str(context["code"]),
            "minutes": str(int(lifetime.total_seconds() // 60)),
            "expires_at": (clock.now() + lifetime).isoformat(),
        }
    if name in account_kinds.LINKS:
        placeholder = account_kinds.LINKS[name]
        return {placeholder: str(context[placeholder])}
    names = account_kinds.CHANGES[name]
    return {"at": context["timestamp"].isoformat()} | {key: str(context[key]) for key in names}


def _owner_of(email: str) -> User | None:
    """Return the account that proved this address; an unproven one never reaches its My care."""
    proven = EmailAddress.objects.filter(email__iexact=email, verified=True)
    address = proven.select_related("user").first()
    return address.user if address else None
