"""What List-Unsubscribe leads to: GET asks, POST ends it, without signing in (MS-06, RFC 8058).

Mail programs and scanners fetch every link, so that a GET must change nothing; they post without
the token of a page of ours, and the signed address stands in for it.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from messaging.access import account_by_public_id
from messaging.services.wishes import stop_mails as stop_service
from messaging.stop_links import read_stop_token


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mails(request, token):
    named = read_stop_token(token)
    account = account_by_public_id(named[0]) if named else None
    if named is None or account is None:
        raise Http404
    if request.method == "POST":
        stop_service(account, named[1])
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=200)
    context = {"category": named[1].label, "is_stopped": request.method == "POST"}
    response = render(request, "messaging/stop_mails.html", context)
    response["Referrer-Policy"] = "no-referrer"
    return response
