import pytest
from django.urls import reverse

from hospitals.models import Insurer
from medtour.lib import clock
from payments.models import InsurerOfficer
from tests.people import sign_in_with_second_step

pytestmark = pytest.mark.django_db


@pytest.fixture
def insurers(officer, hospital):
    mine, other = (
        Insurer.objects.create(
            slug=slug, name=name, kind="insurer", source="Test list", as_of="2026", confidence="low"
        )
        for slug, name in (("mine", "Harbour Health"), ("other", "Northern Mutual"))
    )
    InsurerOfficer.objects.create(user=officer, insurer=mine)
    mine.direct_billing_hospitals.add(hospital)
    return mine, other


def test_an_officer_sees_only_their_own_insurer(client, officer, insurers):
    sign_in_with_second_step(client, officer)

    page = client.get(reverse("payments:insurer_listing"))

    text = page.content.decode()
    assert page.status_code == 200
    assert "Harbour Health" in text
    assert "First Hospital" in text
    assert "Test list" in text
    assert "Northern Mutual" not in text


def test_everybody_else_is_turned_away(client, stranger, insurers):
    assert client.get(reverse("payments:insurer_desk")).status_code == 302
    client.force_login(stranger)

    page = client.get(reverse("payments:insurer_desk"))

    assert page.status_code == 404
    assert b"Harbour Health" not in page.content


def test_the_desk_waits_for_the_second_step(client, officer, insurers):
    """A password alone, or a code sent by mail, never opens other people's records (SE-06)."""
    client.force_login(officer)

    page = client.get(reverse("payments:insurer_desk"))

    assert page.status_code == 302
    assert page.url == "/en/account/second-step/totp/activate/?next=%2Fen%2Finsurer%2F"


def test_a_suspended_officer_finds_nothing(client, officer, insurers):
    sign_in_with_second_step(client, officer)
    InsurerOfficer.objects.filter(user=officer).update(suspended_at=clock.now())

    assert client.get(reverse("payments:insurer_desk")).status_code == 404


def test_signing_in_leads_an_officer_to_their_desk(client, officer, insurers):
    client.force_login(officer)

    assert client.get(reverse("after_login")).url == reverse("payments:insurer_desk")
