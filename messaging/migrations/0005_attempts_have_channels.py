"""What went out before there was more than one channel went by e-mail."""

from django.db import migrations


def name_the_channel(apps, schema_editor):
    attempts = apps.get_model("messaging", "DeliveryAttempt").objects.filter(channel="")
    attempts.filter(outcome="handed over").update(channel="email", state="sent")
    attempts.exclude(ended_at=None).exclude(outcome="handed over").update(
        channel="email", state="failed"
    )
    attempts.update(channel="email")
    messages = apps.get_model("messaging", "Message").objects
    messages.filter(status="sent", channel="").update(channel="email")


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0004_channels'),
    ]

    operations = [migrations.RunPython(name_the_channel, migrations.RunPython.noop)]
