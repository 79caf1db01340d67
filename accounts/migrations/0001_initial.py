import accounts.models.user
import django.db.models.deletion
import django.db.models.functions.text
import medtour.lib.clock
import medtour.lib.ids
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('public_id', models.CharField(default=medtour.lib.ids.public_id, editable=False, max_length=32, unique=True)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('called', models.CharField(blank=True, max_length=150, verbose_name='what should we call you?')),
                ('locale', models.CharField(choices=[('en', 'English'), ('zh-hans', '简体中文'), ('ru', 'Русский'), ('id', 'Bahasa Indonesia'), ('vi', 'Tiếng Việt'), ('mn', 'Монгол'), ('ar', 'العربية'), ('fr', 'Français')], default='en', max_length=10, verbose_name='language')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=64, validators=[accounts.models.user.validate_time_zone], verbose_name='time zone')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='home currency')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, verbose_name='may enter the admin')),
                ('is_demonstration', models.BooleanField(default=False, editable=False)),
                ('date_joined', models.DateTimeField(default=medtour.lib.clock.now, editable=False, verbose_name='joined')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'account',
                'verbose_name_plural': 'accounts',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='accounts_user_email')],
            },
            managers=[
                ('objects', accounts.models.user.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=medtour.lib.clock.now, editable=False)),
                ('action', models.CharField(max_length=60)),
                ('target', models.CharField(help_text='model and public id', max_length=80)),
                ('patient_public_id', models.CharField(blank=True, max_length=32)),
                ('hospital_slug', models.CharField(blank=True, max_length=120)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['patient_public_id', '-at'], name='accounts_audit_patient')],
            },
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=medtour.lib.ids.public_id, editable=False, max_length=32, unique=True)),
                ('relation', models.CharField(choices=[('self', 'Me'), ('child', 'My child'), ('other', 'Somebody else')], max_length=10, verbose_name='relation')),
                ('passport_name', models.CharField(max_length=150, verbose_name='name as in the passport')),
                ('date_of_birth', models.DateField(blank=True, null=True, verbose_name='date of birth')),
                ('phone', phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region=None, verbose_name='telephone')),
                ('language', models.CharField(default='en', max_length=10, verbose_name='language to be spoken')),
                ('created_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patients', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': 'patient',
                'verbose_name_plural': 'patients',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('relation', 'self')), fields=('account',), name='accounts_patient_one_self'), models.CheckConstraint(condition=models.Q(('passport_name', ''), _negated=True), name='accounts_patient_named')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('health_data', 'Keep what I write about my health'), ('hospital_transfer', 'Send my details to this hospital in China')], max_length=30)),
                ('recipient', models.CharField(blank=True, help_text='slug of the hospital that receives the data', max_length=120)),
                ('text_version', models.CharField(max_length=20)),
                ('text_sha256', models.CharField(max_length=64)),
                ('language', models.CharField(max_length=10)),
                ('given_at', models.DateTimeField(default=medtour.lib.clock.now, editable=False)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='accounts.patient', verbose_name='patient')),
            ],
            options={
                'verbose_name': 'consent',
                'verbose_name_plural': 'consents',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('patient', 'purpose', 'recipient'), name='accounts_consent_one_live')],
            },
        ),
    ]
