"""How allauth speaks to people: through the outbox like everything else."""

from allauth.account.adapter import DefaultAccountAdapter


class OutboxAccountAdapter(DefaultAccountAdapter):
    pass
