"""Who is let in: tokens for credentials, and every address against everybody who has no right."""

import base64
import datetime as dt

import pytest
from django.urls import get_resolver

from medtour.middleware import PROGRAM_MARK as MARK
from payments.api.door import OPEN
from payments.machine_scopes import Scope
from payments.models import MachineClient
from payments.services.insurance import machines
from payments.services.insurance.guarantee_moves import submit_guarantee
from tests.factories.guarantees import covered, drafted
from tests.factories.hospitals import InsurerFactory
from tests.factories.insurance import NetworkHospitalFactory
from tests.factories.machines import bearer, machine_of, token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
CANARIES = (b"HIP-CANARY", b"CANARY77", b"GOLDPLAN")
POSTS = (
    "/api/v1/eligibility",
    "/fhir/CoverageEligibilityRequest",
    "/fhir/Claim",
    "/fhir/ClaimResponse",
)
LISTS = (
    "/fhir/Claim",
    "/fhir/ClaimResponse",
    "/fhir/Coverage",
    "/fhir/Organization",
    "/fhir/Appointment",
    "/fhir/Slot",
)


@pytest.fixture
def sent(db):
    """A request of one member with recognisable contents, at the insurer."""
    cover = covered()
    cover.member.number = "CANARY77"
    cover.member.save()
    cover.plan.code = "goldplan"
    cover.plan.save()
    NetworkHospitalFactory(network=cover.plan.terms.get().network)
    draft = drafted(coverage=cover, clinical_note="HIP-CANARY")
    return submit_guarantee(
        draft, by=draft.case.opened_by, row_version=draft.row_version, despite_lead_time=True
    )


@pytest.fixture
def ones(sent):
    """Addresses of single things of the sent request's insurer."""
    appointment = sent.appointment
    return (
        f"/fhir/Claim/{sent.public_id}",
        f"/fhir/ClaimResponse/{sent.public_id}",
        f"/fhir/Coverage/{sent.coverage.public_id}",
        f"/fhir/Appointment/{appointment.public_id}",
        f"/fhir/Slot/{appointment.slot.public_id}",
    )


def calls(client, ones, headers):
    for address in POSTS:
        yield address, client.post(address, b"{}", content_type="application/json", **headers)
    for address in (*LISTS, *ones):
        yield address, client.get(address, **headers)


def test_the_owner_sees_all_of_it(client, sent, ones):
    """The negative control of the matrix below: these addresses do hold the canaries."""
    headers = bearer(token_of(machine_of(sent.insurer)))
    seen = b""
    for address in (*LISTS, *ones):
        response = client.get(address, **headers)
        assert response.status_code == 200, (address, response.content)
        assert response["Content-Type"] == "application/fhir+json"
        seen += response.content.upper()
    assert [canary for canary in CANARIES if canary not in seen] == []


@pytest.mark.parametrize(
    "who", ["nobody", "made_up", "expired", "inactive", "suspended", "elsewhere", "no_scope"]
)
def test_nobody_without_a_right_gets_a_byte(client, sent, ones, who, operator):
    machine = machine_of(sent.insurer)
    token = token_of(machine)
    if who == "expired":
        token = token_of(machine, lives=dt.timedelta(seconds=-1))
    if who == "inactive":
        machines.set_active(machine, is_active=False, by=operator)
    if who == "suspended":
        machines.suspend_insurer(sent.insurer, reason="contract ended", by=operator)
    if who == "elsewhere":
        MachineClient.objects.update(allowed_addresses=["203.0.113.9"])
    if who == "no_scope":
        token = token_of(machine, "openid")
    headers = {"nobody": {}, "made_up": bearer("made-up")}.get(who, bearer(token))
    expected = 403 if who in ("elsewhere", "no_scope") else 401
    for address, response in calls(client, ones, headers):
        assert response.status_code == expected, (who, address)
        assert not [canary for canary in CANARIES if canary in response.content.upper()]


def test_another_insurers_program_finds_nothing(client, sent, ones):
    headers = bearer(token_of(machine_of(InsurerFactory())))
    for address, response in calls(client, ones, headers):
        if address in ones:
            assert response.status_code == 404, address
        elif response.status_code == 200:
            assert response.json() == {"resourceType": "Bundle", "type": "searchset", "total": 0}
        else:
            assert response.status_code == 422, address
        assert not [canary for canary in CANARIES if canary in response.content.upper()]


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_opens_what_its_scope_says(client, sent, ones, scope):
    """With one scope only, an address answers exactly when it declares that scope."""
    headers = bearer(token_of(machine_of(sent.insurer), scope))
    needed = {
        "/fhir/Claim": Scope.GUARANTEE_READ,
        "/fhir/ClaimResponse": Scope.GUARANTEE_READ,
        "/fhir/Coverage": Scope.GUARANTEE_READ,
        "/fhir/Organization": Scope.NETWORK_READ,
        "/fhir/Appointment": Scope.APPOINTMENT_READ,
        "/fhir/Slot": Scope.APPOINTMENT_READ,
    }
    for address, need in needed.items():
        assert client.get(address, **headers).status_code == (200 if need == scope else 403)


