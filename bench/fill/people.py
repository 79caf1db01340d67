"""Accounts: patients of the past, and bookers who are signed in and have agreed to everything."""

import datetime as dt
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection

from accounts.models import Consent, Patient, User
from bench.fill.bulk import copy_objects, insert_select
from bench.sizes import CONSENTED_HOSPITALS, HOT_HOSPITAL, Size
from medtour.lib import clock

PATIENTS = """
CREATE TABLE bench.patient AS
    SELECT patient.id, patient.account_id, row_number() OVER (ORDER BY patient.id) - 1 AS number
    FROM accounts_patient patient JOIN accounts_user account ON account.id = patient.account_id
    WHERE account.email LIKE 'past-%'
"""
BOOKERS = """
CREATE TABLE bench.booker AS
    SELECT patient.id AS patient_id, patient.public_id AS patient_public_id, patient.account_id,
           row_number() OVER (ORDER BY patient.id) - 1 AS number
    FROM accounts_patient patient JOIN accounts_user account ON account.id = patient.account_id
    WHERE account.email LIKE 'booker-%'
"""


def fill_people(size: Size) -> None:
    """Add the accounts with one patient each."""
    nobody_knows = make_password(None)
    for kind, count in (("past", size.patients), ("booker", size.bookers)):
        copy_objects(
            User,
            (
                User(email=f"{kind}-{number}@bench.example", password=nobody_knows, called="Bench")
                for number in range(count)
            ),
        )
    insert_select(
        Patient,
        {
            "account_id": "account.id",
            "relation": "'self'",
            "passport_name": "'BENCH PATIENT'",
            "phone": "'+8613800138000'",
            "date_of_birth": "'1980-01-01'",
        },
        "FROM accounts_user account WHERE account.email LIKE '%bench.example' ORDER BY account.id",
    )
    with connection.cursor() as cursor:
        cursor.execute(PATIENTS)
        cursor.execute(BOOKERS)


def fill_consents(size: Size) -> None:
    """Let each booker agree to send their details to the hot hospital and to five others."""
    ordinary = range(HOT_HOSPITAL + 1, size.hospitals)
    insert_select(
        Consent,
        {
            "patient_id": "booker.patient_id",
            "purpose": "'hospital_transfer'",
            "recipient": "h.slug",
            "text_version": "'bench'",
            "text_sha256": "repeat('0', 64)",
            "language": "'en'",
        },
        "FROM bench.booker booker"
        f" CROSS JOIN generate_series(-1, {CONSENTED_HOSPITALS - 1}) AS step"
        " JOIN bench.hospital h ON h.number = CASE WHEN step < 0 THEN"
        f" {HOT_HOSPITAL} ELSE {ordinary.start} + (booker.number * {CONSENTED_HOSPITALS} + step)"
        f" % {len(ordinary)} END",
    )


def fill_sessions() -> None:
    """Sign every booker in, as the sign-in page would, and note the session's key."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    with connection.cursor() as cursor:
        cursor.execute("SELECT account_id, number FROM bench.booker ORDER BY number")
        numbers = dict(cursor.fetchall())
        ends = clock.now() + dt.timedelta(days=30)
        rows = []
        for user in User.objects.filter(pk__in=numbers):
            data = {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
            key = f"bench{numbers[user.pk]:027d}"
            rows.append(Session(session_key=key, session_data=store.encode(data), expire_date=ends))
        Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
        Session.objects.bulk_create(rows, batch_size=1000)
