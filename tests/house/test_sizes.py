"""Ceilings for files, functions, views, classes, templates; the allow-list is short and explained."""

import ast

import pytest

from tests.house.code import APPS, ROOT, functions, length, name, sources, tree

BANNED = {"utils", "helpers", "common", "misc", "manager", "managers", "util", "helper"}
TEMPLATES = ROOT / "templates"
# name -> why it may be longer
LONGER_FILES: dict[str, str] = {}
LONGER_FUNCTIONS: dict[str, str] = {}
MORE_PARAMETERS = {
    "bookings/services/history.py:appointment_event": "a line of history has so many facts",
    "bookings/services/history.py:request_event": "a line of history has so many facts",
}
LONGER_CLASSES = {
    "bookings/admin/appointments.py:AppointmentAdmin": "one page of Django's admin is one class",
    "payments/admin/quotes.py:QuoteAdmin": "one page of Django's admin is one class",
}
LONGER_TEMPLATES: dict[str, str] = {}


def all_sources():
    return [*sources(), *sources("tests")]


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_are_short():
    long = {}
    for path in all_sources():
        ceiling = 500 if path.is_relative_to(ROOT / "tests") else 350
        if "settings" in path.parts:
            ceiling = 300
        if lines(path) > ceiling:
            long[name(path)] = lines(path)
    assert {key: size for key, size in long.items() if key not in LONGER_FILES} == {}


def test_functions_are_short():
    long = {
        f"{name(path)}:{node.name}": length(node)
        for path in sources()
        for node in functions(path)
        if length(node) > 40
    }
    assert {key: size for key, size in long.items() if key not in LONGER_FUNCTIONS} == {}


def test_views_are_short():
    long = {
        f"{name(path)}:{node.name}": length(node)
        for path in sources(*APPS)
        if "views" in path.parts or path.name == "views.py"
        for node in functions(path)
        if length(node) > 25
    }
    assert long == {}


def test_classes_are_short():
    long = {
        f"{name(path)}:{node.name}": length(node)
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and length(node) > 200
    }
    assert {key: size for key, size in long.items() if key not in LONGER_CLASSES} == {}


def test_functions_take_few_parameters():
    """Six at most; self and cls are not counted, nor is the injectable `now`."""
    many = {}
    for path in sources():
        for node in functions(path):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            counted = [each for each in given if each.arg not in ("self", "cls", "now")]
            if len(counted) > 6:
                many[f"{name(path)}:{node.name}"] = len(counted)
    assert {key: count for key, count in many.items() if key not in MORE_PARAMETERS} == {}


@pytest.mark.parametrize(("kind", "ceiling"), [("components", 50), ("", 150)])
def test_templates_are_short(kind, ceiling):
    long = {
        name(path): lines(path)
        for path in (TEMPLATES / kind).rglob("*")
        if path.is_file() and lines(path) > ceiling
    }
    assert {key: size for key, size in long.items() if key not in LONGER_TEMPLATES} == {}


def test_no_file_has_a_name_that_says_nothing():
    wrong = [
        name(path)
        for path in all_sources()
        if path.stem.rstrip("0123456789").rstrip("_") in BANNED
        or any(part in BANNED for part in path.relative_to(ROOT).parts)
    ]
    assert wrong == []


def test_nesting_is_shallow():
    """Three levels of blocks in a function at most; a file that reads tables may go to four."""
    blocks = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)

    def depth(node, level=0, *, is_else=False):
        here = level + (isinstance(node, blocks) and not is_else)
        deepest = here
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef):
                    continue
                elif_branch = field == "orelse" and isinstance(child, ast.If)
                deepest = max(deepest, depth(child, here, is_else=elif_branch))
        return deepest

    deep = {
        f"{name(path)}:{node.name}": depth(node)
        for path in sources()
        for node in functions(path)
        if depth(node) > 4
    }
    assert deep == {}


def test_public_modules_of_the_inner_layers_say_what_they_own():
    silent = [
        name(path)
        for path in sources(*APPS, "medtour/lib")
        if {"services", "selectors"} & set(path.parts)
        or path.name in ("access.py", "policies.py", "transitions.py")
        if path.name != "__init__.py" and "models" not in path.parts
        if not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_no_code_is_put_off_or_commented_out():
    words = ("TODO", "FIXME", "XXX", "HACK")
    wrong = [
        f"{name(path)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "#" in line and any(word in line.split("#", 1)[1].split() for word in words)
    ]
    assert wrong == []
