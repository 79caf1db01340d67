"""Quotes from draft to answer: what each verb changes, and that a refused one changes nothing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from bookings.models import CaseEvent
from hospitals.models import CancellationPolicy, PriceLine
from medtour.lib import clock
from medtour.lib.errors import Refusal
from messaging.models import Message
from payments import quote_refusals as refusals
from payments.models import Inclusion, Obligation, Quote, QuoteLine
from payments.services import quotes
from payments.services.quote_drafts import QuoteTerms
from tests.factories import (
    AppointmentFactory,
    CaseFactory,
    OfferFactory,
    PaymentFactory,
    PriceLineFactory,
)
from tests.factories.quotes import (
    accepted_quote,
    change_order,
    drafted_quote,
    issued_quote,
    quote_line,
    terms,
    typical_lines,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def offer(hospital):
    policy = CancellationPolicy.objects.create(
        hospital=hospital, name="Surgery", bands=[[336, 100], [72, 50]]
    )
    return OfferFactory(hospital=hospital, unpriced=True, case=True, cancellation_policy=policy)


@pytest.fixture
def case(hospital, patient, offer):
    return CaseFactory(
        hospital=hospital, patient=patient, treatment=offer.treatment, state="in_triage"
    )


def everything():
    """Return every row that a quote's verb may touch."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Quote, QuoteLine, CaseEvent, Message, Obligation)
    ]


def refused(refusal, verb, *args, **kwargs):
    before = everything()
    with pytest.raises(refusal), transaction.atomic():
        verb(*args, **kwargs)
    assert everything() == before


def kinds():
    return list(Message.objects.order_by("pk").values_list("kind", flat=True))


def actions(case):
    return [(event.action, event.details) for event in case.events.order_by("pk")]


# ---- drafts -------------------------------------------------------------------------------------


def test_a_draft_copies_the_price_list_of_one_tier(case, offer, coordinator):
    PriceLineFactory(offer=offer, label_en="Surgery", label_ar="جراحة", as_of="2026-05")
    PriceLineFactory(offer=offer, label_en="Public ward", tier="basic", amount_minor=10_000)
    PriceLineFactory(offer=offer, label_en="Old", valid_until=dt.date(2026, 11, 22))
    PriceLineFactory(offer=offer, label_en="Range", amount_minor=500, high_minor=900)
    draft = quotes.draw_up(case, by=coordinator, offer=offer)
    assert (draft.version, draft.state, draft.low_minor) == (1, "draft", 80_500)
    assert (draft.likely_minor, draft.high_minor) == (80_900, 80_900)
    first, second = draft.lines.all()
    assert (first.label, first.label_words["ar"], first.tier) == (
        "Surgery",
        "جراحة",
        "international",
    )
    assert (first.source, first.as_of, first.confidence) == (
        first.price_line.source,
        "2026-05",
        first.price_line.confidence,
    )
    assert (second.label, second.high_unit_price_minor) == ("Range", 900)


def test_a_later_price_change_touches_nothing(case, offer, coordinator):
    line = PriceLineFactory(offer=offer, label_en="Surgery", amount_minor=3_000_000)
    draft = quotes.draw_up(case, by=coordinator, offer=offer)
    quote = quotes.issue_quote(
        quotes.set_lines(draft, lines=list(draft.lines.all()), terms=terms(likely_minor=3_000_000)),
        by=coordinator,
    )
    kept = QuoteLine.objects.exclude(pk=None).values().get()
    line.label_en, line.amount_minor, line.source, line.as_of = "Other", 9, "Elsewhere", "2030"
    line.save()
    quote.refresh_from_db()
    assert QuoteLine.objects.values().get() == kept
    assert quote.likely_minor == 3_000_000
    PriceLine.objects.all().delete()
    assert QuoteLine.objects.values().get() == kept | {"price_line_id": None}


