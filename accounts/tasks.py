"""Periodic work on accounts."""

from celery import shared_task


@shared_task(name="accounts.forget_ended_sessions", expires=3600)
def forget_ended_sessions() -> None:
    from accounts.services import sessions

    sessions.forget_ended_sessions()
