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

# A receipt is of a payment or of a refund; the case behind it says whose paper it is.
PAID = "obligation__case__{}"
WITH_CASE = [
    way + PAID.format(what)
    for way in ("payment__", "refund__payment__")
    for what in ("patient", "hospital")
]


def note_opening(request, row, *, case):
    """Write down who opened which paper of whom (PR-07)."""
    audit.record(
        by=request.user if request.user.is_authenticated else None,
        action="paper.open",
        target=f"{row._meta.label_lower}:{row.public_id}",
        patient_public_id=case.patient.public_id,
        hospital_slug=case.hospital.slug,
    )


@require_safe
def receipt(request, receipt):
    """Send a receipt of an own case; `?language=` asks for another language than the page's."""
    receipts = receipts_for(request.user).select_related("refund", *WITH_CASE)
    found = found_or_404(receipts, public_id=receipt)
    payment = found.payment or found.refund.payment
    return receipt_answer(request, found, case=payment.obligation.case)


@require_safe
def quote_pdf(request, quote):
    """Send a version of a quote."""
    found = found_or_404(quotes_for_page(request.user), public_id=quote)
    note_opening(request, found, case=found.case)
    language = asked_language(request)
    data = quote_paper(found, language)
    body = papers.pdf("quote", data, language=language, at=found.issued_at)
    return paper_to_save("quote", body, number=data["number"])


@require_safe
@by_share_link
def share_receipt(request, token, share, attempt):
    """Send whoever paid a share by link the receipt of that very payment."""
    payment = payment_of(due_of_share(share), share, attempt)
    found = getattr(payment, "receipt", None)
    if found is None:
        raise Http404
    return receipt_answer(request, found, case=payment.obligation.case)


def receipt_answer(request, receipt, *, case):
    """Return the PDF, stored nowhere on its way."""
    note_opening(request, receipt, case=case)
    language = asked_language(request)
    data = receipt_paper(receipt, language)
    body = papers.pdf("receipt", data, language=language, at=receipt.issued_at)
    return paper_to_save("receipt", body, number=receipt.number)
