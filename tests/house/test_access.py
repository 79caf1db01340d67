"""Every address is either listed as public here, or closed to strangers and proved so (SE-01)."""

import ast
import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from hospitals.models.doctor import Doctor
from payments.models import EligibilityBatch
from payments.services.receipts import issue_receipt
from tests.factories import (
    AppointmentFactory,
    ConsentFactory,
    MessageFactory,
    ObligationFactory,
    OfferFactory,
    PaymentFactory,
    PaymentShareFactory,
    WaitingEntryFactory,
    WindowRequestFactory,
    claims,
    guarantees,
)
from tests.factories.bookings import in_days
from tests.factories.documents import stored
from tests.factories.follow_up import asked_task
from tests.factories.insurance import EligibilityCheckFactory, MemberFactory
from tests.factories.quotes import accepted_quote
from tests.house.code import APPS, ROOT, calls, name, sources
from tests.payments.again import rolled_back

# Anybody may open these; the admin is proved in tests/admin/test_access.py.
PUBLIC = {
    "accounts": set(),
    "bookings": {
        "account_step",
        "check",
        "details",
        "details_new",
        "extend_hold",
        "hold_slot",
        "hospital_openings",
        "linked_appointment",
        "linked_calendar_file",
        "linked_cancel",
        # These two show a question for a second thing only; tests/bookings/test_views_follow_up.py.
        "linked_follow_up",
        "linked_follow_up_sent",
        "linked_hand_back",
        "linked_move",
        "linked_voucher",
        "notes",
        "picker",
        "release_hold",
        "voucher_check",
    },
    "development_mail": {"attachment", "codes", "mail", "mail_html", "mailbox"},
    "hospitals": {
        "address_card",
        "doctor",
        "emergency",
        "hospital",
        "hospital_list",
        "offer",
        "prices",
        "robots",
        "search",
        "sitemap",
        "special_access",
        "treatment",
        "treatment_list",
    },
    "messaging": set(),
    "payments": {"insurance", "share", "share_paying", "share_receipt"},
    # On a laptop only, in place of the page of Stripe.
    "sandbox": {"checkout"},
    "": {
        # A secret in the address opens it: tests/bookings/test_calendar_feed.py.
        "calendar_feed",
        "choose_language",
        "email_receipts",
        "healthz",
        "home",
        "machine_token",
        "readyz",
        "robots",
        "set_place",
        "share_link",
        "sitemap",
        "sms_receipts",
        "stop_mails",
        "stripe_webhook",
        "whatsapp_receipts",
    },
}
# Proved in tests/admin/test_access.py, by allauth, and in tests/machines/test_door.py.
NOT_PAGES = {"admin/", "account/", "account/second-step/", "api/v1/", "fhir/"}
# A closed page without an object in its address: it shows a person their own things only.
OWN_THINGS = {
    "accounts:add_patient",
    "accounts:profile",
    "accounts:withdraw_consent",
    "after_login",
    "bookings:calendar",
    "bookings:care",
    "bookings:revoke_calendar",
    "messaging:inbox",
    "messaging:number",
    "messaging:number_code",
    "messaging:number_remove",
    "messaging:reach",
    # The insurer's portal; every page of it is walked in tests/payments/test_portal_matrix.py.
    "payments:check_batches",
    "payments:check_cover",
    "payments:insurer_claims",
    "payments:insurer_desk",
    "payments:insurer_listing",
    "payments:insurer_members",
    "payments:insurer_network",
    "payments:insurer_remittances",
    "payments:insurer_statement",
    "payments:insurer_trail",
    "payments:members_file",
    "payments:remittance_file",
    "payments:statement_file",
    "payments:trail_file",
}
# Closed pages about something public: any signed-in person may begin there.
BEGINNINGS = {
    "bookings:ask_for_dates",
    "bookings:book_now",
    "bookings:join_waiting_list",
    "payments:insurance_agree",
}


