"""Quotes at the desk: from the case to the final bill, by the own hospital's staff only."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from hospitals.models.staff import Role
from payments.models import FinalBill, Quote
from payments.services import quotes
from tests.factories import PriceLineFactory
from tests.factories.quotes import (
    accepted_quote,
    drafted_quote,
    final_bill,
    issued_quote,
    quote_line,
)

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ACTS = ["edit", "preview", "issue", "discard", "supersede", "bill"]


@pytest.fixture
def cashier(client, staff_of):
    user = staff_of(Role.CASHIER)
    client.force_login(user)
    client.person = user
    return client


def act(name, quote):
    return reverse(f"admin:payments_quote_{name}", args=[quote.pk])


def lines_of(*rows):
    """Return the posted form of a draft: (key, label, price, upper end) of each line."""
    data = {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": len(rows)}
    for number, (key, label, price, high) in enumerate(rows):
        fields = {
            "key": key, "label": label, "price": price, "high": high, "tier": "international",
            "inclusion": "included", "quantity": "1", "unit": "",
        }  # fmt: skip
        data |= {f"lines-{number}-{name}": value for name, value in fields.items()}
    return data


def terms(**fields):
    return {
        "likely": "900.50", "complications": "We ask you first.", "valid_until": "2026-12-03",
        "deposit": "100", "insurer_share": "", "language": "en",
    } | fields  # fmt: skip


def test_a_quote_goes_from_the_price_list_to_the_patient(cashier, case, offer):
    PriceLineFactory(offer=offer, label_en="Second line", amount_minor=10_000)
    begin = reverse("admin:payments_quote_add")
    assert "Reference of the case" in cashier.get(begin).content.decode()
    assert cashier.get(begin, {"case": "NOSUCHCASE"}).context["form"].errors
    address = f"{begin}?case={case.reference.lower()}"
    assert cashier.get(address).status_code == 200
    answer = cashier.post(address, {"offer": offer.pk, "tier": ""})
    draft = Quote.objects.get()
    assert answer["Location"] == act("edit", draft)
    assert draft.drawn_up_by == cashier.person
    first, second = draft.lines.all()
    page = cashier.get(act("edit", draft)).content.decode()
    assert ("The visit" in page, "Second line" in page) == (True, True)
    rows = lines_of((first.pk, "The visit", "800", ""), ("", "Nights", "100.50", "200"))
    answer = cashier.post(act("edit", draft), rows | terms())
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.low_minor, draft.likely_minor, draft.high_minor) == (90_050, 90_050, 100_000)
    assert (draft.deposit_minor, draft.valid_until.isoformat()) == (10_000, "2026-12-03")
    assert [bool(line.source) for line in draft.lines.all()] == [True, False]
    preview = cashier.get(act("preview", draft)).content.decode()
    assert "Preview for staff" in preview
    assert "We ask you first." in preview
    assert cashier.get(act("issue", draft)).status_code == 200
    assert Quote.objects.get().state == "draft"
    assert cashier.post(act("issue", draft)).status_code == 302
    assert Quote.objects.get().state == "issued"


def test_what_is_missing_is_said_and_nothing_changes(cashier, case):
    draft = drafted_quote(case, cashier.person, complications="")
    answer = cashier.post(act("issue", draft))
    assert answer.status_code == 409
    assert "complications" in answer.content.decode()
    before = list(draft.lines.values())
    wrong = lines_of(("", "Nights", "100", "200")) | terms(likely="300")
    assert cashier.post(act("edit", draft), wrong).status_code == 409
    wrong = lines_of(("", "Nights", "100", "50")) | terms()
    assert cashier.post(act("edit", draft), wrong).context["lines"].errors[0]["high"]
    wrong = lines_of(("", "Nights", "", "")) | terms()
    assert cashier.post(act("edit", draft), wrong).context["lines"].errors[0]["price"]
    draft.refresh_from_db()
    assert (list(draft.lines.values()), draft.state) == (before, "draft")


def test_a_change_order_begins_with_a_reason(cashier, case):
    quote = accepted_quote(case, cashier.person)
    assert cashier.post(act("supersede", quote), {"reason": ""}).status_code == 200
    assert Quote.objects.count() == 1
    answer = cashier.post(act("supersede", quote), {"reason": "Two more nights"})
    draft = Quote.objects.get(version=2)
    assert answer["Location"] == act("edit", draft)
    assert (draft.change_reason, draft.replaces) == ("Two more nights", quote)
    assert "change_reason" in cashier.get(answer["Location"]).context["form"].fields


def test_a_sent_quote_is_superseded_at_once(cashier, case):
    quote = issued_quote(case, cashier.person)
    cashier.post(act("supersede", quote))
    assert list(Quote.objects.order_by("version").values_list("state", flat=True)) == [
        "superseded",
        "draft",
    ]
    cashier.post(act("discard", Quote.objects.get(version=2)))
    assert set(Quote.objects.values_list("state", flat=True)) == {"superseded"}


def test_the_bill_is_recorded_beside_the_quoted_lines(cashier, case):
    quote = accepted_quote(case, cashier.person)
    page = cashier.get(act("bill", quote)).content.decode()
    assert "Quoted: CNY\N{NO-BREAK SPACE}30,000.00" in page
    surgery, ward, _physio, _flights = quote.lines.all()
    rows = [(surgery.pk, "Surgery", "30000"), (ward.pk, "Ward", "4200"), ("", "Wine", "70")]
    data = {"lines-TOTAL_FORMS": 4, "lines-INITIAL_FORMS": 3, "reason": ""}
    for number, (key, label, amount) in enumerate(rows):
        data |= {
            f"lines-{number}-key": key,
            f"lines-{number}-label": label,
            f"lines-{number}-amount": amount,
        }
    dear = data | {"lines-2-amount": "7000"}
    assert cashier.post(act("bill", quote), dear).status_code == 409
    assert FinalBill.objects.count() == 0
    assert cashier.post(act("bill", quote), data).status_code == 302
    bill = FinalBill.objects.get()
    assert (bill.total_minor, bill.agreed_minor) == (3_427_000, 3_420_000)


def test_the_list_of_differences(cashier, case):
    quote = accepted_quote(case, cashier.person)
    final_bill(quote, cashier.person, {"Surgery": 3_000_000, "Wine": 1_000_000})
    listing = reverse("admin:payments_finalbill_changelist")
    for chosen in ({}, {"difference": "large"}, {"difference": "not_agreed"}):
        page = cashier.get(listing, chosen).content.decode()
        assert "+15.9\N{NO-BREAK SPACE}%" in page
        assert "CNY\N{NO-BREAK SPACE}10,000.00" in page


def test_seen_and_unseen(cashier, case, user):
    quote = issued_quote(case, cashier.person)
    listing = reverse("admin:payments_quote_changelist")
    assert "Not read yet" in cashier.get(listing, {"seen": "no"}).content.decode()
    quotes.mark_read(quote, by=user)
    assert cashier.get(listing, {"seen": "no"}).context["cl"].result_count == 0
    assert cashier.get(listing, {"seen": "yes"}).context["cl"].result_count == 1


def test_every_look_is_noted(cashier, case):
    quote = issued_quote(case, cashier.person)
    cashier.get(reverse("admin:payments_quote_change", args=[quote.pk]))
    entry = AuditEntry.objects.get(action="desk.view_quote")
    assert entry.target == f"payments.quote:{quote.public_id}"


@pytest.mark.parametrize("name", ACTS)
def test_other_hospitals_do_nothing(client, case, operator, other_coordinator, name):
    quote = drafted_quote(case, operator)
    client.force_login(other_coordinator)
    for method in (client.get, client.post):
        assert method(act(name, quote), {"reason": "x"}).status_code == 404
    assert Quote.objects.get().state == "draft"
    begin = reverse("admin:payments_quote_add")
    assert client.get(begin, {"case": case.reference}).context["form"].errors


@pytest.mark.parametrize("role", [Role.DOCTOR, Role.SCHEDULER, Role.EDITOR])
def test_other_roles_do_nothing(client, case, operator, staff_of, role):
    quote = drafted_quote(case, operator)
    client.force_login(staff_of(role))
    reads = role == Role.DOCTOR
    for name in ACTS:
        status = client.post(act(name, quote), {"reason": "x"}).status_code
        assert status == (404 if name == "preview" or not reads else 403), name
    assert client.get(reverse("admin:payments_quote_add")).status_code == 403
    assert Quote.objects.get().state == "draft"


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_any_number(
    cashier, case, django_assert_num_queries, count
):
    quote = accepted_quote(case, cashier.person, lines=[quote_line()], likely_minor=3_000_000)
    for _time in range(count):
        draft = quotes.supersede(quote, by=cashier.person, reason="x")
        quotes.discard_draft(draft)
    listing = reverse("admin:payments_quote_changelist")
    cashier.get(listing)
    with django_assert_num_queries(6):
        cashier.get(listing)
