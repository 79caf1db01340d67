"""An insurer whose program asks: its members, a network of every hospital, and a known token."""

import datetime as dt

from allauth.idp.oidc.models import Client, Token
from django.db import transaction

from bench.insurance import BORN, MEMBERS, SLUG, TOKEN, number
from hospitals.models import Hospital, Insurer
from medtour.lib import clock
from payments.insurance_questions import number_hash
from payments.machine_scopes import Scope
from payments.models import (
    Agreement,
    Benefit,
    Coverage,
    MachineClient,
    Member,
    Network,
    NetworkHospital,
    Plan,
    PlanTerms,
)
from payments.selectors.insurance.machine_facts import token_hash


def fill_insurer() -> None:
    """Make the insurer once; a token that lives a week is made anew each time."""

    with transaction.atomic():
        insurer = Insurer.objects.filter(slug=SLUG).first() or _insurer()
        client, _is_new = Client.objects.get_or_create(
            pk="bench", defaults={"name": "bench", "secret": "!"}
        )
        MachineClient.objects.get_or_create(
            client_id=client.pk, defaults={"insurer": insurer, "name": "bench"}
        )
        Token.objects.update_or_create(
            type=Token.Type.ACCESS_TOKEN,
            hash=token_hash(TOKEN),
            defaults={
                "client": client,
                "scopes": Scope.ELIGIBILITY,
                "expires_at": clock.now() + dt.timedelta(days=7),
            },
        )


def _insurer() -> Insurer:
    day = clock.now().date().replace(month=1, day=1)
    insurer = Insurer.objects.create(slug=SLUG, name="Measured insurer", kind="insurer")
    network = Network.objects.create(insurer=insurer, code="all", name="All")
    places = list(Hospital.objects.all())
    NetworkHospital.objects.bulk_create(
        NetworkHospital(network=network, hospital=place, tier="standard", valid_from=day)
        for place in places
    )
    Agreement.objects.bulk_create(
        Agreement(insurer=insurer, hospital=place, setting="inpatient", valid_from=day)
        for place in places
    )
    plan = Plan.objects.create(insurer=insurer, code="gold", name="Gold", currency="CNY")
    terms = PlanTerms.objects.create(
        plan=plan,
        network=network,
        valid_from=day,
        area_mode="worldwide",
        annual_limit_minor=1_000_000_000,
        direct_pay_settings=["inpatient"],
        preexisting_mode="covered",
        high_cost_mode="covered",
        out_of_network_mode="not_covered",
        source="made up to be measured",
    )
    Benefit.objects.create(terms=terms, category="inpatient", coinsurance_pct="10")
    _members(insurer, plan, day)
    return insurer


def _members(insurer: Insurer, plan: Plan, day: dt.date) -> None:
    members = Member.objects.bulk_create(
        Member(
            insurer=insurer,
            number=number(index),
            number_hash=number_hash(number(index)),
            date_of_birth=BORN,
        )
        for index in range(MEMBERS)
    )
    Coverage.objects.bulk_create(
        Coverage(
            member=member,
            plan=plan,
            status="active",
            valid_from=day,
            valid_until=day.replace(year=day.year + 2),
            joined_on=day.replace(year=day.year - 2),
        )
        for member in members
    )
