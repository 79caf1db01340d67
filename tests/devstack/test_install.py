import sys

import pytest

from medtour.devstack import install


def test_an_old_python_is_refused_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit) as refusal:
        install.main()
    assert refusal.value.code == 1
    assert capsys.readouterr().err == (
        "[medtour] Medtour needs Python 3.11 or newer; this is 3.9.2. Set PYTHON to a newer one.\n"
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    environment = tmp_path / ".venv"
    monkeypatch.setattr(install, "ENVIRONMENT", environment)
    monkeypatch.setattr(install, "PYTHON", environment / "bin" / "python")
    monkeypatch.setattr(install, "STAMP", environment / "installed-for")
    monkeypatch.setattr(install, "LOCK", tmp_path / "requirements-dev.txt")
    install.LOCK.write_text("uv==1.0 \\\n")
    return tmp_path


def test_nothing_is_done_when_the_lock_has_not_changed(project, monkeypatch):
    done = []
    monkeypatch.setattr(install, "make_environment", lambda: done.append("environment"))

    def pretend():
        done.append("packages")
        install.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        install.PYTHON.touch()

    monkeypatch.setattr(install, "install", pretend)
    install.main()
    install.main()
    assert done == ["environment", "packages"]
    install.LOCK.write_text("uv==1.1 \\\n")
    install.main()
    assert done == ["environment", "packages", "environment", "packages"]


def test_a_python_without_venv_is_refused_and_leaves_nothing(project, monkeypatch, capsys):
    monkeypatch.setattr(install, "run", lambda *command: False)
    with pytest.raises(SystemExit):
        install.make_environment()
    assert not install.ENVIRONMENT.exists()
    assert capsys.readouterr().err == (
        "[medtour] Python cannot make a virtual environment: install python3-venv and try again.\n"
    )
