"""Stages 1 and 2: what is refused outright, and that nothing more is said then."""

from decimal import Decimal

import pytest

from tests.payments.eligibility.documents import BASE, GONE, answer, codes, verdict

REFUSED = {
    "outcome": "REJECTED",
    "currency": None,
    "estimate": None,
    "covered_amount": None,
    "patient_share": None,
    "direct_pay_amount": None,
    "patient_pays_hospital": None,
    "breakdown": None,
}
NO_DATETIMES = [
    None,
    GONE,
    "",
    5,
    "2026-03-10",
    "2026-03-10T09:00:00",
    "2026-03-10T09:00+08:00",
    "2026-03-10 09:00:00+08:00",
    "2026-03-10T09:00:00+0800",
    "2026-03-10T09:00:00+08",
    "2026-03-10T09:00:00+08:60",
    "2026-03-10T09:00:00+24:00",
    "2026-03-10T09:00:00,5+08:00",
    "2026-03-10T09:00:00.+08:00",
    "2026-03-10T24:00:00Z",
    "2026-03-10T23:60:00Z",
    "2026-03-10T23:59:60Z",
    "2026-06-30T23:58:60Z",
    "2026-06-30T22:59:60Z",
    "2026-07-31T23:59:60Z",
    "2026-06-30T23:59:61Z",
    "2026-06-30T23:59:60+08:00",
    "2026-02-29T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "0000-01-01T09:00:00Z",
    "0001-01-01T23:00:00Z",
    "9999-12-31T00:00:00Z",
    "0001-01-01T00:00:00+08:00",
    "9999-12-31T23:59:59-08:00",
    "2026-W11-2T09:00:00Z",
    "2026-069T09:00:00Z",
    "20260310T090000Z",
    "2026-3-10T09:00:00Z",
    "٢٠٢٦-03-10T09:00:00Z",
    " 2026-03-10T09:00:00Z",
    "2026-03-10T09:00:00Z\n",
    "2026-03-10T09:00:00 Z",
    "2026-03-10T09:00:00Asia/Shanghai",
]
DATETIMES = [
    "2026-03-10T09:00:00Z",
    "2026-03-10t09:00:00z",
    "2026-03-10T09:00:00.123456789012+08:00",
    "2026-03-10T09:00:00-00:00",
    "2026-03-10T09:00:00+23:59",
    "2026-06-30T23:59:60Z",
    "2026-12-31T23:59:60.5Z",
    "2026-07-01T07:59:60+08:00",
    "2026-06-30T16:29:60-07:30",
    "0001-01-02T00:00:00Z",
    "9999-12-30T23:59:59Z",
]


@pytest.mark.parametrize("text", NO_DATETIMES, ids=repr)
@pytest.mark.parametrize("path", ["checked_at", "request.service_start"])
def test_what_is_not_rfc_3339_with_an_offset_is_refused(path, text):
    assert answer({path: text}) == {**REFUSED, "reason_codes": ["INVALID_DATETIME"]}


@pytest.mark.parametrize("text", DATETIMES)
def test_what_rfc_3339_allows_is_read(text):
    assert codes({"checked_at": text}) == ["COINSURANCE_APPLIED"]


@pytest.mark.parametrize(
    "name",
    [None, GONE, "", "Foo/Bar", "../x", "/etc/localtime", "asia/shanghai", "Asia", "Asia/", "Asia/Shanghai ",
     "localtime", "posixrules", "posix/Asia/Shanghai", "zone.tab", "+08:00", "CST6", 8, ["Asia/Shanghai"]],
    ids=repr,
)  # fmt: skip
def test_an_unknown_zone_is_refused(name):
    assert answer({"hospital.timezone": name}) == {**REFUSED, "reason_codes": ["INVALID_TIMEZONE"]}


@pytest.mark.parametrize(
    "name", ["UTC", "PRC", "Etc/GMT+12", "America/Indiana/Knox", "Pacific/Apia"]
)
def test_every_name_of_the_zone_database_is_known(name):
    assert codes({"hospital.timezone": name}) == ["COINSURANCE_APPLIED"]


@pytest.mark.parametrize("setting", [None, GONE, "", "Inpatient", "emergency", 1, ["inpatient"]])
def test_a_setting_that_is_none_of_the_three_is_refused(setting):
    refused = {**REFUSED, "reason_codes": ["INVALID_SETTING"]}
    assert answer({"request.setting": setting}) == refused


@pytest.mark.parametrize("setting", ["inpatient", "daycase", "outpatient"])
def test_the_three_settings_pass(setting):
    assert answer({"request.setting": setting})["estimate"] == "1000.00"


