"""The pages of quotes: what they show, that they answer once, and that strangers see nothing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from medtour.lib import clock
from messaging import delivery
from messaging.models import Message
from payments.models import Inclusion, Obligation, Quote
from payments.services import quotes
from tests.factories import CaseFactory, OfferFactory, PriceLineFactory
from tests.factories.quotes import (
    accepted_quote,
    change_order,
    drafted_quote,
    final_bill,
    issued_quote,
    quote_line,
    terms,
)

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def offer(hospital):
    return OfferFactory(hospital=hospital, unpriced=True, case=True)


@pytest.fixture
def case(hospital, patient, offer):
    return CaseFactory(hospital=hospital, patient=patient, treatment=offer.treatment)


@pytest.fixture
def quote(case, offer, coordinator):
    return issued_quote(
        case, coordinator, offer=offer, deposit_minor=500_000, insurer_share_minor=1_000_000
    )


@pytest.fixture
def own(client, user):
    client.force_login(user)
    return client


def page(client, name, quote, **extra):
    return client.get(reverse(f"payments:{name}", args=[quote.public_id]), **extra)


def text(response):
    """Return the words of a page with its spaces made plain."""
    return " ".join(response.content.decode().replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_page_says_everything_before_the_answer(own, quote, settings):
    words = text(page(own, "quote", quote))
    for said in (
        "Waiting for your answer",
        "34,500.00",
        "CNY 34,000.00",
        "CNY 35,000.00",
        "CNY 10,000.00",
        "CNY 24,500.00",
        "CNY 25,000.00",
        'CNY 800.00</bdi> to <bdi class="num">CNY 1,000.00',
        "Optional: you decide",
        "Not included",
        "If there are complications, the hospital tells you the price first.",
        'a deposit of <bdi class="num">CNY 5,000.00</bdi>',
        "If you cancel at least 1 day before the start",
        "Set by the hospital for this quote, 23 Nov 2026",
        "You can accept it until",
        "23:59",
    ):
        assert said in words, said
    assert reverse("payments:accept_quote", args=[quote.public_id]) in words
    assert Quote.objects.get().read_at == clock.now()


def test_both_clocks_and_the_home_currency(own, quote):
    own.cookies["visitor_zone"] = "America/New_York"
    own.post(
        reverse("set_place"),
        {"zone": "America/New_York", "currency": "USD", "next": "/en/"},
    )
    words = text(page(own, "quote", quote))
    assert "about <bdi>USD" in words
    assert "10:59" in words


def test_lines_of_the_price_list_carry_source_and_own_words(own, case, offer, coordinator):
    PriceLineFactory(offer=offer, label_en="Surgery", label_ar="جراحة", source="Price list X")
    draft = quotes.draw_up(case, by=coordinator, offer=offer)
    draft = quotes.set_lines(draft, lines=list(draft.lines.all()), terms=terms(likely_minor=80_000))
    sent = quotes.issue_quote(draft, by=coordinator)
    assert "Price list X" in text(page(own, "quote", sent))
    with translation.override("ar"):
        words = text(page(own, "quote", sent))
    assert "جراحة" in words
    assert 'lang="en" dir="auto"' in words


def test_accepting_asks_once_more(own, quote):
    words = text(page(own, "accept_quote", quote))
    assert "Accept this quote?" in words
    address = reverse("payments:accept_quote", args=[quote.public_id])
    answer = own.post(address, {"version": 1})
    assert (answer.status_code, Quote.objects.get().state) == (422, "issued")
    assert "Tick the box when you have read the quote." in text(answer)
    answer = own.post(address, {"version": 1, "has_read": "on"})
    assert answer.status_code == 303
    assert answer["Location"] == reverse("payments:quote", args=[quote.public_id])
    words = text(own.get(answer["Location"]))
    assert "You accepted this quote" in words
    assert (Quote.objects.get().state, Obligation.objects.count()) == ("accepted", 1)
    assert own.post(address, {"version": 1, "has_read": "on"}).status_code == 409
    assert Obligation.objects.count() == 1


def test_declining_keeps_a_reason(own, quote):
    assert "Decline this quote?" in text(page(own, "decline_quote", quote))
    address = reverse("payments:decline_quote", args=[quote.public_id])
    answer = own.post(address, {"version": 1, "reason": "Too dear"})
    assert answer.status_code == 303
    assert Quote.objects.get().decline_reason == "Too dear"
    assert "You declined this version" in text(own.get(answer["Location"]))


@pytest.mark.parametrize("name", ["accept_quote", "decline_quote"])
def test_a_stale_page_shows_what_is_true_now(own, quote, coordinator, name):
    quotes.supersede(quote, by=coordinator)
    address = reverse(f"payments:{name}", args=[quote.public_id])
    answer = own.post(address, {"version": 1, "has_read": "on"})
    shown = own.get(address)
    assert (answer.status_code, shown.status_code) == (409, 302)
    assert "This version was replaced" in text(answer)
    assert "This version was replaced" in text(own.get(shown["Location"]))
    assert set(Quote.objects.values_list("state", flat=True)) == {"superseded", "draft"}


def test_a_wrong_version_is_refused_with_words(own, quote):
    address = reverse("payments:accept_quote", args=[quote.public_id])
    answer = own.post(address, {"version": 2, "has_read": "on"})
    assert answer.status_code == 409
    assert "The hospital has changed this quote in the meantime." in text(answer)
    assert Quote.objects.get().state == "issued"


def test_after_the_last_day_it_says_so(own, quote):
    with clock.freeze(quote.ends_at):
        words = text(page(own, "quote", quote))
    assert "The time to accept this version is over" in words
    assert reverse("payments:accept_quote", args=[quote.public_id]) not in words


def test_a_change_order_shows_each_difference(own, case, coordinator):
    first = accepted_quote(case, coordinator)
    lines = [
        quote_line(),
        quote_line(
            "Ward", 80_000, quantity=Decimal(7), unit="night", high_unit_price_minor=100_000
        ),
        quote_line("Flights", 600_000, inclusion=Inclusion.EXCLUDED),
        quote_line("Blood <b>", 20_000),
    ]
    second = change_order(
        first, coordinator, lines=lines, likely_minor=3_650_000, complications="Another clause."
    )
    words = text(page(own, "quote", second))
    for said in (
        "What would change",
        "One more night",
        "Blood &lt;b&gt;",
        "New</span>",
        "Removed</span>",
        "Changed</span>",
        "CNY 2,000.00</bdi> more",
        "Until you accept, the quote you accepted before stays in force.",
        "written anew",
    ):
        assert said in words, said
    assert "stays in force" not in text(page(own, "quote", first))


def test_the_bill_stands_beside_the_quote(own, case, coordinator):
    quote = accepted_quote(case, coordinator)
    assert page(own, "bill", quote).status_code == 404
    final_bill(quote, coordinator, {"Surgery": 3_000_000, "Ward": 520_000, "Wine": 7_000})
    words = text(page(own, "bill", quote))
    for said in (
        "Part of this bill was not agreed",
        "CNY 270.00",
        "+2.2 %",
        "CNY 35,270.00",
        "CNY 35,000.00",
        "Agreed in part",
        "Not agreed",
        "As agreed by telephone",
    ):
        assert said in words, said
    assert reverse("payments:bill", args=[quote.public_id]) in text(page(own, "quote", quote))


def test_a_billed_line_is_named_as_in_the_quote(own, case, offer, coordinator, user):
    PriceLineFactory(offer=offer, label_en="Surgery", label_ar="جراحة", amount_minor=3_000_000)
    draft = quotes.draw_up(case, by=coordinator, offer=offer)
    lines = list(draft.lines.all())
    draft = quotes.set_lines(draft, lines=lines, terms=terms(likely_minor=3_000_000))
    quotes.issue_quote(draft, by=coordinator)
    quote = quotes.accept_quote(draft, by=user, version=1)
    final_bill(quote, coordinator, {"Surgery": 3_000_000, "Wine": 1})
    with translation.override("ar"):
        words = text(page(own, "bill", quote))
    assert "جراحة" in words
    assert '<bdi lang="en">Wine</bdi>' in words


def test_a_draft_is_not_there_for_the_patient(own, case, coordinator):
    draft = drafted_quote(case, coordinator)
    assert page(own, "quote", draft).status_code == 404


@pytest.mark.parametrize("name", ["quote", "accept_quote", "decline_quote", "bill"])
def test_strangers_and_staff_find_nothing(client, quote, stranger, coordinator, name):
    for person in (stranger, coordinator):
        client.force_login(person)
        assert page(client, name, quote).status_code == 404
        address = reverse(f"payments:{name}", args=[quote.public_id])
        assert client.post(address, {"version": 1, "has_read": "on"}).status_code in (404, 405)
    assert Quote.objects.get().state == "issued"
    assert Quote.objects.get().read_at is None


def test_my_care_and_the_case_lead_to_it(own, quote, case):
    address = reverse("payments:quote", args=[quote.public_id])
    assert address in text(own.get(reverse("bookings:care")))
    words = text(own.get(reverse("bookings:case", args=[case.public_id])))
    assert address in words
    assert "Quote sent to you" in words


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number(
    own, case, coordinator, django_assert_num_queries, count
):
    quote = accepted_quote(case, coordinator)
    for _time in range(count):
        lines = [quote_line(f"Line {number}") for number in range(count)]
        quote = change_order(quote, coordinator, lines=lines, likely_minor=3_000_000 * count)
    page(own, "quote", quote)
    with django_assert_num_queries(6):
        page(own, "quote", quote)


@pytest.mark.parametrize("count", [1, 3])
def test_the_bill_takes_the_same_queries_for_any_number(
    own, case, coordinator, django_assert_num_queries, count
):
    quote = accepted_quote(case, coordinator)
    final_bill(quote, coordinator, {f"Line {number}": 10 for number in range(count)})
    page(own, "bill", quote)
    with django_assert_num_queries(4):
        page(own, "bill", quote)


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_the_messages_say_no_sum_and_no_treatment(case, coordinator, user, language, settings):
    settings.SITE_URL = "https://medtour.example"
    user.locale = language
    user.save()
    quote = issued_quote(case, coordinator)
    with clock.freeze(quote.ends_at - dt.timedelta(days=1)):
        delivery.deliver_all_due()
    found = {row.kind: row for row in Message.objects.all()}
    assert {row.status for row in found.values()} == {"sent"}
    for row in found.values():
        assert quote.public_id in row.body
        assert case.treatment.name_en not in row.subject + row.body
        assert "34" not in row.subject
        assert "ANNA" not in row.subject + row.body


def test_a_reminder_about_an_answered_quote_is_not_sent(case, coordinator):
    quote = accepted_quote(case, coordinator)
    with clock.freeze(quote.ends_at - dt.timedelta(days=1)):
        delivery.deliver_all_due()
    states = dict(Message.objects.values_list("kind", "status"))
    assert states == {
        "payments.quote_issued": "suppressed",
        "payments.quote_expiring": "suppressed",
        "payments.quote_accepted": "sent",
    }
