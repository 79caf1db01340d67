"""The insurer's members: looked for one by one, read on a page, loaded from a file."""

import datetime as dt
import io

import pytest
from openpyxl import Workbook

from accounts.models import AuditEntry
from medtour.lib import clock
from medtour.lib.counts import count_one_more
from payments.models import Coverage, Member
from payments.services.insurance.member_lines import COLUMNS
from tests.factories.insurance import (
    BORN,
    BenefitBalanceFactory,
    CoverageFactory,
    EligibilityCheckFactory,
    MemberFactory,
    PlanFactory,
)
from tests.factories.portal import seat
from tests.people import sign_in_with_second_step

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
MEMBERS, FILE = "/en/insurer/members/", "/en/insurer/members/file/"
LINE = "AB-1,ANNA TEST,1980-05-17,gold,P1,active,2026-01-01,2026-12-31,2024-01-01,,E11"


@pytest.fixture
def cover():
    return CoverageFactory(member__number="AB12345C", member__name="Łucja Anna De-Witt")


@pytest.fixture
def at_desk(client, cover):
    sign_in_with_second_step(client, seat(cover.member.insurer).user)
    return client


def typed(number="", name="", born=None):
    boxes = {"born_day": "", "born_month": "", "born_year": ""}
    if born:
        boxes = {"born_day": born.day, "born_month": born.month, "born_year": born.year}
    return {"number": number, "name": name, **boxes}


def words(response):
    return " ".join(response.content.decode().split())


def page(member):
    return f"{MEMBERS}{member.public_id}/"


def noted(action):
    return AuditEntry.objects.filter(action=action).values_list("target", flat=True)


DAY = dt.date.fromisoformat(BORN)


@pytest.mark.parametrize(
    "wanted",
    [
        typed("ab-12 345c"),
        typed(name="Łucja Anna De-Witt", born=DAY),
        typed(name="DE WITT, Łucja  ANNA", born=DAY),
        typed("AB12345C", "Somebody Else", dt.date(1950, 1, 1)),
    ],
)
def test_one_member_is_found_and_the_search_written_down(at_desk, cover, wanted):
    sent = at_desk.post(MEMBERS, wanted)
    assert (sent.status_code, sent.url) == (303, page(cover.member))
    assert list(noted("member.search")) == [f"hospitals.insurer:{cover.member.insurer.slug}"]


@pytest.mark.parametrize(
    "wanted",
    [
        typed("AB12345D"),
        typed(name="Łucja Anna", born=DAY),
        typed(name="Łucja Anna De-Witt", born=dt.date(1980, 5, 18)),
    ],
)
def test_nobody_is_found(at_desk, wanted):
    sent = at_desk.post(MEMBERS, wanted)
    assert "No member like this" in words(sent)
    assert "AB12345C" not in words(sent)


def test_whoever_looks_for_very_many_is_stopped_and_finds_nothing(at_desk, client, cover):
    who, hour = at_desk.session["_auth_user_id"], int(clock.now().timestamp()) // 3600
    count_one_more(f"insurance.member_search:{who}:{hour}", 3600, by=99)
    assert at_desk.post(MEMBERS, typed("AB12345C")).status_code == 303
    stopped = at_desk.post(MEMBERS, typed("AB12345C"))
    assert stopped.status_code == 429
    assert "You looked for very many members within an hour." in words(stopped)
    assert 'value="AB12345C"' in words(stopped), "what was typed stays"
    assert noted("member.search").count() == 1
    sign_in_with_second_step(client, seat(cover.member.insurer).user)
    assert client.post(MEMBERS, typed("AB12345C")).status_code == 303, "a colleague is not stopped"


def test_members_of_another_insurer_are_not_found(at_desk, cover):
    other = MemberFactory(number="OTHER-1", name="OTHER PERSON")
    for wanted in (typed("OTHER-1"), typed(name="Other Person", born=DAY)):
        assert "No member like this" in words(at_desk.post(MEMBERS, wanted))
    assert at_desk.get(page(other)).status_code == 404


def test_two_of_one_name_and_day_are_both_shown(at_desk, cover):
    MemberFactory(insurer=cover.member.insurer, number="TWIN", name="Anna Łucja De Witt")
    shown = words(at_desk.post(MEMBERS, typed(name="Łucja Anna De-Witt", born=DAY)))
    assert "Several members fit" in shown
    assert "TWIN" in shown
    assert "AB12345C" in shown


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (typed(), "Enter the member number, or name and date of birth"),
        (typed(name="Łucja"), "Enter the date of birth that belongs to the name"),
        (typed(name="...", born=DAY), "Enter the member number, or name and date of birth"),
        (typed(name="A B", born=dt.date(2027, 1, 1)), "Enter a date of birth that is in the past"),
    ],
)
def test_nothing_is_listed_without_a_person(at_desk, wanted, said):
    sent = at_desk.post(MEMBERS, wanted)
    assert sent.status_code == 422
    assert said in words(sent)
    assert not noted("member.search").exists()
    assert "AB12345C" not in words(at_desk.get(MEMBERS))


