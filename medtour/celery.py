"""The Celery application; every periodic job is a scan for what is due in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medtour.settings.base")

app = Celery("medtour")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
