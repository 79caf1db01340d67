"""What the insurer and one hospital settled in a month, claim by claim, and what has aged."""

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.services import audit
from medtour.lib import clock
from payments.access import claims_for_officer, hospitals_of_claims
from payments.forms.portal_lists import MonthForm
from payments.presenters.statements import ageing_heads, statement_list, statement_rows
from payments.selectors.insurance.claim_ageing import claim_ageing
from payments.selectors.insurance.claim_statement import settlement_statement, statement_claims
from payments.views.portal.downloads import checked_kind, table_to_save
from payments.views.portal.gate import officer_required


def chosen_month(request, officer):
    """Return hospital and month of the address, and the form filled with them."""
    hospitals = hospitals_of_claims(officer)
    chosen = MonthForm(request.GET, hospitals=hospitals).chosen()
    hospital, month = chosen["hospital"], chosen["month"]
    filled = {"hospital": hospital.slug if hospital else "", "month": f"{month:%Y-%m}"}
    return hospital, month, MonthForm(filled, hospitals=hospitals)


def ageing_row(owed, heads):
    """Return one hospital's line of the ageing report, each sum with its heading."""
    return {
        "hospital": owed.hospital_name,
        "count": owed.count,
        "cells": list(zip(heads, owed.buckets, strict=True)),
        "total": owed.total,
    }


@require_safe
@officer_required
def insurer_statement(request, officer):
    """Show one hospital's month, and how long claims have waited for payment."""
    hospital, month, form = chosen_month(request, officer)
    claims = claims_for_officer(officer)
    found = settlement_statement(claims, hospital=hospital, month=month) if hospital else ()
    heads = ageing_heads()
    context = {
        "officer": officer,
        "here": "statement",
        "hospital": hospital,
        "month": month,
        "tabs": (),
        "filter_form": form,
        "statements": [(each.currency, statement_rows(each)) for each in found],
        "heads": heads,
        "ages": [ageing_row(owed, heads) for owed in claim_ageing(claims, now=clock.now())],
    }
    return render(request, "payments/portal/statement.html", context)


@require_safe
@officer_required
def statement_file(request, officer, kind):
    """Hand out the month claim by claim as CSV or XLSX; it is written down."""
    hospital, month, _form = chosen_month(request, officer)
    if hospital is None:
        raise Http404
    about = {"hospital": hospital, "month": month}
    claims = claims_for_officer(officer)
    months, sums = statement_claims(claims, **about), settlement_statement(claims, **about)
    kind = checked_kind(kind)
    audit.record(
        by=request.user,
        action="claim.statement",
        target=f"hospitals.insurer:{officer.insurer.slug}",
        hospital_slug=hospital.slug,
    )
    rows = statement_list(months, sums, zone=hospital.time_zone)
    name = f"statement-{hospital.slug}-{month:%Y-%m}"
    return table_to_save(kind, rows, name=name, title=_("Statement"))
