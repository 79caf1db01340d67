"""`.env.example`, the settings and docker-compose.yml name the same variables."""

import ast
import base64
import re
import subprocess
import sys

import yaml

from medtour.devstack.state import PROJECT

READERS = {"env", "str", "bool", "int", "list", "db", "email"}
# Set by the image, not by the person who deploys.
OF_THE_IMAGE = {"DJANGO_SETTINGS_MODULE", "PORT", "WEB_HOST"}
# Read by the compose file and the Procfile, not by Django.
OF_THE_CONTAINERS = {
    "ACME_EMAIL",
    "CELERY_LOG_LEVEL",
    "MEDTOUR_IMAGE",
    "POSTGRES_PASSWORD",
    "REDIS_PASSWORD",
    "SITE_HOST",
    "WEB_LOG_LEVEL",
    "WEB_REPLICAS",
    "WEB_WORKERS",
    "WORKER_CONCURRENCY",
}


def read_by_settings():
    """Return the variables that production's settings ask for."""
    names = set()
    for path in (PROJECT / "medtour/settings").glob("*.py"):
        if path.stem in ("dev", "test"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and is_env_call(node.func):
                names.add(ast.literal_eval(node.args[0]))
    return names


def is_env_call(function):
    if isinstance(function, ast.Name):
        return function.id == "env"
    of_env = isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
    return of_env and function.value.id == "env" and function.attr in READERS


def example():
    text = (PROJECT / ".env.example").read_text()
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE))


def test_the_example_names_what_the_settings_read_and_nothing_else():
    assert set(example()) == read_by_settings() | OF_THE_CONTAINERS


def test_the_containers_get_every_setting():
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    given = set(compose["services"]["web"]["environment"])
    assert given - OF_THE_IMAGE - OF_THE_CONTAINERS == read_by_settings()


def test_the_procfile_uses_only_known_variables():
    used = set(re.findall(r"\$\{([A-Z_]+)", (PROJECT / "Procfile").read_text()))
    assert used - OF_THE_IMAGE - OF_THE_CONTAINERS == {"BEAT_STATE"}


def test_production_settings_load_with_the_example_filled_in():
    """No secret has a default; with secrets in place the settings load and are strict."""
    values = {name: value for name, value in example().items() if value}
    values |= {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(PROJECT),
        "DJANGO_SETTINGS_MODULE": "medtour.settings.base",
        "SECRET_KEY": "x" * 64,
        "FIELD_ENCRYPTION_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
        "LOOKUP_HASH_KEY": base64.b64encode(b"h" * 32).decode(),
    }
    look = (
        "from django.conf import settings as s;"
        "print(s.DEBUG, s.ALLOWED_HOSTS, s.SECURE_SSL_REDIRECT, s.EMAIL_HOST, s.EMAIL_USE_TLS,"
        " s.DATABASES['default']['HOST'], s.SECURE_PROXY_SSL_HEADER)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", look], env=values, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == (
        "False ['care.example.org'] True mail.example.org True host"
        " ('HTTP_X_FORWARDED_PROTO', 'https')"
    )
