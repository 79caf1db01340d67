"""A quote from the coordinator's desk to the patient's yes, its change and the final bill."""

import pytest

from hospitals.models import CancellationPolicy
from payments.models import FinalBill, Obligation, Quote
from tests.factories import (
    CaseFactory,
    MembershipFactory,
    OfferFactory,
    PatientFactory,
    PriceLineFactory,
    UserFactory,
)
from tests.journeys.conftest import follow, press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.usefixtures("lenient_templates"),
]


@pytest.fixture
def case(offer):
    """Return a case of surgery at a hospital with a price list and a cancellation policy."""
    hospital = offer.hospital
    policy = CancellationPolicy.objects.create(
        hospital=hospital, name="Surgery", bands=[[336, 100], [72, 50]]
    )
    surgery = OfferFactory(
        hospital=hospital, unpriced=True, case=True, cancellation_policy=policy,
        treatment__name_en="Hip replacement",
    )  # fmt: skip
    PriceLineFactory(
        offer=surgery, label_en="Operation and implant", label_ar="العملية والمفصل الصناعي",
        amount_minor=5_000_000,
    )  # fmt: skip
    user = UserFactory(verified=True, email="anna@patient.example", time_zone="Europe/Moscow")
    patient = PatientFactory(account=user, passport_name="ANNA TEST")
    return CaseFactory(
        patient=patient, hospital=hospital, treatment=surgery.treatment, state="in_triage"
    )


def write_line(page, number, **values):
    for name, value in values.items():
        box = page.locator(f"[name=lines-{number}-{name}]")
        if name in ("tier", "inclusion"):
            box.select_option(value)
        else:
            box.fill(value)


def test_a_quote_is_sent_accepted_changed_and_billed(case, signed_in):
    staff = signed_in(MembershipFactory(hospital=case.hospital).user)
    patient = signed_in(case.patient.account)
    quote = draw_up_and_send(staff, case)
    read(patient, quote)
    accept(patient)
    second = change(staff, quote)
    accept_the_change(patient, second)
    bill(staff, second)
    read_the_bill(patient, second, case)
    assert patient.complaints == []
    staff.page.goto(f"{staff.server}/admin/payments/finalbill/")
    staff.keep_picture("desk_bills")


def draw_up_and_send(staff, case):
    desk = staff.page
    desk.goto(f"{staff.server}/admin/bookings/case/{case.pk}/change/")
    follow(desk, "Draw up a quote")
    press(desk, "Begin the draft")
    write_line(desk, 1, label="Ward", tier="international", quantity="5", unit="night",
               price="800", high="1000")  # fmt: skip
    write_line(desk, 2, label="Physiotherapy", tier="international", price="400",
               inclusion="optional")  # fmt: skip
    write_line(desk, 3, label="Flights", tier="international", price="6000",
               inclusion="excluded")  # fmt: skip
    desk.fill("[name=likely]", "54500")
    desk.fill("[name=complications]", "The hospital tells you the price before it goes on.")
    desk.fill("[name=valid_until]", "2099-12-31")
    desk.fill("[name=deposit]", "5000")
    desk.fill("[name=insurer_share]", "10000")
    staff.keep_picture("desk_quote_draft")
    press(desk, "Save the draft")
    assert "Operation and implant" in desk.content()
    staff.keep_picture("desk_quote")
    follow(desk, "Send to the patient")
    press(desk, "Send the quote")
    quote = Quote.objects.get()
    assert (quote.state, quote.high_minor, quote.ladder) == (
        "issued",
        5_500_000,
        [[336, 100], [72, 50]],
    )
    return quote


def read(patient, quote):
    page = patient.page
    patient.go("bookings:care")
    patient.look()
    patient.keep_picture("care_with_quote")
    follow(page, "Read the quote")
    patient.look()
    patient.keep_picture("quote")
    patient.language = "ar"
    patient.go("payments:quote", quote.public_id)
    patient.look()
    patient.keep_picture("quote")
    assert "العملية والمفصل الصناعي" in page.inner_text("main")
    patient.language = "en"
    patient.go("payments:decline_quote", quote.public_id)
    patient.look()
    patient.keep_picture("quote_decline")
    patient.go("payments:quote", quote.public_id)


def accept(patient):
    page = patient.page
    follow(page, "Accept this quote")
    patient.look()
    patient.keep_picture("quote_accept")
    patient.press()
    patient.look()
    assert "Tick the box when you have read the quote." in page.inner_text("main")
    page.check("[name=has_read]")
    patient.press()
    assert "You accepted this quote" in page.inner_text("main")
    assert Obligation.objects.get().amount_minor == 500_000


def change(staff, quote):
    desk = staff.page
    desk.goto(f"{staff.server}/admin/payments/quote/{quote.pk}/change/")
    follow(desk, "Start a change order")
    desk.fill("[name=reason]", "Two more nights for the wound to heal")
    press(desk, "Begin the draft")
    write_line(desk, 1, quantity="7")
    write_line(desk, 2, label="")
    write_line(desk, 4, label="Walking frame", tier="basic", price="300")
    desk.fill("[name=likely]", "56500")
    desk.fill("[name=valid_until]", "2099-12-31")
    press(desk, "Save the draft")
    follow(desk, "Send to the patient")
    press(desk, "Send the quote")
    return Quote.objects.get(version=2)


def accept_the_change(patient, second):
    for patient.language in ("en", "ar"):
        patient.go("payments:quote", second.public_id)
        patient.look()
        patient.keep_picture("quote_change")
    patient.language = "en"
    patient.go("payments:accept_quote", second.public_id)
    patient.page.check("[name=has_read]")
    patient.press()
    assert list(Quote.objects.order_by("version").values_list("state", flat=True)) == [
        "superseded",
        "accepted",
    ]


def bill(staff, second):
    desk = staff.page
    desk.goto(f"{staff.server}/admin/payments/quote/{second.pk}/bill/")
    write_line(desk, 0, amount="50000")
    write_line(desk, 1, amount="7000")
    write_line(desk, 3, label="Television", amount="120")
    staff.keep_picture("desk_bill")
    press(desk, "Record the bill")
    recorded = FinalBill.objects.get()
    assert (recorded.total_minor, recorded.agreed_minor) == (5_712_000, 5_700_000)


def read_the_bill(patient, second, case):
    for patient.language in ("en", "ar"):
        patient.go("payments:bill", second.public_id)
        patient.look()
        patient.keep_picture("quote_bill")
    patient.language = "en"
    patient.go("bookings:case", case.public_id)
    patient.look()
    patient.keep_picture("case_with_quotes")
