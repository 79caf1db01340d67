"""Head and foot are rendered once a shape; nothing of one visitor reaches the next."""

import re
from urllib.parse import quote

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from medtour.templatetags.frames import filled, frame, gap

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
NONCE = re.compile(r'<script[^>]*\snonce="([^"]+)"')


def page(address: str, **cookies: str) -> str:
    client = Client()
    client.cookies.load(cookies)
    return client.get(address).content.decode()


def test_every_visitor_has_an_own_token_and_own_nonce():
    first, second = page("/en/search/"), page("/en/search/")
    assert set(TOKEN.findall(first)).isdisjoint(TOKEN.findall(second))
    assert len(TOKEN.findall(first)) == len(TOKEN.findall(second)) > 0
    assert NONCE.findall(first)
    assert set(NONCE.findall(first)).isdisjoint(NONCE.findall(second))


def test_zone_and_currency_of_one_visitor_are_not_shown_to_the_next():
    chosen = page("/en/search/", zone="Asia/Ulaanbaatar", currency="MNT")
    other = page("/en/search/", zone="Europe/Moscow", currency="RUB")
    nobody = page("/en/search/")
    assert '<option value="Asia/Ulaanbaatar" selected>' in chosen
    assert '<option value="MNT" selected>MNT</option>' in chosen
    assert '<option value="Europe/Moscow" selected>' in other
    assert '<option value="RUB" selected>RUB</option>' in other
    assert "Asia/Ulaanbaatar" in chosen
    assert "selected>RUB" not in nobody
    assert 'value="Europe/Moscow" selected' not in nobody
    assert "data-own-zone" in nobody
    assert "data-own-zone" not in chosen


def test_the_place_form_and_the_languages_lead_back_to_this_very_page():
    page("/en/search/?q=knee&sort=price")
    second = page("/en/hospitals/?q=heart&sort=name")
    assert (
        '<input type="hidden" name="next" value="/en/hospitals/?q=heart&amp;sort=name">' in second
    )
    assert 'href="/en/place/?next=%2Fen%2Fhospitals%2F%3Fq%3Dheart%26sort%3Dname"' in second
    assert 'href="/ru/hospitals/?q=heart&amp;sort=name" lang="ru"' in second
    assert f'rel="canonical" href="{settings.SITE_URL.rstrip("/")}/en/hospitals/"' in second
    assert "knee" not in second


def test_a_visitor_cannot_have_a_token_put_where_the_text_says_so():
    asked = page(f"/en/search/?q={quote(gap('csrf_token'))}")
    (token,) = set(TOKEN.findall(asked))
    assert asked.count(token) == asked.count('name="csrfmiddlewaretoken"')


def test_texts_are_escaped_and_never_filled_in_turn():
    parts = frame(f"<b>{gap('one')}</b>{gap('two')}{gap('one')}")
    assert filled(parts, one="<i>", two=gap("one")) == f"<b>&lt;i&gt;</b>{gap('one')}&lt;i&gt;"


def test_a_gap_without_a_text_is_an_error():
    with pytest.raises(KeyError):
        filled(frame(gap("one")), two="2")


def test_fixed_markup_is_kept_for_each_language():
    words = Template("{% load surround i18n %}{% fixed %}{% translate 'Search' %}{% endfixed %}")
    english = words.render(Context())
    with translation.override("zh-hans"):
        chinese = words.render(Context())
    assert (english, words.render(Context())) == ("Search", "Search")
    assert chinese != english
