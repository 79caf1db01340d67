"""The mails of this machine in the browser; these pages exist on a laptop only."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.second_factor import demonstration_codes
from messaging.selectors import development_mails
from messaging.stored_mail import StoredMail

PER_PAGE = 50
# The mail may style itself and nothing else; links open because navigation needs no permission.
MAIL_POLICY = (
    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@login_not_required
@require_safe
def mailbox(request):
    mails = development_mails(to=request.GET.get("to", ""))
    page = Paginator(mails, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "messaging/mailbox.html", {"page": page})


@login_not_required
@require_safe
def codes(request):
    return render(request, "messaging/codes.html", {"rows": demonstration_codes()})


@login_not_required
@require_safe
def mail(request, pk):
    row = get_object_or_404(development_mails(), pk=pk)
    return render(request, "messaging/mail.html", {"row": row, "mail": StoredMail(row.source)})


@login_not_required
@require_safe
@xframe_options_sameorigin
def mail_html(request, pk):
    row = get_object_or_404(development_mails(), pk=pk)
    response = HttpResponse(StoredMail(row.source).html)
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


@login_not_required
@require_safe
def attachment(request, pk, number):
    row = get_object_or_404(development_mails(), pk=pk)
    try:
        part = StoredMail(row.source).attachments[number]
    except IndexError:
        raise Http404 from None
    response = HttpResponse(part.content, content_type=part.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{part.filename}"'
    return response
