"""The catalogue: who the hospitals are, what they offer, at which published or reported price."""

from hospitals.models.access import SpecialAccessProduct
from hospitals.models.doctor import Doctor, DoctorLanguage, Equipment, Interpreter
from hospitals.models.hospital import Department, Designation, Hospital, Programme, SpokenLanguage
from hospitals.models.insurer import Insurer
from hospitals.models.load import CatalogueLoad
from hospitals.models.money import CancellationPolicy, ExchangeRate
from hospitals.models.offer import Offer, PriceLine
from hospitals.models.place import City, Province
from hospitals.models.search import (
    FacetLabel,
    NextOpening,
    SearchDocument,
    SearchFacets,
    SearchLexeme,
    SearchPair,
    SearchWord,
)
from hospitals.models.staff import HospitalMembership
from hospitals.models.treatment import PriceBenchmark, PriceEvidence, Specialty, Treatment
from hospitals.models.visa import VisaNote, VisaPort, VisaRule

__all__ = [
    "CancellationPolicy",
    "CatalogueLoad",
    "City",
    "Department",
    "Designation",
    "Doctor",
    "DoctorLanguage",
    "Equipment",
    "ExchangeRate",
    "FacetLabel",
    "Hospital",
    "HospitalMembership",
    "Insurer",
    "Interpreter",
    "NextOpening",
    "Offer",
    "PriceBenchmark",
    "PriceEvidence",
    "PriceLine",
    "Programme",
    "Province",
    "SpecialAccessProduct",
    "SearchDocument",
    "SearchFacets",
    "SearchLexeme",
    "SearchPair",
    "SearchWord",
    "Specialty",
    "SpokenLanguage",
    "Treatment",
    "VisaNote",
    "VisaPort",
    "VisaRule",
]
