"""The command line: JSON in, JSON out, no database, only the answer on standard output."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.house.code import ROOT
from tests.payments.eligibility.documents import (
    ALWAYS,
    EMERGENCY,
    GONE,
    answer,
    benefit,
    codes,
    document,
)


class Given:
    """Standard input with these bytes."""

    def __init__(self, content: bytes) -> None:
        self.buffer = io.BytesIO(content)


@pytest.fixture
def run(monkeypatch):
    def call(content, *words):
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        monkeypatch.setattr(sys, "stdin", Given(raw))
        out, err = io.StringIO(), io.StringIO()
        call_command("eligibility_evaluate", *words, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    return call


def test_one_document_in_one_answer_out(run):
    out, err = run(document())
    assert json.loads(out) == answer()
    assert err == ""


def test_many_in_many_out_in_the_same_order(run):
    changes = [{}, {"policy": None}, ALWAYS, {"request.amount": "7"}]
    out, _err = run([document(change) for change in changes], "--many")
    assert json.loads(out) == [answer(change) for change in changes]
    assert json.loads(run([], "--many")[0]) == []


def test_a_document_that_is_not_well_formed_takes_nothing_from_the_others(run):
    out, err = run([document(), document(benefit(copay=GONE)), [], document()], "--many")
    first, second, third, fourth = json.loads(out)
    assert first == fourth == answer()
    assert list(second) == list(third) == ["error"]
    assert "copay: a plain decimal string expected" in second["error"]
    assert second["error"] in err


def test_alone_it_has_no_answer(run):
    with pytest.raises(SystemExit) as caught:
        run(document(benefit(copay=GONE)))
    assert caught.value.code == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b'{"a": NaN}', b'{"a": 1e99999999999999999999}', b"[" * 100_000],
)
def test_what_is_no_json_is_said_with_code_2(run, content):
    with pytest.raises(CommandError) as caught:
        run(content)
    assert caught.value.returncode == 2


def test_many_wants_a_list(run):
    with pytest.raises(CommandError) as caught:
        run(document(), "--many")
    assert caught.value.returncode == 2


def test_numbers_are_read_exactly(run):
    text = json.dumps(document(ALWAYS, EMERGENCY, {"request.emergency_notified_after_hours": 48}))
    late = text.replace(
        '"emergency_notified_after_hours": 48', '"emergency_notified_after_hours": 48.' + "0" * 30 + "1"
    )  # fmt: skip
    assert "EMERGENCY_NOTIFIED" in json.loads(run(text.encode())[0])["reason_codes"]
    assert "EMERGENCY_LATE_NOTICE" in json.loads(run(late.encode())[0])["reason_codes"]


def test_a_byte_order_mark_does_no_harm(run):
    assert json.loads(run(b"\xef\xbb\xbf{}")[0])["reason_codes"] == ["INVALID_DATETIME"]


def test_in_a_clean_environment_it_needs_nothing_and_says_nothing_else():
    """No database, no Redis, no variables: the checkout and its packages are enough."""
    given = json.dumps([document({"policy.status": "ausgesetzt – é"})], ensure_ascii=False)
    done = subprocess.run(
        [sys.executable, "manage.py", "eligibility_evaluate", "--many"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        input=given.encode(),
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)[0]["reason_codes"] == codes({"policy.status": "x"})
