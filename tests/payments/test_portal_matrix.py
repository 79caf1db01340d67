"""Every address of the insurer's portal, walked: nobody else gets in, and no page leaks a byte.

A page that is added is in here by construction: the walk takes the addresses from the URL table.
"""

import pytest
from django.urls import reverse

from medtour.lib import clock
from payments.models import InsurerOfficer
from payments.portal_urls import urlpatterns
from tests.factories.insurance import InsurerFactory
from tests.factories.portal import desk, seat
from tests.kept import kept
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.long, pytest.mark.django_db]
ROUTES = {pattern.name: pattern for pattern in urlpatterns}
# Without an object in its address a page shows a person's own things, or nothing.
LISTS = {
    "check_batches",
    "check_cover",
    "insurer_claims",
    "insurer_desk",
    "insurer_listing",
    "insurer_members",
    "insurer_network",
    "insurer_remittances",
    "insurer_statement",
    "insurer_trail",
    "members_file",
    "remittance_file",
    "statement_file",
    "trail_file",
}
# What binds the insurer: for officers only.
DECISIONS = {
    "answer_appeal", "approve", "decide_claim", "decline", "members_file", "pay_claim",
    "remittance_file",
}  # fmt: skip


world = kept(desk)


def addresses(world):
    """Return every address with this desk's own records in it; an unknown name fails here."""
    return {
        name: reverse(
            f"payments:{name}",
            kwargs={part: world.arguments[part] for part in pattern.pattern.converters},
        )
        for name, pattern in ROUTES.items()
    }


def own_document(world):
    return {"claim_document": world.claim.documents.first().document.public_id}


def answers(client, world):
    for name, address in addresses(world).items():
        for method in ("get", "post"):
            yield name, method, getattr(client, method)(address)


def body(response):
    content = b"".join(response) if response.streaming else response.content
    return content.decode("utf-8", "replace")


def assert_no_leak(world, name, response):
    leaked = [secret for secret in world.secrets if secret in body(response)]
    assert leaked == [], name


def test_every_address_without_an_object_is_known():
    bare = {name for name, route in ROUTES.items() if set(route.pattern.converters) <= {"kind"}}
    assert bare == LISTS


@pytest.mark.parametrize("who", ["patient", "stranger", "coordinator", "cashier", "operator"])
def test_for_everybody_outside_the_portal_does_not_exist(client, world, request, who):
    person = {
        "patient": lambda: world.guarantee.case.patient.account,
        "cashier": lambda: world.hospital.memberships.first().user,
    }.get(who, lambda: request.getfixturevalue(who))()
    sign_in_with_second_step(client, person)
    for name, method, response in answers(client, world):
        assert response.status_code in (404, 405), (name, method)
        assert_no_leak(world, name, response)


def test_a_suspended_officer_finds_nothing(client, world):
    sign_in_with_second_step(client, world.officer.user)
    InsurerOfficer.objects.filter(pk=world.officer.pk).update(suspended_at=clock.now())
    for name, method, response in answers(client, world):
        assert response.status_code in (404, 405), (name, method)
        assert_no_leak(world, name, response)


@pytest.mark.parametrize("is_signed_in", [True, False])
def test_the_log_in_or_the_second_step_comes_first(client, world, is_signed_in):
    if is_signed_in:
        client.force_login(world.officer.user)
    for name, method, response in answers(client, world):
        assert response.status_code in (302, 405), (name, method)
        if response.status_code == 302:
            assert "/account/" in response["Location"], name
        assert_no_leak(world, name, response)


@pytest.mark.parametrize("is_liaison", [True, False])
def test_another_insurer_finds_no_record_and_its_lists_are_empty(client, world, is_liaison):
    rival = seat(InsurerFactory(), world.hospital if is_liaison else None)
    sign_in_with_second_step(client, rival.user)
    for name, method, response in answers(client, world):
        if name in LISTS:
            assert response.status_code in (200, 403, 404, 405, 422), (name, method)
        else:
            allowed = (403, 404, 405) if is_liaison and name in DECISIONS else (404, 405)
            assert response.status_code in allowed, (name, method)
        assert_no_leak(world, name, response)


def test_a_liaison_elsewhere_finds_no_request_claim_or_answer(client, world, other_hospital):
    away = seat(world.insurer, other_hospital)
    sign_in_with_second_step(client, away.user)
    for name, method, response in answers(client, world):
        if name == "insurer_member":
            # The member may stand before any liaison; what other hospitals did is not there.
            assert world.claim.reference not in body(response)
            assert world.guarantee.reference not in body(response)
            continue
        if name not in LISTS:
            assert response.status_code in (403, 404, 405), (name, method)
        assert_no_leak(world, name, response)


def test_a_liaison_at_the_hospital_reads_everything_and_decides_nothing(client, world):
    liaison = seat(world.insurer, world.hospital)
    sign_in_with_second_step(client, liaison.user)
    for name, method, response in answers(client, world):
        if name in DECISIONS:
            assert response.status_code == 403, (name, method)
            assert "Only an officer of the insurer decides about money." in body(response)
            assert_no_leak(world, name, response)
        elif method == "get" and name not in ("batch_answers", "batch_file", "claim_document"):
            assert response.status_code in (200, 302), (name, method)


def test_the_officer_finds_every_page_and_every_secret(client, world):
    """The negative control: the same walk opens everything to the one whose desk it is."""
    sign_in_with_second_step(client, world.officer.user)
    seen = ""
    for name, address in addresses(world).items():
        if name == "claim_document":
            own = own_document(world)[name]
            address = reverse(f"payments:{name}", args=[world.claim.public_id, own])
        response = client.get(address, {"state": "all"})
        assert response.status_code in (200, 302), name
        seen += body(response)
    assert [secret for secret in world.secrets if secret not in seen] == []
