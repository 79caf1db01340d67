"""What may leave by phone: fixed sentences, no variable that tells anything (MS-02, MS-09)."""

import re

import pytest
from django.conf import settings

from messaging import kinds
from messaging.channels import update_words
from messaging.channels.update_words import CODE_TEXTS, TEMPLATES, UPDATE_TEXTS, VARIABLES

LANGUAGES = [code for code, _name in settings.LANGUAGES]
# Names of things that belong behind signing in.
FORBIDDEN = re.compile(
    r"diagnos|department|doctor|treatment|price|amount|file|hospital|special|name|date|time|patient"
)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_carries_a_link_or_a_code_and_nothing_else(name):
    template = TEMPLATES[name]
    assert set(template.body) | set(template.button) <= VARIABLES
    assert not any(FORBIDDEN.search(variable) for variable in VARIABLES)
    for text in template.texts.values():
        assert set(re.findall(r"\{(\w*)\}", text)) <= set(template.body)


def test_an_update_has_no_variable_in_its_words():
    assert TEMPLATES["update"].body == ()
    assert TEMPLATES["update"].category == "utility"
    assert not any("{" in text for text in UPDATE_TEXTS.values())


@pytest.mark.parametrize("texts", [UPDATE_TEXTS, CODE_TEXTS])
def test_every_language_has_its_sentence(texts):
    assert sorted(texts) == sorted(LANGUAGES)
    assert len(set(texts.values())) == len(LANGUAGES)


def test_whatsapp_has_every_language_but_mongolian():
    assert set(LANGUAGES) - set(update_words.WHATSAPP_LANGUAGES) == {"mn"}


def test_every_kind_names_a_template_that_exists():
    assert {kind.whatsapp_template for kind in kinds.all_kinds().values()} <= set(TEMPLATES)
    assert {name for name, kind in kinds.all_kinds().items() if kind.to_contact} == {
        "messaging.number_code"
    }
