"""The gateway's way in: signature first, then stored, then 200; worked on afterwards (PY-05)."""

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.gateways.protocol import GatewayRefused, SignatureRefused, WebhookClosed
from payments.services import inbox

log = structlog.get_logger(__name__)


@login_not_required
@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Answer 200 when an event is stored, 400 when it is forged, 503 while no secret is set."""
    try:
        inbox.receive(request.body, request.headers.get("Stripe-Signature", ""))
    except SignatureRefused:
        log.warning("webhook_forged")
        return HttpResponse(status=400)
    except (WebhookClosed, GatewayRefused):
        log.error("webhook_closed")
        return HttpResponse(status=503)
    return HttpResponse(status=200)
