"""Every text a person reads can be translated, and the finished languages have them all."""

import ast
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from modeltranslation.translator import translator

from tests.house.code import APPS, ROOT, calls, name, sources

TEMPLATES = [
    path
    for path in sorted((ROOT / "templates").rglob("*"))
    if path.suffix in (".html", ".txt") and path.is_file()
]
CATALOGUES = sorted((ROOT / "locale").rglob("*.po"))
# Words that are the same in every language.
SAME_EVERYWHERE = {"Medtour", "UTC", "CNY", "SNOMED", "CT", "ICU", "MRI", "PDF", "kB", "px"}
TRANSLATED = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
SILENT = (
    re.compile(r"\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL),
    re.compile(r"\{#.*?#\}", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL),
    TRANSLATED,
    # A block that only names style classes.
    re.compile(r"\{%\s*block (?:columns|\w*class\w*)\s*%\}.*?\{%\s*endblock.*?%\}", re.DOTALL),
    # Words for a Chinese driver or nurse stay Chinese on every page.
    re.compile(r"<(\w+)\b[^>]*\blang=\"zh[^\"]*\"[^>]*>.*?</\1>", re.DOTALL),
)
SPOKEN = re.compile(
    r"\b(?:aria-label|alt|title|placeholder|label|hint)=\"([^\"{%]*[A-Za-z]{2,}[^\"{%]*)\""
)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
RELATIONS = (
    "hospital|city|province|treatment|specialty|doctor|offer|programme|equipment|price_lines"
)
READS = {
    "filter",
    "exclude",
    "get",
    "order_by",
    "values",
    "values_list",
    "only",
    "distinct",
    "F",
    "Q",
    "annotate",
    "Coalesce",
    "Lower",
}


def bare_words(source: str, *, is_html: bool) -> list[str]:
    """Return the words of a template that stand outside every translation tag."""
    for silent in SILENT:
        source = silent.sub(" ", source)
    attributes = list(SPOKEN.findall(TAGS.sub("", source))) if is_html else []
    text = TAGS.sub(" ", source)
    if is_html:
        text = re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL)
        text = re.sub(r"&#?\w+;", " ", text)
    text = re.sub(r"https?://\S+|\S+@\S+", " ", text)
    return [
        word for word in WORD.findall(" ".join([text, *attributes])) if word not in SAME_EVERYWHERE
    ]


def test_no_template_has_bare_text():
    assert len(TEMPLATES) > 500
    bare = {
        name(path): bare_words(path.read_text(encoding="utf-8"), is_html=path.suffix == ".html")
        for path in TEMPLATES
    }
    assert {path: words for path, words in bare.items() if words} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Book now</p>", ["Book", "now"]),
        ('<p>{% translate "Book now" %} · {{ name }}</p>', []),
        ('<img alt="A house" src="{% static "x.svg" %}">', ["house"]),
        ("{% blocktranslate trimmed %}Hello {{ name }}{% endblocktranslate %}", []),
        ("<script>let counter = 1</script>&nbsp;{# a note #}", []),
    ],
)
def test_the_lint_finds_bare_text(source, found):
    assert [word for word in bare_words(source, is_html=True) if word != "A"] == found


def test_no_entry_is_fuzzy():
    fuzzy = re.compile(r"^#,.*\bfuzzy\b", re.MULTILINE)
    assert fuzzy.search('#: page.html\n#, fuzzy, python-format\nmsgid "x"')
    assert [name(path) for path in CATALOGUES if fuzzy.search(path.read_text("utf-8"))] == []


def test_every_language_has_a_catalogue():
    wanted = {code for code, _title in settings.LANGUAGES} - {"en"}
    found = {path.parts[-3].lower().replace("_", "-") for path in CATALOGUES}
    assert found == wanted


def test_the_finished_languages_have_every_text(capsys):
    call_command("check_translations")
    assert "every catalogue in order" in capsys.readouterr().out


def bare_translated_fields():
    fields = {
        field
        for model in translator.get_registered_models(abstract=False)
        for field in translator.get_options_for_model(model).get_field_names()
    }
    return re.compile(rf"(?:^|__)(?:{RELATIONS})__(?:{'|'.join(sorted(fields))})(?:__\w+)?$")


def bare_columns(path, pattern):
    """Return where a source queries a translated column by its bare name."""
    wrong = []
    for called, node in calls(path):
        if called not in READS:
            continue
        words = [each.arg for each in node.keywords if each.arg]
        words += [
            each.value.lstrip("-")
            for each in node.args
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        wrong += [f"{name(path)}:{node.lineno} {word}" for word in words if pattern.search(word)]
    return wrong


def test_bare_translated_columns_are_not_queried_outside_the_catalogue():
    """The bare column holds whatever language was saved last; ask for name_en and the like."""
    pattern = bare_translated_fields()
    looked_at = [path for path in sources(*APPS) if "hospitals" not in path.parts]
    assert len(looked_at) > 300
    assert [wrong for path in looked_at for wrong in bare_columns(path, pattern)] == []


def test_forbidden_words_are_promised_nowhere():
    """Nobody is promised what nobody can keep (product.md, never 5)."""
    forbidden = re.compile(r"\b(cashless|world-class|leading|hurry|only \d+ left)\b", re.I)
    wrong = [
        f"{name(path)}: {found.group()}"
        for path in TEMPLATES
        if "admin" not in path.parts
        for found in [forbidden.search(TAGS.sub(" ", path.read_text(encoding="utf-8")))]
        if found
    ]
    assert wrong == []