def test_a_withdrawn_consent_closes_the_appointment(client, sent, ones):
    headers = bearer(token_of(machine_of(sent.insurer)))
    sent.case.patient.consents.update(withdrawn_at=sent.submitted_at)
    assert [client.get(address, **headers).status_code for address in ones[-2:]] == [404, 404]


def test_an_ended_request_closes_the_appointment(client, sent, ones):
    headers = bearer(token_of(machine_of(sent.insurer)))
    type(sent).objects.filter(pk=sent.pk).update(state="withdrawn")
    assert [client.get(address, **headers).status_code for address in ones[-2:]] == [404, 404]


def test_a_draft_is_nobodys_but_the_hospitals(client, db):
    draft = drafted(coverage=covered())
    headers = bearer(token_of(machine_of(draft.insurer)))
    assert client.get(f"/fhir/Claim/{draft.public_id}", **headers).status_code == 404
    assert client.get("/fhir/Claim", **headers).json()["total"] == 0


def test_too_many_calls_in_a_minute_are_refused(client, insurer, auth, settings):
    settings.MACHINE_CALLS_PER_MINUTE = 2
    codes = [client.get("/fhir/Coverage", **auth).status_code for _time in range(3)]
    assert codes == [200, 200, 429]


def test_programs_get_no_cookie_and_nothing_to_store_or_show(client, auth):
    client.cookies["sessionid"] = "somebody"
    response = client.get("/fhir/Coverage", **auth)
    assert response.status_code == 200
    assert not response.cookies
    assert int(response["Content-Length"]) == len(response.content)
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def basic(client_id, secret):
    return {
        "HTTP_AUTHORIZATION": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    }


GRANT = {"grant_type": "client_credentials"}


@pytest.fixture
def made(insurer, operator):
    return machines.create_client(
        insurer, name="Core", scopes=[Scope.NETWORK_READ, Scope.ELIGIBILITY], by=operator
    )


def test_credentials_bring_a_token_that_works(client, made):
    machine, secret = made
    answer = client.post("/oauth/token", GRANT, **basic(machine.client_id, secret))
    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    assert set(token["scope"].split()) == {"network.read", "eligibility.check"}
    assert answer["Cache-Control"] == "no-store"
    headers = bearer(token["access_token"])
    assert client.get("/fhir/Organization", **headers).status_code == 200
    assert client.get("/fhir/Coverage", **headers).status_code == 403


def test_fewer_scopes_can_be_asked_but_not_more(client, made):
    machine, secret = made
    less = client.post(
        "/oauth/token", GRANT | {"scope": "network.read"}, **basic(machine.client_id, secret)
    )
    assert less.json()["scope"] == "network.read"
    more = client.post(
        "/oauth/token", GRANT | {"scope": "guarantee.write"}, **basic(machine.client_id, secret)
    )
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("fault", ["secret", "unknown", "inactive", "suspended", "elsewhere"])
def test_wrong_credentials_all_look_the_same(client, made, fault, operator, insurer):
    machine, secret = made
    client_id = machine.client_id
    if fault == "secret":
        secret = "wrong"
    if fault == "unknown":
        client_id = "nobody"
    if fault == "inactive":
        machines.set_active(machine, is_active=False, by=operator)
    if fault == "suspended":
        machines.suspend_insurer(insurer, reason="contract ended", by=operator)
    if fault == "elsewhere":
        MachineClient.objects.update(allowed_addresses=["203.0.113.9"])
    answer = client.post("/oauth/token", GRANT, **basic(client_id, secret))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("grant", ["", "password", "authorization_code", "refresh_token"])
def test_no_other_grant_is_known(client, made, grant):
    machine, secret = made
    answer = client.post("/oauth/token", {"grant_type": grant}, **basic(machine.client_id, secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_a_new_secret_ends_the_old_one_and_its_tokens(client, made, operator):
    machine, secret = made
    token = client.post("/oauth/token", GRANT, **basic(machine.client_id, secret)).json()
    renewed = machines.renew_secret(machine, by=operator)
    headers = bearer(token["access_token"])
    assert client.get("/fhir/Organization", **headers).status_code == 401
    old, new = (
        client.post("/oauth/token", GRANT, **basic(machine.client_id, word)).status_code
        for word in (secret, renewed)
    )
    assert (old, new) == (401, 200)


def machine_views(patterns=None, prefix=""):
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        address = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from machine_views(pattern.url_patterns, address)
        elif address.startswith(("api/", "fhir/", "oauth/")):
            yield address, pattern.callback


def test_every_address_of_programs_declares_its_scope():
    found = dict(machine_views())
    marks = {address: getattr(view, MARK, None) for address, view in found.items()}
    assert {address for address, mark in marks.items() if mark == OPEN} == {
        "api/v1/openapi.json",
        "fhir/metadata",
        "oauth/token",
    }
    assert [address for address, mark in marks.items() if mark not in (OPEN, *Scope)] == []
    by_method = [view.scopes for view in found.values() if hasattr(view, "scopes")]
    assert by_method == [{"get": Scope.GUARANTEE_READ, "post": Scope.GUARANTEE_WRITE}] * 2
    assert len(found) > 15
