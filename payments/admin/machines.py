"""Programs of insurers: operators make clients, see a secret once, and close the door."""

from allauth.idp.oidc.models import Client, Token
from django import forms
from django.conf import settings
from django.contrib import admin
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.steps import change_page
from hospitals.admin.desk import OperatorAdmin
from payments.admin.money_desk import PANEL
from payments.gateways.insurer import is_allowed
from payments.machine_scopes import WORDS, Scope
from payments.models import InsurerConnection, InsurerSuspension, MachineClient
from payments.services.insurance import machines

# The provider's own pages would make clients without an insurer, and show tokens.
for _model in (Client, Token):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class MachineClientForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        choices=[(scope.value, words) for scope, words in WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = MachineClient
        fields = ["insurer", "name", "allowed_addresses", "is_active"]

    def clean_scopes(self):
        scopes = self.cleaned_data["scopes"]
        if self.instance.pk is None and not scopes:
            raise forms.ValidationError(_("Choose at least one thing."))
        return [Scope(scope) for scope in scopes]


@admin.register(MachineClient)
class MachineClientAdmin(OperatorAdmin):
    """The secret is on the page that answers the making, and nowhere else."""

    form = MachineClientForm
    list_display = ["name", "insurer", "client_id", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "=client_id", "insurer__slug"]
    list_select_related = ["insurer"]
    change_form_outer_before_template = PANEL
    readonly_fields = ["client_id"]

    def get_fields(self, request, obj=None):
        if obj is None:
            return ["insurer", "name", "scopes", "allowed_addresses"]
        return ["client_id", "insurer", "may_do", "name", "allowed_addresses", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["client_id", "insurer", "may_do"] if obj else []

    @admin.display(description=gettext_lazy("What it may do"))
    def may_do(self, machine):
        return ", ".join(str(WORDS[scope]) for scope in machines.scopes_of(machine))

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        renew = self.admin_site.admin_view(self.renew)
        own = path("<int:object_id>/renew/", renew, name="payments_machineclient_renew")
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        machine = self.own_row(request, object_id)
        address = change_page(machine).replace("/change/", "/renew/")
        panel = [{"label": _("Make a new secret"), "asks": True, "address": address}]
        context = {**(extra_context or {}), "acts": panel}
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            if "is_active" in form.changed_data:
                machines.set_active(obj, is_active=obj.is_active, by=request.user)
            return
        made, request.machine_secret = machines.create_client(
            obj.insurer,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            allowed_addresses=obj.allowed_addresses,
            by=request.user,
        )
        obj.pk, obj.client_id = made.pk, made.client_id
        obj._state.adding = False

    def response_add(self, request, obj, post_url_continue=None):
        return self.secret_page(request, obj, request.machine_secret)

    def renew(self, request, object_id):
        """Ask first; the old secret and every token end with the new secret."""
        machine = self.own_row(request, object_id)
        if request.method != "POST":
            return self.secret_page(request, machine, "")
        return self.secret_page(request, machine, machines.renew_secret(machine, by=request.user))

    def secret_page(self, request, machine, secret):
        context = {
            **self.admin_site.each_context(request),
            "title": _("Secret of %(name)s") % {"name": machine.name},
            "machine": machine,
            "secret": secret,
            "back": reverse("admin:payments_machineclient_changelist"),
        }
        response = TemplateResponse(request, "admin/payments/machine_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response


@admin.register(InsurerSuspension)
class InsurerSuspensionAdmin(OperatorAdmin):
    """A row here lets no program of the insurer in; deleting it lets them in again."""

    list_display = ["insurer", "reason", "suspended_at"]
    list_select_related = ["insurer"]
    fields = ["insurer", "reason"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return self.has_add_permission(request)

    def save_model(self, request, obj, form, change):
        row = machines.suspend_insurer(obj.insurer, reason=obj.reason, by=request.user)
        obj.pk, obj._state.adding = row.pk, False

    def delete_model(self, request, obj):
        machines.readmit_insurer(obj.insurer, by=request.user)


class InsurerConnectionForm(forms.ModelForm):
    """Tells at once what would keep every question waiting (`payments/gateways/insurer.py`)."""

    base_url = forms.URLField(label=gettext_lazy("Address"), max_length=200, assume_scheme="https")

    class Meta:
        model = InsurerConnection
        fields = ["insurer", "base_url", "secret_name", "is_active"]

    def clean_base_url(self):
        address = self.cleaned_data["base_url"]
        if not is_allowed(address):
            raise forms.ValidationError(
                _("This address is not on the list of allowed hosts (INSURER_HOSTS).")
            )
        return address

    def clean_secret_name(self):
        name = self.cleaned_data["secret_name"]
        if not settings.INSURER_SECRETS.get(name):
            raise forms.ValidationError(_("No secret of this name is set (INSURER_SECRETS)."))
        return name


@admin.register(InsurerConnection)
class InsurerConnectionAdmin(OperatorAdmin):
    """How an insurer that answers itself is asked; its secret is a setting, never a row."""

    form = InsurerConnectionForm
    list_display = ["insurer", "base_url", "is_active", "failures", "open_until"]
    list_select_related = ["insurer"]
    fields = ["insurer", "base_url", "secret_name", "is_active", "failures", "open_until"]
    readonly_fields = ["failures", "open_until"]
