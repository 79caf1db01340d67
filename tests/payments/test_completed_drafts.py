"""Completing a request before it is sent: only a draft, never without a code, never a stale one."""

import pytest

from medtour.lib.states import MoveRefused
from payments import guarantee_refusals as refusals
from payments.models import Guarantee, GuaranteeEvent
from payments.services.insurance.guarantee_drafts import complete_draft
from tests.factories import guarantees as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def complete(guarantee, *, code=" M17.1 ", row_version=None):
    return complete_draft(
        guarantee,
        diagnosis_code=code,
        procedure_code="8154",
        clinical_note="Pain since 2024",
        by=guarantee.case.opened_by,
        row_version=row_version or guarantee.row_version,
    )


def facts(guarantee):
    return Guarantee.objects.values_list(
        "state", "diagnosis_code", "procedure_code", "clinical_note", "row_version"
    ).get(pk=guarantee.pk)


def test_a_draft_takes_the_medical_part():
    draft = make.drafted()
    complete(draft)
    assert facts(draft) == ("draft", "M17.1", "8154", "Pain since 2024", 2)
    assert list(GuaranteeEvent.objects.values_list("action", "before", "after")) == [
        ("draft", "", "draft"),
        ("complete", "draft", "draft"),
    ]


@pytest.mark.parametrize(
    ("how", "refusal"),
    [({"code": " "}, refusals.WordsMissing), ({"row_version": 7}, refusals.GuaranteeChanged)],
)
def test_without_a_code_or_after_somebody_else_nothing_changes(how, refusal):
    draft = make.drafted()
    before = facts(draft)
    with pytest.raises(refusal):
        complete(draft, **how)
    assert facts(draft) == before
    assert GuaranteeEvent.objects.count() == 1


def test_what_was_sent_is_not_rewritten():
    sent = make.submitted()
    before, events = facts(sent), GuaranteeEvent.objects.count()
    with pytest.raises(MoveRefused):
        complete(sent)
    assert facts(sent) == before
    assert GuaranteeEvent.objects.count() == events
