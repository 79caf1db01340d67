"""Money, and insurers as a way to pay; so far only who works for which insurer."""

from payments.models.insurance.officer import InsurerOfficer

__all__ = ["InsurerOfficer"]
