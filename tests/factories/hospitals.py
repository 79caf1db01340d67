"""Catalogue rows for tests; every name is given in English, other languages only when a test asks."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from hospitals import models
from hospitals.models.doctor import LanguageProof
from hospitals.models.hospital import Ownership
from hospitals.models.offer import Tier
from hospitals.models.provenance import Confidence
from hospitals.models.staff import Role
from hospitals.models.treatment import BookingMode
from tests.factories.accounts import UserFactory


class SourcedFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    source = "Test source, page 1"
    as_of = "2026-01"
    confidence = Confidence.MEDIUM


class ProvinceFactory(DjangoModelFactory):
    class Meta:
        model = models.Province

    slug = factory.Sequence(lambda n: f"province-{n}")
    name_en = factory.Sequence(lambda n: f"Province {n}")


class CityFactory(DjangoModelFactory):
    class Meta:
        model = models.City

    slug = factory.Sequence(lambda n: f"city-{n}")
    name_en = factory.Sequence(lambda n: f"City {n}")
    province = factory.SubFactory(ProvinceFactory)
    time_zone = "Asia/Shanghai"


class HospitalFactory(SourcedFactory):
    class Meta:
        model = models.Hospital

    slug = factory.Sequence(lambda n: f"hospital-{n}")
    name_en = factory.Sequence(lambda n: f"Hospital {n}")
    name_zh_hans = factory.Sequence(lambda n: f"第{n}医院")
    city = factory.SubFactory(CityFactory)
    time_zone = "Asia/Shanghai"
    ownership = Ownership.PUBLIC


class SpokenLanguageFactory(DjangoModelFactory):
    class Meta:
        model = models.SpokenLanguage

    hospital = factory.SubFactory(HospitalFactory)
    code = "en"


class ProgrammeFactory(SourcedFactory):
    class Meta:
        model = models.Programme

    code = factory.Sequence(lambda n: f"programme-{n}")
    name_en = factory.Sequence(lambda n: f"Programme {n}")
    issuer_en = "Test health commission"


class DesignationFactory(SourcedFactory):
    class Meta:
        model = models.Designation

    hospital = factory.SubFactory(HospitalFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    checked_on = dt.date(2026, 11, 21)


class SpecialtyFactory(SourcedFactory):
    class Meta:
        model = models.Specialty

    code = factory.Sequence(lambda n: f"specialty-{n}")
    name_en = factory.Sequence(lambda n: f"Specialty {n}")


class DepartmentFactory(SourcedFactory):
    class Meta:
        model = models.Department

    hospital = factory.SubFactory(HospitalFactory)
    specialty = factory.SubFactory(SpecialtyFactory)


class TreatmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Treatment

    slug = factory.Sequence(lambda n: f"treatment-{n}")
    name_en = factory.Sequence(lambda n: f"Treatment {n}")
    specialty = factory.SubFactory(SpecialtyFactory)
    booking_mode = BookingMode.INSTANT
    as_of = "2026-01"


class PriceEvidenceFactory(SourcedFactory):
    class Meta:
        model = models.PriceEvidence

    treatment = factory.SubFactory(TreatmentFactory)
    low_minor = 50_000
    high_minor = 90_000
    basis = "press range"


class PriceBenchmarkFactory(SourcedFactory):
    class Meta:
        model = models.PriceBenchmark

    treatment = factory.SubFactory(TreatmentFactory)
    country = "GB"
    currency = "GBP"
    amount_minor = 300_000
    basis = "self-pay range"


class DoctorFactory(DjangoModelFactory):
    """A doctor whom patients see; give `department` to place the doctor at a certain hospital."""

    class Meta:
        model = models.Doctor

    department = factory.SubFactory(DepartmentFactory, hospital=factory.SelfAttribute("..hospital"))
    hospital = factory.SubFactory(HospitalFactory)
    name_en = factory.Sequence(lambda n: f"Doctor {n}")
    title_en = "Chief physician"
    is_public = True


class DoctorLanguageFactory(DjangoModelFactory):
    class Meta:
        model = models.DoctorLanguage

    doctor = factory.SubFactory(DoctorFactory)
    code = "en"
    level = "C1"
    proof = LanguageProof.SELF_STATED


class InterpreterFactory(DjangoModelFactory):
    class Meta:
        model = models.Interpreter

    hospital = factory.SubFactory(HospitalFactory)
    name = factory.Sequence(lambda n: f"Interpreter {n}")
    languages = ["ru"]


class EquipmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Equipment

    hospital = factory.SubFactory(HospitalFactory)
    name_en = factory.Sequence(lambda n: f"Scanner {n}")


class OfferFactory(DjangoModelFactory):
    """A published offer with one price; `draft=True` is unpublished, `unpriced=True` has no price."""

    class Meta:
        model = models.Offer
        skip_postgeneration_save = True

    class Params:
        draft = factory.Trait(is_published=False)
        unpriced = factory.Trait(price_line=None)
        window = factory.Trait(booking_mode=BookingMode.WINDOW)
        case = factory.Trait(booking_mode=BookingMode.CASE)

    hospital = factory.SubFactory(HospitalFactory)
    treatment = factory.SubFactory(TreatmentFactory)
    booking_mode = BookingMode.INSTANT
    duration_minutes = 30
    inclusions_en = "The visit\nA written report"
    exclusions_en = "Medicines"
    preparation_en = "Bring your passport"
    languages = ["en", "zh-hans"]
    is_published = True
    price_line = factory.RelatedFactory(
        "tests.factories.hospitals.PriceLineFactory", factory_related_name="offer"
    )


class PriceLineFactory(SourcedFactory):
    class Meta:
        model = models.PriceLine

    offer = factory.SubFactory(OfferFactory, unpriced=True)
    label_en = "The visit"
    tier = Tier.INTERNATIONAL
    amount_minor = 80_000
    currency = "CNY"


class MembershipFactory(DjangoModelFactory):
    """A coordinator of a hospital who may enter the admin."""

    class Meta:
        model = models.HospitalMembership

    user = factory.SubFactory(UserFactory, staff=True, verified=True)
    hospital = factory.SubFactory(HospitalFactory)
    role = Role.COORDINATOR


class InsurerFactory(SourcedFactory):
    class Meta:
        model = models.Insurer

    slug = factory.Sequence(lambda n: f"insurer-{n}")
    name = factory.Sequence(lambda n: f"Insurer {n}")
    kind = "insurer"


class SpecialAccessProductFactory(SourcedFactory):
    class Meta:
        model = models.SpecialAccessProduct

    slug = factory.Sequence(lambda n: f"product-{n}")
    name_en = factory.Sequence(lambda n: f"Product {n}")
    kind = "drug"
