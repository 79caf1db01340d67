from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_refunds_by_bank")]

    operations = [
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("case",),
                name="payments_quote_one_draft",
            ),
        ),
    ]
