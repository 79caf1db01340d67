"""Payee accounts: operators keep them, and see whether the holder is the payee named in public."""

from django import forms
from django.contrib import admin, messages
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.forms import PlainForm
from bookings.admin.steps import Step, change_page, posted, run_step
from bookings.admin.times import wall
from hospitals.admin.desk import OperatorAdmin
from medtour.lib.errors import Refusal
from medtour.lib.money import Money
from payments.admin.money_desk import PANEL
from payments.gateways.protocol import GatewayDown, GatewayRefused
from payments.models import Gateway, PayeeAccount, Payment
from payments.policies import payee_matches
from payments.refusals import PayeeMismatch
from payments.services.payees import alert_payee_differs, check_payee


class NotAsked(Refusal):
    code = "gateway_not_asked"
    status = 503

    def __init__(self):
        super().__init__(gettext_lazy("The gateway gave no answer. Please try again later."))


class PayeeAccountForm(forms.ModelForm):
    def clean_country(self):
        return self.cleaned_data["country"].upper()

    def clean_charge_currencies(self):
        codes = [code.strip().upper() for code in self.cleaned_data["charge_currencies"]]
        try:
            for code in codes:
                Money(0, code)
        except ValueError as error:
            raise forms.ValidationError(_("Write the three letters of each currency.")) from error
        return codes

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("gateway") == Gateway.BANK_TRANSFER and not cleaned.get("instructions"):
            self.add_error("instructions", _("Say how to pay by bank transfer."))
        return cleaned


@admin.register(PayeeAccount)
class PayeeAccountAdmin(OperatorAdmin):
    """A deposit goes only to the payee that the hospital's own page names (M23)."""

    form = PayeeAccountForm
    list_display = ["hospital", "gateway", "holder_name", "named", "chip", "checked", "demo"]
    list_filter = ["gateway", "is_active", "is_demonstration"]
    search_fields = ["hospital__slug", "hospital__name_en", "holder_name", "=account_id"]
    ordering = ["hospital__slug", "pk"]
    list_select_related = ["hospital"]
    autocomplete_fields = ["hospital"]
    change_form_outer_before_template = PANEL
    readonly_fields = ["named", "fits", "checked", "is_demonstration"]
    fieldsets = (
        (
            None,
            {
                "fields": [
                    ("hospital", "gateway"),
                    ("account_id", "country"),
                    ("holder_name", "named"),
                    ("fits", "checked"),
                    "charge_currencies",
                    "instructions",
                    "reserves_first",
                    ("is_active", "is_demonstration"),
                ]
            },
        ),
    )

    def get_readonly_fields(self, request, obj=None):
        """Whoever was paid to stays who they are: another account is another row."""
        kept = (
            ["hospital", "gateway", "account_id"]
            if obj and Payment.objects.filter(payee_account=obj).exists()
            else []
        )
        return [*self.readonly_fields, *kept]

    @display(description=gettext_lazy("payee on the hospital’s page"), empty_value="–")
    def named(self, account):
        return account.hospital.payee if account.hospital_id else None

    @display(description=gettext_lazy("holder"), label={"fits": "success", "differs": "danger"})
    def chip(self, account):
        return ("fits", _("Fits")) if _fits(account) else ("differs", _("Differs: blocked"))

    @display(description=gettext_lazy("holder is the named payee"), boolean=True)
    def fits(self, account):
        return bool(account.hospital_id) and _fits(account)

    @display(description=gettext_lazy("checked, hospital time"), ordering="holder_checked_at")
    def checked(self, account):
        zone = account.hospital.time_zone if account.hospital_id else "UTC"
        return wall(account.holder_checked_at, zone)

    @display(description=gettext_lazy("demonstration"), boolean=True)
    def demo(self, account):
        return account.is_demonstration

    def get_urls(self):
        check = self.admin_site.admin_view(self.check_now)
        own = path("<int:object_id>/check/", check, name="payments_payeeaccount_check")
        return [own, *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        account = self.own_row(request, object_id)
        address = change_page(account).replace("/change/", "/check/")
        panel = [{"label": _("Check the holder now"), "asks": True, "address": address}]
        context = {**(extra_context or {}), "acts": panel}
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not _fits(obj):
            alert_payee_differs(obj)
            messages.warning(request, str(PayeeMismatch().message))

    def check_now(self, request, object_id):
        account = self.own_row(request, object_id)

        def perform(_cleaned):
            try:
                fits = check_payee(account)
            except (GatewayDown, GatewayRefused) as error:
                raise NotAsked from error
            if not fits:
                return _("The holder is not the named payee. Payments are blocked; see the alerts.")
            return _("The holder is the named payee.")

        step = Step(
            title=_("Check the holder of this account"),
            explanation=_(
                "The gateway is asked whose account it is. Money moves only while the answer is "
                "the payee on the hospital’s page."
            ),
            button=_("Check now"),
            form=PlainForm(posted(request)),
            back=change_page(account),
            facts=[
                (_("Holder on record"), account.holder_name),
                (_("Payee on the hospital’s page"), account.hospital.payee or "–"),
            ],
        )
        return run_step(self, request, step, perform)


def _fits(account):
    return payee_matches(account.holder_name, account.hospital.payee)
