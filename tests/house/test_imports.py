"""Who may import whom: apps in one order, layers in one order, some words in one file only."""

import ast

import pytest

from tests.house.code import APPS, CODE, ROOT, calls, imports, name, sources, tree

ORDER = {app: rank for rank, app in enumerate(APPS)}
LAYERS = {
    "enums": 0,
    "policies": 0,
    "transitions": 0,
    "refusals": 0,
    "models": 1,
    "translation": 1,
    "selectors": 2,
    "access": 2,
    "services": 3,
    "forms": 4,
    "presenters": 4,
    "views": 5,
    "api": 5,
    "fhir": 5,
    "admin": 5,
    "tasks": 5,
    "urls": 6,
}
EDGE = {"views", "urls", "api", "fhir", "admin", "tasks", "management", "sitemaps"}
# The settings, the celery app and the addresses name apps; so does the development stack.
MAY_NAME_APPS = (
    "medtour/settings/",
    "medtour/urls.py",
    "medtour/celery.py",
    "medtour/views.py",
    "medtour/health.py",
)
ONLY_IN = {
    "select_for_update": {"medtour/lib/locks.py"},
    "combine": {"medtour/lib/clock.py"},
}
ONLY_IMPORTED_BY = {
    "stripe": {"payments/gateways/stripe.py"},
    "smtplib": {"messaging/channels/email.py"},
    "requests": set(),
}
EVENTS = {
    "AuditEntry": {"accounts/services/audit.py"},
    "CaseEvent": {"bookings/services/history.py"},
}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create"}


def layer(parts):
    """Return the layer a module of an app belongs to, None for anything that has none."""
    for part in parts[1:]:
        if part.removesuffix(".py") in LAYERS or part.removesuffix(".py") in EDGE:
            return part.removesuffix(".py")
    return None


def test_no_app_imports_an_app_to_its_right():
    wrong = []
    for path in sources(*APPS):
        own = path.relative_to(ROOT).parts
        if layer(own) in EDGE:
            continue
        for found in imports(path):
            app = found.target.split(".")[0]
            if app in ORDER and ORDER[app] > ORDER[own[0]]:
                wrong.append(f"{name(path)}:{found.line} imports {found.target}")
    assert wrong == []


def test_the_edge_takes_only_reads_rules_and_verbs_from_apps_to_its_right():
    allowed = {"services", "selectors", "access", "policies", "transitions", "refusals", "models"}
    allowed |= {"forms", "presenters"}
    wrong = []
    for path in sources(*APPS):
        own = path.relative_to(ROOT).parts
        for found in imports(path):
            parts = found.target.split(".")
            if parts[0] in ORDER and ORDER[parts[0]] > ORDER[own[0]] and parts[1] not in allowed:
                wrong.append(f"{name(path)}:{found.line} imports {found.target}")
    assert wrong == []


def test_edges_never_import_each_others_views():
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources(*APPS)
        for found in imports(path)
        if found.target.split(".")[0] in ORDER
        and "views" in found.target.split(".")
        and found.target.split(".")[0] != path.relative_to(ROOT).parts[0]
    ]
    assert wrong == []


def test_layers_of_an_app_are_never_reversed():
    wrong = []
    for path in sources(*APPS):
        own = path.relative_to(ROOT).parts
        here = layer(own)
        if here not in LAYERS:
            continue
        for found in imports(path):
            parts = found.target.split(".")
            if parts[0] != own[0]:
                continue
            there = layer(parts)
            if there in LAYERS and LAYERS[there] > LAYERS[here]:
                wrong.append(f"{name(path)}:{found.line} imports {found.target}")
    assert wrong == []


def test_the_project_package_imports_no_app():
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources("medtour")
        if not name(path).startswith(MAY_NAME_APPS)
        for found in imports(path)
        if found.target.split(".")[0] in ORDER
    ]
    assert wrong == []


