"""Claims for the rest of a deposit: what proof is, who decides, what stays unread in the database."""

import base64

import pytest
from django.db import connection

from bookings.models import Case
from bookings.refusals import ReasonMissing
from medtour.lib.money import Money
from messaging.models import Message
from messaging.rendering import render
from payments.models import Refund, RefundCause, RefundClaim
from payments.refund_refusals import (
    CancelFirst,
    ClaimDecided,
    ClaimRunning,
    NothingToRefund,
    ProofMissing,
    ProofNotReadable,
    ProofTooLarge,
    RefundsFrozen,
)
from payments.services import claims, refunds
from tests.factories import AppointmentFactory, ObligationFactory, PaymentFactory, UserFactory
from tests.factories.quotes import accepted_quote
from tests.payments.paid import money_snapshot

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\nthe visa was refused"


@pytest.fixture
def kept():
    """A cancelled appointment of which half the deposit was kept."""
    obligation = ObligationFactory(appointment=AppointmentFactory(cancelled=True))
    payment = PaymentFactory(succeeded=True, obligation=obligation)
    refunds.request_refund(payment, amount=Money(80_000, "CNY"), cause=RefundCause.VISA_REFUSED)
    return obligation


def ask(obligation, **facts):
    given = {
        "cause": RefundCause.VISA_REFUSED,
        "statement": "The consulate said no.",
        "proof": PDF,
        "by": obligation.case.patient.account,
    }
    return claims.ask_for_rest(obligation, **{**given, **facts})


def test_an_accepted_claim_sends_exactly_the_rest(kept):
    decider = UserFactory(staff=True)
    (refund,) = claims.accept_claim(ask(kept), by=decider)
    assert (refund.amount, refund.cause) == (Money(80_000, "CNY"), RefundCause.VISA_REFUSED)
    assert refund.requested_by == decider
    claim = RefundClaim.objects.get()
    assert (claim.state, claim.decided_by) == (RefundClaim.State.ACCEPTED, decider)
    payment = kept.payments.get()
    assert payment.refunded_minor == payment.charge_minor


def test_a_large_rest_needs_a_second_person():
    obligation = ObligationFactory(
        appointment=AppointmentFactory(cancelled=True), amount_minor=2_000_000
    )
    PaymentFactory(succeeded=True, obligation=obligation)
    decider = UserFactory(staff=True)
    (refund,) = claims.accept_claim(ask(obligation), by=decider)
    assert (refund.needs_approval, refund.approved_by) == (True, None)
    refunds.approve_refund(refund, by=UserFactory(staff=True))
    refund.refresh_from_db()
    assert refund.approved_by is not None


def test_shares_of_one_deposit_are_decided_together():
    obligation = ObligationFactory(
        appointment=AppointmentFactory(cancelled=True), amount_minor=900_000
    )
    for _share in range(3):
        PaymentFactory(
            succeeded=True, obligation=obligation, contract_minor=300_000, charge_minor=300_000
        )
    begun = claims.accept_claim(ask(obligation), by=UserFactory(staff=True))
    assert [refund.needs_approval for refund in begun] == [True] * 3
    assert {refund.amount for refund in begun} == {Money(300_000, "CNY")}


def test_a_claim_whose_refund_the_second_person_stopped_is_open_again():
    obligation = ObligationFactory(
        appointment=AppointmentFactory(cancelled=True), amount_minor=2_000_000
    )
    PaymentFactory(succeeded=True, obligation=obligation)
    claim = ask(obligation)
    (refund,) = claims.accept_claim(claim, by=UserFactory(staff=True))
    refunds.refuse_refund(refund, by=UserFactory(staff=True), reason="The letter is a copy.")
    claim.refresh_from_db()
    assert (claim.state, claim.decided_by) == (RefundClaim.State.ASKED, None)
    (again,) = claims.accept_claim(claim, by=UserFactory(staff=True))
    assert again.amount == Money(2_000_000, "CNY")


def test_the_rest_of_every_share_goes_back(kept):
    PaymentFactory(
        succeeded=True,
        obligation=ObligationFactory(
            appointment=kept.appointment, kind="top_up", case=kept.case, amount_minor=500
        ),
    )
    claim = ask(kept)
    assert len(claims.accept_claim(claim, by=UserFactory())) == 1


def test_a_refused_claim_is_told_and_its_reason_is_kept(kept):
    claim = claims.refuse_claim(ask(kept), by=UserFactory(), reason="The letter names no date.")
    assert claim.decision_reason == "The letter names no date."
    message = Message.objects.get(kind="payments.claim_refused")
    assert message.recipient == kept.case.patient.account
    assert "names no date" not in render(message).text
    assert Refund.objects.count() == 1


