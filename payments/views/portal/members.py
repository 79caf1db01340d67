"""The insurer's members: looked for one by one, read on one page, loaded from a file."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from medtour.answers import found_or_404, refusals_show, render_form, see_other_address
from medtour.lib import clock
from payments.access import (
    checks_for_officer,
    claims_for_officer,
    decides_on_money,
    guarantees_for_officer,
    members_for_officer,
)
from payments.forms.portal_members import MOST_LINES, MemberSearchForm, MembersFileForm
from payments.insurance_refusals import FaultyFile
from payments.presenters.portal_members import member_covers
from payments.selectors.insurance import member_page
from payments.services.insurance import members as loading
from payments.services.insurance.member_lines import COLUMNS
from payments.services.insurance.member_search import find_members, note_view
from payments.views.portal.gate import decider_required, officer_required
from payments.views.terms import form_page

SEARCH, FILE = "payments/portal/members.html", "payments/portal/members_file.html"
CHINA = "Asia/Shanghai"


def search_context(request, officer, **more):
    return {
        "officer": officer,
        "here": "members",
        "form": MemberSearchForm(request.POST if request.method == "POST" else None),
        "found": None,
        "refusal": None,
        "decides": decides_on_money(officer),
        **more,
    }


def search_refused(request, officer, *, refusal):
    return render(request, SEARCH, search_context(request, officer, refusal=refusal))


@form_page
@officer_required
@refusals_show(search_refused)
def insurer_members(request, officer):
    """Look for a member; what was typed is posted, so that no address holds it."""
    context = search_context(request, officer)
    form = context["form"]
    if not form.is_valid():
        return render_form(request, SEARCH, context)
    found = find_members(officer.insurer, wanted=form.wanted(), by=request.user)
    if len(found) == 1:
        return see_other_address(reverse("payments:insurer_member", args=[found[0].public_id]))
    return render(request, SEARCH, context | {"found": found})


@require_safe
@officer_required
def insurer_member(request, officer, member):
    """Show one member's coverages and balances, and what was asked; reading is written down."""
    members = member_page.with_covers(members_for_officer(officer))
    found = found_or_404(members, public_id=member)
    note_view(found, by=request.user)
    context = {
        "officer": officer,
        "here": "members",
        "member": found,
        "covers": member_covers(found, today=clock.today(CHINA)),
        "checks": member_page.checks_of(checks_for_officer(officer), found),
        "requests": member_page.guarantees_of(guarantees_for_officer(officer), found),
        "claims": member_page.claims_of(claims_for_officer(officer), found),
    }
    return render(request, "payments/portal/member.html", context)


def file_form(request):
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    return MembersFileForm(*given, owner=request.user.public_id)


def file_context(officer, form, **more):
    return {
        "officer": officer,
        "here": "members",
        "form": form,
        "report": None,
        "faults": (),
        "refusal": None,
        "columns": COLUMNS,
        "plans": officer.insurer.plans.order_by("code"),
        **more,
    }


def file_refused(request, officer, *, refusal):
    form = file_form(request)
    faults = refusal.faults if isinstance(refusal, FaultyFile) else ()
    if form.is_valid():
        form.forget()
    return render(request, FILE, file_context(officer, form, faults=faults, refusal=refusal))


@form_page
@decider_required
@refusals_show(file_refused)
def members_file(request, officer):
    """Try a members file; the very same file is loaded with the second press."""
    form = file_form(request)
    if not form.is_valid():
        return render_form(request, FILE, file_context(officer, form))
    content = form.cleaned_data["content"]
    if form.is_confirmed:
        report = loading.import_members(officer.insurer, content, by=request.user, most=MOST_LINES)
        said = _("Done: %(added)s members are new, %(changed)s changed, %(same)s stayed the same.")
        counts = {"added": report.added, "changed": report.changed, "same": report.unchanged}
        messages.success(request, said % counts)
        return see_other_address(reverse("payments:insurer_members"))
    return file_tried(request, officer, form, content)


def file_tried(request, officer, form, content):
    """Show what a members file would do, or every line of it that cannot be used."""
    report = loading.check_members(officer.insurer, content, most=MOST_LINES)
    if report.faults:
        form.forget()
        context = file_context(officer, form, faults=report.faults)
        return render(request, FILE, context, status=422)
    form.keep(content)
    return render(request, FILE, file_context(officer, form, report=report))
