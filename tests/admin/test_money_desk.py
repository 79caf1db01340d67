"""Money at the desk: what cashier and coordinator do, what is refused, and who never gets there."""

import csv
import datetime as dt
import io

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEntry
from bookings.models import Appointment
from hospitals.models import CancellationPolicy
from hospitals.models.staff import Role
from medtour.lib.money import Money
from payments.models import FapiaoRequest, MoneyAlert, Payment, Refund, RefundClaim
from payments.services.obligations import close_obligation
from payments.services.refunds import request_refund
from payments.transitions import BALANCE_CHANGED
from tests.factories import (
    MembershipFactory,
    ObligationFactory,
    PayeeAccountFactory,
    PaymentFactory,
)
from tests.payments.paid import money_snapshot

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
# page -> the acts on one row of it
ACTS = {
    "payments.obligation": ["receipt"],
    "payments.payment": ["refund"],
    "payments.refund": ["approve", "refuse", "paid"],
    "payments.refundclaim": ["proof", "accept", "refuse"],
    "payments.fapiaorequest": ["record", "refuse"],
    "payments.moneyalert": ["resolve"],
}
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def cashier(client, staff_of):
    user = staff_of(Role.CASHIER)
    client.force_login(user)
    client.person = user
    return client


def act(row, name):
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_{name}", args=[row.pk])


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def checked(client, address, data):
    """Post a form, read what it would do, post it again as the page asks; return both answers."""
    first = client.post(address, data)
    mark = first.context["step"].form["checked"].value()
    return first, client.post(address, data | {"checked": mark})


def facts(response):
    return {str(name): str(value) for name, value in response.context["step"].facts}


def transfer(amount, reference="B-1", **fields):
    return {
        "amount": amount,
        "received_on": "2026-11-22",
        "remitter": "ANNA TEST",
        "bank_reference": reference,
    } | fields


def of_label(money_rows):
    return {row._meta.label_lower: row for row in money_rows}


def test_strangers_to_the_hospital_find_no_act(client, money_rows, other_coordinator):
    client.force_login(other_coordinator)
    before = money_snapshot()
    for label, names in ACTS.items():
        for name in names:
            address = act(of_label(money_rows)[label], name)
            assert client.get(address).status_code == 404, address
            assert client.post(address, {}).status_code == 404, address
    assert money_snapshot() == before


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.SCHEDULER, Role.EDITOR])
def test_other_roles_have_no_pages_of_money(client, money_rows, staff_of, role):
    client.force_login(staff_of(role))
    before = money_snapshot()
    for label, names in ACTS.items():
        for name in names:
            assert client.post(act(of_label(money_rows)[label], name)).status_code in (403, 404)
    for page in ("payments_payment_day", "payments_obligation_ageing"):
        assert client.get(reverse(f"admin:{page}")).status_code == 403
    day_file = reverse("admin:payments_payment_export", args=["csv"])
    assert client.get(day_file).status_code == 403
    assert money_snapshot() == before


def test_a_foreign_hospitals_day_is_not_there(client, payment, other_coordinator, other_hospital):
    PayeeAccountFactory(hospital=other_hospital)
    client.force_login(other_coordinator)
    for address in (
        reverse("admin:payments_payment_day"),
        reverse("admin:payments_payment_export", args=["xlsx"]),
    ):
        assert client.get(address, {"hospital": "first-hospital"}).status_code == 404


def test_payee_accounts_are_the_operators(client, account, operator, cashier):
    address = reverse("admin:payments_payeeaccount_change", args=[account.pk])
    check = act(account, "check")
    assert (cashier.get(address).status_code, cashier.post(check).status_code) == (404, 404)
    client.force_login(operator)
    page = client.get(address).content.decode()
    assert "Test Hospital International Ltd" in page
    assert said(client.post(check)) == ["The holder is the named payee."]
    account.hospital.payee = "Somebody else"
    account.hospital.save(update_fields=["payee"])
    assert "blocked" in said(client.post(check))[-1]
    assert MoneyAlert.objects.get().kind == MoneyAlert.Kind.PAYEE_DIFFERS


@pytest.mark.parametrize("is_paid_to", [False, True])
def test_an_account_that_was_paid_to_keeps_its_identity(client, account, operator, is_paid_to):
    if is_paid_to:
        PaymentFactory(obligation__hospital=account.hospital, payee_account=account)
    client.force_login(operator)
    address = reverse("admin:payments_payeeaccount_change", args=[account.pk])
    form = client.get(address).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None}
    data |= {"charge_currencies": ",".join(account.charge_currencies), "account_id": "acct_other"}
    assert client.post(address, data).status_code == 302
    before = account.account_id
    account.refresh_from_db()
    assert account.account_id == (before if is_paid_to else "acct_other")
    assert ("account_id" in form.fields) is not is_paid_to


