"""What every request of a program passes: token, size, kind of body, and how it is told no."""

import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from medtour.lib.errors import Refusal
from medtour.middleware import PROGRAM_MARK
from payments import machine_refusals as refusals
from payments.services.insurance.machine_calls import Call, fingerprint_of, let_in

log = structlog.get_logger(__name__)

LARGEST_BODY = 65_536
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")
KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
# In place of a scope, where anybody may read.
OPEN = "open"

Tell = Callable[[HttpRequest, Refusal], HttpResponse]


def marked(scope: str) -> Callable[[Any], Any]:
    """Declare which scope a view needs; the house checks that each view of a program declares it.

    Such a view asks for no log-in, and comes from no form: the token stands for both.
    """

    def mark(view: Any) -> Any:
        setattr(view, PROGRAM_MARK, scope)
        view.login_required, view.csrf_exempt = False, True
        return view

    return mark


def guarded(
    scope: str, method: str, *, kinds: tuple[str, ...], tell: Tell, at_once: bool = True
) -> Callable[[Any], Any]:
    """Make a view of a program's interface: given the call and, `at_once`, who calls.

    With `at_once=False` the view itself sees to it that the token is read before anything else.
    `kinds` of body are taken; `tell` puts a refusal into the words of the interface.
    """

    def make(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def opened(request: HttpRequest, **parts: Any) -> HttpResponse:
            try:
                call = call_of(request, scope, *kinds)
                if request.method != method:
                    let_in(call)
                    raise refusals.NotDoneHere(method)
                if at_once:
                    return view(request, call, let_in(call), **parts)
                return view(request, call, **parts)
            except Refusal as refusal:
                note_refusal(request, refusal.status, refusal.code)
                return tell(request, refusal)

        return marked(scope)(opened)

    return make


def address_of(request: HttpRequest) -> str:
    """Return the caller's address; only proxies of ours are believed about it (SE-12).

    "" when it cannot be told: no list of allowed addresses holds that.
    """
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""


def call_of(request: HttpRequest, scope: str, *kinds: str) -> Call:
    """Return the call that a request is; raises NotLetIn, TooLarge, WrongMediaType, Unreadable."""
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    if word.lower() != "bearer" or not TOKEN.fullmatch(token):
        raise refusals.NotLetIn
    key, fingerprint = request.headers.get("Idempotency-Key", ""), ""
    if request.method == "POST":
        _check_body(request, kinds)
        if key and not KEY.fullmatch(key):
            raise refusals.Unreadable("Idempotency-Key is 8 to 128 letters, digits, - or _.")
    if key:
        fingerprint = fingerprint_of(request.path.encode(), request.body)
    return Call(
        token=token,
        scope=scope,
        address=partial(address_of, request),
        key=key,
        fingerprint=fingerprint,
    )


def note_refusal(request: HttpRequest, status: int, code: str) -> None:
    """Log a refused call; never its body, its token or its address in the catalogue (SE-16)."""
    if status in (401, 403, 429):
        log.warning("machine_refused", status=status, code=code, method=request.method)


def _check_body(request: HttpRequest, kinds: tuple[str, ...]) -> None:
    if kinds and request.content_type not in kinds:
        raise refusals.WrongMediaType(kinds[0])
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > LARGEST_BODY:
        raise refusals.TooLarge(LARGEST_BODY)
