"""What single pages of the catalogue show, each read in a fixed number of statements."""

from django.db.models import Count, Prefetch, Q, QuerySet

from hospitals.access import public_doctors, published_offers
from hospitals.models import (
    City,
    Designation,
    Doctor,
    Hospital,
    Offer,
    PriceBenchmark,
    PriceEvidence,
    PriceLine,
    Programme,
    SpecialAccessProduct,
    Specialty,
    Treatment,
)
from hospitals.models.treatment import BookingMode
from medtour.lib import clock
from medtour.lib.wording import BEIJING_ZONE

STARTING_CITIES = ("shanghai", "beijing", "qionghai", "kunming", "harbin")
OFTEN_LOOKED_FOR = (
    "mri-scan",
    "health-checkup-executive",
    "second-opinion-remote",
    "acupuncture-session",
    "dental-implant-single",
)
SHOWN_ON_HOME = (
    "mri-scan",
    "gastroscopy-sedated",
    "specialist-consultation",
    "x-ray",
    "knee-replacement",
    "hip-replacement",
    "living-donor-liver-transplant-paediatric",
)


def hospitals_for_page() -> QuerySet[Hospital]:
    """Hospitals with all that the hospital page shows."""
    designations = Designation.objects.select_related("programme")
    doctors = public_doctors().prefetch_related("languages").select_related("department__specialty")
    return Hospital.objects.select_related("city__province").prefetch_related(
        Prefetch("designations", queryset=designations),
        "departments__specialty",
        "spoken_languages",
        "reported_direct_billing_insurers",
        "special_access",
        Prefetch("doctors", queryset=doctors, to_attr="doctors_shown"),
    )


def treatments_for_page() -> QuerySet[Treatment]:
    """Treatments with their specialty, reported price and prices abroad."""
    return Treatment.objects.select_related("specialty", "price_evidence").prefetch_related(
        Prefetch("price_benchmarks", queryset=PriceBenchmark.objects.order_by("country", "pk"))
    )


def offers_for_page() -> QuerySet[Offer]:
    """Published offers with everything the offer page shows."""
    return (
        published_offers()
        .select_related("treatment__specialty", "hospital__city", "department__specialty")
        .prefetch_related(
            Prefetch("price_lines", queryset=lines_today(), to_attr="lines_today"),
            Prefetch("doctors", queryset=public_doctors(), to_attr="doctors_shown"),
            "hospital__spoken_languages",
        )
    )


def lines_today() -> QuerySet[PriceLine]:
    """Price lines that are valid today, in their own order, with who entered them."""
    today = clock.today(BEIJING_ZONE)
    return PriceLine.objects.filter(
        Q(valid_until=None) | Q(valid_until__gte=today),
        Q(valid_from=None) | Q(valid_from__lte=today),
    ).select_related("entered_by")


def doctors_for_page() -> QuerySet[Doctor]:
    """Public doctors with hospital, department, languages and their published offers."""
    offers = published_offers().select_related("treatment")
    return (
        public_doctors()
        .select_related("hospital__city", "department__specialty")
        .prefetch_related("languages", Prefetch("offers", queryset=offers, to_attr="offers_shown"))
    )


def first_consultation(hospital: Hospital, *, leave_out: Offer) -> Offer | None:
    """Return another offer of the hospital that can be booked or asked for, soonest kind first."""
    modes = (BookingMode.INSTANT, BookingMode.WINDOW)
    others = published_offers().filter(hospital=hospital, booking_mode__in=modes)
    return (
        others.exclude(pk=leave_out.pk)
        .select_related("treatment")
        .order_by("booking_mode", "treatment__stay_days_max", "pk")
        .first()
    )


def specialties_with_treatments() -> list[Specialty]:
    """Return specialties that have treatments, with these and their reported prices."""
    treatments = Treatment.objects.select_related("price_evidence").annotate(
        offers_open=Count("offers", filter=Q(offers__is_published=True))
    )
    rows = Specialty.objects.prefetch_related(Prefetch("treatments", queryset=treatments))
    return [row for row in rows if row.treatments.all()]


def reported_prices() -> QuerySet[PriceEvidence]:
    """Every reported price with its treatment, by specialty."""
    return PriceEvidence.objects.select_related("treatment__specialty").order_by(
        "treatment__specialty__code", "low_minor", "pk"
    )


def prices_on_home() -> list[PriceEvidence]:
    """Return the reported prices the home page shows, those we could not confirm left out."""
    rows = reported_prices().filter(treatment__slug__in=SHOWN_ON_HOME).exclude(confidence="low")
    return sorted(rows, key=lambda row: row.low_minor)


def prices_abroad() -> QuerySet[PriceBenchmark]:
    """Prices in patients' home countries that have an amount, with their treatment."""
    return (
        PriceBenchmark.objects.exclude(amount_minor=None, low_minor=None)
        .select_related("treatment")
        .order_by("country", "treatment__slug", "pk")
    )


def programmes_with_counts() -> QuerySet[Programme]:
    """Programmes that we know members of, the largest first."""
    return (
        Programme.objects.annotate(hospitals=Count("designations"))
        .filter(hospitals__gt=0)
        .order_by("-granted_on", "code")
    )


def starting_cities() -> list[City]:
    """Return the cities the home page draws, each with its number of hospitals."""
    rows = City.objects.filter(slug__in=STARTING_CITIES).annotate(count=Count("hospitals"))
    found = {city.slug: city for city in rows}
    return [found[slug] for slug in STARTING_CITIES if slug in found]


def often_looked_for() -> list[Treatment]:
    """Return a few treatments to start from, in a fixed order."""
    found = {row.slug: row for row in Treatment.objects.filter(slug__in=OFTEN_LOOKED_FOR)}
    return [found[slug] for slug in OFTEN_LOOKED_FOR if slug in found]


def special_access_products() -> QuerySet[SpecialAccessProduct]:
    """Special-access products with the hospital that is known to use them."""
    return SpecialAccessProduct.objects.select_related("hospital__city").order_by("kind", "slug")


def hospitals_with_address() -> QuerySet[Hospital]:
    """Hospitals whose street address is known, for the emergency page, by city."""
    return (
        Hospital.objects.exclude(address_en=None)
        .exclude(address_en="")
        .exclude(position_precision="zone")
        .select_related("city")
        .order_by("city__slug", "slug")
    )
