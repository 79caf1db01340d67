"""Where providers post what became of messages; no browser comes here and each post is signed.

A forged post is 400, a door without a secret 503, anything else 200: a provider that is told no
sends the same again for days.
"""

import hmac
import json

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from messaging.channels import mail_news, sms_news, whatsapp_news
from messaging.channels.signatures import SignatureRefused, WebhookClosed
from messaging.services import news

log = structlog.get_logger(__name__)


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "POST"])
def whatsapp(request: HttpRequest) -> HttpResponse:
    """GET answers the challenge with which Meta asks whether the address is ours."""
    if request.method == "GET":
        return _challenge(request)
    signature = request.headers.get("X-Hub-Signature-256", "")
    return _answer("whatsapp", lambda: news.take_in(whatsapp_news.read(request.body, signature)))


@login_not_required
@csrf_exempt
@require_POST
def sms(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("X-Signature-256", "")
    return _answer("sms", lambda: news.take_in(sms_news.read(request.body, signature)))


@login_not_required
@csrf_exempt
@require_POST
def email(request: HttpRequest) -> HttpResponse:
    return _answer("email", lambda: news.take_in_mail(mail_news.read(request)))


def _challenge(request: HttpRequest) -> HttpResponse:
    secret, given = settings.WHATSAPP_VERIFY_TOKEN, request.GET.get("hub.verify_token", "")
    is_ours = bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
    if request.GET.get("hub.mode") != "subscribe" or not is_ours:
        return HttpResponse(status=403)
    return HttpResponse(request.GET.get("hub.challenge", ""), content_type="text/plain")


def _answer(channel, take_in):
    try:
        take_in()
    except SignatureRefused:
        log.warning("receipt_forged", channel=channel)
        return HttpResponse(status=400)
    except WebhookClosed:
        log.error("receipts_closed", channel=channel)
        return HttpResponse(status=503)
    except (json.JSONDecodeError, UnicodeDecodeError):
        log.warning("receipt_unreadable", channel=channel)
        return HttpResponse(status=400)
    return HttpResponse(status=200)
