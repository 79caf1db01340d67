"""Papers to keep: receipts and quotes as PDF, in any of our languages."""

from django.http import Http404
from django.views.decorators.http import require_safe

from accounts.services import audit
from medtour.answers import asked_language, found_or_404, paper_to_save
from medtour.lib import papers
from payments.access import receipts_for
from payments.presenters.quote_paper import quote_paper
from payments.presenters.receipt_paper import receipt_paper
from payments.selectors.dues import due_of_share
from payments.selectors.quotes import quotes_for_page
from payments.views.payer import by_share_link, payment_of


@require_safe
def receipt(request, receipt):
    """Send a receipt of an own case; `?language=` asks for another language than the page's."""
    found = found_or_404(receipts_for(request.user).select_related("refund"), public_id=receipt)
    return pdf_answer(found, asked_language(request))


@require_safe
def quote_pdf(request, quote):
    """Send a version of a quote; opening it is written down."""
    found = found_or_404(quotes_for_page(request.user), public_id=quote)
    language = asked_language(request)
    data = quote_paper(found, language)
    body = papers.pdf("quote", data, language=language, at=found.issued_at)
    audit.record(
        by=request.user,
        action="paper.open",
        target=f"payments.quote:{found.public_id}",
        patient_public_id=found.case.patient.public_id,
        hospital_slug=found.case.hospital.slug,
    )
    return paper_to_save("quote", body, number=data["number"])


@require_safe
@by_share_link
def share_receipt(request, token, share, attempt):
    """Send whoever paid a share by link the receipt of that very payment."""
    payment = payment_of(due_of_share(share), share, attempt)
    found = getattr(payment, "receipt", None)
    if found is None:
        raise Http404
    return pdf_answer(found, asked_language(request))


def pdf_answer(receipt, language):
    """Return the PDF, stored nowhere on its way."""
    data = receipt_paper(receipt, language)
    body = papers.pdf("receipt", data, language=language, at=receipt.issued_at)
    return paper_to_save("receipt", body, number=receipt.number)
