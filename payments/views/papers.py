"""Papers to keep: receipts as PDF, in any of our languages."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from medtour.answers import found_or_404
from medtour.lib import papers
from payments.access import receipts_for
from payments.presenters.receipt_paper import receipt_paper
from payments.selectors.dues import due_of_share
from payments.views.payer import by_share_link, payment_of


@require_safe
def receipt(request, receipt):
    """Send a receipt of an own case; `?language=` asks for another language than the page's."""
    found = found_or_404(receipts_for(request.user).select_related("refund"), public_id=receipt)
    return pdf_answer(found, asked_language(request))


@require_safe
@by_share_link
def share_receipt(request, token, share, attempt):
    """Send whoever paid a share by link the receipt of that very payment."""
    payment = payment_of(due_of_share(share), share, attempt)
    found = getattr(payment, "receipt", None)
    if found is None:
        raise Http404
    return pdf_answer(found, asked_language(request))


def asked_language(request):
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else get_language() or "en"


def pdf_answer(receipt, language):
    """Return the PDF, stored nowhere on its way; its name holds the number and nobody's name."""
    data = receipt_paper(receipt, language)
    body = papers.pdf("receipt.typ", data, language=language, at=receipt.issued_at)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="receipt-{receipt.number}.pdf"'
    response["Cache-Control"] = "no-store, private"
    return response