def test_a_price_changed_by_hand_no_longer_names_the_list(case, offer, coordinator):
    PriceLineFactory(offer=offer, label_en="Surgery", label_ar="جراحة", amount_minor=3_000_000)
    draft = quotes.draw_up(case, by=coordinator, offer=offer)
    (line,) = draft.lines.all()
    line.label = "Surgery with robot"
    draft = quotes.set_lines(draft, lines=[line], terms=terms(likely_minor=3_000_000))
    (line,) = draft.lines.all()
    assert (line.source != "", line.label_words) == (True, {})
    line.unit_price_minor = 3_100_000
    draft = quotes.set_lines(draft, lines=[line], terms=terms(likely_minor=3_100_000))
    (line,) = draft.lines.all()
    assert (line.source, line.as_of, line.price_line) == ("", "", None)


def test_prices_in_two_currencies_are_not_added_up(case, offer, coordinator):
    PriceLineFactory(offer=offer)
    PriceLineFactory(offer=offer, currency="USD")
    refused(refusals.TwoCurrencies, quotes.draw_up, case, by=coordinator, offer=offer)


@pytest.mark.parametrize("state", ["draft", "closed", "declined", "withdrawn"])
def test_a_closed_case_gets_no_quote(case, coordinator, state):
    case.state = state
    case.save()
    refused(refusals.CaseClosed, quotes.draw_up, case, by=coordinator)


def test_a_case_has_one_draft(case, coordinator):
    quotes.draw_up(case, by=coordinator)
    refused(refusals.DraftExists, quotes.draw_up, case, by=coordinator)


def test_a_quote_in_force_is_changed_by_a_change_order_only(case, coordinator):
    accepted_quote(case, coordinator)
    refused(refusals.QuoteInForce, quotes.draw_up, case, by=coordinator)


@pytest.mark.parametrize(
    ("refusal", "wrong"),
    [
        (refusals.RangeBroken, {"likely_minor": 3_399_999}),
        (refusals.RangeBroken, {"likely_minor": 3_500_001}),
        (refusals.RangeBroken, {"likely_minor": None}),
        (refusals.DepositTooHigh, {"deposit_minor": 3_500_001}),
        (refusals.InsurerShareTooHigh, {"insurer_share_minor": 3_450_001}),
    ],
)
def test_sums_that_cannot_be_are_refused(case, coordinator, refusal, wrong):
    draft = quotes.draw_up(case, by=coordinator)
    refused(refusal, quotes.set_lines, draft, lines=typical_lines(), terms=terms(**wrong))


def test_lines_of_one_price_need_no_guess(case, coordinator):
    draft = quotes.draw_up(case, by=coordinator)
    draft = quotes.set_lines(draft, lines=[quote_line()], terms=QuoteTerms())
    assert (draft.low_minor, draft.likely_minor, draft.high_minor) == (3_000_000,) * 3


def test_a_discarded_draft_was_never_there_for_the_patient(case, coordinator):
    draft = quotes.discard_draft(quotes.draw_up(case, by=coordinator))
    assert (draft.state, draft.issued_at, kinds()) == ("superseded", None, [])
    assert quotes.draw_up(case, by=coordinator).version == 2


# ---- issuing ------------------------------------------------------------------------------------


def test_issuing_freezes_terms_and_tells_the_patient(case, offer, coordinator, frozen):
    quote = issued_quote(case, coordinator, offer=offer, deposit_minor=500_000)
    quote.refresh_from_db()
    case.refresh_from_db()
    assert (quote.state, quote.issued_at, quote.issued_by) == ("issued", frozen, coordinator)
    assert quote.ladder == [[336, 100], [72, 50]]
    assert (quote.low_minor, quote.likely_minor, quote.high_minor) == (
        3_400_000,
        3_450_000,
        3_500_000,
    )
    assert case.state == "quoted"
    assert actions(case) == [
        ("quote_issued", {"quote": quote.public_id, "version": 1}),
        ("move", {}),
    ]
    assert kinds() == ["payments.quote_issued", "payments.quote_expiring"]
    reminder = Message.objects.get(kind="payments.quote_expiring")
    assert reminder.not_before == quote.ends_at - dt.timedelta(days=2)
    policy = offer.cancellation_policy
    policy.bands = [[1, 1]]
    policy.save()
    quote.refresh_from_db()
    assert quote.ladder == [[336, 100], [72, 50]]


