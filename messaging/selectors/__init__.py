"""Reads of the outbox, of what a person chose, and of how each channel does."""

from messaging.selectors.outbox import development_mails, has_overdue_message

__all__ = ["development_mails", "has_overdue_message"]
