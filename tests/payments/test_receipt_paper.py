"""The receipt as a PDF: eight languages, the ledger's sums, nobody's markup, who may have it."""

import datetime as dt
import io

import pytest
from babel.numbers import get_decimal_symbol
from django.conf import settings
from django.urls import reverse
from pypdf import PdfReader

from medtour.lib import papers
from medtour.lib.money import Money, locale_of
from payments.links import sign_share
from payments.models import Receipt
from payments.presenters.receipt_paper import receipt_paper
from payments.services.receipts import issue_receipt
from tests.factories import (
    AppointmentFactory,
    ObligationFactory,
    PaymentFactory,
    PaymentShareFactory,
    UserFactory,
)
from tests.payments.paid import card_payment

LANGUAGES = [code for code, _name in settings.LANGUAGES]
AT = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
FACTS = {
    "kind": "payment",
    "payee": "Test Hospital International Ltd",
    "payee_country": "HK",
    "is_demonstration": True,
    "hospital": {"en": "Test Hospital", "zh-hans": "测试医院", "ar": "مستشفى"},
    "zone": "Asia/Shanghai",
    "case": "C7QK2M",
    "reference": "K7WQ2MXD",
    "due": "deposit",
    "gateway": "stripe",
    "rate": "0.1417841380",
    "rate_on": "2026-11-20",
    "rate_source": "European Central Bank",
    "charge": {"minor": 54_900, "currency": "USD"},
    "contract": {"minor": 387_000, "currency": "CNY"},
    "surplus": {"minor": 0, "currency": "CNY"},
    "at": AT.isoformat(),
    "received_on": "",
    "method": "card",
}


def receipt(payer="Aunt", **facts):
    return Receipt(number="2026-0017-000042", payer=payer, issued_at=AT, facts={**FACTS, **facts})


def made(one, language="en"):
    """Return the PDF/A of a receipt."""
    data = receipt_paper(one, language)
    return papers.archived_pdf("receipt.typ", data, language=language, at=one.issued_at)


def text_of(body):
    """Return the text of all pages, every kind of space made one plain space."""
    pages = PdfReader(io.BytesIO(body)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_page_of_pdf_a_in_every_language(language):
    body = made(receipt(), language)
    reader = PdfReader(io.BytesIO(body))
    assert len(reader.pages) == 1
    assert b"pdfaid:part>2<" in body
    assert "2026-0017-000042" in text_of(body)


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "ar"])
@pytest.mark.parametrize(
    ("minor", "currency"), [(387_000, "CNY"), (1_234_567, "JPY"), (1_234_567, "KWD")]
)
def test_sums_stand_there_to_the_minor_unit(language, minor, currency):
    amount = Money(minor, currency)
    text = text_of(made(receipt(charge={"minor": minor, "currency": currency}), language))
    assert " ".join(amount.formatted(language).split()) in text
    mark = get_decimal_symbol(locale_of(language))
    assert (f"1 CNY = 0{mark}141784138" in text) is (currency != "CNY")


@pytest.mark.parametrize(
    ("minor", "currency", "figure"),
    [
        (387_000, "CNY", "3,870.00"),
        (1_234_567, "JPY", "1,234,567"),
        (1_234_567, "KWD", "1,234.567"),
    ],
)
def test_arabic_has_the_same_figures(minor, currency, figure):
    text = text_of(made(receipt(charge={"minor": minor, "currency": currency}), "ar"))
    assert figure in text


def test_arabic_runs_from_right_to_left_and_codes_do_not():
    paper = receipt_paper(receipt(payer="فاطمة"), "ar")
    assert (paper["rtl"], paper["lang"]) == (True, "ar")
    ltr = {row["value"]: row["ltr"] for row in paper["facts"]}
    assert ltr["C7QK2M"] is True
    assert ltr["فاطمة"] is False
    assert receipt_paper(receipt(), "en")["rtl"] is False


@pytest.mark.parametrize(
    "payer",
    [
        "*bold* _it_ `raw` $x^2$ = head",
        '#panic("x") #read("receipt.typ")',
        "// gone /* gone */",
        "</w> \\ @ref <label> ~",
    ],
)
def test_markup_in_a_name_stays_literal(payer):
    assert payer in text_of(made(receipt(payer=payer)))


