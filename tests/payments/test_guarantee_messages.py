"""Messages about guarantees: true when sent, silent otherwise, and never a word about health."""

import pytest

from medtour.lib import clock
from messaging import delivery, kinds
from messaging.models import Message, Status
from payments.models import Guarantee
from payments.services.insurance import guarantee_sweep as sweep
from tests.factories import MembershipFactory
from tests.factories import guarantees as make
from tests.factories.insurance import OfficerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
LANGUAGES = ["en", "zh-hans", "ar", "ru"]
SECRET = ("M16.1", "8151", "Hip pain", "ANNA TEST", "27,000", "report")


@pytest.fixture(autouse=True)
def _development_mail(settings):
    settings.EMAIL_BACKEND = "messaging.channels.development_mail.EmailBackend"
    settings.SITE_URL = "https://medtour.example"


@pytest.fixture
def sent(patient):
    guarantee = make.submitted(make.waiting_appointment(patient=patient))
    MembershipFactory(hospital=guarantee.hospital)
    OfficerFactory(insurer=guarantee.insurer)
    return guarantee


def deliver(kind):
    message = Message.objects.filter(kind=f"payments.guarantee_{kind}").latest("pk")
    with clock.freeze(message.not_before):
        delivery.deliver(message.public_id)
    message.refresh_from_db()
    return message


def fresh(guarantee):
    return Guarantee.objects.get(pk=guarantee.pk)


def topped_up(sent):
    """Return a request for a higher sum, sent while the first promise stands."""
    draft = make.top_up(make.approve(sent))
    return make.moves.submit_guarantee(
        draft, by=draft.case.opened_by, row_version=draft.row_version, despite_lead_time=True
    )


def reached(sent, kind):
    """Bring the request to where a message of this kind is queued."""
    if kind in ("question", "desk"):
        make.ask(sent)
    elif kind == "request":
        make.moves.answer_question(
            make.ask(sent), answer="x", by=sent.case.opened_by, row_version=sent.row_version + 1
        )
    elif kind in ("approved", "ended", "ending", "expired", "request_ended"):
        approved = make.approve(sent)
        if kind == "expired":
            sweep.expire_guarantees(now=clock.now() + make.dt.timedelta(days=60))
        elif kind not in ("approved", "ending"):
            make.moves.cancel_guarantee(approved, by=None, row_version=None, reason="x")
    elif kind == "partly_approved":
        make.approve(sent, 1_000_000)
    elif kind == "declined":
        make.refuse(sent)
    elif kind == "more_declined":
        make.refuse(topped_up(sent))
    elif kind == "late":
        sweep.escalate(now=sent.answer_due_at)
    elif kind == "place_ends":
        kept = fresh(sent).appointment.held_until
        sweep.warn_of_places(now=kept - make.dt.timedelta(hours=1))


KINDS = [
    "submitted", "question", "desk", "request", "approved", "partly_approved", "declined", "late",
    "place_ends", "expired", "ended", "request_ended", "ending", "more_declined",
]  # fmt: skip


def test_every_kind_is_tested():
    found = {name for name in kinds.all_kinds() if name.startswith("payments.guarantee_")}
    assert found == {f"payments.guarantee_{name}" for name in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_sent_and_tells_nothing_about_health(sent, kind):
    reached(sent, kind)
    message = deliver(kind)
    assert message.status == Status.SENT, message.status_reason
    references = Guarantee.objects.values_list("public_id", "reference")
    assert dict(references)[message.context["guarantee"]] in message.subject
    for word in SECRET:
        assert word not in message.subject
        assert word not in message.body
    assert "https://medtour.example/" in message.body


def test_a_late_answer_to_a_higher_sum_is_nothing_to_choose_about(sent):
    asked = topped_up(sent)
    sweep.escalate(now=asked.answer_due_at)
    assert fresh(asked).overdue_at is not None
    assert not Message.objects.filter(kind="payments.guarantee_late").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_recipients_language_and_clock(sent, language):
    sent.case.patient.account.locale = language
    sent.case.patient.account.save()
    make.ask(sent)
    Message.objects.filter(kind="payments.guarantee_question").update(
        locale=language, time_zone="Europe/Moscow"
    )
    message = deliver("question")
    assert message.status == Status.SENT
    assert "UTC+8" in message.body
    assert "UTC+3" in message.body


@pytest.mark.parametrize("kind", ["submitted", "request"])
def test_what_is_no_longer_true_is_not_sent(sent, kind):
    if kind == "request":
        reached(sent, kind)
    make.approve(fresh(sent))
    message = deliver(kind)
    assert message.status == Status.SUPPRESSED
    assert message.status_reason == "guarantee is approved"


def test_a_promise_is_warned_of_three_days_before_its_last_day_is_over(sent):
    approved = make.approve(sent)
    message = Message.objects.get(kind="payments.guarantee_ending")
    end = clock.day_bounds(approved.approved_until, "Asia/Shanghai")[1]
    assert message.not_before == end - make.dt.timedelta(days=3)


def test_a_promise_that_is_used_or_not_needed_any_more_is_not_warned_of(sent):
    approved = make.approve(sent)
    approved.case.state = "discharged"
    approved.case.save()
    assert deliver("ending").status_reason == "case is discharged"


def test_a_promise_that_ended_is_not_warned_of(sent):
    approved = make.approve(sent)
    make.moves.cancel_guarantee(approved, by=None, row_version=None, reason="x")
    assert deliver("ending").status_reason == "guarantee is cancelled"


def test_a_place_that_waits_no_longer_is_not_warned_of(sent):
    reached(sent, "place_ends")
    make.approve(fresh(sent))
    assert deliver("place_ends").status == Status.SUPPRESSED
