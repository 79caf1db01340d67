"""Components as people and screen readers get them."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils import translation

from medtour.lib.money import Money
from medtour.templatetags.sources import short_source

START = dt.datetime(2026, 12, 1, 1, 30, tzinfo=dt.UTC)
TORONTO = {"visitor_zone": "America/Toronto", "visitor_zone_chosen": True}


def shown(source: str, **context) -> str:
    return Template(source).render(Context(context))


def sourced(**more) -> SimpleNamespace:
    facts = {
        "source": "SHINE (Shanghai Daily) https://www.shine.cn/a; China Daily",
        "as_of": "2024-03-26",
        "confidence": "medium",
    }
    return SimpleNamespace(**facts | more)


def price_line(**more) -> SimpleNamespace:
    line = {
        "label": "Consultation",
        "amount": Money(193_500, "CNY"),
        "high_minor": None,
        "tier": "international",
    }
    return sourced(**line | more)


def test_two_clocks_put_the_hospital_first():
    page = shown('{% clocks start "Asia/Shanghai" %}', start=START, **TORONTO)
    assert page.index("<bdi>09:30</bdi>") < page.index("<bdi>20:30</bdi>")
    assert "Hospital · Beijing" in page
    assert "You · Toronto" in page
    assert "Tue 1 Dec" in page
    assert "Mon 30 Nov" in page
    assert "UTC+8" in page
    assert "UTC−5" in page
    assert 'transform="rotate(285 12 12)"' in page
    assert "style=" not in page


def test_night_dials_are_shaded():
    page = shown('{% clocks start "Asia/Shanghai" %}', start=START, **TORONTO)
    assert page.count('class="face night"') == 1


def test_one_clock_when_both_show_the_same_time():
    singapore = {"visitor_zone": "Asia/Singapore", "visitor_zone_chosen": True}
    page = shown('{% clocks start "Asia/Shanghai" %}', start=START, **singapore)
    assert page.count('class="t"') == 1
    assert "Hospital and you · Beijing, Singapore" in page
    assert "the same time" in page


def test_no_second_clock_before_the_visitor_chose_a_place():
    unknown = {"visitor_zone": "Asia/Shanghai", "visitor_zone_chosen": False}
    page = shown('{% clocks_line start "Asia/Shanghai" %}', start=START, **unknown)
    assert 'class="h"' in page
    assert 'class="y"' not in page


def test_a_price_never_stands_alone():
    page = shown("{% price line %}", line=price_line(), visitor_currency="CAD")
    assert "<bdi>1,935</bdi>" in page
    assert "International" in page
    assert "<bdi>SHINE (Shanghai Daily)</bdi>, <bdi>26 Mar 2024</bdi>" in page
    assert "about " in page
    assert "CAD" in page
    assert "rate of" in page


def test_a_range_keeps_minor_units_only_where_there_are_some():
    page = shown("{% price line %}", line=price_line(high_minor=284_050))
    assert "<bdi>1,935–2,840.50</bdi>" in page


def test_an_unstated_tier_is_said():
    assert "Tier not stated" in shown('{% tier "" %}')


def test_low_confidence_is_said_on_the_closed_chip():
    page = shown("{% source_chip fact %}", fact=sourced(confidence="low"))
    summary = page[: page.index("</summary>")]
    assert "not confirmed" in summary
    assert page.startswith("<details")


def test_addresses_stay_out_of_the_closed_chip():
    page = shown("{% source_chip fact %}", fact=sourced(source="https://www.bioworld.com/a/b"))
    assert "<bdi>bioworld.com</bdi>, <bdi>26 Mar 2024</bdi>" in page


def test_component_values_are_escaped():
    page = shown("{% source_chip fact %}", fact=sourced(source="<b>x</b>"))
    assert "<b>x" not in page
    assert "&lt;b&gt;" in shown("{% chip text %}", text="<b>")
    assert "&lt;b&gt;" in shown("{% button text href=text %}", text="<b>")


class Person(forms.Form):
    name = forms.CharField(label="Full name", help_text="As in the passport")
    who = forms.ChoiceField(
        label="For whom", choices=[("me", "Me"), ("child", "My child")], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(label="Send it")
    note = forms.CharField(label="Note", required=False)


def test_a_field_has_label_hint_error_and_box_in_this_order():
    page = shown("{% field form.name %}", form=Person({}))
    marks = ['for="id_name"', 'id="id_name-h"', 'id="id_name-e"', "<input"]
    assert [page.index(mark) for mark in marks] == sorted(page.index(mark) for mark in marks)
    assert 'aria-describedby="id_name-h id_name-e"' in page
    assert 'aria-invalid="true"' in page
    assert 'class="input"' in page


def test_choices_are_a_fieldset_with_a_legend():
    page = shown("{% field form.who %}", form=Person())
    assert page.startswith("<fieldset")
    assert "<legend>For whom" in page
    assert page.count('class="choice"') == 2


def test_an_optional_field_says_so():
    page = shown("{% field form.note %}{% field form.name %}", form=Person())
    assert page.count("(optional)") == 1


def test_the_error_summary_links_every_problem_to_its_box():
    page = shown("{% error_summary form %}", form=Person({}))
    assert "There are 3 problems" in page
    for target in ("#id_name", "#id_who_0", "#id_agree"):
        assert f'href="{target}"' in page
    assert 'tabindex="-1"' in page


def test_no_error_summary_without_errors():
    assert shown("{% error_summary form other %}", form=Person(), other=None) == ""


def test_the_pager_keeps_every_other_choice(rf):
    request = rf.get("/en/search/", {"q": "hip & knee", "page": "2", "city": ["a", "b"]})
    page = Paginator(range(100), 20).page(2)
    markup = shown("{% pager page %}", page=page, request=request)
    assert "?q=hip+%26+knee&amp;page=3&amp;city=a&amp;city=b" in markup
    assert 'aria-current="page">2</a>' in markup
    assert shown("{% pager page %}", page=Paginator([], 20).page(1), request=request) == ""


def test_an_unknown_icon_is_an_error():
    with pytest.raises(KeyError):
        shown('{% icon "unicorn" %}')


def test_a_name_without_a_form_in_this_language_is_marked_as_english():
    hospital = SimpleNamespace(name_en="Huadong Hospital", name_zh_hans="华东医院", name_ar="")
    with translation.override("ar"):
        assert shown("{% translated thing %}", thing=hospital) == (
            '<bdi lang="en">Huadong Hospital</bdi>'
        )
        assert shown("{% chinese_name thing %}", thing=hospital) == (
            '<bdi lang="zh-Hans">华东医院</bdi>'
        )
    with translation.override("zh-hans"):
        assert shown("{% translated thing %}", thing=hospital) == "华东医院"
        assert shown("{% chinese_name thing %}", thing=hospital) == ""
    # The column of Indonesian is called _ind: _id would look like a key.
    with translation.override("id"):
        in_both = SimpleNamespace(name_en="Huadong Hospital", name_ind="RS Huadong")
        assert shown("{% translated thing %}", thing=in_both) == "RS Huadong"


def test_money_is_kept_together():
    assert shown("{{ m|money }}", m=Money(193_500, "CNY")) == (
        '<bdi class="num">CNY\xa01,935.00</bdi>'
    )
    assert shown("{{ m|money_text }}", m=Money(193_500, "CNY")) == "CNY\xa01,935.00"
    assert shown("{{ m|money_whole }}", m=Money(193_500, "CNY")) == (
        '<bdi class="num">CNY\xa01,935</bdi>'
    )


def test_the_countdown_shows_a_clock_time_without_scripts():
    page = shown('{% hold_countdown until "Asia/Shanghai" %}', until=START, **TORONTO)
    assert 'data-until="2026-12-01T01:30:00+00:00"' in page
    assert "until <bdi>09:30</bdi> Beijing, <bdi>20:30</bdi> Toronto" in page


def test_a_place_held_for_days_says_until_which_day_and_does_not_count_down():
    page = shown('{% hold_countdown until "Asia/Shanghai" with_day=True %}', until=START, **TORONTO)
    assert "data-until" not in page
    assert "until <bdi>Tue 1 Dec, 09:30</bdi> Beijing, <bdi>Mon 30 Nov, 20:30</bdi> Toronto" in page


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("SHINE (Shanghai Daily)", "SHINE (Shanghai Daily)"),
        ('Global Times, "Healing in China", 2025', 'Global Times, "Healing in China"'),
        (
            "Press article on medical travel to China, 2026 (article A)",
            "Press article on medical travel to China",
        ),
        ("metu.cn (GBA Connect hospital list; page address not kept)", "metu.cn"),
        ("China.org.cn via mytinyfeed (2025)", "China.org.cn via mytinyfeed"),
        (
            "Press article on China's medical innovations and foreign patients, 2026",
            "Press article on China's medical…",
        ),
    ],
)
def test_a_long_source_is_cut_between_words(source, short):
    assert short_source(source) == short


class TwoNames(forms.Form):
    first = forms.CharField(label="First name")
    last = forms.CharField(label="Last name")


def test_an_error_that_alone_says_nothing_names_its_field():
    page = shown("{% error_summary form %}", form=TwoNames({}))
    assert '<a href="#id_first">First name: This field is required.</a>' in page
    assert '<a href="#id_last">Last name: This field is required.</a>' in page


def test_blocks_keep_what_they_hold():
    page = shown('{% alert kind="wait" title="Wait" %}<p>{{ x }}</p>{% endalert %}', x="a & b")
    assert "<p>a &amp; b</p>" in page
    assert "alert-wait" in page
    assert "<strong>Wait</strong>" in page


def test_the_estimate_of_a_range_is_a_range():
    line = price_line(amount=Money(5_000, "CNY"), high_minor=284_000)
    page = shown("{% figure line %}", line=line, visitor_currency="EUR")
    low, high = page.split("about <bdi>EUR\xa0")[1].split("</bdi>")[0].split("–")
    assert int(low) < 50 < int(high) < 2840
    assert "rate of" in page


def test_the_closed_chip_says_the_date_once():
    page = shown("{% source_chip fact %}", fact=sourced(source="Sixth Tone, 2024-03-26; other"))
    assert "<bdi>Sixth Tone</bdi>, <bdi>26 Mar 2024</bdi>" in page[: page.index("</summary>")]