def test_a_member_shows_cover_balances_and_questions(at_desk, cover):
    BenefitBalanceFactory(
        coverage=cover, category="cancer-care", limit_minor=1_000_000, used_minor=250_000,
        reserved_minor=100_000, visits_used=3,
    )  # fmt: skip
    BenefitBalanceFactory(coverage=cover, used_minor=250_000)
    EligibilityCheckFactory(
        patient=None, insurer=cover.member.insurer, member=cover.member, asked_by=None,
        asked_through="portal",
    )  # fmt: skip
    EligibilityCheckFactory(
        insurer=cover.member.insurer, member=cover.member, outcome="NOT_COVERED"
    )
    shown = words(at_desk.get(page(cover.member)))
    for fact in ("Cancer care", "6,500", "The whole year", "no limit", "Active", "Direct pay"):
        assert fact in shown
    assert "cancer-care" not in shown
    # What a patient asked for themselves is theirs.
    assert "Not covered" not in shown
    assert list(noted("member.view")) == [f"payments.member:{cover.member.public_id}"]


def test_many_covers_and_questions_cost_as_many_queries_as_one(
    at_desk, cover, django_assert_max_num_queries, django_assert_num_queries
):
    member = cover.member

    def grow(year):
        more = CoverageFactory(
            member=member, plan=cover.plan, valid_from=dt.date(year, 1, 1),
            valid_until=dt.date(year, 12, 31),
        )  # fmt: skip
        BenefitBalanceFactory(coverage=more)
        EligibilityCheckFactory(
            patient=None, insurer=member.insurer, member=member, asked_by=None,
            asked_through="batch",
        )  # fmt: skip

    grow(2025)
    at_desk.get(page(member))
    with django_assert_max_num_queries(20) as one:
        at_desk.get(page(member))
    grow(2024)
    grow(2023)
    with django_assert_num_queries(len(one.captured_queries)):
        at_desk.get(page(member))


def csv(*lines):
    return ("\n".join((",".join(COLUMNS), *lines))).encode()


def xlsx(*lines):
    book = Workbook()
    for line in (",".join(COLUMNS), *lines):
        book.active.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(content, name="members.csv"):
    found = io.BytesIO(content)
    found.name = name
    return found


def hidden(response):
    return words(response).partition('name="tried" value="')[2].partition('"')[0]


@pytest.fixture
def plan(cover):
    return PlanFactory(insurer=cover.member.insurer, code="gold")


@pytest.mark.parametrize("make", [csv, xlsx])
def test_a_file_is_tried_and_then_exactly_it_is_loaded(at_desk, plan, make):
    tried = at_desk.post(FILE, {"file": upload(make(LINE)), "tried": ""})
    assert tried.status_code == 200
    assert "The file can be used" in words(tried)
    assert Member.objects.count() == 1
    sent = at_desk.post(FILE, {"tried": hidden(tried)})
    assert (sent.status_code, sent.url) == (303, MEMBERS)
    anna = Member.objects.order_by("pk").last()
    assert (anna.number, anna.name, anna.coverages.get().plan) == ("AB1", "ANNA TEST", plan)
    assert noted("insurance.members").count() == 1
    found = at_desk.post(MEMBERS, typed(name="test anna", born=dt.date(1980, 5, 17)))
    assert found.url == page(anna)


def test_one_bad_line_is_named_and_nothing_is_loaded(at_desk, plan):
    bad = LINE.replace("AB-1", "AB-2").replace("1980-05-17", "17.5.1980").replace("gold", "none")
    sent = at_desk.post(FILE, {"file": upload(csv(LINE, bad)), "tried": ""})
    assert sent.status_code == 422
    shown = words(sent)
    assert 'Line 3, column <bdi dir="ltr">date_of_birth</bdi>: This is not a date' in shown
    assert 'Line 3, column <bdi dir="ltr">plan</bdi>: You have no plan with this code.' in shown
    assert hidden(sent) == ""
    assert (Member.objects.count(), Coverage.objects.count()) == (1, 1)


def test_a_bad_file_after_a_good_one_is_never_followed_by_the_good_one(at_desk, plan):
    good = hidden(at_desk.post(FILE, {"file": upload(csv(LINE)), "tried": ""}))
    bad = at_desk.post(FILE, {"file": upload(csv("x")), "tried": good})
    assert bad.status_code == 422
    assert at_desk.post(FILE, {"tried": hidden(bad)}).status_code == 422
    assert Member.objects.count() == 1


def test_what_was_tried_belongs_to_one_person(at_desk, plan, cover):
    tried = hidden(at_desk.post(FILE, {"file": upload(csv(LINE)), "tried": ""}))
    colleague = seat(cover.member.insurer)
    sign_in_with_second_step(at_desk, colleague.user)
    for forged in (tried, tried + "x", "x"):
        sent = at_desk.post(FILE, {"tried": forged})
        assert sent.status_code == 422
        assert "Choose the file again." in words(sent)
    assert Member.objects.count() == 1


def test_more_than_5000_lines_are_refused(at_desk, plan):
    lines = (LINE.replace("AB-1", f"N{number}") for number in range(5_001))
    sent = at_desk.post(FILE, {"file": upload(csv(*lines)), "tried": ""})
    assert sent.status_code == 422
    assert "The file has more than 5,000 lines. Please split it." in words(sent)


def test_a_liaison_looks_for_members_but_loads_none(client, cover, plan, hospital):
    sign_in_with_second_step(client, seat(cover.member.insurer, hospital).user)
    assert "Load members from a file" not in words(client.get(MEMBERS))
    assert client.post(MEMBERS, typed("AB12345C")).status_code == 303
    tried = client.post(FILE, {"file": upload(csv(LINE)), "tried": ""})
    assert tried.status_code == 403
    assert Member.objects.count() == 1
