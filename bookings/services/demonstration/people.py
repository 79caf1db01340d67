"""People to look around with; their passwords are public."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.models import Patient, User
from accounts.models.patient import Relation
from bookings.services.demonstration.fixtures import read
from hospitals.models import Hospital, HospitalMembership
from hospitals.models.staff import Role

ACCOUNT_FIELDS = ("email", "called", "locale", "time_zone", "currency")
HOSPITAL_ROLES = {"coordinator": Role.COORDINATOR, "cashier": Role.CASHIER}
PATIENT_FIELDS = ("passport_name", "date_of_birth", "phone", "language")


@dataclass(frozen=True, slots=True)
class Login:
    role: str
    email: str
    password: str
    place: str


def make_people() -> None:
    """Create the accounts that are missing, each with a confirmed address."""
    wanted = read("people")["account"]
    present = set(
        User.objects.filter(email__in=[entry["email"] for entry in wanted]).values_list(
            "email", flat=True
        )
    )
    for entry in wanted:
        if entry["email"] not in present:
            _make_person(entry)


def _make_person(entry: dict[str, Any]) -> None:
    user = User.objects.create(
        password=make_password(None if entry["role"] == "guest" else read("people")["password"]),
        is_staff=entry["role"] in (*HOSPITAL_ROLES, "operator"),
        is_superuser=entry["role"] == "operator",
        is_demonstration=True,
        **{name: entry[name] for name in ACCOUNT_FIELDS if name in entry},
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if "passport_name" in entry:
        details = {name: entry[name] for name in PATIENT_FIELDS}
        Patient.objects.create(account=user, relation=Relation.SELF, **details)
    if "hospital" in entry:
        hospital = Hospital.objects.get(slug=entry["hospital"])
        role = HOSPITAL_ROLES[entry["role"]]
        HospitalMembership.objects.create(user=user, hospital=hospital, role=role)


def logins() -> list[Login]:
    """Return the log-ins that exist here, in the order of the file; none without people."""
    here = dict(
        User.objects.filter(is_demonstration=True, is_active=True).values_list("email", "called")
    )
    return [
        Login(entry["role"], entry["email"], read("people")["password"], entry.get("hospital", ""))
        for entry in read("people")["account"]
        if entry["email"] in here and entry["role"] != "guest"
    ]
