"""POST /oauth/token: a token for a client's credentials, and for nothing else (RFC 6749)."""

import base64
import binascii

from allauth.idp.oidc.views import token as provider_token
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.api.door import OPEN, address_of, marked, note_refusal
from payments.machine_refusals import TooManyCalls
from payments.services.insurance.machine_calls import count_token, is_from
from payments.services.insurance.machines import may_ask_for_token

LONGEST_ID = 100


@marked(OPEN)
@csrf_exempt
@login_not_required
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Hand a known, active client of an insurer that is not suspended to the identity provider."""
    address = address_of(request)
    try:
        count_token(address)
    except TooManyCalls:
        return _refused(request, 429, "temporarily_unavailable")
    if request.POST.get("grant_type") != "client_credentials":
        return _refused(request, 400, "unsupported_grant_type")
    machine = may_ask_for_token(_client_id(request))
    if machine is None or not is_from(address, tuple(machine.allowed_addresses)):
        make_password("as long as a wrong secret takes")
        return _refused(request, 401, "invalid_client")
    response = provider_token(request)
    response["Cache-Control"] = "no-store"
    if response.status_code != 200:
        note_refusal(request, response.status_code, "token")
    return response


def _refused(request: HttpRequest, status: int, error: str) -> HttpResponse:
    note_refusal(request, status, error)
    response = JsonResponse({"error": error}, status=status)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="token"'
    return response


def _client_id(request: HttpRequest) -> str:
    """Return the name under which a client asks, from where the identity provider looks too."""
    word, _, told = request.headers.get("Authorization", "").partition(" ")
    if word.lower() == "basic":
        try:
            told = base64.b64decode(told, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        name = told.partition(":")[0]
    else:
        name = request.POST.get("client_id", "")
    return name if len(name) <= LONGEST_ID and "\x00" not in name else ""
