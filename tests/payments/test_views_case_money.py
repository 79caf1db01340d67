"""The money of a case: what is due, who paid, what goes back, and what can be asked for."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bookings.models import Case
from payments.models import FapiaoRequest, Obligation, ObligationKind, RefundClaim
from payments.services import refunds
from payments.services.cancellation import cancel_with_refund
from payments.services.obligations import close_obligation, open_for_quote
from payments.services.top_ups import add_to_deposit
from payments.transitions import BALANCE_CHANGED, TAKEN_BACK
from tests.bookings.snapshot import snapshot
from tests.factories import (
    AppointmentFactory,
    ObligationFactory,
    PayeeAccountFactory,
    PaymentFactory,
    SlotFactory,
    UserFactory,
)
from tests.factories.bookings import in_days
from tests.factories.quotes import accepted_quote
from tests.payments.paid import card_payment
from tests.payments.paying import cny

pytest_plugins = ["tests.payments.payers"]
pytestmark = [pytest.mark.long, pytest.mark.django_db]

PDF = b"%PDF-1.7 a letter"


def money_of(case):
    return reverse("payments:case_money", args=[case.public_id])


def read(client, address):
    return client.get(address).content.decode()


@pytest.fixture
def paid(deposit_offer, patient, account):
    """Return the deposit of CNY 1,600 of a confirmed appointment in five days, paid by card."""
    slot = SlotFactory(offer=deposit_offer, starts_at=in_days(5))
    booked = AppointmentFactory(slot=slot, patient=patient)
    due = ObligationFactory(appointment=booked, settled_at=booked.confirmed_at)
    return card_payment(due)


def cancel(payment):
    booked = payment.obligation.appointment
    return cancel_with_refund(booked, by=booked.booker, actor="patient", version=booked.version)


def test_what_is_due_is_listed_with_its_way_on(signed_in, waiting):
    signed_in.get(reverse("payments:deposit", args=[waiting.public_id]))
    page = read(signed_in, money_of(waiting.case))
    assert "CNY\xa0387.00" in page
    assert reverse("payments:deposit", args=[waiting.public_id]) in page
    assert "Nothing paid in" in page


def test_who_paid_what_stands_there_and_adds_up(signed_in, paid):
    page = read(signed_in, money_of(paid.obligation.case))
    assert "Paid in full" in page
    assert page.count("CNY\xa01,600.00") >= 4
    assert "Paid in, with the hospital" in page
    assert "See the terms and pay" not in page


def test_what_goes_back_says_how_far_and_by_which_route(signed_in, paid):
    cancel(paid)
    page = read(signed_in, money_of(paid.obligation.case))
    assert "CNY\xa0800.00" in page
    assert "The patient cancelled" in page
    assert "back to the card or wallet it came from" in page
    assert reverse("payments:claim", args=[paid.obligation.public_id]) in page


def test_a_case_without_money_says_so(signed_in, patient):
    case = AppointmentFactory(patient=patient).case
    assert "Nothing is due in this case" in read(signed_in, money_of(case))


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_the_database_as_often_for_three(signed_in, paid, count, django_assert_num_queries):
    for _number in range(count - 1):
        due = ObligationFactory(
            appointment=paid.obligation.appointment, kind=ObligationKind.BALANCE
        )
        card_payment(due)
    with django_assert_num_queries(13):
        signed_in.get(money_of(paid.obligation.case))


# ---- fapiao ----


def fapiao_of(payment):
    return reverse("payments:fapiao", args=[payment.public_id])


COMPANY = {"title_kind": "company", "title": "Test Ltd", "tax_number": "91310000"}


def test_a_fapiao_is_asked_for_once(signed_in, paid):
    answer = signed_in.post(fapiao_of(paid), COMPANY)
    assert answer["Location"] == money_of(paid.obligation.case)
    wish = FapiaoRequest.objects.get()
    assert (wish.title, wish.tax_number, wish.state) == ("Test Ltd", "91310000", "requested")
    assert "Fapiao asked for" in read(signed_in, money_of(paid.obligation.case))
    again = signed_in.post(fapiao_of(paid), COMPANY)
    assert again.status_code == 409
    assert "A fapiao was asked for already" in again.content.decode()
    assert 'value="Test Ltd"' in again.content.decode()
    assert FapiaoRequest.objects.count() == 1


def test_after_a_refusal_it_can_be_asked_for_again(signed_in, paid):
    signed_in.post(fapiao_of(paid), COMPANY)
    FapiaoRequest.objects.update(state="refused", answer="The name does not fit")
    page = read(signed_in, money_of(paid.obligation.case))
    assert "The name does not fit" in page
    assert fapiao_of(paid) in page
    assert signed_in.post(fapiao_of(paid), COMPANY).status_code == 303


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"title": ""}, "Enter the name for the fapiao"),
        ({"tax_number": ""}, "Enter the tax number of the company"),
        ({"title_kind": ""}, "Choose who it is made out to"),
        ({"email": "x"}, "Enter an e-mail address like name@example.com"),
    ],
)
def test_a_fapiaos_mistakes_are_named(signed_in, paid, answers, sentence):
    before = snapshot()
    answer = signed_in.post(fapiao_of(paid), COMPANY | answers)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert snapshot() == before
    assert FapiaoRequest.objects.count() == 0


def test_nothing_is_invoiced_before_money_came(signed_in, waiting):
    due = ObligationFactory(appointment=waiting)
    payment = due.payments.create(
        payee_account=waiting.hospital.payee_accounts.get(),
        attempt=1,
        gateway="stripe",
        contract_minor=1_000,
        charge_minor=1_000,
        charge_currency="CNY",
    )
    answer = signed_in.post(fapiao_of(payment), COMPANY)
    assert answer.status_code == 409
    assert "only for money that has arrived" in answer.content.decode()


# ---- everything back ----


def claim_of(payment):
    return reverse("payments:claim", args=[payment.obligation.public_id])


def letter(content=PDF):
    return SimpleUploadedFile("letter.pdf", content, content_type="application/pdf")


def test_the_rest_is_claimed_with_a_letter(signed_in, paid):
    cancel(paid)
    assert "checked" not in read(signed_in, claim_of(paid) + "?cause=visa_refused")
    answer = signed_in.post(claim_of(paid), {"cause": "visa_refused", "proof": letter()})
    assert answer["Location"] == money_of(paid.obligation.case)
    claim = RefundClaim.objects.get()
    assert (claim.cause, claim.proof_type, claim.state) == (
        "visa_refused",
        "application/pdf",
        "asked",
    )
    page = read(signed_in, money_of(paid.obligation.case))
    assert "You asked for everything back" in page
    assert claim_of(paid) not in page


def test_money_towards_a_quote_can_be_claimed_when_the_case_is_over(signed_in, quote):
    signed_in.post(reverse("payments:top_up", args=[quote.case.public_id]), {"amount": "500"})
    payment = PaymentFactory(succeeded=True, obligation=Obligation.objects.get())
    assert claim_of(payment) not in read(signed_in, money_of(quote.case))
    Case.objects.filter(pk=quote.case_id).update(state="withdrawn")
    assert claim_of(payment) in read(signed_in, money_of(quote.case))


@pytest.mark.parametrize(
    ("answers", "status", "sentence"),
    [
        ({"proof": ""}, 422, "Choose the file with the letter"),
        ({"cause": ""}, 422, "Choose what happened"),
        ({"proof": b"MZ not a letter"}, 422, "Please send a JPEG or PNG picture or a PDF."),
        ({"proof": PDF + b"0" * 5_300_000}, 422, "The file is too large"),
    ],
)
def test_a_claims_mistakes_are_named(signed_in, paid, answers, status, sentence):
    cancel(paid)
    sent = {"cause": "visa_refused", "proof": PDF, "statement": "Told today"} | answers
    if isinstance(sent["proof"], bytes):
        sent["proof"] = letter(sent["proof"])
    answer = signed_in.post(claim_of(paid), sent)
    page = answer.content.decode()
    assert answer.status_code == status
    assert sentence in page
    assert "Told today" in page
    assert RefundClaim.objects.count() == 0


def test_nothing_is_claimed_before_the_appointment_is_cancelled(signed_in, paid):
    answer = signed_in.post(claim_of(paid), {"cause": "visa_refused", "proof": letter()})
    assert answer.status_code == 409
    assert "Please cancel the appointment first" in answer.content.decode()


def test_a_refund_that_the_hospital_stopped_was_never_sent_back_by_a_bank(signed_in, paid):
    refund = refunds.request_refund(
        paid,
        amount=cny(150_000),
        cause="goodwill",
        reason="Sorry",
        by=UserFactory(staff=True),
        place="keep",
    )
    refunds.refuse_refund(refund, by=UserFactory(staff=True), reason="Not agreed.")
    page = read(signed_in, money_of(paid.obligation.case))
    assert "The bank sent it back" not in page
    assert "Came back to us" not in page


# ---- quotes: adding to the deposit, bank transfer ----


@pytest.fixture
def quote(patient, user, hospital, frozen):
    case = AppointmentFactory(patient=patient, slot__hospital=hospital).case
    PayeeAccountFactory(hospital=case.hospital)
    return accepted_quote(case, user)


def test_more_is_paid_towards_a_quote(signed_in, quote):
    add = reverse("payments:top_up", args=[quote.case.public_id])
    money = read(signed_in, money_of(quote.case))
    assert add in money
    assert f'href="{reverse("payments:quote", args=[quote.public_id])}"' in money
    answer = signed_in.post(add, {"amount": "500"})
    due = Obligation.objects.get(kind=ObligationKind.TOP_UP)
    assert (due.amount_minor, due.quote) == (50_000, quote)
    assert answer["Location"] == reverse("payments:due", args=[due.public_id])
    page = read(signed_in, answer["Location"])
    assert "Add to the deposit" in page
    assert "Most likely total" in page
    assert reverse("payments:quote", args=[quote.public_id]) in page
    assert "Nothing comes back" in page
    assert "CNY\xa0500.00" in page


def test_no_more_than_the_quote_leaves(signed_in, quote):
    add = reverse("payments:top_up", args=[quote.case.public_id])
    answer = signed_in.post(add, {"amount": "99999999"})
    assert answer.status_code == 422
    assert "Enter an amount that is not more than what is left" in answer.content.decode()
    assert not Obligation.objects.filter(kind=ObligationKind.TOP_UP).exists()


def test_without_a_quote_nothing_is_added(signed_in, paid):
    add = reverse("payments:top_up", args=[paid.obligation.case.public_id])
    assert signed_in.get(add).status_code == 404


def test_a_transfer_says_account_payee_and_code(signed_in, quote):
    PayeeAccountFactory(hospital=quote.case.hospital, transfer=True)
    due = open_for_quote(quote, kind=ObligationKind.BALANCE, amount=cny(700_000), by=None)
    address = reverse("payments:transfer", args=[due.public_id])
    assert address in read(signed_in, reverse("payments:due", args=[due.public_id]))
    page = read(signed_in, address)
    for words in (due.transfer_reference, "Account 1234567890", "CNY\xa07,000.00"):
        assert words in page, words


def test_a_held_time_cannot_wait_for_a_transfer(signed_in, waiting):
    PayeeAccountFactory(hospital=waiting.hospital, transfer=True)
    signed_in.get(reverse("payments:deposit", args=[waiting.public_id]))
    address = reverse("payments:transfer", args=[Obligation.objects.get().public_id])
    assert signed_in.get(address).status_code == 404


def test_a_transfer_page_of_a_replaced_amount_leads_to_what_asks_now(signed_in, quote, frozen):
    PayeeAccountFactory(hospital=quote.case.hospital, transfer=True)
    old, new = (
        open_for_quote(quote, kind=ObligationKind.BALANCE, amount=cny(minor), by=None)
        for minor in (700_000, 300_000)
    )
    close_obligation(old, reason=BALANCE_CHANGED, now=frozen)
    for name in ("payments:transfer", "payments:due"):
        answer = signed_in.get(reverse(name, args=[old.public_id]))
        assert answer["Location"] == reverse(name, args=[new.public_id])
    close_obligation(new, reason="cancelled", now=frozen)
    answer = signed_in.get(reverse("payments:transfer", args=[new.public_id]))
    assert answer["Location"] == reverse("payments:due", args=[new.public_id])


def test_an_addition_is_typed_again_and_taken_back(signed_in, quote):
    add = reverse("payments:top_up", args=[quote.case.public_id])
    signed_in.post(add, {"amount": "20000"})
    assert 'value="20,000.00"' in read(signed_in, add)
    signed_in.post(add, {"amount": "2000"})
    kept = Obligation.objects.get(kind=ObligationKind.TOP_UP, closed_at=None)
    assert kept.amount_minor == 200_000
    back = reverse("payments:take_back", args=[kept.public_id])
    assert back in read(signed_in, money_of(quote.case))
    signed_in.get(back)
    assert Obligation.objects.filter(pk=kept.pk, closed_at=None).exists()
    for _press in range(2):
        assert signed_in.post(back)["Location"] == money_of(quote.case)
    kept.refresh_from_db()
    assert kept.closed_reason == TAKEN_BACK
    assert back not in read(signed_in, money_of(quote.case))


def test_an_addition_that_somebody_pays_stays(signed_in, quote):
    due = add_to_deposit(quote, amount=cny(500_000), by=quote.answered_by)
    PaymentFactory(pending=True, obligation=due)
    back = reverse("payments:take_back", args=[due.public_id])
    assert back not in read(signed_in, money_of(quote.case))
    answer = signed_in.post(back)
    assert answer.status_code == 409
    assert "somebody is paying it at this moment" in answer.content.decode()
    due.refresh_from_db()
    assert due.closed_at is None


def test_a_stranger_takes_nothing_back(client, stranger, quote):
    due = add_to_deposit(quote, amount=cny(500_000), by=quote.answered_by)
    client.force_login(stranger)
    assert client.post(reverse("payments:take_back", args=[due.public_id])).status_code == 404
    due.refresh_from_db()
    assert due.closed_at is None
