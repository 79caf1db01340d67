"""My care → How we reach you: a proven number, agreements word for word, nobody else's (MS-03)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import delivery
from messaging.models import ChannelConsent, ContactPoint, Message, ReachPreference
from messaging.services import contacts
from messaging.services.contacts import CodeOver, TooManyCodes, WrongCode, add_number, prove_number
from tests.factories import UserFactory
from tests.messaging.reached import NUMBER, agreed, with_number

pytestmark = pytest.mark.django_db

PAGE = "/en/care/reach/"
MINUTE = dt.timedelta(minutes=1)


def code_of(provider):
    return provider.taken[-1]["text"][:6]


@pytest.fixture
def asked(sms, user, frozen):
    contact = add_number(user, NUMBER, channel="sms")
    assert delivery.deliver_all_due() == 1
    return contact


def test_a_number_is_used_only_once_its_code_came_back(asked, sms, user, frozen):
    assert sms.taken[0]["to"] == NUMBER
    assert sms.taken[0]["text"].endswith("is your Medtour code. Do not give it to anybody.")
    assert asked.verified_at is None
    assert prove_number(user, f" {code_of(sms)} ").verified_at == frozen
    assert NUMBER not in str(ContactPoint.objects.filter(pk=asked.pk).values_list("fingerprint"))
    assert (Message.objects.get().body, Message.objects.get().context) == ("", {})


def test_the_code_by_whatsapp_is_the_approved_template(whatsapp, user, frozen):
    add_number(user, NUMBER, channel="whatsapp")
    delivery.deliver_all_due()
    template = whatsapp.taken[0]["template"]
    assert template["name"] == "medtour_code_1"
    body, button = template["components"]
    assert body["parameters"] == button["parameters"]
    assert len(body["parameters"][0]["text"]) == 6


def test_five_wrong_codes_end_it(asked, sms, user):
    for _try in range(5):
        with pytest.raises(WrongCode):
            prove_number(user, "000000x")
    with pytest.raises(CodeOver):
        prove_number(user, code_of(sms))
    assert ContactPoint.objects.get().verified_at is None


def test_a_code_runs_out(asked, sms, user, frozen):
    with pytest.raises(CodeOver):
        prove_number(user, code_of(sms), now=frozen + 15 * MINUTE)


def test_a_stranger_cannot_prove_it(asked, sms, stranger):
    with pytest.raises(CodeOver):
        prove_number(stranger, code_of(sms))


def test_codes_are_few_so_that_nobody_is_rung_by_us(sms, user, frozen):
    for _time in range(3):
        add_number(user, NUMBER, channel="sms")
    with pytest.raises(TooManyCodes):
        add_number(user, NUMBER, channel="sms")
    assert ContactPoint.objects.count() == 3
    add_number(user, NUMBER, channel="sms", now=frozen + 61 * MINUTE)
    assert ContactPoint.objects.filter(removed_at=None).count() == 1


def test_many_accounts_cannot_ring_one_telephone(sms, frozen):
    for number, hours in enumerate([0, 0, 0, 2, 2, 2, 4, 4, 4, 6]):
        later = frozen + hours * 60 * MINUTE
        add_number(UserFactory(), NUMBER, channel="sms", now=later)
        if number % 3 == 2:
            with pytest.raises(TooManyCodes):
                add_number(UserFactory(), NUMBER, channel="sms", now=later)
    with pytest.raises(TooManyCodes):
        add_number(UserFactory(), NUMBER, channel="sms", now=frozen + 23 * 60 * MINUTE)
    assert ContactPoint.objects.count() == Message.objects.count() == 10
    add_number(UserFactory(), NUMBER, channel="sms", now=frozen + 24 * 60 * MINUTE)


def test_one_address_cannot_ring_many_telephones(client, sms, frozen):
    for number in range(11):
        client.force_login(UserFactory())
        asked = {"number": f"+9769911{number:04d}", "channel": "sms"}
        status = client.post(f"{PAGE}number/", asked).status_code
        assert status == (303 if number < 10 else 422)
    assert Message.objects.count() == 10


@pytest.mark.parametrize("typed", ["99112233", "+123", "abc", "", "+976 9911"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(contacts.NotANumber):
        contacts.normalised_number(typed)


def test_numbers_are_kept_in_one_form():
    assert contacts.normalised_number(" +976 9911-2233 ") == NUMBER


def test_the_page_takes_a_number_its_code_and_the_wishes(client, sms, user, frozen):
    client.force_login(user)
    answer = client.post(f"{PAGE}number/", {"number": NUMBER, "channel": "sms"})
    assert (answer.status_code, answer["Location"]) == (303, PAGE)
    delivery.deliver_all_due()
    assert "We sent a code to" in client.get(PAGE).content.decode()
    wrong = client.post(f"{PAGE}number/code/", {"code": "000000"})
    assert wrong.status_code == 422
    assert client.post(f"{PAGE}number/code/", {"code": code_of(sms)}).status_code == 303
    saved = client.post(
        PAGE, {"service_sms": "on", "preferred": "sms", "place": "china", "second_language": "ru"}
    )
    assert saved.status_code == 303
    consent = ChannelConsent.objects.get(withdrawn_at=None)
    assert (consent.category, consent.channel, consent.language) == ("service", "sms", "en")
    assert consent.text.startswith("Tell me by text message (SMS) when there is news")
    assert (consent.given_at, consent.source) == (frozen, "how_we_reach_you")
    reach = ReachPreference.objects.get()
    assert (reach.preferred, reach.place, reach.second_language) == ("sms", "china", "ru")
    # The box for follow-up by mail was not ticked: that is an end of what goes without asking.
    ended = ChannelConsent.objects.get(given_at=None)
    assert (ended.category, ended.channel) == ("follow_up", "email")


def test_an_ended_tick_keeps_its_record(client, sms, user, frozen):
    with_number(user)
    agreed(user, "sms")
    client.force_login(user)
    client.post(PAGE, {"place": "automatic", "follow_up_email": "on"})
    row = ChannelConsent.objects.get(channel="sms")
    assert (row.text, row.withdrawn_at, row.withdrawn_by) == (
        "Tell me",
        frozen,
        "how_we_reach_you",
    )


def test_boxes_for_phones_need_a_proven_number(client, sms, user):
    client.force_login(user)
    client.post(PAGE, {"service_sms": "on", "place": "automatic", "preferred": "sms"})
    assert ChannelConsent.objects.filter(channel="sms").count() == 0


def test_the_page_shows_only_ones_own_number(client, sms, user, stranger):
    with_number(user, number="+79161234567")
    client.force_login(user)
    assert b"+79161234567" in client.get(PAGE).content
    client.force_login(stranger)
    assert b"+79161234567" not in client.get(PAGE).content


def test_without_providers_nothing_about_phones_is_offered(client, user):
    client.force_login(user)
    page = client.get(PAGE).content.decode()
    assert "Mobile number" not in page
    assert 'name="service_whatsapp"' not in page


def test_removing_a_number_ends_its_use(client, sms, user, frozen):
    with_number(user)
    client.force_login(user)
    client.post(f"{PAGE}number/remove/")
    assert ContactPoint.objects.get().removed_at == frozen


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_four_queries_of_ours(client, sms, user, count):
    for category in ("service", "follow_up", "marketing")[:count]:
        agreed(user, "sms", category=category)
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        client.get(PAGE)
    assert len([q for q in queries if '"messaging_' in q["sql"]]) == 4
