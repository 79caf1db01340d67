"""Sample offers with invented prices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modeltranslation.utils import build_localized_fieldname

from bookings.services.demonstration.fixtures import (
    Recipe,
    in_every_language,
    read,
    recipes,
    translations,
)
from hospitals.models import (
    Department,
    Doctor,
    Hospital,
    Offer,
    PriceLine,
    Treatment,
    VisitPreparation,
)
from hospitals.models.hospital import Ownership
from hospitals.models.offer import Tier
from hospitals.models.provenance import Confidence
from hospitals.models.treatment import BookingMode
from medtour.lib import clock
from medtour.lib.money import Money

CONSULTATION = "specialist-consultation"
PRICE_SOURCE = "Demonstration price, not from the hospital"
CURRENCY = "CNY"
MOST_CASES = 2
# Invented hours for sample offers only, by the group of their texts.
FASTING_HOURS = {"checkup": 8, "endoscopy": 8, "surgery": 8}
NO_DRINK_HOURS = 2
PLACES_WITH_BASIC_PRICES = (Ownership.PUBLIC,)


@dataclass(frozen=True)
class Wish:
    """One offer to make: what, in which department, by which doctors."""

    treatment: Treatment
    department: Department | None
    doctors: list[Doctor] = field(default_factory=list)

    @property
    def recipe(self) -> Recipe:
        return recipes()[self.treatment.slug]


def wishes(
    departments: list[Department], extras: list[Treatment], treatments: dict[str, Treatment]
) -> Iterator[Wish]:
    """Yield what a hospital shall offer: a consultation a department, and what fits each one."""
    doctors = _doctors_by_department(departments)
    for department in departments:
        yield Wish(treatments[CONSULTATION], department, doctors[department.pk])
        for treatment in _fitting(department, treatments.values()):
            if treatment not in extras:
                yield Wish(treatment, department, doctors[department.pk][:1])
    known = {department.specialty_id: department for department in departments}
    anybody = doctors[departments[0].pk][:1] if departments else []
    for treatment in extras:
        home = known.get(treatment.specialty_id)
        yield Wish(treatment, home, doctors[home.pk][:1] if home else anybody)


def _fitting(department: Department, treatments: Iterable[Treatment]) -> list[Treatment]:
    """Return a department's treatments, but only the first few that need a case."""
    fitting = [
        treatment
        for treatment in treatments
        if treatment.specialty_id == department.specialty_id and treatment.slug != CONSULTATION
    ]
    cases = [one for one in fitting if recipes()[one.slug].mode == BookingMode.CASE]
    return [one for one in fitting if one not in cases[MOST_CASES:]]


def _doctors_by_department(departments: list[Department]) -> dict[int, list[Doctor]]:
    found: dict[int, list[Doctor]] = {department.pk: [] for department in departments}
    for doctor in Doctor.objects.filter(department__in=departments, is_demonstration=True):
        found[doctor.department_id].append(doctor)
    return found


def make_offers(
    hospital: Hospital, wanted: list[Wish], *, languages: list[str], interpreted: bool
) -> list[tuple[Offer, Wish]]:
    """Create the offers that are missing, with their prices; returns only the new ones."""
    present = set(
        Offer.objects.filter(hospital=hospital, is_demonstration=True).values_list(
            "treatment_id", "department_id"
        )
    )
    fresh = [wish for wish in wanted if _key(wish) not in present]
    offers = Offer.objects.bulk_create(
        _offer(hospital, wish, languages=languages, interpreted=interpreted) for wish in fresh
    )
    made = list(zip(offers, fresh, strict=True))
    Offer.doctors.through.objects.bulk_create(
        Offer.doctors.through(offer=offer, doctor=doctor)
        for offer, wish in made
        for doctor in wish.doctors
        if wish.recipe.by == "doctor"
    )
    VisitPreparation.objects.bulk_create(
        VisitPreparation(
            offer=offer,
            fasting_hours=FASTING_HOURS[wish.recipe.texts],
            clear_fluids_hours=NO_DRINK_HOURS,
        )
        for offer, wish in made
        if wish.recipe.texts in FASTING_HOURS
    )
    PriceLine.objects.bulk_create(
        line for offer, wish in made for line in _price_lines(offer, wish, hospital)
    )
    return made


