import pytest

from bookings import transitions
from medtour.lib.ids import ALPHABET, public_id, reference
from medtour.lib.states import MoveRefused, check_move


@pytest.mark.parametrize(
    "table",
    [transitions.APPOINTMENT, transitions.REQUEST, transitions.WAITING, transitions.CASE],
    ids=["appointment", "request", "waiting", "case"],
)
def test_only_the_moves_in_the_table_are_allowed(table):
    states = set(table) | {state for after in table.values() for state in after}

    for before in states:
        for after in states:
            if after in table.get(before, frozenset()):
                check_move(table, before, after)
            else:
                with pytest.raises(MoveRefused):
                    check_move(table, before, after)


def test_public_ids_are_long_random_and_readable():
    made = {public_id() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(one) for one in made} == {26}
    assert set("".join(made)) <= set(ALPHABET)
    assert len(reference()) == 10
