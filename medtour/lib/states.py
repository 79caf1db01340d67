"""State machines: a table of allowed moves and one refusal for everything else."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from medtour.lib.errors import Refusal

Transitions = Mapping[str, frozenset[str]]


class MoveRefused(Refusal):
    code = "move_refused"

    def __init__(self, before: str, after: str) -> None:
        super().__init__(
            _("This is no longer possible. Please reload the page to see the present state.")
        )
        self.before, self.after = before, after


def check_move(transitions: Transitions, before: str, after: str) -> None:
    """Raise `MoveRefused` unless the table allows going from `before` to `after`."""
    if after not in transitions.get(before, frozenset()):
        raise MoveRefused(before, after)
