import datetime as dt

import pytest
from django.contrib.sessions.models import Session

from accounts import tasks

DAY = dt.timedelta(days=1)


@pytest.mark.django_db
def test_only_sessions_that_are_over_are_deleted(frozen):
    for key, ends_at in (("over", frozen - DAY), ("alive", frozen + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=ends_at)
    tasks.forget_ended_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
