"""One index for one question: each write has to keep them all."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Django makes these for LIKE; nobody looks for a part of a public id.
UNASKED = {
    "bookings_slot_public_id_5b2db95f_like": "bookings_slot",
    "bookings_appointment_public_id_419e43cc_like": "bookings_appointment",
    "bookings_case_public_id_60f99b9a_like": "bookings_case",
}


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_field_names'),
        ('bookings', '0004_field_names'),
        ('hospitals', '0006_search_hospital'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='appointment',
            name='hospital',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='hospitals.hospital', verbose_name='hospital'),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='interpreter',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to='hospitals.interpreter', verbose_name='interpreter'),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='request',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offered_appointments', to='bookings.windowrequest', verbose_name='request for dates'),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='waiting_entry',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='offered_appointments', to='bookings.waitingentry', verbose_name='waiting-list entry'),
        ),
        migrations.AlterField(
            model_name='case',
            name='hospital',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='hospitals.hospital', verbose_name='hospital'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='request',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='bookings.windowrequest', verbose_name='request for dates'),
        ),
        migrations.AlterField(
            model_name='caseevent',
            name='waiting_entry',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='bookings.waitingentry', verbose_name='waiting-list entry'),
        ),
        migrations.AlterField(
            model_name='slot',
            name='equipment',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='hospitals.equipment', verbose_name='room or device'),
        ),
        migrations.AlterField(
            model_name='slot',
            name='hospital',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='hospitals.hospital', verbose_name='hospital'),
        ),
        migrations.AlterField(
            model_name='slot',
            name='offer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='hospitals.offer', verbose_name='offer'),
        ),
        migrations.AlterField(
            model_name='slot',
            name='schedule',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='slots', to='bookings.schedule', verbose_name='working hours'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('interpreter__isnull', False)), fields=['interpreter'], name='bookings_appt_interpreter'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('request__isnull', False)), fields=['request'], name='bookings_appointment_request'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('waiting_entry__isnull', False)), fields=['waiting_entry'], name='bookings_appointment_waiting'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(condition=models.Q(('request__isnull', False)), fields=['request'], name='bookings_caseevent_request'),
        ),
        migrations.AddIndex(
            model_name='caseevent',
            index=models.Index(condition=models.Q(('waiting_entry__isnull', False)), fields=['waiting_entry'], name='bookings_caseevent_waiting'),
        ),
        migrations.AddIndex(
            model_name='slot',
            index=models.Index(condition=models.Q(('equipment__isnull', False)), fields=['equipment'], name='bookings_slot_equipment'),
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX IF EXISTS {name}",
                f"CREATE INDEX {name} ON {table} (public_id varchar_pattern_ops)",
            )
            for name, table in UNASKED.items()
        ),
    ]
