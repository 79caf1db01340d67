"""The two pages of the desk with a table to fill in: a draft's lines, and the final bill."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from bookings.admin.steps import change_page, posted
from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal
from medtour.templatetags.show import money_text
from payments.admin.quote_forms import (
    BilledLines,
    QuoteLines,
    ReasonIfAboveForm,
    TermsForm,
    line_initial,
)
from payments.models import Inclusion
from payments.presenters.quotes import line_shown
from payments.selectors.balances import paid_beyond_the_bill
from payments.selectors.insurance.claim_parts import promised_of_bill
from payments.services import bills, quotes


def draft_view(model_admin, request, quote):
    """Show a draft's lines and terms as one form, or let the service write them."""
    form = TermsForm(posted(request), quote=quote)
    initial = [line_initial(line, quote) for line in quote.lines.all()]
    lines = QuoteLines(posted(request), initial=initial, prefix="lines")
    status = 200
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            with busy_is_a_refusal():
                quotes.set_lines(quote, lines=lines.lines(quote.currency), terms=form.terms())
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, _("Saved. The patient sees nothing until you send it."))
            more = "more" in request.POST
            return HttpResponseRedirect(request.path if more else change_page(quote))
    context = {
        "title": _("Lines and terms of the draft"),
        "explanation": _(
            "All amounts are in %(currency)s. Clear the name of a line to leave it out. "
            "A price that you change no longer names the price list as its source."
        )
        % {"currency": quote.currency},
        "form": form,
        "lines": lines,
        "rows": [(row, "") for row in lines.forms],
        "button": _("Save the draft"),
        "more": _("Save and add lines"),
        "back": change_page(quote),
    }
    return _page(model_admin, request, context, status)


def bill_view(model_admin, request, quote):
    """Show the quoted lines to fill in what was billed, or let the service record the bill."""
    quoted = [line for line in quote.lines.all() if line.inclusion != Inclusion.EXCLUDED]
    initial = [{"key": line.pk, "label": line.label} for line in quoted]
    form = ReasonIfAboveForm(posted(request))
    lines = BilledLines(posted(request), initial=initial, prefix="lines")
    status = 200
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        try:
            with busy_is_a_refusal():
                _record(request, quote, form, lines)
        except Refusal as refusal:
            form.add_error(None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, _("Recorded. The patient is told."))
            _prompt_to_refund(request, quote)
            return HttpResponseRedirect(change_page(quote))
    notes = [_quoted_as(line, quote) for line in quoted] + [""] * len(lines.forms)
    context = {
        "title": _("Record the final bill"),
        "explanation": _(
            "All amounts are in %(currency)s. What you add below the quoted lines was not agreed: "
            "the patient sees it, but owes only what the quote covers. This cannot be undone."
        )
        % {"currency": quote.currency},
        "form": form,
        "lines": lines,
        "rows": list(zip(lines.forms, notes, strict=False)),
        "button": _("Record the bill"),
        "more": "",
        "back": change_page(quote),
    }
    return _page(model_admin, request, context, status)


def _prompt_to_refund(request, quote):
    """Say at once that more was paid in than the bill; the bill's page leads to the refund."""
    beyond = paid_beyond_the_bill(quote.case, quote.currency)
    if beyond.minor:
        said = _("%(amount)s more was paid in than the bill. Please give it back: open the bill.")
        messages.warning(request, said % {"amount": money_text(beyond)})


def _record(request, quote, form, lines):
    bills.record_final_bill(
        quote,
        lines=lines.billed(quote),
        by=request.user,
        reason=form.cleaned_data["reason"],
        insurer_part=promised_of_bill,
    )


def _quoted_as(line, quote):
    amount = line_shown(line, quote).amount
    ends = [money_text(end) for end in (amount.low, amount.high) if end]
    return _("Quoted: %(amount)s") % {"amount": " – ".join(ends)}


def _page(model_admin, request, context, status):
    shared = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "is_popup": False,
    }
    template = "admin/payments/quote_lines.html"
    return TemplateResponse(request, template, {**shared, **context}, status=status)