def open_due(appointment, hospital):
    PayeeAccountFactory(hospital=hospital, transfer=True)
    return ObligationFactory(appointment=appointment)


@pytest.mark.parametrize(
    ("amount", "counts", "still_due", "too_much", "words"),
    [
        ("600", "600.00", "1,000.00", None, "A part is paid"),
        ("1600", "1,600.00", "0.00", None, "paid in full"),
        ("2,000.50", "1,600.00", "0.00", "400.50", "the rest goes back"),
    ],
)
def test_a_transfer_is_explained_before_it_is_saved(
    cashier, appointment, hospital, amount, counts, still_due, too_much, words
):
    due = open_due(appointment, hospital)
    address = act(due, "receipt")
    assert cashier.get(address).status_code == 200
    first, second = checked(cashier, address, transfer(amount))
    shown = facts(first)
    assert shown["Of it counts towards the amount due"] == f"CNY{NBSP}{counts}"
    assert shown["Still due after it"] == f"CNY{NBSP}{still_due}"
    assert shown.get("Too much, goes back to the sender") == (too_much and f"CNY{NBSP}{too_much}")
    assert words in shown["What this means"]
    assert first.status_code == 200
    assert second.status_code == 302
    payment = Payment.objects.get()
    assert Money(payment.contract_minor, "CNY").number("en") == counts
    assert (payment.recorded_by, payment.bank_reference) == (cashier.person, "B-1")


def test_a_transfer_with_an_old_code_counts_towards_what_asks_for_it_now(
    cashier, appointment, hospital, frozen
):
    PayeeAccountFactory(hospital=hospital, transfer=True)
    old, new = (
        ObligationFactory(
            case=appointment.case, hospital=hospital, appointment=None, kind="balance",
            amount_minor=minor,
        )
        for minor in (500_000, 300_000)
    )  # fmt: skip
    close_obligation(old, reason=BALANCE_CHANGED, now=frozen)
    page = cashier.get(act(old, "change")).content.decode()
    assert f"{new.transfer_reference} asks for it now." in page
    first, second = checked(cashier, act(old, "receipt"), transfer("3000"))
    assert facts(first)["Counts towards"] == new.transfer_reference
    assert facts(first)["Still due after it"] == f"CNY{NBSP}0.00"
    assert second.status_code == 302
    payment = Payment.objects.get()
    assert (payment.obligation, payment.contract_minor) == (new, 300_000)


def test_looking_saves_nothing_and_another_amount_is_shown_again(cashier, appointment, hospital):
    due = open_due(appointment, hospital)
    address = act(due, "receipt")
    before = money_snapshot()
    first = cashier.post(address, transfer("600"))
    mark = first.context["step"].form["checked"].value()
    other = cashier.post(address, transfer("700", checked=mark))
    assert other.status_code == 200
    assert facts(other)["This transfer"] == f"CNY{NBSP}700.00"
    assert money_snapshot() == before


def test_a_refused_transfer_changes_nothing(cashier, appointment, hospital):
    due = open_due(appointment, hospital)
    address = act(due, "receipt")
    checked(cashier, address, transfer("600"))
    before = money_snapshot()
    _first, again = checked(cashier, address, transfer("600"))
    assert again.status_code == 409
    late = transfer("600", "B-2", received_on="2026-11-30")
    assert checked(cashier, address, late)[1].status_code == 422
    assert cashier.post(address, transfer("six")).context["step"].form.errors["amount"]
    assert money_snapshot() == before


def refund(amount, reason="The visit was shorter"):
    return {"amount": amount, "cause": "goodwill", "reason": reason}


def test_a_small_refund_goes_at_once(cashier, payment):
    Appointment.objects.update(state="completed")
    first, second = checked(cashier, act(payment, "refund"), refund("100"))
    assert facts(first) == {
        "Goes back": f"CNY{NBSP}100.00",
        "Left of this payment afterwards": f"CNY{NBSP}1,500.00",
        "How": "the way it was paid",
        "With the payer after": "5 to 10 days",
        "Second person": "Not needed",
    }
    assert second.status_code == 302
    asked = Refund.objects.get()
    assert (asked.amount_minor, asked.needs_approval) == (10_000, False)
    assert asked.requested_by == cashier.person


def test_a_large_refund_needs_somebody_else(cashier, client, payment, hospital, settings):
    Appointment.objects.update(state="completed")
    settings.REFUND_APPROVAL_THRESHOLDS = {"CNY": 50_000}
    first, _second = checked(cashier, act(payment, "refund"), refund("800"))
    assert "somebody else" in facts(first)["Second person"]
    asked = Refund.objects.get()
    page = cashier.get(act(asked, "change")).content.decode()
    assert ("Waits for approval" in page, act(asked, "approve") in page) == (True, False)
    before = money_snapshot()
    assert cashier.post(act(asked, "approve")).status_code == 409
    assert money_snapshot() == before
    second = MembershipFactory(hospital=hospital, role=Role.CASHIER).user
    client.force_login(second)
    assert client.post(act(asked, "approve")).status_code == 302
    asked.refresh_from_db()
    assert asked.approved_by == second


