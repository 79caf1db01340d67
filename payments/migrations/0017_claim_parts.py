from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0016_reserved_money_claims")]

    operations = [
        migrations.AddField(
            model_name="insuranceclaim",
            name="closed_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="closed"),
        ),
        migrations.AddField(
            model_name="claimline",
            name="insurer_minor",
            field=models.BigIntegerField(default=0, verbose_name="the insurer's part"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="insuranceclaim",
            constraint=models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="payments_claim_closed_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("insurer_minor"))
                & Q(insurer_minor__lte=F("billed_minor")),
                name="payments_claim_line_not_overpaid",
            ),
        ),
    ]
