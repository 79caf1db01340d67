"""The demonstration: labelled everywhere, no claim about a hospital, bookable, and made only once."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import models, transaction

from accounts.models import User
from bookings.models import Appointment, Schedule, ScheduleException, Slot
from bookings.services.appointments import book_slot
from bookings.services.calendar_days import plan_calendar_days
from bookings.services.demonstration.load import (
    CatalogueMissing,
    NotADemonstration,
    keep_fresh,
    load_demonstration,
)
from bookings.services.demonstration.people import logins
from hospitals.models import (
    CatalogueLoad,
    Doctor,
    DoctorLanguage,
    Equipment,
    Hospital,
    Interpreter,
    Offer,
    PriceEvidence,
    PriceLine,
)
from hospitals.models.doctor import LanguageProof
from hospitals.models.offer import Tier
from hospitals.models.treatment import BookingMode
from hospitals.services.catalogue.load import load_catalogue
from medtour.lib import clock
from tests.conftest import MONDAY_MORNING

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.long]
NEVER_OFFERED = [
    "ivf",
    "bnct",
    "car-t-lymphoma",
    "car-t-myeloma",
    "vorasidenib-therapy",
    "living-donor-liver-transplant-paediatric",
    "bone-marrow-transplant",
    "stem-cell-knee-oa",
    "stem-cell-heart",
    "autologous-lung-cell",
    "nk-cell-therapy",
    "lecanemab-infusion",
    "cosmetic-surgery",
]
PASSWORD = "look-around-2026"


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[dict[str, int]]:
    """Load catalogue and demonstration once for this file, on a Monday morning."""
    with (
        django_db_blocker.unblock(),
        clock.freeze(MONDAY_MORNING),
        transaction.atomic(),
    ):
        load_catalogue(also=(plan_calendar_days,))
        yield load_demonstration()
        transaction.set_rollback(True)


def test_it_is_refused_where_nothing_is_demonstrated(settings):
    settings.DEMONSTRATION = False
    with pytest.raises(NotADemonstration):
        load_demonstration()
    with pytest.raises(CommandError, match="DEMONSTRATION is off"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_it_needs_the_catalogue():
    with pytest.raises(CatalogueMissing):
        load_demonstration()
    assert not User.objects.exists()


def test_how_much_is_made(made):
    modes = Counter(Offer.objects.values_list("booking_mode", flat=True))
    assert modes == {BookingMode.INSTANT: 168, BookingMode.WINDOW: 25, BookingMode.CASE: 59}
    assert Offer.objects.values("hospital").order_by().distinct().count() == 28
    assert made["offers"] == 252
    assert made["slots"] == Slot.objects.count() > 10_000


def test_it_covers_the_named_cities(made):
    cities = set(Offer.objects.values_list("hospital__city__slug", flat=True))
    assert cities >= {
        "shanghai",
        "beijing",
        "qionghai",
        "guangzhou",
        "shenzhen",
        "kunming",
        "hangzhou",
        "harbin",
        "suifenhe",
        "heihe",
        "dongxing",
    }


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("name_en", "Sample doctor"),
        ("name_zh_hans", "示例医生"),
        ("name_ru", "Врач-образец"),
        ("name_ind", "Dokter contoh"),
        ("name_vi", "Bác sĩ mẫu"),
        ("name_mn", "Жишээ эмч"),
        ("name_ar", "الطبيب النموذجي"),
        ("name_fr", "Médecin exemple"),
    ],
)
def test_every_doctor_is_called_a_sample_in_every_language(made, field, word):
    names = Doctor.objects.values_list(field, flat=True)
    assert len(names) == 106
    assert all(name.startswith(word) for name in names)


def test_everything_invented_is_marked(made):
    for model in (Doctor, Offer, Interpreter, Equipment, User):
        assert model.objects.count() > 5
        assert not model.objects.filter(is_demonstration=False).exists()
    assert all(name.startswith("Sample interpreter ") for name in _names(Interpreter, "name"))
    assert all(name.startswith("Sample device: ") for name in _names(Equipment, "name_en"))
    proofs = set(DoctorLanguage.objects.values_list("proof", flat=True))
    assert proofs == {LanguageProof.SELF_STATED}


def _names(model: type[models.Model], field: str) -> list[str]:
    return list(model.objects.values_list(field, flat=True))


def test_every_price_says_that_it_is_not_the_hospitals(made):
    lines = PriceLine.objects.all()
    assert set(lines.values_list("source", "confidence", "as_of").order_by()) == {
        ("Demonstration price, not from the hospital", "low", "2026-11-23")
    }
    assert Counter(lines.values_list("tier", flat=True)).keys() == set(Tier.values)
    assert set(Offer.objects.values_list("pk", flat=True)) == set(
        lines.values_list("offer", flat=True)
    )


def test_no_price_repeats_a_figure_that_was_really_reported(made):
    evidence = PriceEvidence.objects.filter(treatment=models.OuterRef("offer__treatment"))
    same = models.Q(low_minor=models.OuterRef("amount_minor")) | models.Q(
        high_minor=models.OuterRef("amount_minor")
    )
    assert not PriceLine.objects.filter(models.Exists(evidence.filter(same))).exists()


def test_what_needs_a_special_permission_is_never_offered(made):
    assert not Offer.objects.filter(treatment__slug__in=NEVER_OFFERED).exists()
    with_flags = Offer.objects.exclude(treatment__flags=[]).values_list("treatment__flags")
    regulated = {flag for (flags,) in with_flags for flag in flags}
    assert regulated <= {"two-visits", "dvt-flight-advice", "not-suited-short-stay"}


def test_nothing_is_written_into_a_real_hospital(made):
    claimed = Hospital.objects.exclude(licence_number="", payee="")
    assert not claimed.exists()
    assert not Offer.objects.filter(asks_deposit_online=True).exists()


def test_every_hospital_has_a_consultation_with_places_left(made):
    consultations = Offer.objects.filter(
        treatment__slug="specialist-consultation", slots__is_open=True
    )
    assert consultations.values("hospital").order_by().distinct().count() == 28


def test_times_reach_sixty_days_and_follow_the_hospitals_clock(made):
    last = clock.local(Slot.objects.latest("starts_at").starts_at, "Asia/Shanghai").date()
    assert last == dt.date(2027, 1, 21)
    walls = {clock.local(slot.starts_at, "Asia/Shanghai").time() for slot in Slot.objects.all()}
    assert min(walls) == dt.time(9, 0)
    assert max(walls) < dt.time(16, 30)
    assert set(Slot.objects.values_list("capacity", flat=True)) == {1, 2, 3, 4}


def test_offers_that_need_a_case_have_no_times_and_all_others_have(made):
    with_times = set(Slot.objects.values_list("offer", flat=True))
    bookable = Offer.objects.exclude(booking_mode=BookingMode.CASE)
    assert with_times == set(bookable.values_list("pk", flat=True))


def test_new_years_day_and_the_training_day_are_closed(made):
    assert _slots_on(dt.date(2027, 1, 1)) == 0
    closed = set(ScheduleException.objects.values_list("date", "kind"))
    assert closed == {(dt.date(2026, 12, 16), "closed")}
    assert _slots_on(dt.date(2026, 12, 16)) == 0
    assert _slots_on(dt.date(2026, 12, 15)) > 100


def _slots_on(day: dt.date) -> int:
    start, end = clock.day_bounds(day, "Asia/Shanghai")
    return Slot.objects.filter(starts_at__gte=start, starts_at__lt=end).count()


def test_one_day_is_full_and_the_next_nearly(made):
    scans = Slot.objects.filter(
        hospital__slug="ruijin-hospital", offer__treatment__slug="mri-scan", booked__gt=0
    )
    by_day = Counter(clock.local(slot.starts_at, "Asia/Shanghai").date() for slot in scans)
    assert by_day == {dt.date(2026, 11, 28): 3, dt.date(2026, 11, 30): 2}
    assert made["bookings"] == 5


def test_texts_are_there_in_the_three_complete_languages(made):
    for field in ("inclusions", "exclusions", "preparation"):
        for language in ("en", "zh_hans", "ar"):
            assert not Offer.objects.filter(**{f"{field}_{language}": None}).exists()
            assert not Offer.objects.filter(**{f"{field}_{language}": ""}).exists()


def test_loading_again_makes_nothing_and_keeps_what_people_did(made):
    patient = User.objects.get(email="anna@patient.example").patients.get()
    tomorrow = MONDAY_MORNING + dt.timedelta(days=1)
    slot = Slot.objects.filter(is_open=True, starts_at__gt=tomorrow).first()
    kept = book_slot(slot, patient=patient, by=patient.account, language="en")
    line = PriceLine.objects.first()
    PriceLine.objects.filter(pk=line.pk).update(amount_minor=12_345)
    before = _counts()
    assert load_demonstration() == {"offers": 0, "slots": 0, "bookings": 0}
    assert _counts() == before
    kept.refresh_from_db()
    line.refresh_from_db()
    assert (kept.state, line.amount_minor) == ("confirmed", 12_345)


def _counts() -> list[int]:
    kinds = (Doctor, Offer, PriceLine, Schedule, Slot, Appointment, User, ScheduleException)
    return [kind.objects.count() for kind in kinds]


def test_a_week_later_a_week_of_times_is_added(made):
    with clock.freeze(MONDAY_MORNING + dt.timedelta(days=7)):
        again = load_demonstration()
        last = clock.local(Slot.objects.latest("starts_at").starts_at, "Asia/Shanghai").date()
    assert (again["offers"], again["bookings"]) == (0, 0)
    assert 500 < again["slots"] < 3_000
    assert last == dt.date(2027, 1, 28)


def test_sample_times_are_confirmed_again_after_a_week(made):
    assert keep_fresh() == 0
    later = MONDAY_MORNING + dt.timedelta(days=8)
    with clock.freeze(later):
        ahead = Slot.objects.filter(starts_at__gt=later, withdrawn_at=None)
        assert keep_fresh() == ahead.count() > 10_000
        assert set(ahead.values_list("last_confirmed_at", flat=True)) == {later}


def test_the_command_indexes_what_it_made_once(made, capsys):
    call_command("load_demo")
    mark = CatalogueLoad.objects.get(what="demonstration")
    call_command("load_demo")
    assert mark.fingerprint == "252 offers"
    assert CatalogueLoad.objects.get(what="demonstration").loaded_at == mark.loaded_at
    assert (
        capsys.readouterr().out.splitlines()
        == ["The demonstration is loaded: 0 offers, 0 slots and 0 bookings made."] * 2
    )


def test_the_people_can_sign_in(made, client):
    for login in logins():
        assert client.login(email=login.email, password=PASSWORD), login.email
        client.logout()
    assert [login.role for login in logins()] == [
        "patient",
        "patient",
        "coordinator",
        "cashier",
        "cashier",
        "coordinator",
        "officer",
        "operator",
    ]
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == User.objects.count()


def test_the_people_have_their_places(made):
    coordinator = User.objects.get(email="coordinator@ruijin.example")
    assert coordinator.hospital_memberships.get().hospital.slug == "ruijin-hospital"
    staff = User.objects.filter(is_staff=True).values_list("email", "is_superuser")
    assert dict(staff) == {
        "coordinator@ruijin.example": False,
        "coordinator@boao.example": False,
        "cashier@ruijin.example": False,
        "approver@ruijin.example": False,
        "operator@medtour.example": True,
    }
    amal = User.objects.get(email="amal@patient.example")
    assert (amal.locale, amal.time_zone, amal.currency) == ("ar", "Asia/Dubai", "AED")
    assert not User.objects.get(email="guest@patient.example").has_usable_password()


def test_the_log_ins_are_printed_only_in_a_demonstration(made, settings, capsys):
    call_command("demo_logins")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[0].split() == ["patient", "anna@patient.example", PASSWORD]
    settings.DEMONSTRATION = False
    call_command("demo_logins")
    assert capsys.readouterr().out == "There are no demonstration log-ins here.\n"


def test_an_account_of_somebody_else_is_left_alone(made):
    User.objects.filter(email="officer@insurer.example").update(
        is_demonstration=False, called="Real person"
    )
    load_demonstration()
    assert "officer@insurer.example" not in [login.email for login in logins()]
    assert User.objects.get(email="officer@insurer.example").called == "Real person"
