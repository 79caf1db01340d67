"""Periodic work on accounts."""

from celery import shared_task


@shared_task(name="accounts.forget_ended_sessions", expires=3600)
def forget_ended_sessions() -> None:
    from accounts.services import sessions

    sessions.forget_ended_sessions()


@shared_task(name="accounts.scan_documents", expires=60)
def scan_documents() -> None:
    from accounts.services import documents

    documents.scan_waiting_documents()
