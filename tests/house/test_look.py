"""The look holds together: contrast from the tokens, logical CSS only, one current style sheet."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from medtour.lib.bundle import bundled

CSS = settings.BASE_DIR / "static/css"
PARTS = sorted(path for path in CSS.rglob("*.css") if path.name != "bundle.css")
HEX = re.compile(r"--c-([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})")

TEXT_PAIRS = [
    *[
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "brand", "seal")
        for ground in ("paper", "sunken", "card", "wash", "soft")
    ],
    ("seal", "seal-soft"),
    ("wait", "wait-soft"),
    ("wait", "card"),
    ("home", "home-soft"),
    ("home", "card"),
    ("home", "paper"),
    *[(ink, f"{mood}-soft") for ink in ("ink", "ink-2") for mood in ("seal", "wait", "home")],
    ("on-brand", "brand-fill"),
    ("on-brand", "brand-hover"),
    ("on-deep", "deep"),
    ("on-deep-2", "deep"),
]
SHAPE_PAIRS = [
    *[("control", ground) for ground in ("card", "paper", "sunken", "wash")],
    *[("focus", ground) for ground in ("paper", "card", "sunken", "soft")],
]


def _schemes() -> dict[str, dict[str, str]]:
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    light, _separator, dark = text.partition("@media (prefers-color-scheme: dark)")
    return {"light": dict(HEX.findall(light)), "dark": dict(HEX.findall(dark))}


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_formula_knows_black_on_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#1F594D", "#FFFFFF") == pytest.approx(8.09, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(scheme: str, ink: str, ground: str):
    colours = _schemes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), SHAPE_PAIRS)
def test_borders_and_focus_rings_can_be_seen(scheme: str, line: str, ground: str):
    colours = _schemes()[scheme]
    assert contrast(colours[line], colours[ground]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_white_can_be_read_on_the_seal(scheme: str):
    assert contrast("#FFFFFF", _schemes()[scheme]["seal-fill"]) >= 4.5


def test_both_schemes_name_the_same_colours():
    schemes = _schemes()
    assert schemes["light"].keys() == schemes["dark"].keys()


PHYSICAL = re.compile(
    r"(?<![-\w])(?:"
    r"(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|(?:min-|max-)?(?:width|height)(?=\s*:)"
    r"|(?:left|right|top|bottom)(?=\s*:)"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r")"
)


def test_the_search_for_physical_properties_finds_them():
    wrong = "a{margin-left:1px;width:3px;left:0;text-align:right;padding-top:1px;max-height:2px}"
    assert len(PHYSICAL.findall(wrong)) == 6
    assert PHYSICAL.findall("a{inline-size:1px;border-inline-start:0;text-align:start}") == []


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.name)
def test_css_has_logical_properties_only(part: Path):
    rules = re.sub(r"/\*.*?\*/", "", part.read_text(encoding="utf-8"), flags=re.DOTALL)
    rules = re.sub(r"@(?:media|container)[^{]*\{", "", rules)
    assert PHYSICAL.findall(rules) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.name)
def test_colours_come_from_tokens(part: Path):
    if part.name == "tokens.css":
        return
    rules = part.read_text(encoding="utf-8")
    found = set(re.findall(r"#[0-9A-Fa-f]{3,8}\b", rules))
    assert found <= {"#fff", "#000", "#0f332c"}, "use a colour role"


def test_the_bundle_is_current():
    """`python manage.py bundle_css` writes it."""
    assert (CSS / "bundle.css").read_text(encoding="utf-8") == bundled(CSS / "app.css")


def test_the_bundle_imports_nothing_and_keeps_the_layers():
    text = (CSS / "bundle.css").read_text(encoding="utf-8")
    assert "@import" not in text
    assert text.startswith("@layer reset, tokens, base, layout, components, utilities;")
    assert set(re.findall(r"^@layer (\w+) \{", text, re.MULTILINE)) == {
        "tokens",
        "base",
        "layout",
        "components",
        "utilities",
    }


def test_every_address_in_the_bundle_is_a_file_of_ours():
    text = (CSS / "bundle.css").read_text(encoding="utf-8")
    addresses = re.findall(r'url\("([^"]+)"\)', text)
    assert addresses
    assert [one for one in addresses if not (CSS / one).resolve().is_file()] == []


def test_drawings_take_their_colours_from_the_page():
    drawings = (settings.BASE_DIR / "static/img/cities.svg").read_text(encoding="utf-8")
    assert "class=" not in drawings
    assert "<style" not in drawings
    assert re.findall(r'(?:fill|stroke)="(?!none|var\()[^"]*"', drawings) == []
