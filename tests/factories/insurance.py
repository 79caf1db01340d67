"""Insurers' facts for tests: a plan with terms and benefits, members, agreements."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from medtour.lib import clock
from payments.insurance_questions import number_hash, person_hash
from payments.models import (
    Agreement,
    Benefit,
    BenefitBalance,
    Coverage,
    CoverageStatus,
    DirectPayCard,
    EligibilityCheck,
    InsurerOfficer,
    Member,
    Network,
    NetworkHospital,
    NetworkTier,
    Plan,
    PlanTerms,
    Setting,
    TreatmentCoding,
)
from tests.factories.accounts import PatientFactory, UserFactory
from tests.factories.hospitals import (
    HospitalFactory,
    InsurerFactory,
    OfferFactory,
    TreatmentFactory,
)

YEAR_BEGINS = dt.date(2026, 1, 1)
BORN = "1980-05-17"


def end_of_year(*, ahead: dt.timedelta) -> dt.date:
    """Return the last day of the year that it is so long from now: a stay ends in it."""
    return dt.date((clock.now() + ahead).year, 12, 31)


class OfficerFactory(DjangoModelFactory):
    class Meta:
        model = InsurerOfficer

    user = factory.SubFactory(UserFactory)
    insurer = factory.SubFactory(InsurerFactory)


class NetworkFactory(DjangoModelFactory):
    class Meta:
        model = Network

    insurer = factory.SubFactory(InsurerFactory)
    code = factory.Sequence(lambda n: f"network-{n}")
    name = factory.Sequence(lambda n: f"Network {n}")


class NetworkHospitalFactory(DjangoModelFactory):
    class Meta:
        model = NetworkHospital

    network = factory.SubFactory(NetworkFactory)
    hospital = factory.SubFactory(HospitalFactory)
    tier = NetworkTier.STANDARD
    valid_from = YEAR_BEGINS


class AgreementFactory(DjangoModelFactory):
    class Meta:
        model = Agreement

    insurer = factory.SubFactory(InsurerFactory)
    hospital = factory.SubFactory(HospitalFactory)
    setting = Setting.INPATIENT
    valid_from = YEAR_BEGINS


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    insurer = factory.SubFactory(InsurerFactory)
    code = factory.Sequence(lambda n: f"plan-{n}")
    name = factory.Sequence(lambda n: f"Plan {n}")
    currency = "CNY"


class PlanTermsFactory(DjangoModelFactory):
    """Terms that pay everything in the network: no deductible, no limits, no authorisation."""

    class Meta:
        model = PlanTerms

    plan = factory.SubFactory(PlanFactory)
    network = factory.SubFactory(NetworkFactory, insurer=factory.SelfAttribute("..plan.insurer"))
    valid_from = YEAR_BEGINS
    area_mode = "worldwide"
    direct_pay_settings = ["inpatient", "daycase", "outpatient"]
    preexisting_mode = "covered"
    high_cost_mode = "covered"
    out_of_network_mode = "not_covered"
    source = "made up for a test"


class BenefitFactory(DjangoModelFactory):
    class Meta:
        model = Benefit

    terms = factory.SubFactory(PlanTermsFactory)
    category = "inpatient"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    insurer = factory.SubFactory(InsurerFactory)
    number = factory.Sequence(lambda n: f"M{n:07d}")
    number_hash = factory.LazyAttribute(lambda member: number_hash(member.number))
    name = factory.Sequence(lambda n: f"MEMBER {n}")
    date_of_birth = BORN
    person_hash = factory.LazyAttribute(
        lambda member: person_hash(member.name, member.date_of_birth)
    )


class CoverageFactory(DjangoModelFactory):
    class Meta:
        model = Coverage

    member = factory.SubFactory(MemberFactory)
    plan = factory.SubFactory(PlanFactory, insurer=factory.SelfAttribute("..member.insurer"))
    status = CoverageStatus.ACTIVE
    valid_from = YEAR_BEGINS
    valid_until = factory.LazyFunction(lambda: end_of_year(ahead=dt.timedelta(days=30)))
    joined_on = dt.date(2024, 1, 1)


class BenefitBalanceFactory(DjangoModelFactory):
    class Meta:
        model = BenefitBalance

    coverage = factory.SubFactory(CoverageFactory)


class DirectPayCardFactory(DjangoModelFactory):
    class Meta:
        model = DirectPayCard

    patient = factory.SubFactory(PatientFactory)
    insurer = factory.SubFactory(InsurerFactory)
    number = factory.Sequence(lambda n: f"M{n:07d}")
    date_of_birth = BORN


class TreatmentCodingFactory(DjangoModelFactory):
    class Meta:
        model = TreatmentCoding

    treatment = factory.SubFactory(TreatmentFactory)
    category = "inpatient"
    setting = Setting.INPATIENT
    source = "made up for a test"


class EligibilityCheckFactory(DjangoModelFactory):
    """A patient's question that the engine answered with direct pay."""

    class Meta:
        model = EligibilityCheck

    patient = factory.SubFactory(PatientFactory)
    asked_by = factory.SelfAttribute("patient.account")
    insurer = factory.SubFactory(InsurerFactory)
    offer = factory.SubFactory(OfferFactory)
    hospital = factory.SelfAttribute("offer.hospital")
    asked_through = "patient"
    service_on = dt.date(2026, 12, 1)
    spec_version = "1.0"
    outcome = "ELIGIBLE"
    reason_codes = factory.LazyFunction(lambda: ["COVERED_IN_FULL"])
    output = factory.LazyFunction(
        lambda: {
            "outcome": "ELIGIBLE",
            "reason_codes": ["COVERED_IN_FULL"],
            "currency": "CNY",
            "estimate": "1000.00",
            "covered_amount": "1000.00",
            "patient_share": "0.00",
            "direct_pay_amount": "1000.00",
            "patient_pays_hospital": "0.00",
        }
    )


def paid_directly_at(hospital, **facts):
    """Return a coverage whose plan pays inpatient care at a hospital directly, up to CNY 100,000."""
    coverage = CoverageFactory(member__number="AB-12 345c", **facts)
    insurer = coverage.member.insurer
    terms = PlanTermsFactory(
        plan=coverage.plan, annual_limit_minor=10_000_000, network__insurer=insurer
    )
    BenefitFactory(terms=terms, category="inpatient", coinsurance_pct="10")
    NetworkHospitalFactory(network=terms.network, hospital=hospital)
    AgreementFactory(insurer=insurer, hospital=hospital)
    return coverage