def _key(wish: Wish) -> tuple[int, int | None]:
    return wish.treatment.pk, wish.department.pk if wish.department else None


def _offer(hospital: Hospital, wish: Wish, *, languages: list[str], interpreted: bool) -> Offer:
    treatment, recipe = wish.treatment, wish.recipe
    shortest = treatment.stay_days_min or 0
    return Offer(
        hospital=hospital,
        treatment=treatment,
        department=wish.department,
        booking_mode=recipe.mode,
        duration_minutes=recipe.minutes,
        inpatient_nights=treatment.inpatient_nights or 0,
        stay_days_min=shortest,
        stay_days_max=max(shortest, treatment.stay_days_max or 0),
        follow_up_days=treatment.follow_up_days,
        languages=["zh-hans", *languages],
        interpreter_available=interpreted,
        asks_deposit_online=False,
        is_published=True,
        is_demonstration=True,
        **_title(wish),
        **_lists(recipe.texts),
    )


def _title(wish: Wish) -> dict[str, str]:
    """A consultation names its specialty; everything else is called what the treatment is."""
    if wish.treatment.slug != CONSULTATION or not wish.department:
        return {}
    return in_every_language(
        "title",
        read("names")["consultation"],
        treatment=translations(wish.treatment, "name"),
        specialty=translations(wish.department.specialty, "name"),
    )


def _lists(group: str) -> dict[str, str]:
    return {
        build_localized_fieldname(name, code): "\n".join(lines)
        for name, by_language in read("texts")[group].items()
        for code, lines in by_language.items()
    }


def _price_lines(offer: Offer, wish: Wish, hospital: Hospital) -> Iterator[PriceLine]:
    recipe = wish.recipe
    amount = demonstration_amount(wish, hospital)
    high = _rounded(amount * 14 // 10) if recipe.mode == BookingMode.CASE else None
    yield _line(offer, wish, recipe.tier, amount, high=high, position=0)
    if recipe.tier == Tier.INTERNATIONAL and hospital.ownership in PLACES_WITH_BASIC_PRICES:
        basic = _unlike_reported(_rounded(amount * 4 // 10), wish.treatment)
        yield _line(offer, wish, Tier.BASIC, basic, high=None, position=1)


def _line(
    offer: Offer, wish: Wish, tier: str, amount: int, *, high: int | None, position: int
) -> PriceLine:
    return PriceLine(
        offer=offer,
        tier=tier,
        amount_minor=Money.from_major(amount, CURRENCY).minor,
        high_minor=Money.from_major(high, CURRENCY).minor if high else None,
        currency=CURRENCY,
        position=position,
        source=PRICE_SOURCE,
        as_of=clock.today(offer.hospital.time_zone).isoformat(),
        confidence=Confidence.LOW,
        **in_every_language(
            "label",
            dict.fromkeys(translations(wish.treatment, "name"), "{name}"),
            name=translations(wish.treatment, "name"),
        ),
    )


def demonstration_amount(wish: Wish, hospital: Hospital) -> int:
    """Return an invented amount that differs a little between hospitals (whole CNY)."""
    percent = 90 + 4 * (hospital.pk % 7)
    return _unlike_reported(_rounded(wish.recipe.amount * percent // 100), wish.treatment)


def _rounded(amount: int) -> int:
    step = 500 if amount >= 10_000 else 10
    return max(step, amount // step * step)


def _unlike_reported(amount: int, treatment: Treatment) -> int:
    """Move an amount away from a figure that somebody really reported."""
    evidence = getattr(treatment, "price_evidence", None)
    reported = {evidence.low_minor, evidence.high_minor} if evidence else set()
    while Money.from_major(amount, CURRENCY).minor in reported:
        amount += 10
    return amount
