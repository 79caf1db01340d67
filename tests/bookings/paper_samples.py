"""One paper of every kind from rows that are never saved, so that each can be set and looked at.

Names and words are in several scripts on purpose: a paper in one language holds others.
"""

import datetime as dt
from typing import Any

from accounts.models import Patient, User
from bookings.models import Appointment, Case, InvitationLetter, Slot
from bookings.papers.after import discharge_paper, hand_back_paper
from bookings.papers.instructions import instructions_paper
from bookings.papers.invitation import invitation_paper
from bookings.papers.voucher import voucher_paper
from bookings.selectors.hand_backs import HandBackContents
from bookings.selectors.recovery import DueTest
from hospitals.models import City, Doctor, Hospital, Offer, Treatment, VisitPreparation
from hospitals.presenters.address_card import address_card

NINE = dt.datetime(2027, 3, 9, 1, tzinfo=dt.UTC)
AT = dt.datetime(2027, 2, 1, 3, tzinfo=dt.UTC)
CHECK = "https://medtour.example/zh-hans/v/WyJhYmNkZWZnaGprbW5wcXJzdHV2d3h5ejIzIiwxXQ:1vAbCd:xyz/"


def hospital() -> Hospital:
    return Hospital(
        slug="first-hospital",
        name_en="First Hospital",
        name_zh_hans="第一医院国际部",
        name_ar="المستشفى الأول",
        name_ru="Первая больница",
        address_en="1 Long Road, Huangpu District",
        address_zh_hans="上海市黄浦区长路1号国际医疗部三楼",
        city=City(name_en="Shanghai", name_zh_hans="上海", name_ar="شنغهاي", name_ru="Шанхай"),
        telephone="+862155550000",
        time_zone="Asia/Shanghai",
    )


def offer(place: Hospital) -> Offer:
    made = Offer(
        hospital=place,
        treatment=Treatment(name_en="Knee replacement", name_zh_hans="膝关节置换术"),
        preparation_en="Bring your passport\nWear clothes that are easy to take off",
        preparation_zh_hans="请带护照\n请穿方便脱换的衣服",
        preparation_ar="أحضر جواز سفرك\nالبس ملابس سهلة الخلع",
        is_demonstration=True,
    )
    made.visit_preparation = VisitPreparation(
        offer=made,
        fasting_hours=8,
        clear_fluids_hours=2,
        medicines_en="Stop blood thinners only when your doctor says so",
        documents_en="MRI pictures of the knee\nA letter of your doctor",
    )
    return made


def appointment() -> Appointment:
    place = hospital()
    account = User(email="anna@patient.example", time_zone="Asia/Ulaanbaatar", locale="mn")
    patient = Patient(account=account, passport_name="GANBAATAR ÖNÖR")
    slot = Slot(
        offer=offer(place),
        hospital=place,
        starts_at=NINE,
        ends_at=NINE + dt.timedelta(minutes=30),
        doctor=Doctor(name_en="Li Wei", name_zh_hans="李伟"),
    )
    return Appointment(
        public_id="q" * 26,
        reference="ABCDE23456",
        hospital=place,
        slot=slot,
        state="confirmed",
        patient=patient,
        booker=account,
        case=Case(patient=patient, hospital=place, reference="CASE234567"),
        language="mn",
    )


def letter() -> InvitationLetter:
    row = appointment()
    return InvitationLetter(
        number="INVIT23456",
        case=row.case,
        appointment=row,
        starts_at=NINE,
        is_demonstration=True,
        issued_at=AT,
        facts={
            "name": "GANBAATAR ÖNÖR",
            "nationality": "MN",
            "passport_number": "E1234567",
            "first_on": "2027-03-08",
            "last_on": "2027-03-22",
            "contact": "Wang Fang 王芳, International Department",
            "telephone": "+86 21 5555 0000",
            "date_of_birth": "1980-02-03",
            "companions": ["BAT SARNAI", "Nguyễn Thị Hương"],
        },
    )


def discharged() -> HandBackContents:
    return HandBackContents(
        language="mn",
        patient_name="GANBAATAR ÖNÖR",
        date_of_birth=dt.date(1980, 2, 3),
        hospital_name="First Hospital",
        hospital_name_zh="第一医院国际部",
        hospital_city="Shanghai",
        case_reference="CASE234567",
        discharged_on=dt.date(2027, 3, 16),
        summary="Зүүн өвдөгний үе солих мэс засал амжилттай болсон.\nӨдөр бүр дасгал хийнэ.",
        summary_zh="左膝关节置换术后，恢复良好。\n每日锻炼。",
        translation_status="translated by a person",
        translator_name="Ц. Болд",
        medicines=[{"inn": "paracetamol", "dose": "500 мг, өдөрт 4 удаа хүртэл"}],
        implants=[{"name": "Knee", "udi": "(01)00844588003288"}],
        restrictions=["Өвдөглөж болохгүй"],
        flying="14 хоногийн дараа нисэж болно",
        warning_signs=["Гэнэт амьсгаадах", "ألم شديد في الساق", "Sudden breathlessness"],
        tests=[
            DueTest("Haemoglobin", dt.date(2027, 4, 1), "below 90 g/L"),
            DueTest("تصوير الركبة", None, ""),
        ],
        no_tests_needed=False,
        contact="Ward 7, +86 21 5555 0000",
        version=2,
        recorded_at=AT,
        is_demonstration=True,
    )


def voucher(language: str) -> dict[str, Any]:
    return voucher_paper(appointment(), language, check_url=CHECK, is_named=True)


def linked_voucher(language: str) -> dict[str, Any]:
    return voucher_paper(appointment(), language, check_url=CHECK, is_named=False)


SAMPLES = {
    "address_card": lambda language: address_card(hospital(), language),
    "voucher": voucher,
    "instructions": lambda language: instructions_paper(appointment(), language),
    "invitation": lambda language: invitation_paper(letter(), language),
    "discharge": lambda language: discharge_paper(discharged(), language),
    "hand_back": lambda language: hand_back_paper(discharged(), language),
}