def test_a_case_that_was_only_sent_is_quoted_and_accepted(case, coordinator, user):
    case.state = "submitted"
    case.save()
    quote = issued_quote(case, coordinator)
    case.refresh_from_db()
    assert case.state == "quoted"
    quotes.accept_quote(quote, by=user, version=1)
    case.refresh_from_db()
    assert case.state == "accepted"


@pytest.mark.parametrize("state", ["scheduled", "in_treatment"])
def test_other_cases_stay_in_their_state(case, coordinator, state):
    case.state = state
    case.save()
    accepted_quote(case, coordinator)
    case.refresh_from_db()
    assert case.state == state


@pytest.mark.parametrize(
    ("refusal", "lines", "fields"),
    [
        (
            refusals.NoLines,
            [quote_line(inclusion=Inclusion.OPTIONAL)],
            {"likely_minor": 0},
        ),
        (refusals.NoTier, [quote_line(tier="")], {"likely_minor": 3_000_000}),
        (refusals.NoComplications, None, {"complications": " "}),
        (refusals.NotValidLongEnough, None, {"valid_until": None}),
        (refusals.NotValidLongEnough, None, {"valid_until": dt.date(2026, 11, 23)}),
        (refusals.NoLadder, None, {"deposit_minor": 1}),
    ],
)
def test_an_incomplete_quote_is_not_sent(case, coordinator, refusal, lines, fields):
    draft = drafted_quote(case, coordinator, lines=lines, **fields)
    refused(refusal, quotes.issue_quote, draft, by=coordinator)


def test_a_quote_is_sent_once(case, coordinator):
    quote = issued_quote(case, coordinator)
    refused(refusals.NotADraft, quotes.issue_quote, quote, by=coordinator)
    refused(refusals.NotADraft, quotes.set_lines, quote, lines=[], terms=terms())
    refused(refusals.NotADraft, quotes.discard_draft, quote)


