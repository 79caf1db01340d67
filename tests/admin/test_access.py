"""Who may open which page of the desk: every registered page, every kind of person (SE-01)."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from accounts.models import AuditEntry
from hospitals.models.staff import Role

ALL = set(Role)
PLANNING = {Role.COORDINATOR, Role.SCHEDULER}
CARE = PLANNING | {Role.DOCTOR}
QUOTING = {Role.COORDINATOR, Role.CASHIER, Role.DOCTOR}
EDITING = {Role.COORDINATOR, Role.EDITOR}
MONEY = {Role.COORDINATOR, Role.CASHIER}
# model -> who of the own hospital's staff may read it, who may change it in a form
STAFF_PAGES = {
    "bookings.appointment": (CARE | {Role.CASHIER}, set()),
    "bookings.case": (CARE, set()),
    "bookings.windowrequest": (CARE, set()),
    "bookings.complaint": ({Role.COORDINATOR, Role.DOCTOR}, set()),
    "bookings.followuptask": (CARE, set()),
    "bookings.followupplan": (CARE, set()),
    "payments.quote": (QUOTING, set()),
    "payments.finalbill": (QUOTING, set()),
    "payments.obligation": (MONEY, set()),
    "payments.payment": (MONEY, set()),
    "payments.refund": (MONEY, set()),
    "payments.refundclaim": (MONEY, set()),
    "payments.depositgap": (MONEY, set()),
    "payments.dispute": (MONEY, set()),
    "payments.fapiaorequest": (MONEY, set()),
    "payments.guarantee": (MONEY, set()),
    "payments.insuranceclaim": (MONEY, set()),
    "payments.moneyalert": (MONEY, set()),
    "payments.reconciliationrun": (MONEY, set()),
    "hospitals.cancellationpolicy": (EDITING | MONEY, set()),
    "bookings.waitingentry": (PLANNING, set()),
    "bookings.slot": (CARE, set()),
    "bookings.schedule": (CARE, PLANNING),
    "bookings.scheduleexception": (CARE, set()),
    "hospitals.offer": (ALL, EDITING),
    "hospitals.doctor": (ALL, EDITING),
    "hospitals.interpreter": (ALL, EDITING),
    "hospitals.equipment": (ALL, EDITING),
    "hospitals.hospital": (ALL, set()),
}
OPERATOR_PAGES = {
    "payments.insurerconnection",
    "payments.insurersuspension",
    "payments.machineclient",
    "accounts.auditentry",
    "accounts.user",
    "bookings.calendarday",
    "hospitals.city",
    "hospitals.exchangerate",
    "hospitals.hospitalmembership",
    "hospitals.programme",
    "hospitals.specialaccessproduct",
    "hospitals.specialty",
    "hospitals.treatment",
    "messaging.inboundmessage",
    "messaging.message",
    "messaging.stafftask",
    "messaging.suppression",
    "messaging.wordingversion",
    "payments.payeeaccount",
}
ACTS = {
    "bookings.appointment": [
        "arrived",
        "no-show",
        "undo-no-show",
        "completed",
        "cancel",
        "move",
        "invitation",
        "invitation-pdf",
        "consultation-link",
    ],
    "bookings.windowrequest": ["offer_times", "decline"],
    "bookings.slot": ["withdraw", "add_place"],
}
EVERYTHING = {
    "bookings.appointment": {"day": "all"},
    "bookings.slot": {"day": "all"},
    "bookings.windowrequest": {"show": "all"},
    "bookings.followuptask": {"show": "all"},
}

pytestmark = [pytest.mark.long, pytest.mark.django_db]


def listing(label):
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def page(row):
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def test_every_registered_page_has_its_line_here():
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == set(STAFF_PAGES) | OPERATOR_PAGES


@pytest.mark.parametrize("role", list(Role))
def test_own_staff_open_what_their_role_reads(client, rows, staff_of, role):
    client.force_login(staff_of(role))
    for label, row in rows.items():
        found = client.get(listing(label)).status_code, client.get(page(row)).status_code
        reads = role in STAFF_PAGES[label][0]
        assert found in ([(200, 200)] if reads else [(403, 403), (403, 404)]), label


@pytest.mark.parametrize("role", list(Role))
def test_own_staff_change_only_what_their_role_writes(client, rows, staff_of, role):
    client.force_login(staff_of(role))
    answered = {label for label, row in rows.items() if posts_to_a_form(client, row)}
    assert answered == {label for label in rows if role in STAFF_PAGES[label][1]}


def posts_to_a_form(client, row):
    """Tell whether an empty form comes back with its errors; refused otherwise."""
    response = client.post(page(row), {})
    assert response.status_code in (200, 403, 404)
    return response.status_code == 200 and bool(response.context["errors"])


def test_staff_of_another_hospital_find_nothing(client, rows, other_coordinator):
    client.force_login(other_coordinator)
    assert set(rows) == set(STAFF_PAGES)
    for label, row in rows.items():
        assert client.get(page(row)).status_code == 404, label
        response = client.get(listing(label), EVERYTHING.get(label, {}))
        assert row.pk not in [found.pk for found in response.context["cl"].result_list], label
        assert row.pk in type(row)._default_manager.values_list("pk", flat=True), label


def acts_on(rows):
    """Return each row that can be acted on with the address of each act."""
    return [
        (
            label,
            rows[label],
            reverse(f"admin:{label.replace('.', '_')}_{act}", args=[rows[label].pk]),
        )
        for label, acts in ACTS.items()
        for act in acts
    ]


def stored(row):
    return type(row)._default_manager.filter(pk=row.pk).values().get()


def test_staff_of_another_hospital_do_nothing(client, rows, other_coordinator):
    client.force_login(other_coordinator)
    for _label, row, address in acts_on(rows):
        before = stored(row)
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"reason": "x", "version": 1}).status_code == 404, address
        assert stored(row) == before, address


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.CASHIER, Role.EDITOR])
def test_roles_that_do_not_plan_cannot_act(client, rows, staff_of, role):
    client.force_login(staff_of(role))
    for label, row, address in acts_on(rows):
        before = stored(row)
        status = client.post(address, {"reason": "x", "version": 1}).status_code
        assert status == (403 if role in STAFF_PAGES[label][0] else 404), address
        assert stored(row) == before, address


def addresses_of_the_desk(rows):
    """Return the address of every list, every row and every act."""
    lists = [listing(label) for label in sorted({*STAFF_PAGES, *OPERATOR_PAGES})]
    acts = [
        reverse(f"admin:{label.replace('.', '_')}_{act}", args=[rows[label].pk])
        for label, names in ACTS.items()
        for act in names
    ]
    return [reverse("admin:index"), *lists, *(page(row) for row in rows.values()), *acts]


@pytest.mark.parametrize("who", ["user", "stranger", "officer"])
def test_people_without_a_desk_are_turned_away(client, request, rows, who):
    client.force_login(request.getfixturevalue(who))
    before = AuditEntry.objects.count()
    for address in addresses_of_the_desk(rows):
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("admin:login"))
    assert client.get(response["Location"]).status_code == 403
    assert AuditEntry.objects.count() == before


def test_anonymous_people_are_sent_to_the_log_in(client, rows):
    sign_in = reverse("account_login")
    for address in addresses_of_the_desk(rows):
        for method in (client.get, client.post):
            response = method(address)
            assert response.status_code == 302
            assert response["Location"].startswith((reverse("admin:login"), sign_in))


def test_the_admin_has_no_log_in_page_of_its_own(client):
    response = client.get(reverse("admin:login"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_passwords_are_changed_on_the_sites_own_page(client, coordinator):
    client.force_login(coordinator)
    response = client.get(reverse("admin:password_change"))
    assert response["Location"] == reverse("account_change_password")


def test_hospital_staff_do_not_open_the_platforms_pages(client, coordinator):
    client.force_login(coordinator)
    for label in OPERATOR_PAGES:
        assert client.get(listing(label)).status_code == 403
        assert client.get(listing(label) + "add/").status_code == 403


def test_operators_open_every_page(client, rows, operator):
    client.force_login(operator)
    for label in {*STAFF_PAGES, *OPERATOR_PAGES}:
        assert client.get(listing(label), EVERYTHING.get(label, {})).status_code == 200
    for row in rows.values():
        assert client.get(page(row)).status_code == 200


def test_nothing_is_deleted_in_bulk(client, rows, operator):
    client.force_login(operator)
    for label in {*STAFF_PAGES, *OPERATOR_PAGES}:
        keys = apps.get_model(label)._default_manager.values_list("pk", flat=True)
        before = set(keys)
        client.post(listing(label), {"action": "delete_selected", "_selected_action": list(before)})
        assert before <= set(keys.all())


def test_rows_of_the_desk_are_never_deleted(client, rows, operator):
    client.force_login(operator)
    for label, row in rows.items():
        address = reverse(f"admin:{label.replace('.', '_')}_delete", args=[row.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
        assert type(row)._default_manager.filter(pk=row.pk).exists()


def test_hand_set_django_permissions_open_nothing(client, rows, staff_of, hospital):
    from django.contrib.auth.models import Permission

    user = staff_of(Role.EDITOR)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    assert client.get(listing("bookings.appointment")).status_code == 403
    assert client.get(listing("accounts.user")).status_code == 403


def test_a_role_ends_at_once(client, rows, coordinator):
    client.force_login(coordinator)
    assert client.get(page(rows["bookings.appointment"])).status_code == 200
    coordinator.hospital_memberships.all().delete()
    assert client.get(page(rows["bookings.appointment"])).status_code == 404
    assert client.get(listing("bookings.appointment")).status_code == 403


def test_the_choices_in_a_form_are_the_own_hospitals(client, coordinator, hospital, other_hospital):
    client.force_login(coordinator)
    form = client.get(reverse("admin:hospitals_doctor_add")).context["adminform"].form
    assert list(form.fields["hospital"].queryset) == [hospital]


def test_a_foreign_choice_is_refused(client, coordinator, other_hospital, department):
    client.force_login(coordinator)
    response = client.post(
        reverse("admin:hospitals_interpreter_add"),
        {"hospital": other_hospital.pk, "name": "Li", "languages": "ru"},
    )
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == ["hospital"]
    assert other_hospital.interpreters.count() == 0


def test_the_search_box_for_offers_finds_only_the_own(client, coordinator, offer, other_hospital):
    from tests.factories import OfferFactory

    OfferFactory(hospital=other_hospital)
    client.force_login(coordinator)
    response = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "bookings", "model_name": "schedule", "field_name": "offer", "term": ""},
    )
    assert [found["id"] for found in response.json()["results"]] == [str(offer.pk)]