@pytest.mark.parametrize(
    "payer", ["Ганбаатар Өнөр", "Nguyễn Thị Hương", "王小明", "فاطمة", "สมชาย", "Ömer Şahin"]
)
@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
def test_names_of_every_script_have_their_glyphs(payer, language):
    assert made(receipt(payer=payer), language)


def test_a_missing_glyph_is_noticed_and_still_gives_a_paper():
    odd = receipt(payer="A \U0001342f")
    with pytest.raises(papers.PaperBroken):
        made(odd)
    data = receipt_paper(odd, "en")
    body = papers.pdf("receipt.typ", data, language="en", at=AT)
    assert body.startswith(b"%PDF")
    assert b"pdfaid" not in body


def test_the_day_is_the_hospitals_own_and_a_bank_names_only_a_day():
    late = receipt(at="2026-11-23T17:30:00+00:00")
    rows = {row["label"]: row for row in receipt_paper(late, "en")["facts"]}
    assert rows["Paid on"]["value"] == "24 Nov 2026 · 01:30"
    assert rows["Paid on"]["note"] == "Beijing time, UTC+8"
    by_bank = receipt(received_on="2026-11-20", method="bank_transfer")
    rows = {row["label"]: row["value"] for row in receipt_paper(by_bank, "en")["facts"]}
    assert (rows["Received on"], rows["Paid with"]) == ("20 Nov 2026", "Bank transfer")


# ---- who may have it ----------------------------------------------------------------------------


@pytest.fixture
def issued(db, frozen, patient):
    due = ObligationFactory(appointment=AppointmentFactory(patient=patient))
    return issue_receipt(card_payment(due))


def address(one):
    return reverse("payments:receipt", args=[one.public_id])


def test_the_owner_gets_it_and_nobody_keeps_it_on_the_way(client, issued, user):
    client.force_login(user)
    answer = client.get(address(issued))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Content-Disposition"] == f'attachment; filename="receipt-{issued.number}.pdf"'
    assert "CNY 1,600.00" in text_of(answer.content)


@pytest.mark.parametrize(("asked", "title"), [("fr", "fr"), ("ar", "ar"), ("xx", "en"), ("", "en")])
def test_the_language_can_be_asked_for(client, issued, user, asked, title):
    client.force_login(user)
    answer = client.get(address(issued), {"language": asked})
    assert PdfReader(io.BytesIO(answer.content)).root_object["/Lang"].startswith(title)


def test_others_find_nothing(client, issued):
    assert client.get(address(issued)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address(issued)).status_code == 404
    other = issue_receipt(PaymentFactory(succeeded=True))
    client.force_login(issued.payment.obligation.case.patient.account)
    assert client.get(address(other)).status_code == 404


def test_it_is_linked_from_the_money_of_the_case(client, issued, user):
    client.force_login(user)
    case = issued.payment.obligation.case
    page = client.get(reverse("payments:case_money", args=[case.public_id])).content.decode()
    assert address(issued) in page


def test_it_never_says_what_was_treated(issued):
    text = text_of(made(issued))
    treatment = issued.payment.obligation.appointment.slot.offer.treatment
    assert treatment.name not in text
    assert str(issued.facts).find(treatment.name) == -1


# ---- whoever paid a share by link ---------------------------------------------------------------


@pytest.fixture
def shared(db, frozen):
    share = PaymentShareFactory(label="Aunt")
    facts = {"share": share, "contract_minor": 50_000, "payer": None, "succeeded": True}
    return issue_receipt(PaymentFactory(obligation=share.obligation, **facts)).payment


def by_link(payment, share=None):
    token = sign_share(share or payment.share)
    return reverse("payments:share_receipt", args=[token, payment.public_id])


def test_a_payer_by_link_gets_the_receipt_of_that_payment(client, shared):
    answer = client.get(by_link(shared))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "strict-origin"
    text = text_of(answer.content)
    assert "CNY 500.00" in text
    assert "Aunt" in text
    assert shared.obligation.case.patient.passport_name not in text


def test_no_other_payments_receipt_opens_with_the_link(client, shared, issued):
    assert client.get(by_link(issued.payment, shared.share)).status_code == 404
    unpaid = PaymentShareFactory(obligation=shared.obligation, label="Uncle")
    assert client.get(by_link(shared, unpaid)).status_code == 404
    wrong = reverse("payments:share_receipt", args=["wrong", shared.public_id])
    assert client.get(wrong).status_code == 404
