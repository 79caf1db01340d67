"""Every kind of paper in every language: no glyph is missing, the direction is right, PDF/A-2b."""

import datetime as dt
import io
import re

import pytest
from django.conf import settings
from pypdf import PdfReader

from hospitals.models import CancellationPolicy
from medtour.lib import papers
from medtour.lib.paper_kinds import PAPERS, PaperIsPrivate, Privacy, attachable
from payments.guarantee_paper import guarantee_paper
from payments.presenters.claim_paper import claim_paper
from payments.presenters.quote_paper import quote_paper
from payments.presenters.receipt_paper import receipt_paper
from tests.bookings.paper_samples import AT, SAMPLES
from tests.factories import AppointmentFactory, CaseFactory, OfferFactory, claims, guarantees
from tests.factories.quotes import drafted_quote, issued_quote
from tests.payments.test_receipt_paper import receipt

pytestmark = pytest.mark.long
LANGUAGES = [code for code, _name in settings.LANGUAGES]
MONEY = ("receipt", "guarantee", "claim", "quote")
HEALTH = re.compile(r"medic|treat|diagn|discharge|knee|hospital|surg|health", re.IGNORECASE)
MIDDLE = 297.0


def read(body: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(body))


def text_of(body: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(body).pages).split())


def head_of(body: bytes, brand: str) -> float:
    """Return how far from the left edge the brand above the title begins, in points."""
    places: list[float] = []

    def visit(text, matrix, _text_matrix, _font, _size):
        if brand in text:
            places.append(matrix[4])

    read(body).pages[0].extract_text(visitor_text=visit)
    return places[0]


def is_archived(body: bytes, language: str) -> bool:
    catalogue = read(body).root_object
    tag = str(catalogue["/Lang"]).lower()
    has_mark = b"pdfaid:part>2<" in body and b"pdfaid:conformance>B<" in body
    return has_mark and tag.startswith(language.partition("-")[0])


@pytest.fixture
def data_of(db, frozen, patient, coordinator, hospital):
    """Return a function that gives the data of a money paper in a language."""
    bands = [[336, 100], [72, 50]]
    policy = CancellationPolicy.objects.create(hospital=hospital, name="Surgery", bands=bands)
    made = {
        "receipt": lambda: receipt(payer="Ганбаатар Өнөр"),
        "guarantee": lambda: guarantees.approve(
            guarantees.submitted(guarantees.waiting_appointment(patient=patient))
        ),
        "claim": lambda: claims.complete(claims.drafted_claim()),
        "quote": lambda: issued_quote(
            CaseFactory(patient=patient, hospital=hospital, state="in_triage"),
            coordinator,
            offer=OfferFactory(hospital=hospital, cancellation_policy=policy),
            deposit_minor=500_000,
        ),
    }
    papers_of = {
        "receipt": receipt_paper,
        "guarantee": guarantee_paper,
        "claim": claim_paper,
        "quote": quote_paper,
    }

    def give(kind):
        row = made[kind]()
        return lambda language: papers_of[kind](row, language)

    return give


def test_every_kind_of_the_table_is_set_here():
    assert set(PAPERS) == {*SAMPLES, *MONEY}


def check(kind, paper, language):
    data = paper(language)
    body = papers.archived_pdf(kind, data, language=language, at=AT)
    assert is_archived(body, language)
    assert data["rtl"] is (language == "ar")
    if data["brand"] == "Medtour":
        assert (head_of(body, "Medtour") > MIDDLE) is data["rtl"]
    assert data["number"] in text_of(body)
    if language != "ar":  # letters that are joined are not copied out one by one
        assert " ".join(data["title"].split()) in text_of(body)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_paper_of_a_booking(kind, language):
    check(kind, SAMPLES[kind], language)


@pytest.mark.parametrize("kind", MONEY)
def test_a_paper_of_money(data_of, kind):
    paper = data_of(kind)
    for language in LANGUAGES:
        check(kind, paper, language)


def test_a_missing_glyph_fails_the_build():
    """The negative control: the check that all the others rest on."""
    data = SAMPLES["voucher"]("en")
    data["title"] = "A \U0001342f"
    with pytest.raises(papers.PaperBroken):
        papers.archived_pdf("voucher", data, language="en", at=AT)


def test_markup_of_others_stays_literal_in_every_block():
    from bookings.papers.after import hand_back_paper
    from tests.bookings.paper_samples import discharged

    odd = '#panic("x") *bold* $x$ <label> @ref'
    said = discharged()
    changes = {"summary": odd, "restrictions": [odd], "contact": odd, "flying": odd}
    data = hand_back_paper(type(said)(**{**_fields(said), **changes}), "en")
    body = papers.archived_pdf("hand_back", data, language="en", at=AT)
    assert text_of(body).count('#panic("x") *bold* $x$ <label> @ref') == 4


def _fields(said):
    return {name: getattr(said, name) for name in said.__dataclass_fields__}


