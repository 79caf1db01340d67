"""Deleting sessions that are over: the sealed answers in them must not outlive them (PR-06)."""

import datetime as dt

from django.contrib.sessions.models import Session

from medtour.lib import clock


def forget_ended_sessions(*, now: dt.datetime | None = None) -> int:
    """Delete every session that has run out; returns how many."""
    return Session.objects.filter(expire_date__lt=now or clock.now()).delete()[0]
