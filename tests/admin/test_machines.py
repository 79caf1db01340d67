"""Operators make clients of insurers; the secret is shown by the answer and kept nowhere."""

import pytest
from allauth.idp.oidc.models import Client, Token
from django.contrib import admin
from django.urls import reverse

from accounts.models import AuditEntry
from payments.models import InsurerConnection, InsurerSuspension, MachineClient
from tests.factories.hospitals import InsurerFactory
from tests.factories.machines import machine_of, token_of

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("lenient_templates")]
ADD = "admin:payments_machineclient_add"


def test_a_new_clients_secret_is_shown_once(client, operator):
    client.force_login(operator)
    insurer = InsurerFactory()
    answer = client.post(
        reverse(ADD),
        {
            "insurer": insurer.pk,
            "name": "Core",
            "scopes": ["network.read"],
            "allowed_addresses": "",
        },
    )
    machine = MachineClient.objects.get()
    provider = Client.objects.get(pk=machine.client_id)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert provider.check_secret(secret)
    assert provider.get_scopes() == ["network.read"]
    assert provider.get_grant_types() == ["client_credentials"]
    page = client.get(reverse("admin:payments_machineclient_change", args=[machine.pk]))
    assert page.status_code == 200
    assert secret not in page.content.decode()


def test_a_client_without_anything_it_may_do_is_not_made(client, operator):
    client.force_login(operator)
    answer = client.post(reverse(ADD), {"insurer": InsurerFactory().pk, "name": "Core"})
    assert answer.status_code == 200
    assert not MachineClient.objects.exists()


def test_a_clients_page_says_what_it_may_do_and_shuts_the_door(client, operator):
    client.force_login(operator)
    machine = machine_of(InsurerFactory())
    address = reverse("admin:payments_machineclient_change", args=[machine.pk])
    assert "Read the hospitals of own networks" in client.get(address).content.decode()
    for fields in ({"is_active": "on"}, {}):
        client.post(
            address, {"name": "Renamed", "allowed_addresses": "10.0.0.1,10.0.0.2", **fields}
        )
    machine.refresh_from_db()
    assert (machine.name, machine.is_active) == ("Renamed", False)
    assert machine.allowed_addresses == ["10.0.0.1", "10.0.0.2"]
    noted = AuditEntry.objects.filter(action__startswith="insurance.client")
    assert [entry.action for entry in noted] == ["insurance.client_deactivate"]


CONNECTION = {"base_url": "https://fhir.insurer.example/r4", "secret_name": "core"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"base_url": "https://elsewhere.example/r4"}, "base_url"),
        ({"base_url": "http://fhir.insurer.example/r4"}, "base_url"),
        ({"secret_name": "nobody set it"}, "secret_name"),
        ({}, None),
    ],
)
def test_a_connection_that_could_never_work_is_told_at_once(
    client, operator, settings, wrong, field
):
    settings.INSURER_HOSTS = ["fhir.insurer.example"]
    settings.INSURER_SECRETS = {"core": "word"}
    client.force_login(operator)
    address = reverse("admin:payments_insurerconnection_add")
    assert client.get(address).status_code == 200
    sent = {"insurer": InsurerFactory().pk, "is_active": "on", **CONNECTION, **wrong}
    answer = client.post(address, sent)
    if field is None:
        assert answer.status_code == 302
        assert InsurerConnection.objects.get().base_url == CONNECTION["base_url"]
    else:
        assert list(answer.context["adminform"].form.errors) == [field]
        assert not InsurerConnection.objects.exists()


def test_a_new_secret_asks_first_and_ends_the_tokens(client, operator):
    client.force_login(operator)
    machine = machine_of(InsurerFactory())
    token_of(machine)
    address = reverse("admin:payments_machineclient_renew", args=[machine.pk])
    assert client.get(address).context["secret"] == ""
    assert Token.objects.count() == 1
    assert client.post(address).context["secret"]
    assert Token.objects.count() == 0


def test_an_insurer_is_suspended_and_let_in_again(client, operator):
    client.force_login(operator)
    insurer = InsurerFactory()
    added = client.post(
        reverse("admin:payments_insurersuspension_add"),
        {"insurer": insurer.pk, "reason": "contract ended"},
    )
    assert added.status_code == 302
    row = InsurerSuspension.objects.get(insurer=insurer)
    gone = client.post(
        reverse("admin:payments_insurersuspension_delete", args=[row.pk]), {"post": "yes"}
    )
    assert gone.status_code == 302
    assert not InsurerSuspension.objects.exists()


@pytest.mark.parametrize("page", ["changelist", "add"])
def test_hospital_staff_see_no_clients(client, coordinator, page):
    client.force_login(coordinator)
    machine_of(InsurerFactory())
    answer = client.get(reverse(f"admin:payments_machineclient_{page}"))
    assert answer.status_code in (403, 404)


def test_the_providers_own_pages_are_not_there():
    assert {Client, Token} & set(admin.site._registry) == set()
