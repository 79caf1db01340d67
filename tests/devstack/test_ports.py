import socket

import pytest

from medtour.devstack import ports
from medtour.devstack.say import Trouble


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind((ports.LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def test_the_usual_port_is_taken_when_it_is_free(monkeypatch):
    monkeypatch.setattr(ports, "USUAL_PORT", ports.free_port())
    assert ports.web_port({}) == (ports.USUAL_PORT, "")


def test_another_port_is_taken_and_named_when_the_usual_one_is_in_use(monkeypatch, taken_port):
    monkeypatch.setattr(ports, "USUAL_PORT", taken_port)
    port, remark = ports.web_port({"PORT": ""})
    assert port != taken_port
    assert ports.is_free(port)
    assert remark == f"Port {taken_port} is in use, so this run takes port {port}."


def test_a_wished_port_is_taken():
    wish = ports.free_port()
    assert ports.web_port({"PORT": f" {wish} "}) == (wish, "")


def test_a_wished_port_in_use_is_refused_and_never_swapped(taken_port):
    with pytest.raises(Trouble) as refusal:
        ports.web_port({"PORT": str(taken_port)})
    assert str(refusal.value) == (
        f"Port {taken_port} is in use: stop what listens there, or set another PORT."
    )


@pytest.mark.parametrize("wish", ["http", "0", "65536", "-1", "8000.5"])
def test_a_port_that_is_no_port_is_refused(wish):
    with pytest.raises(Trouble) as refusal:
        ports.web_port({"PORT": wish})
    assert str(refusal.value) == f"PORT must be a number from 1 to 65535, not {wish!r}."
