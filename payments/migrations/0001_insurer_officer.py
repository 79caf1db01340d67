import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('hospitals', '0003_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='InsurerOfficer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('insurer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='officers', to='hospitals.insurer', verbose_name='insurer')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='insurer_officer', to=settings.AUTH_USER_MODEL, verbose_name='account')),
            ],
            options={
                'verbose_name': "insurer's officer",
                'verbose_name_plural': "insurers' officers",
                'ordering': ['pk'],
            },
        ),
    ]
