import pytest

from medtour.devstack.processes import LAUNCHER, parse_procfile, read_procfile


def test_the_project_has_its_three_processes():
    commands = read_procfile()
    assert list(commands) == ["web", "worker", "beat"]
    assert commands["web"].startswith("granian --interface wsgi ")
    assert commands["web"].endswith(" medtour.wsgi:application")
    # Without both limits granian may open hundreds of threads, each with a database connection.
    assert "--blocking-threads 2 --backpressure 64" in commands["web"]


def test_comments_and_blank_lines_are_left_out():
    assert parse_procfile("# all\n\nweb:  serve a: b\n") == {"web": "serve a: b"}


@pytest.mark.parametrize("text", ["web serve", "web:", "Web: serve", "web: a\nweb: b"])
def test_a_line_that_is_no_process_is_refused(text):
    with pytest.raises(ValueError, match="is not `name: command`"):
        parse_procfile(text)


def test_the_launcher_can_be_executed():
    assert LAUNCHER.stat().st_mode & 0o111 == 0o111
