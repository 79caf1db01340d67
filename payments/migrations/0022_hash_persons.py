"""Members that are known already are found by name and date of birth as well."""

from django.db import migrations

from payments.insurance_questions import person_hash

BATCH = 500


def hash_persons(apps, schema_editor):
    members = apps.get_model("payments", "Member").objects.order_by("pk")
    last = 0
    while found := list(members.filter(pk__gt=last)[:BATCH]):
        for member in found:
            member.person_hash = person_hash(member.name, member.date_of_birth)
        members.model.objects.bulk_update(found, ["person_hash"])
        last = found[-1].pk


class Migration(migrations.Migration):
    dependencies = [("payments", "0021_member_person_hash")]

    operations = [migrations.RunPython(hash_persons, migrations.RunPython.noop, elidable=True)]
