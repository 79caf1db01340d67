import django.db.models.deletion
import medtour.lib.clock
import medtour.lib.crypto
import medtour.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('process', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DevelopmentMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=200)),
                ('to', models.CharField(max_length=320)),
                ('subject', models.CharField(max_length=300)),
                ('source', models.BinaryField()),
                ('received_at', models.DateTimeField(default=medtour.lib.clock.now)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('message_id',), name='messaging_development_mail_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=medtour.lib.ids.public_id, editable=False, max_length=32, unique=True)),
                ('kind', models.CharField(max_length=80)),
                ('address', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('locale', models.CharField(max_length=10)),
                ('time_zone', models.CharField(max_length=64)),
                ('dedupe_key', models.CharField(max_length=160)),
                ('context', medtour.lib.crypto.EncryptedJSONField(default=dict)),
                ('status', models.CharField(choices=[('queued', 'waiting'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed, will be tried again'), ('dead', 'given up'), ('suppressed', 'not sent: no longer true')], default='queued', max_length=12)),
                ('status_reason', models.CharField(blank=True, max_length=120)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('not_before', models.DateTimeField(default=medtour.lib.clock.now)),
                ('next_attempt_at', models.DateTimeField(default=medtour.lib.clock.now)),
                ('created_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('subject', medtour.lib.crypto.EncryptedTextField(blank=True)),
                ('body', medtour.lib.crypto.EncryptedTextField(blank=True)),
                ('recipient', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL, verbose_name='recipient')),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'ordering': ['-pk'],
                'indexes': [models.Index(condition=models.Q(('status__in', ('queued', 'sending', 'failed'))), fields=['next_attempt_at', 'id'], name='messaging_message_due'), models.Index(fields=['recipient', '-id'], name='messaging_message_inbox')],
                'constraints': [models.UniqueConstraint(fields=('dedupe_key',), name='messaging_message_once')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('started_at', models.DateTimeField(default=medtour.lib.clock.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=120)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='delivery_attempts', to='messaging.message', verbose_name='message')),
            ],
            options={
                'verbose_name': 'delivery attempt',
                'verbose_name_plural': 'delivery attempts',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('message', 'number'), name='messaging_attempt_number')],
            },
        ),
    ]
