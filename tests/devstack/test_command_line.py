import pytest

from medtour.devstack.__main__ import parse


def test_run_takes_no_command():
    chosen = parse(["run"])
    assert (chosen.verb, chosen.command) == ("run", [])


@pytest.mark.parametrize("verb", ["exec", "test"])
def test_the_command_after_the_dashes_is_kept_word_for_word(verb):
    chosen = parse([verb, "--", "pytest", "-k", "a b", "--", "-x"])
    assert (chosen.verb, chosen.command) == (verb, ["pytest", "-k", "a b", "--", "-x"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["exec"], "name the command to run: exec -- COMMAND"),
        (["test", "--"], "name the command to run: test -- COMMAND"),
        (["run", "--", "ls"], "run takes no command; use exec -- COMMAND"),
        ([], "the following arguments are required: verb"),
        (["fly"], "invalid choice: 'fly'"),
    ],
)
def test_a_wrong_command_line_is_explained(words, sentence, capsys):
    with pytest.raises(SystemExit) as refusal:
        parse(words)
    assert refusal.value.code == 2
    assert sentence in capsys.readouterr().err
