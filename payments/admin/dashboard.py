"""What of money waits for a person, for the first page of the desk."""

from django.urls import reverse
from django.utils.translation import gettext as _

from payments.selectors.desk import money_counts


def money_that_waits(user):
    """Return labels, counts and addresses; None for people who have nothing to do with money."""
    counts = money_counts(user)
    if counts is None:
        return None
    lists = [
        (_("Alerts"), counts.alerts, "moneyalert", "alert=open"),
        (_("Refunds to approve"), counts.refunds_to_approve, "refund", "waits=approval"),
        (_("Refunds to pay by bank"), counts.refunds_to_pay, "refund", "waits=bank"),
        (_("Claims to read"), counts.claims, "refundclaim", "state__exact=asked"),
        (_("Disputes to answer"), counts.disputes, "dispute", "state__exact=open"),
        (_("Fapiao asked for"), counts.fapiaos, "fapiaorequest", "state__exact=requested"),
    ]
    return [
        {
            "label": label,
            "value": value,
            "address": f"{reverse(f'admin:payments_{model}_changelist')}?{query}",
        }
        for label, value, model, query in lists
    ]