def test_a_refund_is_stopped_with_a_reason(cashier, payment, operator, settings):
    settings.REFUND_APPROVAL_THRESHOLDS = {}
    asked = request_refund(
        payment,
        amount=Money(10_000, "CNY"),
        cause="goodwill",
        reason="x",
        place="keep",
        by=operator,
    )
    assert cashier.post(act(asked, "refuse"), {"reason": ""}).status_code == 200
    assert cashier.post(act(asked, "refuse"), {"reason": "Not agreed"}).status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.failure_code) == ("failed", "not_approved")
    before = money_snapshot()
    assert cashier.post(act(asked, "refuse"), {"reason": "Again"}).status_code == 409
    assert money_snapshot() == before


@pytest.mark.parametrize("amount", ["1600.01", "0"])
def test_a_refund_that_cannot_be_changes_nothing(cashier, payment, amount):
    before = money_snapshot()
    first = cashier.post(act(payment, "refund"), refund(amount))
    mark = first.context["step"].form["checked"].value()
    cashier.post(act(payment, "refund"), refund(amount) | {"checked": mark or ""})
    assert money_snapshot() == before


def test_the_proof_is_a_file_to_save_and_every_look_is_noted(cashier, refund_claim):
    answer = cashier.get(act(refund_claim, "proof"))
    assert answer.content == b"%PDF-1.7 letter"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith('attachment; filename="proof-')
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert AuditEntry.objects.filter(action="desk.open_proof", user=cashier.person).count() == 1


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml"])
def test_a_file_of_another_kind_is_only_bytes(cashier, refund_claim, kind):
    RefundClaim.objects.update(proof_type=kind)
    answer = cashier.get(act(refund_claim, "proof"))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].endswith('.bin"')


def test_claims_are_decided(cashier, payment, refund_claim):
    assert cashier.post(act(refund_claim, "refuse"), {"reason": ""}).status_code == 200
    assert cashier.post(act(refund_claim, "accept"), {"reason": ""}).status_code == 302
    refund_claim.refresh_from_db()
    assert (refund_claim.state, Refund.objects.get().amount_minor) == ("accepted", 160_000)
    before = money_snapshot()
    assert cashier.post(act(refund_claim, "refuse"), {"reason": "No"}).status_code == 409
    assert money_snapshot() == before


def test_a_dispute_shows_deadline_and_facts(cashier, dispute):
    page = cashier.get(act(dispute, "change")).content.decode()
    assert f"CNY{NBSP}1,600.00" in page
    assert "Facts for the answer" in page
    assert "100 % until 168 hours before" in page


def test_fapiao_numbers_are_recorded_once(cashier, fapiao):
    assert cashier.post(act(fapiao, "record"), {"number": " "}).status_code == 200
    assert (
        cashier.post(act(fapiao, "record"), {"number": "25312000000012345678"}).status_code == 302
    )
    fapiao.refresh_from_db()
    assert (fapiao.state, fapiao.number, fapiao.recorded_by) == (
        "issued",
        "25312000000012345678",
        cashier.person,
    )
    assert cashier.post(act(fapiao, "refuse"), {"reason": "Late"}).status_code == 409
    assert FapiaoRequest.objects.get().state == "issued"


def test_an_alert_is_dealt_with_once(cashier, alert):
    assert cashier.post(act(alert, "resolve"), {"note": "Sent back"}).status_code == 302
    alert.refresh_from_db()
    assert alert.resolution == "Sent back"
    assert cashier.post(act(alert, "resolve"), {"note": "Again"}).status_code == 409
    alert.refresh_from_db()
    assert alert.resolution == "Sent back"


def test_differences_are_named(cashier, reconciliation):
    page = cashier.get(act(reconciliation, "change")).content.decode()
    assert "the gateway has it, the ledger does not" in page
    assert f"CNY{NBSP}0.05" in page


def test_a_change_of_a_policy_is_a_new_version(client, coordinator, policy, offer):
    offer.cancellation_policy = policy
    offer.save(update_fields=["cancellation_policy"])
    client.force_login(coordinator)
    assert client.post(act(policy, "next"), {"bands": "48: 100\n24: 50"}).status_code == 409
    wrong = client.post(act(policy, "next"), {"bands": "24: 50\n48: 100"})
    assert wrong.context["step"].form.errors["bands"]
    assert CancellationPolicy.objects.count() == 1
    assert client.post(act(policy, "next"), {"bands": "72: 100\n24: 30"}).status_code == 302
    old, new = CancellationPolicy.objects.order_by("version")
    assert (old.bands, new.bands) == ([[48, 100], [24, 50]], [[72, 100], [24, 30]])
    offer.refresh_from_db()
    assert offer.cancellation_policy == new


