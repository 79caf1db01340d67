"""People for tests."""

import datetime as dt

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory, Password

from accounts.models import Consent, Patient, User
from accounts.models.consent import Purpose
from accounts.models.patient import Relation

PASSWORD = "plain test words 7"


class UserFactory(DjangoModelFactory):
    """An account; `verified=True` also confirms its e-mail address, `operator=True` may do all."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        verified = factory.Trait(
            email_address=factory.RelatedFactory(
                "tests.factories.accounts.EmailAddressFactory", factory_related_name="user"
            )
        )
        staff = factory.Trait(is_staff=True)
        operator = factory.Trait(is_staff=True, is_superuser=True)

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    called = factory.Sequence(lambda n: f"Person {n}")
    password = Password(PASSWORD)
    locale = "en"
    time_zone = "Europe/London"


class EmailAddressFactory(DjangoModelFactory):
    class Meta:
        model = EmailAddress

    user = factory.SubFactory(UserFactory)
    email = factory.SelfAttribute("user.email")
    verified = True
    primary = True


class PatientFactory(DjangoModelFactory):
    """A person to be treated: the account holder, or with `child=True` their child."""

    class Meta:
        model = Patient

    class Params:
        child = factory.Trait(
            relation=Relation.CHILD,
            date_of_birth=dt.date(2018, 6, 1),
            passport_name=factory.Sequence(lambda n: f"CHILD TEST {n}"),
        )

    account = factory.SubFactory(UserFactory)
    relation = Relation.SELF
    passport_name = factory.Sequence(lambda n: f"PATIENT TEST {n}")
    date_of_birth = dt.date(1984, 3, 2)
    phone = "+442079460000"
    language = "en"


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    patient = factory.SubFactory(PatientFactory)
    purpose = Purpose.HEALTH_DATA
    text_version = "2026-11"
    text_sha256 = "0" * 64
    language = "en"
