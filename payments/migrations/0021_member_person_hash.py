from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0020_suspended_insurers")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="person_hash",
            field=models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["insurer", "person_hash"], name="payments_member_person"),
        ),
    ]