def test_a_new_claim_is_possible_after_a_refused_one(kept):
    claims.refuse_claim(ask(kept), by=UserFactory(), reason="Not legible")
    assert ask(kept).state == RefundClaim.State.ASKED


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        (b"", ProofMissing),
        (b"%PDF-" + b"0" * (5 * 1024 * 1024), ProofTooLarge),
        (b"<svg onload=alert(1)>", ProofNotReadable),
        (b"<html>%PDF-", ProofNotReadable),
        (b"MZ\x90\x00", ProofNotReadable),
        (b"GIF89a", ProofNotReadable),
    ],
    ids=["empty", "large", "svg", "html", "programme", "gif"],
)
def test_only_pictures_and_pdf_are_taken(kept, proof, refusal):
    before = money_snapshot()
    with pytest.raises(refusal):
        ask(kept, proof=proof)
    assert not RefundClaim.objects.exists()
    assert money_snapshot() == before


@pytest.mark.parametrize(
    ("proof", "kind"),
    [
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\nrest", "image/png"),
        (b"%PDF-" + b"0" * (5 * 1024 * 1024 - 5), "application/pdf"),
    ],
    ids=["jpeg", "png", "largest pdf"],
)
def test_the_file_comes_back_as_it_was_sent(kept, proof, kind):
    ask(kept, proof=proof)
    found = claims.proof_of(RefundClaim.objects.get())
    assert (found.content, found.content_type) == (proof, kind)


def test_the_database_sees_neither_file_nor_statement(kept):
    ask(kept)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, proof FROM payments_refundclaim")
        statement, proof = cursor.fetchone()
    for stored in (statement, proof):
        key, _colon, sealed = stored.partition(":")
        assert key
        assert b"consulate" not in base64.b64decode(sealed)
        assert b"visa" not in base64.b64decode(sealed)


def test_one_claim_at_a_time(kept):
    ask(kept)
    with pytest.raises(ClaimRunning):
        ask(kept)
    assert RefundClaim.objects.count() == 1


def test_while_the_appointment_stands_it_must_be_cancelled_first():
    obligation = ObligationFactory(confirmed=True)
    PaymentFactory(succeeded=True, obligation=obligation)
    with pytest.raises(CancelFirst):
        ask(obligation)


@pytest.fixture
def towards_a_quote(coordinator):
    """A deposit towards a quote of a case whose only appointment was cancelled."""
    case = AppointmentFactory(cancelled=True).case
    quote = accepted_quote(case, coordinator)
    about = {"appointment": None, "case": case, "hospital": case.hospital, "quote": quote}
    obligation = ObligationFactory(kind="top_up", **about)
    PaymentFactory(succeeded=True, obligation=obligation)
    Case.objects.filter(pk=case.pk).update(state="withdrawn")
    obligation.refresh_from_db()
    return obligation


def test_money_towards_a_quote_is_claimed_once_the_case_is_over(towards_a_quote):
    assert ask(towards_a_quote).obligation == towards_a_quote


def test_money_towards_a_quote_stays_while_something_is_booked(towards_a_quote):
    case = towards_a_quote.case
    Case.objects.filter(pk=case.pk).update(state="scheduled")
    AppointmentFactory(case=case, patient=case.patient, booker=case.patient.account)
    before = money_snapshot()
    with pytest.raises(CancelFirst):
        ask(towards_a_quote)
    assert money_snapshot() == before


def test_whoever_was_treated_claims_nothing(towards_a_quote):
    Case.objects.filter(pk=towards_a_quote.case_id).update(state="in_treatment")
    before = money_snapshot()
    with pytest.raises(NothingToRefund):
        ask(towards_a_quote)
    assert money_snapshot() == before


def test_nothing_kept_nothing_to_ask_for(kept):
    refunds.refund_all(kept.payments.get(), cause=RefundCause.HOSPITAL_CANCELLED)
    with pytest.raises(NothingToRefund):
        ask(kept)


def test_a_change_of_mind_is_no_cause_for_a_claim(kept):
    with pytest.raises(ValueError, match="patient_cancelled"):
        ask(kept, cause=RefundCause.PATIENT_CANCELLED)


def test_a_decided_claim_is_not_decided_again(kept):
    claim = ask(kept)
    claims.accept_claim(claim, by=UserFactory())
    before = money_snapshot()
    with pytest.raises(ClaimDecided):
        claims.accept_claim(claim, by=UserFactory())
    with pytest.raises(ClaimDecided):
        claims.refuse_claim(claim, by=UserFactory(), reason="No")
    assert money_snapshot() == before


def test_saying_no_needs_a_reason(kept):
    with pytest.raises(ReasonMissing):
        claims.refuse_claim(ask(kept), by=UserFactory(), reason=" ")


def test_a_dispute_stops_a_claim_too(kept):
    claim = ask(kept)
    kept.payments.get().disputes.create(gateway_id="dp_1", amount_minor=80_000)
    before = money_snapshot()
    with pytest.raises(RefundsFrozen):
        claims.accept_claim(claim, by=UserFactory())
    claim.refresh_from_db()
    assert claim.state == RefundClaim.State.ASKED
    assert money_snapshot() == before
