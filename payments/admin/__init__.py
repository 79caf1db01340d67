"""Money at the hospital desk: one module a subject."""

from payments.admin import bills, quotes

__all__ = ["bills", "quotes"]