@pytest.mark.parametrize("currency", [None, GONE, "", "cny", "XAU", "CNY ", 156, ["CNY"]])
@pytest.mark.parametrize("path", ["request.currency", "policy.currency"])
def test_an_unsupported_currency_is_refused(path, currency):
    assert answer({path: currency}) == {**REFUSED, "reason_codes": ["INVALID_CURRENCY"]}


def test_without_a_policy_its_currency_is_not_asked_for():
    assert codes({"policy": None}) == ["POLICY_NOT_FOUND"]
    assert codes({"policy": {}}) == ["INVALID_CURRENCY"]
    assert codes({"policy": None, "request.currency": "XAU"}) == ["INVALID_CURRENCY"]


@pytest.mark.parametrize(
    "amount",
    [None, GONE, "", "0", "0.00", "-1", "+5", "5.", ".5", ".", "1e3", "1E3", " 5 ", "5 ", "1_000", "1,000",
     "٥", "５", "5\n", "0x10", "NaN", "Infinity", "1.2.3", "1.000", "1.001", 1000, 1000.5, Decimal(5), True, ["5"]],
    ids=repr,
)  # fmt: skip
def test_an_amount_that_is_no_plain_positive_decimal_is_refused(amount):
    assert answer({"request.amount": amount}) == {**REFUSED, "reason_codes": ["INVALID_AMOUNT"]}


@pytest.mark.parametrize(
    ("currency", "amount", "is_good"),
    [("JPY", "1", True), ("JPY", "1.0", False), ("KRW", "1.", False), ("KWD", "1.000", True),
     ("KWD", "1.0000", False), ("OMR", "0.001", True), ("CNY", "0.01", True), ("CNY", "0.010", False),
     ("CNY", "7", True), ("CNY", "7.5", True), ("CNY", "007.50", True)],
)  # fmt: skip
def test_digits_after_the_point_are_those_of_the_asked_currency(currency, amount, is_good):
    change = {"request.currency": currency, "request.amount": amount, "policy.currency": currency}
    assert (codes(change) != ["INVALID_AMOUNT"]) is is_good


def test_the_asked_currency_decides_on_digits_and_not_the_policy_s():
    change = {"request.currency": "KWD", "request.amount": "1.000"}
    assert codes(change) == ["FX_RATE_MISSING"]
    change = {"request.amount": "1.00", "policy.currency": "JPY"}
    assert codes(change) == ["FX_RATE_MISSING"]


@pytest.mark.parametrize("request_", [GONE, None, {}])
def test_an_empty_request_is_refused_for_its_missing_time(request_):
    assert codes({"request": request_}) == ["INVALID_DATETIME"]


@pytest.mark.parametrize("missing", [GONE, None])
def test_a_policy_or_a_member_that_is_missing_is_refused(missing):
    assert answer({"policy": missing}) == {**REFUSED, "reason_codes": ["POLICY_NOT_FOUND"]}
    assert answer({"member": missing}) == {**REFUSED, "reason_codes": ["MEMBER_NOT_FOUND"]}
    assert codes({"policy": missing, "member": missing}) == ["POLICY_NOT_FOUND"]


@pytest.mark.parametrize("typed", ["AB1234", " a-b 1234--", "AB-12-34", "ab12 34"])
def test_a_member_number_is_compared_without_spaces_hyphens_and_case(typed):
    assert codes({"presented.member_id": typed}) == ["COINSURANCE_APPLIED"]
    swapped = {"presented.member_id": "AB1234", "member.member_id": typed}
    assert codes(swapped) == ["COINSURANCE_APPLIED"]


@pytest.mark.parametrize(
    "change",
    [{"presented.member_id": typed} for typed in ("AB1235", "AB.1234", "AB\t1234", "XAB1234", "", None, GONE, 1234)]
    + [{"presented.date_of_birth": typed} for typed in ("1980-06-05", "1980-5-6", "1980-05-06 ", "", None, GONE)]
    + [{"presented": None}, {"presented": GONE}, {"presented": {}}]
    + [{"member.member_id": None, "presented.member_id": None}]
    + [{"member.member_id": "-", "presented.member_id": " "}]
    + [{"member.date_of_birth": None, "presented.date_of_birth": None}],
    ids=repr,
)  # fmt: skip
def test_another_number_or_date_of_birth_is_a_mismatch(change):
    assert answer(change) == {**REFUSED, "reason_codes": ["MEMBER_MISMATCH"]}


def test_the_plain_document_is_eligible():
    assert verdict() == ("ELIGIBLE", ["COINSURANCE_APPLIED"])
    assert BASE["presented"]["member_id"] != BASE["member"]["member_id"]
