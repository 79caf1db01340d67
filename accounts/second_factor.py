"""The second step of signing in, for accounts that open other people's records (SE-06)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, is_mfa_enabled
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from medtour.lib import crypto

PURPOSE = "accounts.second_factor"
View = Callable[..., HttpResponseBase]


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps encrypted like every other secret."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Type the digits that the app shows now."),
        "unverified_email": _("Confirm your e-mail address first, then set up the second step."),
        "cannot_delete_authenticator": _("The second step cannot be switched off."),
        "cannot_generate_recovery_codes": _("Set up the second step first."),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, purpose=PURPOSE)


def took_second_step(request: HttpRequest) -> bool:
    """Tell whether this very session was opened with a second factor."""
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records)


def second_factor_required(view: View) -> View:
    """Let a view answer only sessions that took the second step.

    Others set it up first, or take it now. It says nothing about who may see what.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if took_second_step(request):
            return view(request, *args, **kwargs)
        enabled = is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        step = reverse("mfa_reauthenticate" if enabled else "mfa_activate_totp")
        return redirect(f"{step}?{urlencode({'next': request.get_full_path()})}")

    return guarded


@dataclass(frozen=True, slots=True)
class ShownCode:
    """What the app of a demonstration account shows now."""

    email: str
    code: str


def give_demonstration_app(user: User) -> None:
    """Give a demonstration account an authenticator app, unless it has one."""
    if user.is_demonstration and not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        TOTP.activate(user, generate_totp_secret())


def demonstration_codes() -> list[ShownCode]:
    """Return the present codes of the demonstration accounts; pages show them on a laptop only."""
    apps = Authenticator.objects.filter(
        type=Authenticator.Type.TOTP, user__is_demonstration=True
    ).select_related("user")
    counter = list(yield_hotp_counters_from_time())[1]
    return [
        ShownCode(
            app.user.email, format_hotp_value(hotp_value(decrypt(app.data["secret"]), counter))
        )
        for app in apps.order_by("user__email")
    ]
