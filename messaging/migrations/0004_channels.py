import django.db.models.deletion
import medtour.lib.clock
import medtour.lib.crypto
import medtour.lib.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_field_names'),
        ('messaging', '0003_fewer_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(choices=[('service', 'Your bookings and payments'), ('follow_up', 'Questions after your treatment'), ('marketing', 'News from Medtour')], max_length=10)),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10)),
                ('text', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('source', models.CharField(max_length=40)),
                ('given_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_by', models.CharField(blank=True, max_length=40)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='channel_consents', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'agreement to a channel',
                'verbose_name_plural': 'agreements to channels',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('user', 'category', 'channel'), name='messaging_consent_one_live'), models.CheckConstraint(condition=models.Q(('given_at__isnull', False), ('withdrawn_at__isnull', False), _connector='OR'), name='messaging_consent_given_or_ended')],
            },
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=medtour.lib.ids.public_id, editable=False, max_length=32, unique=True)),
                ('number', medtour.lib.crypto.EncryptedTextField()),
                ('fingerprint', models.CharField(db_index=True, max_length=64)),
                ('created_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('code_channel', models.CharField(choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10)),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('code_expires_at', models.DateTimeField(blank=True, null=True)),
                ('code_tries', models.PositiveSmallIntegerField(default=0)),
                ('last_inbound_at', models.DateTimeField(blank=True, null=True)),
                ('whatsapp_refused_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_points', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'phone number',
                'verbose_name_plural': 'phone numbers',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('user',), name='messaging_contact_one_live')],
            },
        ),
        migrations.CreateModel(
            name='DeliveryEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10)),
                ('provider_id', models.CharField(max_length=200)),
                ('state', models.CharField(max_length=20)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('occurred_at', models.DateTimeField()),
                ('received_at', models.DateTimeField(default=medtour.lib.clock.now)),
                ('attempt', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='messaging.deliveryattempt', verbose_name='delivery attempt')),
            ],
            options={
                'verbose_name': 'receipt',
                'verbose_name_plural': 'receipts',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'provider_id', 'state'), name='messaging_event_once')],
            },
        ),
        migrations.CreateModel(
            name='ReachPreference',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reach', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('preferred', models.CharField(blank=True, choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10, verbose_name='how we reach you first')),
                ('place', models.CharField(choices=[('automatic', 'Work it out from my appointments'), ('china', 'I am in mainland China'), ('abroad', 'I am not in mainland China')], default='automatic', max_length=10, verbose_name='where you are')),
                ('second_language', models.CharField(blank=True, choices=[('en', 'English'), ('zh-hans', '简体中文'), ('ru', 'Русский'), ('id', 'Bahasa Indonesia'), ('vi', 'Tiếng Việt'), ('mn', 'Монгол'), ('ar', 'العربية'), ('fr', 'Français')], max_length=10, verbose_name='second language')),
            ],
            options={
                'verbose_name': 'how to reach a person',
                'verbose_name_plural': 'how to reach people',
            },
        ),
        migrations.CreateModel(
            name='StaffTask',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=120, verbose_name='reason')),
                ('opened_at', models.DateTimeField(default=medtour.lib.clock.now, verbose_name='since')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='what was done')),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='staff_task', to='messaging.message', verbose_name='message')),
            ],
            options={
                'verbose_name': 'person to call',
                'verbose_name_plural': 'people to call',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10)),
                ('fingerprint', models.CharField(max_length=64)),
                ('category', models.CharField(choices=[('service', 'Your bookings and payments'), ('follow_up', 'Questions after your treatment'), ('marketing', 'News from Medtour')], max_length=10)),
                ('reason', models.CharField(choices=[('bounce', 'the address does not exist'), ('complaint', 'marked as unwanted'), ('staff', 'stopped by staff')], max_length=10)),
                ('created_at', models.DateTimeField(default=medtour.lib.clock.now)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'address not used',
                'verbose_name_plural': 'addresses not used',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('fingerprint', 'channel', 'category'), name='messaging_suppression_one_live')],
            },
        ),
        migrations.CreateModel(
            name='WordingVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80, verbose_name='kind')),
                ('part', models.CharField(choices=[('subject', 'subject'), ('words', 'words')], max_length=10, verbose_name='part')),
                ('language', models.CharField(choices=[('en', 'English'), ('zh-hans', '简体中文'), ('ru', 'Русский'), ('id', 'Bahasa Indonesia'), ('vi', 'Tiếng Việt'), ('mn', 'Монгол'), ('ar', 'العربية'), ('fr', 'Français')], max_length=10, verbose_name='language')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('is_live', models.BooleanField(default=True, verbose_name='in use')),
                ('created_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False, verbose_name='written')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
            ],
            options={
                'verbose_name': 'wording',
                'verbose_name_plural': 'wordings',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'language', 'version'), name='messaging_wording_version'), models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('kind', 'part', 'language'), name='messaging_wording_one_live')],
            },
        ),
        migrations.CreateModel(
            name='InboundMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], max_length=10, verbose_name='channel')),
                ('provider_id', models.CharField(max_length=200)),
                ('number', medtour.lib.crypto.EncryptedTextField()),
                ('body', medtour.lib.crypto.EncryptedTextField(blank=True)),
                ('intent', models.CharField(choices=[('words', 'a message to read'), ('stop', 'stop'), ('start', 'start again')], max_length=10, verbose_name='wish')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='inbound', to='messaging.contactpoint', verbose_name='phone number')),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='done by')),
            ],
            options={
                'verbose_name': 'reply',
                'verbose_name_plural': 'replies',
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('channel', 'provider_id'), name='messaging_inbound_once')],
            },
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='channel',
            field=models.CharField(blank=True, choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], db_default='', default='', max_length=10),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='provider_code',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='provider_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='state',
            field=models.CharField(choices=[('sending', 'being sent'), ('sent', 'handed over'), ('delivered', 'arrived'), ('read', 'read'), ('failed', 'failed'), ('refused', 'refused for good'), ('unknown', 'not known')], db_default='sending', default='sending', max_length=10),
        ),
        migrations.AddField(
            model_name='message',
            name='channel',
            field=models.CharField(blank=True, choices=[('email', 'e-mail'), ('whatsapp', 'WhatsApp'), ('sms', 'text message (SMS)')], db_default='', default='', max_length=10, verbose_name='channel'),
        ),
        migrations.AddField(
            model_name='message',
            name='event_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='fell_back_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='resent_after',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='message',
            name='wording_version',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='message',
            name='status',
            field=models.CharField(choices=[('queued', 'waiting'), ('sending', 'being sent'), ('sent', 'sent'), ('delivered', 'arrived'), ('read', 'read'), ('failed', 'failed, will be tried again'), ('dead', 'given up'), ('suppressed', 'not sent: no longer true')], default='queued', max_length=12),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('channel', 'whatsapp'), ('status__in', ('sent', 'delivered'))), fields=['event_at'], name='messaging_message_unread'),
        ),
        migrations.AddField(
            model_name='deliveryattempt',
            name='contact',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='messaging.contactpoint'),
        ),
        migrations.AddConstraint(
            model_name='deliveryattempt',
            constraint=models.UniqueConstraint(condition=models.Q(('provider_id', ''), _negated=True), fields=('channel', 'provider_id'), name='messaging_attempt_provider_id'),
        ),
    ]