def walk(patterns, space=""):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) in NOT_PAGES:
                continue
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


ALL = dict(walk(get_resolver().url_patterns))
CLOSED = sorted(
    key for key, pattern in ALL.items() if getattr(pattern.callback, "login_required", True)
)
OPEN = sorted(set(ALL) - set(CLOSED))
# Names in an address that stand for a person's own record; everything else is public catalogue.
OWNED = {
    "appointment",
    "asked",
    "batch",
    "case",
    "check",
    "claim",
    "document",
    "due",
    "entry",
    "guarantee",
    "follow_up",
    "hold",
    "letter",
    "member",
    "patient",
    "payment",
    "quote",
    "receipt",
    "share",
}


# No browser of ours posts there: what is sent is signed, or the address itself is.
SIGNED_POSTS = {
    "email_receipts",
    "machine_token",
    "sms_receipts",
    "stop_mails",
    "stripe_webhook",
    "whatsapp_receipts",
}


def parts(key):
    return set(ALL[key].pattern.converters)


class Owned(dict):
    """Public ids by name in an address; what takes long to make is made when it is asked for."""

    def __getitem__(self, part):
        found = super().__getitem__(part)
        return found() if callable(found) else found


@pytest.fixture
def owned(patient, user) -> dict[str, str]:
    """Return the public id of one record of `patient` for each name in an address."""
    appointment = AppointmentFactory(patient=patient, slot__starts_at=in_days(9))
    ConsentFactory(patient=patient)
    due = ObligationFactory(appointment=appointment)
    balance = ObligationFactory(appointment=appointment, kind="balance")
    paid = PaymentFactory(obligation=balance, succeeded=True)
    return Owned(
        {
            "appointment": appointment.public_id,
            "case": appointment.case.public_id,
            "check": EligibilityCheckFactory(patient=patient, asked_by=user).public_id,
            "asked": WindowRequestFactory(case__patient=patient).public_id,
            "entry": WaitingEntryFactory(patient=patient, booker=user).public_id,
            "hold": AppointmentFactory(held=True).public_id,
            "letter": MessageFactory(recipient=user).public_id,
            "patient": patient.public_id,
            "follow_up": asked_task(patient, appointment.hospital, user).public_id,
            "offer": OfferFactory().public_id,
            "quote": accepted_quote(appointment.case, user).public_id,
            "due": due.public_id,
            "document": stored(patient).public_id,
            "guarantee": guarantees.submitted(
                guarantees.waiting_appointment(patient=patient)
            ).public_id,
            "payment": PaymentFactory(obligation=due, contract_minor=1_000).public_id,
            "receipt": issue_receipt(paid).public_id,
            "share": PaymentShareFactory(obligation=due).public_id,
            "claim": lambda: claims.sent_claim().public_id,
            "member": lambda: MemberFactory().public_id,
            "batch": lambda: (
                EligibilityBatch.objects.create(
                    insurer=MemberFactory().insurer, asked_by=user, row_count=1
                ).public_id
            ),
            "kind": "csv",
        }
    )


def address(key, owned):
    return reverse(key, kwargs={part: owned[part] for part in parts(key)})


def test_only_the_listed_pages_are_public():
    listed = {
        f"{space}:{page}" if space else page for space, pages in PUBLIC.items() for page in pages
    }
    assert set(OPEN) - listed == set()


def test_private_areas_hold_no_public_page():
    assert [key for key in OPEN if str(ALL[key].pattern).startswith("care/")] == []


def test_every_closed_page_has_an_owner_or_shows_own_things():
    unproved = {key for key in CLOSED if not parts(key) & OWNED}
    assert unproved - OWN_THINGS - BEGINNINGS == set()


OF_SOMEBODY = sorted(key for key in ALL if parts(key) & OWNED)


