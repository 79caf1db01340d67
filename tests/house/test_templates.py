"""Templates stay small, need no inline code, and name no other host.

Each rule is one test that names every template that breaks it: two thousand tests, one for each rule
and file, took as long to set up as all of the others of this folder.
"""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = settings.BASE_DIR / "templates"
ALL = sorted(ROOT.rglob("*.html"))
PAGES = [
    path
    for path in ALL
    if path.relative_to(ROOT).parts[0] not in ("admin", "messages", "unfold")
    and "email" not in path.name
]
COMMENTS = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}|<!--.*?-->", re.DOTALL)
OWN_SCHEMES = ("https://schema.org",)


def _markup(path: Path) -> str:
    return COMMENTS.sub("", path.read_text(encoding="utf-8"))


def broken(paths: list[Path], rule: Callable[[Path], object]) -> dict[str, object]:
    """Return what a rule finds wrong, by template; there must be templates to look at."""
    assert len(paths) > 100
    found = {str(path.relative_to(ROOT)): rule(path) for path in paths}
    return {name: wrong for name, wrong in found.items() if wrong}


def _too_long(path: Path) -> int:
    limit = 50 if path.parent.name == "components" else 150
    lines = len(path.read_text(encoding="utf-8").splitlines())
    return lines if lines > limit else 0


def _unreadable(path: Path) -> str:
    try:
        get_template(str(path.relative_to(ROOT)))
    except TemplateSyntaxError as error:
        return str(error)
    return ""


def _inline(path: Path) -> list[str]:
    markup = _markup(path)
    scripts = re.findall(r"<script\b[^>]*>", markup)
    return [
        *re.findall(r"<style\b", markup),
        *re.findall(r"\sstyle\s*=", markup),
        *re.findall(r"\son[a-z]+\s*=\s*[\"']", markup),
        *re.findall(r"javascript:", markup),
        *[tag for tag in scripts if "src=" not in tag and "application/ld+json" not in tag],
    ]


def _foreign(path: Path) -> list[str]:
    loaded = re.findall(
        r"<(?:script|link|img|iframe|source|use|object)\b[^>]*?(?:src|href)\s*=\s*[\"']([^\"']+)",
        _markup(path),
    )
    return [one for one in loaded if re.match(r"(?:https?:)?//", one) and one not in OWN_SCHEMES]


def _without_token(path: Path) -> list[str]:
    forms = re.findall(
        r"<form\b[^>]*method=\"post\".*?</form>", _markup(path), re.DOTALL | re.IGNORECASE
    )
    return [form for form in forms if "{% csrf_token %}" not in form and "form.html" not in form]


def _silent_pictures(path: Path) -> list[str]:
    markup = _markup(path)
    images = [image for image in re.findall(r"<img\b[^>]*>", markup) if "alt=" not in image]
    drawings = [
        drawing
        for drawing in re.findall(r"<svg\b[^>]*>", markup)
        if not re.search(r"aria-hidden|aria-label|hidden", drawing)
    ]
    return images + drawings


def _sided(path: Path) -> list[str]:
    return re.findall(
        r"class=\"[^\"]*\b(?:pull-right|text-left|text-right|float-\w+)\b", _markup(path)
    )


def test_templates_are_short():
    assert broken(ALL, _too_long) == {}


def test_templates_can_be_parsed():
    assert broken(ALL, _unreadable) == {}


def test_no_inline_style_or_script():
    assert broken(PAGES, _inline) == {}


def test_nothing_is_loaded_from_another_host():
    assert broken(PAGES, _foreign) == {}


def test_forms_that_change_something_carry_a_token():
    assert broken(PAGES, _without_token) == {}


def test_pictures_say_what_they_show_or_are_hidden():
    assert broken(PAGES, _silent_pictures) == {}


def test_nothing_leans_on_left_and_right_classes():
    assert broken(PAGES, _sided) == {}


def test_the_rules_find_what_they_look_for(tmp_path):
    """The negative control: one template breaks every rule."""
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<form method="post"></form><img src="https://else.example/x.png"><svg></svg>'
        '<p class="text-left" style="x" onclick="javascript:y"></p><script>z</script>' + "\n" * 200
    )
    rules = (_too_long, _inline, _foreign, _without_token, _silent_pictures, _sided)
    assert [rule.__name__ for rule in rules if not rule(bad)] == []
    assert len(_inline(bad)) == 4
