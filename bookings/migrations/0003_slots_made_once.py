from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("bookings", "0002_database_guards"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="generated_until",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("schedule", "starts_at"), name="bookings_slot_made_once"
            ),
        ),
    ]
