"""How an offer's editors say which deposit is asked for."""

import pytest
from django.urls import reverse

from tests.admin.test_supply import offer_form
from tests.factories import PayeeAccountFactory

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def save(client, coordinator, offer):
    client.force_login(coordinator)
    address = reverse("admin:hospitals_offer_change", args=[offer.pk])

    def post(**fields):
        form = offer_form(offer, **fields, **{"price_lines-TOTAL_FORMS": 1})
        response = client.post(address, form)
        offer.refresh_from_db()
        return response

    return post


def rule(offer):
    return offer.asks_deposit_online, offer.deposit_minor, offer.deposit_percent


@pytest.fixture
def payee(offer):
    return PayeeAccountFactory(hospital=offer.hospital)


def test_a_deposit_that_nobody_could_pay_is_not_put_on_sale(save, offer, payee):
    payee.holder_name = "Somebody Else Trading Co"
    payee.save()
    before = rule(offer)
    response = save(deposit_kind="percent", deposit_percent="20")
    errors = response.context["adminform"].form.errors
    assert list(errors) == ["is_published"]
    assert "no verified account yet" in errors["is_published"][0]
    assert (rule(offer), offer.is_published) == (before, True)
    assert save(deposit_kind="percent", deposit_percent="20", is_published="").status_code == 302
    assert (rule(offer), offer.is_published) == ((True, None, 20), False)
    response = save(deposit_kind="percent", deposit_percent="20")
    assert list(response.context["adminform"].form.errors) == ["is_published"]


def test_texts_of_an_offer_on_sale_can_be_corrected_after_its_payee_lapsed(save, offer, payee):
    assert save(deposit_kind="percent", deposit_percent="20").status_code == 302
    payee.is_active = False
    payee.save()
    again = save(deposit_kind="percent", deposit_percent="20", title_en="A corrected title")
    assert again.status_code == 302
    assert offer.title_en == "A corrected title"


def test_none_fixed_and_percent(save, offer, payee):
    assert save(deposit_kind="fixed", deposit_amount="250.50").status_code == 302
    assert rule(offer) == (True, 25_050, None)
    assert save(deposit_kind="percent", deposit_percent="20").status_code == 302
    assert rule(offer) == (True, None, 20)
    assert save(deposit_kind="none", deposit_percent="20").status_code == 302
    assert rule(offer) == (False, None, None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"deposit_kind": "fixed"}, "deposit_amount"),
        ({"deposit_kind": "fixed", "deposit_amount": "0"}, "deposit_amount"),
        ({"deposit_kind": "percent"}, "deposit_percent"),
        ({"deposit_kind": "percent", "deposit_percent": "101"}, "deposit_percent"),
    ],
)
def test_a_deposit_that_says_nothing_is_refused(save, offer, payee, fields, wrong):
    before = rule(offer)
    response = save(**fields)
    assert list(response.context["adminform"].form.errors) == [wrong]
    assert rule(offer) == before


def test_a_policy_of_another_hospital_cannot_be_chosen(save, offer, other_hospital, operator):
    from hospitals.services.cancellation_policies import first_version

    foreign = first_version(other_hospital, name="Theirs", bands=[[24, 100]], by=operator)
    response = save(deposit_kind="none", cancellation_policy=foreign.pk)
    assert list(response.context["adminform"].form.errors) == ["cancellation_policy"]
    assert offer.cancellation_policy is None
