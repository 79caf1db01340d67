"""Templates stay small, need no inline code, and name no other host."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = settings.BASE_DIR / "templates"
ALL = sorted(ROOT.rglob("*.html"))
PAGES = [
    path
    for path in ALL
    if path.relative_to(ROOT).parts[0] not in ("admin", "messages", "unfold")
    and "email" not in path.name
]
NAMES = [str(path.relative_to(ROOT)) for path in ALL]
COMMENTS = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)
OWN_SCHEMES = ("https://schema.org",)


def _markup(path: Path) -> str:
    return COMMENTS.sub("", path.read_text(encoding="utf-8"))


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", ALL, ids=_id)
def test_templates_are_short(path: Path):
    limit = 50 if path.parent.name == "components" else 150
    assert len(path.read_text(encoding="utf-8").splitlines()) <= limit


@pytest.mark.parametrize("name", NAMES)
def test_templates_can_be_parsed(name: str):
    get_template(name)


@pytest.mark.parametrize("path", PAGES, ids=_id)
def test_no_inline_style_or_script(path: Path):
    markup = _markup(path)
    assert re.findall(r"<style\b", markup) == []
    assert re.findall(r"\sstyle\s*=", markup) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", markup) == []
    assert "javascript:" not in markup
    for tag in re.findall(r"<script\b[^>]*>", markup):
        assert "src=" in tag or "application/ld+json" in tag, f"inline script: {tag}"


@pytest.mark.parametrize("path", PAGES, ids=_id)
def test_nothing_is_loaded_from_another_host(path: Path):
    loaded = re.findall(
        r"<(?:script|link|img|iframe|source|use|object)\b[^>]*?(?:src|href)\s*=\s*[\"']([^\"']+)",
        _markup(path),
    )
    foreign = [one for one in loaded if re.match(r"(?:https?:)?//", one) and one not in OWN_SCHEMES]
    assert foreign == []


@pytest.mark.parametrize("path", PAGES, ids=_id)
def test_forms_that_change_something_carry_a_token(path: Path):
    for form in re.findall(
        r"<form\b[^>]*method=\"post\".*?</form>", _markup(path), re.DOTALL | re.IGNORECASE
    ):
        assert "{% csrf_token %}" in form or "form.html" in form


@pytest.mark.parametrize("path", PAGES, ids=_id)
def test_pictures_say_what_they_show_or_are_hidden(path: Path):
    markup = _markup(path)
    for image in re.findall(r"<img\b[^>]*>", markup):
        assert "alt=" in image
    for drawing in re.findall(r"<svg\b[^>]*>", markup):
        assert "aria-hidden" in drawing or "aria-label" in drawing or "hidden" in drawing


@pytest.mark.parametrize("path", PAGES, ids=_id)
def test_nothing_leans_on_left_and_right_classes(path: Path):
    found = re.findall(
        r"class=\"[^\"]*\b(?:pull-right|text-left|text-right|float-\w+)\b", _markup(path)
    )
    assert found == []