def test_services_and_below_know_no_request():
    forbidden = ("django.http", "django.shortcuts", "django.forms", "django.contrib.messages")
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources(*APPS)
        if layer(path.relative_to(ROOT).parts)
        in {"services", "selectors", "access", "policies", "transitions", "models"}
        for found in imports(path)
        if found.target.startswith(forbidden)
    ]
    assert wrong == []


def test_policies_know_no_database():
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources(*APPS)
        if path.name in ("policies.py", "transitions.py")
        for found in imports(path)
        if found.target.startswith("django.db") or ".models" in found.target
    ]
    assert wrong == []


def test_tasks_import_their_service_inside():
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources(*APPS)
        if path.name == "tasks.py"
        for found in imports(path)
        if found.target.split(".")[0] in ORDER and not found.inside
    ]
    assert wrong == []


def test_nobody_imports_everything_or_across_apps_relatively():
    wrong = [
        f"{name(path)}:{found.line} imports {found.target}"
        for path in sources()
        for found in imports(path)
        if (found.target.endswith(".*") and "settings" not in path.parts)
        or found.target.startswith("..")
    ]
    assert wrong == []


@pytest.mark.parametrize("word", sorted(ONLY_IN))
def test_some_words_are_said_in_one_file_only(word):
    said = {name(path) for path in sources() for called, _node in calls(path) if called == word}
    assert said <= ONLY_IN[word]


@pytest.mark.parametrize("package", sorted(ONLY_IMPORTED_BY))
def test_some_packages_are_imported_in_one_file_only(package):
    importing = {
        name(path)
        for path in sources()
        if "devstack" not in path.parts
        for found in imports(path)
        if found.target.split(".")[0] == package
    }
    assert importing <= ONLY_IMPORTED_BY[package]


@pytest.mark.parametrize("model", sorted(EVENTS))
def test_history_is_written_in_one_file_only(model):
    writing = set()
    for path in sources(*APPS):
        for called, node in calls(path):
            text = ast.unparse(node.func)
            if called == model or (called in WRITES and text.startswith(f"{model}.objects")):
                writing.add(name(path))
    assert writing <= EVENTS[model]


def test_only_the_clock_says_what_time_it_is():
    """timezone.now(), datetime.now(), date.today() and friends; time.monotonic() measures only."""
    asking = {
        f"{name(path)}:{node.lineno}"
        for path in sources()
        if "devstack" not in path.parts and name(path) != "medtour/lib/clock.py"
        for called, node in calls(path)
        if called in ("now", "today", "utcnow")
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) not in ("clock", "self")
    }
    assert asking == set()


def test_no_signals_carry_domain_logic():
    wrong = [
        f"{name(path)}:{found.line}"
        for path in sources()
        for found in imports(path)
        if "signals" in found.target.split(".") and "devstack" not in path.parts
    ]
    assert wrong == []


def test_no_generic_foreign_keys():
    wrong = [
        name(path)
        for path in sources(*APPS)
        for found in imports(path)
        if found.target.endswith(("GenericForeignKey", "GenericRelation"))
    ]
    assert wrong == []


def test_imports_inside_functions_say_why():
    """A line that imports one of our own modules late carries the reason behind it."""
    wrong = []
    for path in sources(*APPS):
        if path.name in ("tasks.py", "apps.py"):
            continue
        lines = path.read_text(encoding="utf-8").splitlines()
        for found in imports(path):
            own = found.target.split(".")[0] in CODE
            if found.inside and own and "#" not in lines[found.line - 1]:
                wrong.append(f"{name(path)}:{found.line}")
    assert wrong == []


def test_the_rules_see_what_they_look_for(tmp_path):
    """The negative control: a file that breaks a rule is seen to break it."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        "def late():\n    from payments.services import refunds\n"
        "    rows.select_for_update()\n    AuditEntry.objects.create()\n"
    )
    assert [(found.target, found.inside) for found in imports(bad)] == [
        ("payments.services.refunds", True)
    ]
    assert {"select_for_update", "create"} <= {called for called, _node in calls(bad)}
    assert isinstance(tree(bad), ast.Module)