@pytest.mark.parametrize("kind", PAPERS.values(), ids=lambda kind: kind.name)
def test_only_what_names_nobody_may_be_attached_and_no_file_name_tells_of_health(kind):
    assert not HEALTH.search(kind.file_name("ABC"))
    if kind.privacy is Privacy.ATTACHED:
        assert attachable(kind.name) is kind
    else:
        with pytest.raises(PaperIsPrivate):
            attachable(kind.name)


def test_the_card_for_the_driver_is_the_only_paper_in_a_mailbox():
    attached = [kind.name for kind in PAPERS.values() if kind.privacy is Privacy.ATTACHED]
    assert attached == ["address_card"]


# ---- what each says ------------------------------------------------------------------------------


def words_of(kind, language="en"):
    data = SAMPLES[kind](language)
    return text_of(papers.archived_pdf(kind, data, language=language, at=AT))


def test_the_voucher_says_when_and_where_and_never_what_for():
    text = words_of("voucher")
    for words in (
        "Tuesday 9 March 2027 · 09:00",
        "Shanghai time, UTC+8",
        "Ulaanbaatar time, UTC+8",
        "GANBAATAR ÖNÖR",
        "ABCDE23456",
        "第一医院国际部",
        "+86 21 5555 0000",
        "请送我到这里，谢谢。",
    ):
        assert words in text, words
    assert "Knee" not in text
    assert "膝" not in text


def test_behind_a_link_the_voucher_names_nobody():
    from tests.bookings.paper_samples import linked_voucher

    body = papers.archived_pdf("voucher", linked_voucher("en"), language="en", at=AT)
    text = text_of(body)
    assert "GANBAATAR" not in text
    assert "Li Wei" not in text
    assert "This paper names nobody, because it was opened by a link." in text


def test_instructions_count_the_hours_back_on_the_hospitals_clock():
    text = words_of("instructions")
    assert (
        "Eat nothing from this time on: Tuesday 9 March 2027, 01:00, time at the hospital." in text
    )
    assert (
        "Drink nothing from this time on, not even water: "
        "Tuesday 9 March 2027, 07:00, time at the hospital." in text
    )
    assert "MRI pictures of the knee" in text


def test_what_the_hospital_has_not_said_is_named_as_not_said():
    from bookings.papers.instructions import eating_lines
    from tests.bookings.paper_samples import appointment

    row = appointment()
    preparation = row.slot.offer.visit_preparation
    for eating, drinking, expected in (
        (None, None, ["The hospital has not said whether you may eat before. Please ask it."]),
        (0, 0, ["You may eat before the visit.", "You may drink water before the visit."]),
        (
            0,
            None,
            [
                "You may eat before the visit.",
                "The hospital has not said whether you may drink before. Please ask it.",
            ],
        ),
    ):
        preparation.fasting_hours, preparation.clear_fluids_hours = eating, drinking
        assert eating_lines(row, "en") == expected


def test_the_letter_invites_in_two_languages_and_promises_no_visa():
    text = words_of("invitation")
    for words in (
        "Demonstration: this letter is not real. It cannot be used for a visa.",
        "E1234567",
        "3 Feb 1980",
        "Mongolia",
        "from Monday 8 March 2027 to Monday 22 March 2027",
        "2027年3月8日",
        "BAT SARNAI",
        "promises no visa",
    ):
        assert words.replace(" ", "") in text.replace(" ", ""), words
    assert "nee" not in text.replace("needed", "")


def test_a_dose_keeps_its_order_in_an_arabic_paper():
    data = SAMPLES["discharge"]("ar")
    rows = [row for block in data["blocks"] for row in block.get("rows", [])]
    (dose,) = [row for row in rows if row["label"] == "paracetamol"]
    assert (dose["value"], dose["ltr"]) == ("500 мг, өдөрт 4 удаа хүртэл", True)


def test_the_home_doctor_reads_the_tests_first_and_the_patient_the_warning_signs():
    doctor, patient = SAMPLES["hand_back"]("en"), SAMPLES["discharge"]("en")
    assert doctor["blocks"][1]["title"] == "Please do these tests"
    assert patient["blocks"][1]["title"] == "Warning signs"


def test_a_quote_on_paper_has_every_line_with_its_source(data_of):
    data = data_of("quote")("en")
    text = text_of(papers.archived_pdf("quote", data, language="en", at=dt.datetime.now(dt.UTC)))
    for words in (
        "CNY 34,500.00",
        "Ward (5 night × CNY 800.00 – CNY 1,000.00)",
        "CNY 4,000.00 – CNY 5,000.00",
        "Set by the hospital for this quote, 23 Nov 2026",
        "deposit of CNY 5,000.00",
        "Not included",
    ):
        assert words.replace("\xa0", " ") in text.replace("\xa0", " "), words


def test_a_draft_is_no_paper(client, user, patient, coordinator, frozen):
    from django.urls import reverse

    draft = drafted_quote(AppointmentFactory(patient=patient).case, coordinator)
    client.force_login(user)
    assert client.get(reverse("payments:quote_pdf", args=[draft.public_id])).status_code == 404