CHANGES = [
    "UPDATE payments_quoteline SET unit_price_minor = 1 WHERE quote_id = %s",
    'UPDATE payments_quoteline SET label_words = \'{"ar": "x"}\' WHERE quote_id = %s',
    "UPDATE payments_quoteline SET source = 'x' WHERE quote_id = %s",
    "DELETE FROM payments_quoteline WHERE quote_id = %s",
    "UPDATE payments_quote SET likely_minor = low_minor WHERE id = %s",
    "UPDATE payments_quote SET ladder = '[]' WHERE id = %s",
    "UPDATE payments_quote SET insurer_share_minor = 1 WHERE id = %s",
    "UPDATE payments_quote SET change_reason = 'x' WHERE id = %s",
    "UPDATE payments_quote SET state = 'draft' WHERE id = %s",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_what_was_sent(case, offer, coordinator, statement):
    from django.db import connection

    quote = issued_quote(case, coordinator, offer=offer, deposit_minor=100)
    before = everything()
    with (
        pytest.raises(IntegrityError, match="an issued quote is never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [quote.pk])
    with (
        pytest.raises(IntegrityError, match="an issued quote is never changed"),
        transaction.atomic(),
    ):
        QuoteLine.objects.bulk_create([quote_line(quote=quote)])
    assert everything() == before


# ---- answers ------------------------------------------------------------------------------------


def test_reading_is_noted_once(case, coordinator, user, stranger, frozen):
    quote = issued_quote(case, coordinator)
    quotes.mark_read(quote, by=stranger)
    assert quote.read_at is None
    quotes.mark_read(quote, by=user)
    with clock.freeze(frozen + dt.timedelta(hours=1)):
        quotes.mark_read(Quote.objects.select_related("case__patient").get(), by=user)
    assert Quote.objects.get().read_at == frozen


def test_accepting_binds_and_asks_for_the_deposit(case, offer, coordinator, user, frozen):
    quote = issued_quote(case, coordinator, offer=offer, deposit_minor=500_000)
    quote = quotes.accept_quote(quote, by=user, version=1, language="ar")
    case.refresh_from_db()
    assert (quote.state, quote.answered_by, quote.answer_language) == ("accepted", user, "ar")
    assert (quote.answered_at, quote.read_at, case.state) == (frozen, frozen, "accepted")
    obligation = Obligation.objects.get()
    assert (obligation.kind, obligation.amount_minor, obligation.quote) == (
        "deposit",
        500_000,
        quote,
    )
    assert ("quote_accepted", {"quote": quote.public_id, "version": 1}) in actions(case)
    assert kinds()[-1] == "payments.quote_accepted"


def test_a_case_with_an_appointment_becomes_scheduled(case, coordinator, patient):
    AppointmentFactory(case=case, patient=patient, slot__offer__hospital=case.hospital)
    accepted_quote(case, coordinator)
    case.refresh_from_db()
    assert case.state == "scheduled"
    assert Obligation.objects.count() == 0


def test_only_the_patients_account_answers(case, coordinator, stranger):
    quote = issued_quote(case, coordinator)
    for person in (stranger, coordinator):
        refused(refusals.NotYourQuote, quotes.accept_quote, quote, by=person, version=1)
        refused(refusals.NotYourQuote, quotes.decline_quote, quote, by=person, version=1)


def test_a_draft_cannot_be_answered(case, coordinator, user):
    draft = drafted_quote(case, coordinator)
    refused(refusals.NotYourQuote, quotes.accept_quote, draft, by=user, version=1)


def test_a_stale_version_is_refused(case, coordinator, user):
    quote = issued_quote(case, coordinator)
    refused(refusals.StaleQuote, quotes.accept_quote, quote, by=user, version=2)
    quotes.supersede(quote, by=coordinator)
    refused(refusals.StaleQuote, quotes.accept_quote, quote, by=user, version=1)


def test_the_last_second_counts_at_the_hospital(case, coordinator, user):
    quote = issued_quote(case, coordinator)
    end = dt.datetime(2026, 12, 3, 16, 0, tzinfo=dt.UTC)
    assert quote.ends_at == end
    with clock.freeze(end):
        refused(refusals.QuoteExpired, quotes.accept_quote, quote, by=user, version=1)
        refused(refusals.QuoteExpired, quotes.decline_quote, quote, by=user, version=1)
    with clock.freeze(end - dt.timedelta(seconds=1)):
        assert quotes.accept_quote(quote, by=user, version=1).state == "accepted"


def test_an_answer_is_given_once(case, coordinator, user):
    quote = accepted_quote(case, coordinator)
    refused(Refusal, quotes.accept_quote, quote, by=user, version=1)
    refused(Refusal, quotes.decline_quote, quote, by=user, version=1)


def test_declining_keeps_the_words_secret(case, coordinator, user):
    quote = issued_quote(case, coordinator)
    quote = quotes.decline_quote(quote, by=user, version=1, reason="My heart is too weak")
    case.refresh_from_db()
    assert (quote.state, quote.decline_reason) == ("declined", "My heart is too weak")
    assert case.state == "quoted"
    assert all("heart" not in str(row) for row in CaseEvent.objects.values())
    stored = Quote.objects.extra(select={"raw": "decline_reason"}).values_list("raw", flat=True)  # noqa: S610
    assert "heart" not in stored[0]
    assert quotes.draw_up(case, by=coordinator).version == 2


def test_quotes_expire_when_their_day_is_over_at_the_hospital(case, coordinator, user):
    quote = issued_quote(case, coordinator)
    with clock.freeze(quote.ends_at - dt.timedelta(seconds=1)):
        assert quotes.expire_quotes() == 0
    with clock.freeze(quote.ends_at):
        assert quotes.expire_quotes() == 1
        assert quotes.expire_quotes() == 0
        refused(refusals.QuoteExpired, quotes.accept_quote, quote, by=user, version=1)
    quote.refresh_from_db()
    assert quote.state == "expired"
    assert actions(case)[-1] == ("quote_expired", {"quote": quote.public_id, "version": 1})


# ---- change orders ------------------------------------------------------------------------------


def more_nights():
    return [
        quote_line(),
        quote_line(
            "Ward", 80_000, quantity=Decimal(7), unit="night", high_unit_price_minor=100_000
        ),
    ]


def test_a_change_order_binds_only_when_it_is_accepted(case, offer, coordinator, user):
    first = accepted_quote(case, coordinator, offer=offer, deposit_minor=500_000)
    second = change_order(
        first, coordinator, lines=more_nights(), likely_minor=3_600_000, deposit_minor=700_000
    )
    first.refresh_from_db()
    assert (first.state, second.state, second.version) == ("accepted", "issued", 2)
    assert (second.is_change_order, second.replaces) == (True, first)
    assert kinds()[-2:] == ["payments.quote_change_order", "payments.quote_expiring"]
    second = quotes.accept_quote(second, by=user, version=2)
    first.refresh_from_db()
    assert (first.state, second.state) == ("superseded", "accepted")
    assert list(Obligation.objects.order_by("pk").values_list("kind", "amount_minor")) == [
        ("deposit", 500_000),
        ("top_up", 200_000),
    ]


def dues():
    rows = Obligation.objects.order_by("pk")
    return list(rows.values_list("kind", "amount_minor", "closed_reason"))


@pytest.mark.parametrize(("deposit", "left"), [(200_000, [("deposit", 200_000, "")]), (0, [])])
def test_a_lower_deposit_takes_the_place_of_the_one_nobody_began_to_pay(
    case, offer, coordinator, user, deposit, left
):
    first = accepted_quote(case, coordinator, offer=offer, deposit_minor=500_000)
    second = change_order(
        first, coordinator, lines=more_nights(), likely_minor=3_600_000, deposit_minor=deposit
    )
    assert dues() == [("deposit", 500_000, "")], "it binds when it is accepted"
    quotes.accept_quote(second, by=user, version=2)
    assert dues() == [("deposit", 500_000, "deposit_changed"), *left]


def test_a_deposit_that_is_paid_or_being_paid_stays(case, offer, coordinator, user):
    first = accepted_quote(case, coordinator, offer=offer, deposit_minor=500_000)
    PaymentFactory(obligation=Obligation.objects.get())
    second = change_order(
        first, coordinator, lines=more_nights(), likely_minor=3_600_000, deposit_minor=200_000
    )
    quotes.accept_quote(second, by=user, version=2)
    assert dues() == [("deposit", 500_000, "")]


def test_a_declined_change_order_leaves_the_quote_in_force(case, coordinator, user):
    first = accepted_quote(case, coordinator)
    second = change_order(first, coordinator, lines=more_nights(), likely_minor=3_600_000)
    quotes.decline_quote(second, by=user, version=2)
    first.refresh_from_db()
    assert first.state == "accepted"
    third = quotes.supersede(first, by=coordinator, reason="Another try")
    assert (third.version, third.replaces) == (3, first)


def test_a_change_order_names_its_reason(case, coordinator):
    first = accepted_quote(case, coordinator)
    refused(refusals.NoChangeReason, quotes.supersede, first, by=coordinator, reason=" ")
    draft = quotes.supersede(first, by=coordinator, reason="More nights")
    draft = quotes.set_lines(draft, lines=typical_lines(), terms=terms(change_reason=""))
    refused(refusals.NoChangeReason, quotes.issue_quote, draft, by=coordinator)


def test_a_changed_change_order_still_changes_what_is_in_force(case, coordinator):
    first = accepted_quote(case, coordinator)
    second = change_order(first, coordinator, lines=more_nights(), likely_minor=3_600_000)
    third = quotes.supersede(second, by=coordinator)
    second.refresh_from_db()
    assert (second.state, third.replaces, third.change_reason) == (
        "superseded",
        first,
        "One more night",
    )


def test_superseding_takes_back_a_quote_at_once_and_copies_it(case, coordinator):
    first = issued_quote(case, coordinator)
    second = quotes.supersede(first, by=coordinator)
    first.refresh_from_db()
    assert (first.state, second.state, second.valid_until) == ("superseded", "draft", None)
    copied = [
        "label", "tier", "quantity", "unit", "unit_price_minor", "high_unit_price_minor",
        "inclusion", "source", "as_of", "label_words", "position",
    ]  # fmt: skip
    assert list(second.lines.values(*copied)) == list(first.lines.values(*copied))
    refused(refusals.DraftExists, quotes.supersede, first, by=coordinator)
    quotes.discard_draft(second)
    refused(refusals.StaleQuote, quotes.supersede, first, by=coordinator)
