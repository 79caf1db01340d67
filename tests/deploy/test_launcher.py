"""deploy/process and deploy/healthcheck.py, run for real."""

import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from medtour.devstack.state import PROJECT

CHECK = PROJECT / "deploy" / "healthcheck.py"


@pytest.fixture
def project(tmp_path):
    """A project in a folder with a space in its name."""
    folder = tmp_path / "a place"
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(PROJECT / "deploy" / "process", folder / "deploy" / "process")
    (folder / "Procfile").write_text(
        '# comment\nshow: printf \'%s|\' "${WORD:-none}" "$PWD"\nshower: false\n'
    )
    return folder


def launch(project, *words, **env):
    return subprocess.run(
        [project / "deploy" / "process", *words],
        env={"PATH": os.environ["PATH"], **env},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_runs_in_the_project_with_its_defaults(project):
    assert launch(project, "show").stdout == f"none|{project}|"
    assert launch(project, "show", WORD="two words").stdout == f"two words|{project}|"


def test_an_unknown_process_is_refused(project):
    done = launch(project, "sho")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "deploy/process: the Procfile has no process called sho\n"
    assert launch(project).returncode != 0


@pytest.fixture
def site():
    """A server that answers /healthz only to its own name; other paths get 500."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            good = self.path == "/healthz" and self.headers["Host"] == "care.example.org"
            self.send_response(200 if good else 400)
            self.end_headers()

        def log_message(self, *_words):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def health(port, hosts):
    env = {"PORT": str(port), "ALLOWED_HOSTS": hosts}
    return subprocess.run([sys.executable, CHECK], env=env, check=False).returncode


def test_health_is_asked_by_the_sites_own_name(site):
    assert health(site, ".example.org, care.example.org") == 0


def test_an_error_or_silence_is_not_healthy(site):
    assert health(site, "other.example.org") == 1
    assert health(1, "care.example.org") == 1


def test_a_beat_without_a_database_is_not_healthy():
    env = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, CHECK, "beat"], env=env, check=False)
    assert done.returncode == 1
