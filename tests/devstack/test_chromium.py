import pytest

from medtour.devstack import chromium
from medtour.devstack.say import Trouble


def program(path, code=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path):
    """Nothing is installed: an empty PATH, an empty home and an empty state folder."""
    (tmp_path / "bin").mkdir()
    environ = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}
    return tmp_path, environ


def test_nothing_is_found_on_a_bare_machine(machine):
    place, environ = machine
    assert chromium.find(environ, place) is None


def test_the_search_goes_from_the_path_over_playwright_to_the_state_folder(machine):
    place, environ = machine
    fetched = program(place / "chromium/chromium")
    assert chromium.find(environ, place) == fetched
    cache = place / "home/.cache/ms-playwright"
    old = program(cache / "chromium-1000/chrome-linux/chrome")
    assert chromium.find(environ, place) == old
    new = program(cache / "chromium-2000/chrome-linux64/chrome")
    assert chromium.find(environ, place) == new
    google = program(place / "bin/google-chrome")
    assert chromium.find(environ, place) == google
    debian = program(place / "bin/chromium")
    assert chromium.find(environ, place) == debian
    assert list(chromium.candidates(environ, place)) == [debian, google, new, old, fetched]


def test_a_browser_that_does_not_start_is_passed_over(machine):
    place, environ = machine
    program(place / "bin/chromium", code=127)
    fetched = program(place / "chromium/chromium")
    assert chromium.find(environ, place) == fetched


def test_playwrights_own_folder_may_be_elsewhere(machine):
    place, environ = machine
    browser = program(place / "browsers/chromium-1/chrome-linux/chrome")
    environ["PLAYWRIGHT_BROWSERS_PATH"] = str(place / "browsers")
    assert chromium.find(environ, place) == browser


def test_the_browser_asked_for_is_taken_or_refused(machine):
    place, environ = machine
    program(place / "bin/chromium")
    environ["CHROMIUM_PATH"] = str(program(place / "mine"))
    assert chromium.find(environ, place) == place / "mine"
    program(place / "mine", code=1)
    with pytest.raises(Trouble) as refusal:
        chromium.find(environ, place)
    assert str(refusal.value) == f"CHROMIUM_PATH names {place / 'mine'}, which does not start."


def test_the_ways_are_tried_in_order_until_one_works(machine, monkeypatch, capsys):
    place, environ = machine
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for name in ("CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEVSTACK_STATE", str(place))
    tried = []

    def first(_state):
        tried.append("first")
        return False

    def second(state):
        tried.append("second")
        program(state / "chromium/chromium")
        return True

    def third(_state):
        tried.append("third")
        return True

    monkeypatch.setattr(chromium, "WAYS", {"one": first, "two": second, "three": third})
    assert chromium.obtain() == place / "chromium/chromium"
    assert tried == ["first", "second"]
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "[medtour] No Chromium yet; trying one.",
        "[medtour] No Chromium yet; trying two.",
    ]


def test_one_line_says_what_to_install_when_every_way_fails(machine, monkeypatch, capsys):
    place, environ = machine
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for name in ("CHROMIUM_PATH", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEVSTACK_STATE", str(place))
    monkeypatch.setattr(chromium, "WAYS", {})
    assert chromium.main() == 1
    assert capsys.readouterr().err == f"[medtour] {chromium.ADVICE}\n"
