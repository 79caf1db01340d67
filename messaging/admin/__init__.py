"""The outbox at the operators' desk: one module a subject. Words are hidden until asked for."""

from messaging.admin import outbox, people, wording

__all__ = ["outbox", "people", "wording"]
