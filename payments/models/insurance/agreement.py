from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hospitals.models import Hospital, Insurer
from payments.models.insurance.effective import EffectiveRow, in_order, one_at_a_time


class Setting(models.TextChoices):
    """Where care happens, in the eligibility specification's words."""

    INPATIENT = "inpatient", _("Staying in hospital")
    DAYCASE = "daycase", _("Day case")
    OUTPATIENT = "outpatient", _("Outpatient visit")


class DocumentKind(models.TextChoices):
    """What an insurer can ask to see with a request or a claim (M22)."""

    MEDICAL_REPORT = "medical_report", _("Medical report")
    COST_ESTIMATE = "cost_estimate", _("Cost estimate")
    ITEMISED_BILL = "itemised_bill", _("Itemised bill")
    FAPIAO = "fapiao", _("Invoice (fapiao)")
    DISCHARGE_SUMMARY = "discharge_summary", _("Discharge summary")
    GUARANTEE_LETTER = "guarantee_letter", _("Guarantee letter")
    IDENTITY_COPY = "identity_copy", _("Copy of the passport")
    TRANSLATION = "translation", _("Translation")
    CARD_FRONT = "card_front", _("Front of the direct-pay card")
    CARD_BACK = "card_back", _("Back of the direct-pay card")
    OTHER = "other", _("Another document")


class Agreement(EffectiveRow):
    """What an insurer settles with a hospital directly, in one setting, between two days."""

    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("insurer")
    )
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="insurer_agreements",
        verbose_name=_("hospital"),
    )
    setting = models.CharField(_("setting"), max_length=12, choices=Setting.choices)
    contact = models.CharField(_("contact at the insurer"), max_length=200, blank=True)
    billing_address = models.TextField(_("billing address"), blank=True)
    accepts_partial_direct_pay = models.BooleanField(
        _("takes a part from the patient beside the insurer's"), default=True
    )
    required_documents = ArrayField(
        models.CharField(max_length=30, choices=DocumentKind.choices),
        verbose_name=_("documents a claim must hold"),
        default=list,
        blank=True,
    )
    identity_copy_above_minor = models.BigIntegerField(
        _("copy of the passport needed above, in minor units of CNY"), null=True, blank=True
    )
    claim_within_days = models.PositiveSmallIntegerField(
        _("claims must arrive within days of discharge"), default=90
    )
    settlement_days = models.PositiveSmallIntegerField(
        _("the insurer pays within days of a complete claim"), default=30
    )

    class Meta:
        verbose_name = _("direct-pay agreement")
        verbose_name_plural = _("direct-pay agreements")
        ordering = ["insurer", "hospital", "setting", "valid_from"]
        constraints = [
            one_at_a_time("payments_agreement_one_in_force", "insurer", "hospital", "setting"),
            in_order("payments_agreement_days"),
        ]
        indexes = [models.Index(fields=["hospital", "insurer"], name="payments_agreement_place")]

    def __str__(self):
        return f"{self.insurer} · {self.hospital} · {self.get_setting_display()}"


class Network(models.Model):
    """A list of hospitals that plans of an insurer refer to."""

    insurer = models.ForeignKey(
        Insurer, on_delete=models.PROTECT, related_name="networks", verbose_name=_("insurer")
    )
    code = models.SlugField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=120)
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")
        ordering = ["insurer", "code"]
        constraints = [
            models.UniqueConstraint(fields=["insurer", "code"], name="payments_network_code")
        ]

    def __str__(self):
        return self.name


class NetworkTier(models.TextChoices):
    STANDARD = "standard", _("Standard")
    HIGH_COST = "high_cost", _("High cost")


class NetworkHospital(EffectiveRow):
    """A hospital's tier in a network between two days; lists change during the year (DP-09)."""

    network = models.ForeignKey(
        Network, on_delete=models.PROTECT, related_name="hospitals", verbose_name=_("network")
    )
    hospital = models.ForeignKey(
        Hospital,
        on_delete=models.PROTECT,
        related_name="network_places",
        verbose_name=_("hospital"),
    )
    tier = models.CharField(_("tier"), max_length=10, choices=NetworkTier.choices)

    class Meta:
        verbose_name = _("hospital in a network")
        verbose_name_plural = _("hospitals in networks")
        ordering = ["network", "hospital", "valid_from"]
        constraints = [
            one_at_a_time("payments_network_one_tier", "network", "hospital"),
            in_order("payments_network_days"),
        ]

    def __str__(self):
        return f"{self.network} · {self.hospital}"