def each_for_itself(keys):
    """Go through pages with the same records: whatever one of them did is undone before the next."""
    assert len(keys) > 50
    for key in keys:
        cache.clear()
        with rolled_back():
            yield key


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_people_are_sent_to_the_log_in(client, owned, method):
    log_in = reverse("account_login")
    let_in = []
    for key in each_for_itself(CLOSED):
        response = getattr(client, method)(address(key, owned))
        if response.status_code != 302 or not response["Location"].startswith(log_in):
            let_in.append((key, response.status_code))
    assert let_in == []


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_find_nothing(client, owned, stranger, coordinator, method):
    found = []
    for person in (stranger, coordinator):
        client.force_login(person)
        for key in each_for_itself(OF_SOMEBODY):
            # A page that only takes answers may send a reader to its object, which is not there.
            response = getattr(client, method)(address(key, owned), follow=method == "get")
            is_hidden = response.status_code in (404, 405)
            if not is_hidden or b"ANNA TEST" in response.content:
                found.append((key, person.email, response.status_code))
    assert found == []


@pytest.mark.django_db
def test_a_made_up_address_looks_the_same_as_a_strangers(client, owned, stranger):
    client.force_login(stranger)
    made_up = dict.fromkeys(owned, "2" * 26)
    told_apart = []
    for key in each_for_itself(OF_SOMEBODY):
        strangers = client.get(address(key, owned)).status_code
        if client.get(address(key, made_up)).status_code != strangers:
            told_apart.append((key, strangers))
    assert told_apart == []


@pytest.mark.django_db
def test_the_owner_finds_what_strangers_do_not(client, owned, user):
    """The negative control: the records are there, and these addresses lead to them."""
    client.force_login(user)
    for key in ("bookings:case", "payments:case_money", "payments:receipt", "bookings:appointment"):
        assert client.get(address(key, owned)).status_code == 200, key


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(key for key in ALL if "token" in parts(key)))
def test_a_forged_link_opens_nothing(client, key):
    forged = dict.fromkeys(parts(key), "forged")
    assert client.get(reverse(key, kwargs=forged)).status_code in (404, 405)


@pytest.mark.django_db
def test_posts_without_their_token_are_refused(owned, user):
    """Webhooks have none: providers sign what they send, and anything else is a bad request."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user)
    assert strict.post(reverse("stripe_webhook")).status_code == 400
    for key in set(ALL) - SIGNED_POSTS:
        if parts(key) <= set(owned):
            assert strict.post(address(key, owned)).status_code in (403, 405), key


def views():
    return [
        path
        for path in sources(*APPS, "medtour")
        if "views" in path.parts or path.name == "views.py"
    ]


@pytest.mark.parametrize("path", views(), ids=name)
def test_views_never_take_rows_past_the_access_rules(path):
    """Views say neither Model.objects nor get_object_or_404(Model): rows come from access."""
    wrong = [
        f"{name(path)}:{node.lineno}"
        for called, node in calls(path)
        if re.search(r"\b[A-Z]\w+\.(objects|_default_manager)\b", ast.unparse(node))
        or (
            called in ("get_object_or_404", "get_list_or_404")
            and re.fullmatch(r"[A-Z]\w+", ast.unparse(node.args[0]))
        )
    ]
    assert wrong == []


def test_no_view_escapes_the_csrf_check():
    """But webhooks and the one-click end of mails: what is posted, or its address, is signed."""
    exempt = {name(path) for path in sources() if "csrf_exempt" in path.read_text(encoding="utf-8")}
    assert exempt == {
        "messaging/views/receipts.py",
        "messaging/views/stopping.py",
        # No browser comes here: an access token, or a client's secret, stands in every request.
        "payments/api/door.py",
        "payments/api/token.py",
        "payments/views/webhook.py",
    }


def test_the_walk_sees_the_pages():
    """The negative control: known pages are found on the right side."""
    assert "bookings:case" in CLOSED
    assert "hospitals:search" in OPEN
    assert (ROOT / "bookings" / "views").is_dir()
    assert Doctor._meta.get_field("hospital")
