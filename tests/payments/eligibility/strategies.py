"""Documents for the properties: mostly well covered, every rule near the edge of speaking."""

from hypothesis import strategies as st

from tests.payments.eligibility.documents import BENEFIT, document

DIGITS = {"JPY": 0, "CNY": 2, "KWD": 3, "EUR": 2}
AROUND = ["2026-03-19", "2026-03-20", "2026-03-21"]


def mostly(usual, *rare):
    """Draw the usual value four times out of five."""
    return st.sampled_from([usual] * 4 * max(len(rare), 1) + list(rare))


@st.composite
def sums(draw, currency, most=200_000, least=0):
    """Draw money of a currency; small values and round ones come often."""
    minor = draw(st.one_of(st.integers(least, most), st.integers(least, 50 + least)))
    digits = DIGITS[currency]
    text = str(minor).rjust(digits + 1, "0")
    return f"{text[:-digits]}.{text[-digits:]}" if digits else text


percents = st.one_of(
    st.sampled_from(["0", "100", "10", "12.5", "33.333333333333333333333333333333"]),
    st.decimals("0", "100", places=3).map("{:f}".format),
)
flags = st.booleans()


@st.composite
def documents(draw):
    currency = draw(st.sampled_from(sorted(DIGITS)))
    asked = draw(mostly(currency, "USD"))
    money = sums(currency)
    maybe_money = st.one_of(st.none(), money)
    setting = draw(st.sampled_from(["inpatient", "daycase", "outpatient"]))
    settings = st.lists(st.sampled_from(["inpatient", "daycase", "outpatient"]), max_size=3)
    some = draw(st.sampled_from([[setting], [setting], ["daycase", setting], []]))
    return document(
        {
            "checked_at": draw(mostly("2026-03-10T12:00:00+08:00", "2026-03-25T12:00:00+08:00")),
            "fx": {
                "from": "USD",
                "to": currency,
                "rate": draw(st.decimals("0.00000001", "20", places=8).map("{:f}".format)),
                "as_of": draw(mostly("2026-03-09", "2026-03-06", "2026-03-25")),
            },
            "preauth": draw(st.one_of(st.none(), guarantees(currency))),
            "member.joined_on": draw(mostly("2026-01-01", *AROUND)),
            "member.declared_conditions": draw(mostly([], ["C34"], ["Z", "c3.4"])),
            "policy.status": draw(mostly("active", "active", "lapsed")),
            "policy.currency": currency,
            "policy.period_end": draw(mostly("2026-12-31", *AROUND)),
            "policy.area": draw(mostly({"mode": "worldwide"}, {"mode": "only", "countries": ["HK"]})),
            "policy.out_of_area_emergency": draw(flags),
            "policy.annual_limit": draw(maybe_money),
            "policy.annual_used": draw(sums(currency, 5000)),
            "policy.deductible": draw(deductibles(money, settings)),
            "policy.out_of_pocket_max": draw(
                st.one_of(st.none(), st.fixed_dictionaries({"amount": money, "met": sums(currency, 5000)}))
            ),
            "policy.direct_pay": some,
            "policy.excluded_codes": draw(mostly([], ["33"], ["Q", "R"])),
            "policy.preexisting": {"mode": draw(st.sampled_from(["covered", "excluded", "moratorium"])), "moratorium_months": 2},
            "policy.network": draw(mostly({"h1": {"tier": "standard"}}, {"h1": {"tier": "high_cost"}}, {})),
            "policy.high_cost": {"mode": draw(st.sampled_from(["covered", "surcharge", "excluded"])), "extra_coinsurance_pct": draw(percents)},
            "policy.out_of_network": {
                "mode": draw(st.sampled_from(["not_covered", "reimburse"])),
                "coinsurance_pct": draw(percents),
                "emergency_as_in_network": draw(flags),
            },
            "policy.preauth_penalty_pct": draw(percents),
            f"{BENEFIT}.waiting_days": draw(mostly(0, 30, 78, 79)),
            f"{BENEFIT}.annual_sublimit": draw(maybe_money),
            f"{BENEFIT}.sublimit_used": draw(sums(currency, 5000)),
            f"{BENEFIT}.visits_limit": draw(mostly(None, 2, 0)),
            f"{BENEFIT}.visits_used": draw(st.integers(0, 2)),
            f"{BENEFIT}.copay": draw(sums(currency, 5000)),
            f"{BENEFIT}.coinsurance_pct": draw(percents),
            f"{BENEFIT}.preauth": draw(st.sampled_from(["never", "always", "over_threshold"])),
            f"{BENEFIT}.preauth_threshold": draw(maybe_money),
            "hospital.direct_billing": {"i1": draw(mostly([setting], []))},
            "hospital.accepts_partial_direct_pay": draw(flags),
            "request.setting": setting,
            "request.amount": draw(sums(asked if asked in DIGITS else "CNY", least=1)),
            "request.currency": asked,
            "request.service_start": "2026-03-20T12:00:00+08:00",
            "request.emergency": draw(flags),
            "request.accident": draw(flags),
            "request.condition_onset_on": draw(mostly(None, *AROUND)),
            "request.last_treated_on": draw(mostly(None, "2026-01-20", "2026-01-21")),
            "request.emergency_notified_after_hours": draw(mostly(None, 0, 48, 48.5, 49)),
        }
    )  # fmt: skip


def guarantees(currency):
    return st.fixed_dictionaries(
        {
            "status": mostly("approved", "pending", "declined", "withdrawn"),
            "approved_amount": st.one_of(st.none(), sums(currency)),
            "valid_from": mostly("2026-03-01", *AROUND),
            "valid_to": mostly("2026-03-31", *AROUND),
            "hospital_id": mostly("h1", "h2"),
            "procedure_code": mostly(None, "33.5", "33.6"),
        }
    )


def deductibles(money, settings):
    return st.one_of(
        st.none(),
        st.fixed_dictionaries(
            {
                "amount": money,
                "met": money,
                "scope": st.sampled_from(["annual", "per_visit"]),
                "settings": settings,
            }
        ),
    )
