"""Reading our own source for the house tests."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "messaging", "hospitals", "bookings", "payments")
CODE = ("medtour", *APPS)


@dataclass(frozen=True)
class Import:
    """One import: what is imported (dotted, with the name), where, and whether inside a function."""

    target: str
    line: int
    inside: bool


def sources(*folders: str) -> list[Path]:
    """Return the Python files of our code, without migrations."""
    return [
        path
        for folder in folders or CODE
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def imports(path: Path) -> list[Import]:
    """Return every import of a file, also those inside functions."""
    inside = {
        id(child)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [Import(each.name, node.lineno, id(node) in inside) for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [
                Import(f"{base}.{each.name}", node.lineno, id(node) in inside)
                for each in node.names
            ]
    return found


@cache
def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Return every call with the last part of what is called, such as "select_for_update"."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                found.append((called.attr, node))
            elif isinstance(called, ast.Name):
                found.append((called.id, node))
    return found


@cache
def functions(path: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def length(node: ast.AST) -> int:
    """Return how many lines a function or class takes, decorators not counted."""
    return node.end_lineno - node.lineno + 1
