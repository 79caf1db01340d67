"""What a program of an insurer may be allowed to do, and how an audit entry names it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Scope(StrEnum):
    ELIGIBILITY = "eligibility.check"
    GUARANTEE_WRITE = "guarantee.write"
    GUARANTEE_READ = "guarantee.read"
    NETWORK_READ = "network.read"
    APPOINTMENT_READ = "appointment.read"


WORDS = {
    Scope.ELIGIBILITY: _("Ask whether a member is covered"),
    Scope.GUARANTEE_WRITE: _("Answer requests for a guarantee, and begin them"),
    Scope.GUARANTEE_READ: _("Read requests for a guarantee and own coverages"),
    Scope.NETWORK_READ: _("Read the hospitals of own networks"),
    Scope.APPOINTMENT_READ: _("Read own members' appointments"),
}


def audited(client_id: str) -> str:
    """Return how an audit entry names a program; it has no account."""
    return f"client:{client_id}" if client_id else ""
