"""Pages of one act each: GET shows what will happen, POST lets a service do it or say why not."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from medtour.lib.errors import Refusal
from medtour.lib.locks import busy_is_a_refusal


@dataclass(frozen=True)
class Step:
    """What a page of one act shows: title, explanation, rows touched, form and its button."""

    title: str
    explanation: str
    button: str
    form: Any
    back: str
    rows: list = field(default_factory=list)
    rows_title: str = ""
    nothing: str = ""
    facts: list = field(default_factory=list)


def change_page(obj):
    meta = obj._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])


def posted(request):
    """Return what was sent, also when the form has no fields; None while only looking."""
    return request.POST if request.method == "POST" else None


def run_step(model_admin, request, step, perform):
    """Show the step, or perform it; a refusal is shown on the page with its own status."""
    status = 200
    if request.method == "POST" and step.form.is_valid():
        try:
            with busy_is_a_refusal():
                said = perform(step.form.cleaned_data)
        except Refusal as refusal:
            step.form.add_error(None, str(refusal.message))
            status = refusal.status
        else:
            messages.success(request, said)
            return HttpResponseRedirect(step.back)
    return show_step(model_admin, request, step, status=status)


def show_step(model_admin, request, step, *, status=200):
    """Show the page of a step as it stands, without performing anything."""
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": step.title,
        "step": step,
        "is_popup": False,
    }
    return TemplateResponse(request, "admin/step.html", context, status=status)


def act_at_once(request, back, perform):
    """Perform what can be undone without asking first; POST only."""
    try:
        with busy_is_a_refusal():
            messages.success(request, perform())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    return HttpResponseRedirect(back)