def test_ageing_counts_days(cashier, appointment, hospital, frozen):
    due = open_due(appointment, hospital)
    type(due).objects.update(opened_at=frozen - dt.timedelta(days=10))
    page = cashier.get(reverse("admin:payments_obligation_ageing"))
    (_name, dues), _back = page.context["parts"]
    assert [bucket.count for bucket in dues] == [0, 1, 0, 0, 0]


HEADER = [
    "Day", "Time", "Kind", "Where", "Way", "Reference", "From", "Bank's reference", "Currency",
    "Amount",
]  # fmt: skip


@pytest.fixture
def paid_by_formula(appointment, hospital, frozen):
    """Return a transfer whose sender's name and reference begin like formulas."""
    return PaymentFactory(
        obligation=ObligationFactory(appointment=appointment),
        succeeded=True,
        transfer=True,
        settled_at=frozen,
        payer_name='=HYPERLINK("http://evil.example")',
        bank_reference="@SUM(1)",
        method="bank_transfer",
    )


def expected_rows(payment):
    day, time = "2026-11-23", "09:00"
    reference = payment.obligation.transfer_reference
    line = [
        day, time, "Payment", "At the bank", "Bank transfer", reference,
        '\'=HYPERLINK("http://evil.example")', "'@SUM(1)", "CNY", "1600.00",
    ]  # fmt: skip
    sums = [
        [day, "", label, "", "", "", "", "", "CNY", "1600.00"] for label in ("Came in", "Total")
    ]
    return [HEADER, line, *sums]


def test_the_day_as_csv_is_exact_and_computes_nothing(cashier, paid_by_formula):
    address = reverse("admin:payments_payment_export", args=["csv"])
    answer = cashier.get(address, {"day": "2026-11-23"})
    assert answer["Content-Disposition"] == (
        'attachment; filename="money-first-hospital-2026-11-23.csv"'
    )
    text = answer.content.decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == expected_rows(paid_by_formula)
    assert AuditEntry.objects.filter(action="desk.open_money_day").count() == 1


def test_the_day_as_xlsx_is_exact_and_computes_nothing(cashier, paid_by_formula):
    address = reverse("admin:payments_payment_export", args=["xlsx"])
    sheet = load_workbook(io.BytesIO(cashier.get(address, {"day": "2026-11-23"}).content)).active
    found = [
        [cell.value if isinstance(cell.value, str | None) else f"{cell.value:.2f}" for cell in row]
        for row in sheet.iter_rows()
    ]
    wanted = [[cell or None for cell in row] for row in expected_rows(paid_by_formula)]
    assert [[cell or None for cell in row] for row in found] == wanted
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_another_day_is_empty_and_other_files_are_not_made(cashier, paid_by_formula):
    page = cashier.get(reverse("admin:payments_payment_day"), {"day": "2026-11-22"})
    assert "No money moved on this day." in page.content.decode()
    page = cashier.get(reverse("admin:payments_payment_day"))
    assert f"CNY{NBSP}1,600.00" in page.content.decode()
    other = reverse("admin:payments_payment_export", args=["pdf"])
    assert cashier.get(other).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("model", "queries"),
    [("obligation", 6), ("payment", 6), ("refund", 6)],
)
def test_lists_cost_a_fixed_number_of_queries(
    cashier, appointment, hospital, operator, count, model, queries, django_assert_num_queries
):
    from tests.factories import AppointmentFactory, SlotFactory
    from tests.factories.bookings import in_days

    for number in range(count):
        slot = SlotFactory(offer=appointment.slot.offer, starts_at=in_days(3 + number))
        due = ObligationFactory(appointment=AppointmentFactory(slot=slot))
        paid = PaymentFactory(obligation=due, succeeded=True)
        money = Money(1_000, "CNY")
        request_refund(paid, amount=money, cause="goodwill", reason="x", place="keep", by=operator)
    address = reverse(f"admin:payments_{model}_changelist")
    cashier.get(address)
    with django_assert_num_queries(queries):
        page = cashier.get(address)
    assert page.context["cl"].result_count == count


def test_the_first_page_counts_what_waits(cashier, alert, fapiao, refund_claim):
    money = cashier.get(reverse("admin:index")).context["day"]["money"]
    assert [each["value"] for each in money] == [1, 0, 0, 1, 0, 0, 1]
    for each in money:
        assert cashier.get(each["address"]).status_code == 200


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.SCHEDULER])
def test_the_first_page_says_nothing_of_money_to_others(client, staff_of, alert, role):
    client.force_login(staff_of(role))
    assert client.get(reverse("admin:index")).context["day"]["money"] is None
