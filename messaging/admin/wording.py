"""The words of every kind: look at each with sample data, write a new version (MS-11)."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.admin import OperatorOnly
from medtour.lib.errors import Refusal
from messaging import kinds
from messaging.models import WordingVersion
from messaging.samples import sample
from messaging.services.wording import write_wording
from messaging.wordings import allowed_placeholders


def _changeable():
    names = [name for name, kind in kinds.all_kinds().items() if not kind.to_contact]
    return [(name, name) for name in sorted(names)]


class WhichForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), widget=UnfoldAdminSelectWidget)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _changeable()


class TextForm(forms.Form):
    part = forms.ChoiceField(
        label=gettext_lazy("Part"),
        choices=WordingVersion.Part.choices,
        widget=UnfoldAdminSelectWidget,
    )
    text = forms.CharField(
        label=gettext_lazy("New text"),
        required=False,
        help_text=gettext_lazy("Leave it empty to go back to the text that came with the site."),
        widget=UnfoldAdminTextareaWidget,
    )


@admin.register(WordingVersion)
class WordingVersionAdmin(OperatorOnly):
    list_display = ["created_at", "kind", "part", "language", "version", "is_live", "created_by"]
    list_filter = ["is_live", "language", "kind"]
    list_select_related = ["created_by"]
    fields = ["kind", "part", "language", "version", "is_live", "text", "created_at", "created_by"]
    list_before_template = "admin/messaging/wording_links.html"

    def get_urls(self):
        page = path(
            "preview/",
            self.admin_site.admin_view(self.preview_view),
            name="messaging_wordingversion_preview",
        )
        return [page, *super().get_urls()]

    def preview_view(self, request):
        """Show one kind in one language with sample data; POST puts a new text in use."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        first = {"kind": _changeable()[0][0], "language": "en"}
        which = WhichForm({**first, **request.GET.dict()})
        chosen = which.cleaned_data if which.is_valid() else first
        form = TextForm(request.POST if request.method == "POST" else None)
        status = 200
        if request.method == "POST" and form.is_valid():
            try:
                self._write(request, chosen, form.cleaned_data)
                return HttpResponseRedirect(request.get_full_path())
            except Refusal as refusal:
                form.add_error("text", str(refusal.message))
                status = refusal.status
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Words of a message"),
            "which": which,
            "form": form,
            "shown": sample(chosen["kind"], chosen["language"]),
            "language": chosen["language"],
            "names": [f"{{{name}}}" for name in allowed_placeholders(chosen["kind"])],
            "back": reverse("admin:messaging_wordingversion_changelist"),
        }
        return TemplateResponse(request, "admin/messaging/preview.html", context, status=status)

    def _write(self, request, chosen, cleaned):
        row = write_wording(
            chosen["kind"],
            cleaned["part"],
            chosen["language"],
            text=cleaned["text"],
            by=request.user,
        )
        said = _("Version %(number)s is in use from now on.") % {"number": row.version}
        self.message_user(request, said)
