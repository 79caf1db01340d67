"""Pages of one act for operators: GET asks for a reason, POST lets a service do it or refuse."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.admin import OperatorOnly
from medtour.lib.errors import Refusal


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Why?"), max_length=300, widget=UnfoldAdminTextInputWidget)


class ActsAdmin(OperatorOnly):
    """A read-only page with buttons; `acts` are (act, label, method that answers its page)."""

    acts = ()
    change_form_outer_before_template = "admin/bookings/panel.html"
    list_per_page = 50

    def get_urls(self):
        own = [
            path(
                f"<int:object_id>/{act}/",
                self.admin_site.admin_view(getattr(self, method)),
                name=self._name(act),
            )
            for act, _label, method in self.acts
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        acts = [
            {
                "label": label,
                "asks": True,
                "address": reverse(f"admin:{self._name(act)}", args=[object_id]),
            }
            for act, label, _method in self.acts
        ]
        context = {"acts": acts, "show_close": True, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def act_on(self, request, object_id, step, perform):
        """Show the page of an act or perform it; `perform(row, cleaned)` returns what to say."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(object_id))
        if row is None:
            raise Http404
        form = step.pop("form", ReasonForm)(request.POST or None)
        back = reverse(f"admin:{self._name('change')}", args=[object_id])
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                said = perform(row, form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, str(refusal.message))
                status = refusal.status
            else:
                if not isinstance(said, str):
                    return said
                messages.success(request, said)
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": step["title"],
            "step": {"form": form, "back": back, **step},
            "is_popup": False,
        }
        return TemplateResponse(request, "admin/step.html", context, status=status)

    def _name(self, act):
        return f"{self.opts.app_label}_{self.opts.model_name}_{act}"
