"""Insurers whose programs are let in no more; and one index for one question about checks."""

import django.contrib.postgres.fields
import django.db.models.deletion
import medtour.lib.clock
from django.conf import settings
from django.db import migrations, models


# Django makes this for LIKE; nobody looks for a part of a public id.
UNASKED = "payments_eligibilitycheck_public_id_f5c09b53_like"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_disclosures'),
        ('bookings', '0007_follow_up_guards'),
        ('hospitals', '0008_narrow_search'),
        ('payments', '0019_may_ask'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='InsurerSuspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('suspended_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False, verbose_name='suspended')),
                ('insurer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='suspension', to='hospitals.insurer', verbose_name='insurer')),
            ],
            options={
                'verbose_name': 'suspended insurer',
                'verbose_name_plural': 'suspended insurers',
                'ordering': ['insurer'],
            },
        ),
        migrations.AlterField(
            model_name='insurerconnection',
            name='failures',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='failures in a row'),
        ),
        migrations.AlterField(
            model_name='machineclient',
            name='allowed_addresses',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.GenericIPAddressField(), blank=True, default=list, help_text='Put a comma between two addresses. Leave empty to allow every address.', size=None, verbose_name='addresses it may call from'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='asked_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='batch',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='payments.eligibilitybatch'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='card',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='payments.directpaycard'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='case',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='eligibility_checks', to='bookings.case', verbose_name='case'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='insurer',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='hospitals.insurer', verbose_name='insurer'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='offer',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='hospitals.offer', verbose_name='offer'),
        ),
        migrations.AlterField(
            model_name='eligibilitycheck',
            name='patient',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='eligibility_checks', to='accounts.patient', verbose_name='patient'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('patient__isnull', False)), fields=['patient'], name='payments_check_patient'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('case__isnull', False)), fields=['case'], name='payments_check_case'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('offer__isnull', False)), fields=['offer'], name='payments_check_offer'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('card__isnull', False)), fields=['card'], name='payments_check_card'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('batch__isnull', False)), fields=['batch'], name='payments_check_batch'),
        ),
        migrations.AddIndex(
            model_name='eligibilitycheck',
            index=models.Index(condition=models.Q(('asked_by__isnull', False)), fields=['asked_by'], name='payments_check_asked_by'),
        ),
        migrations.RunSQL(
            f"DROP INDEX IF EXISTS {UNASKED}",
            f"CREATE INDEX {UNASKED} ON payments_eligibilitycheck (public_id varchar_pattern_ops)",
        ),
    ]
