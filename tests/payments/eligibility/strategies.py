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


SETTINGS = st.sampled_from(["inpatient", "daycase", "outpatient"])


def drawn(draw, strategies):
    """Draw one value for each path."""
    return {path: draw(strategy) for path, strategy in strategies.items()}


@st.composite
def documents(draw):
    currency = draw(st.sampled_from(sorted(DIGITS)))
    asked = draw(mostly(currency, "USD"))
    setting = draw(SETTINGS)
    return document(
        drawn(draw, circumstances(currency, setting)),
        drawn(draw, cover(currency, setting)),
        drawn(draw, network()),
        drawn(draw, benefit(currency)),
        drawn(draw, requests(asked, setting)),
    )


def circumstances(currency, setting):
    rates = st.decimals("0.00000001", "20", places=8).map("{:f}".format)
    as_of = mostly("2026-03-09", "2026-03-06", "2026-03-25")
    exchange = {"from": st.just("USD"), "to": st.just(currency), "rate": rates, "as_of": as_of}
    return {
        "checked_at": mostly("2026-03-10T12:00:00+08:00", "2026-03-25T12:00:00+08:00"),
        "fx": st.fixed_dictionaries(exchange),
        "preauth": st.one_of(st.none(), guarantees(currency)),
        "member.joined_on": mostly("2026-01-01", *AROUND),
        "member.declared_conditions": mostly([], ["C34"], ["Z", "c3.4"]),
        "hospital.direct_billing": st.fixed_dictionaries({"i1": mostly([setting], [])}),
        "hospital.accepts_partial_direct_pay": flags,
    }


def cover(currency, setting):
    money, met = sums(currency), sums(currency, 5000)
    most = st.fixed_dictionaries({"amount": money, "met": met})
    modes = st.sampled_from(["covered", "excluded", "moratorium"])
    return {
        "policy.status": mostly("active", "active", "lapsed"),
        "policy.currency": st.just(currency),
        "policy.period_end": mostly("2026-12-31", *AROUND),
        "policy.area": mostly({"mode": "worldwide"}, {"mode": "only", "countries": ["HK"]}),
        "policy.out_of_area_emergency": flags,
        "policy.annual_limit": st.one_of(st.none(), money),
        "policy.annual_used": met,
        "policy.deductible": deductibles(money, st.lists(SETTINGS, max_size=3)),
        "policy.out_of_pocket_max": st.one_of(st.none(), most),
        "policy.direct_pay": st.sampled_from([[setting], [setting], ["daycase", setting], []]),
        "policy.excluded_codes": mostly([], ["33"], ["Q", "R"]),
        "policy.preexisting": st.fixed_dictionaries(
            {"mode": modes, "moratorium_months": st.just(2)}
        ),
        "policy.preauth_penalty_pct": percents,
    }


def network():
    modes = st.sampled_from(["covered", "surcharge", "excluded"])
    outside = {
        "mode": st.sampled_from(["not_covered", "reimburse"]),
        "coinsurance_pct": percents,
        "emergency_as_in_network": flags,
    }
    return {
        "policy.network": mostly({"h1": {"tier": "standard"}}, {"h1": {"tier": "high_cost"}}, {}),
        "policy.high_cost": st.fixed_dictionaries(
            {"mode": modes, "extra_coinsurance_pct": percents}
        ),
        "policy.out_of_network": st.fixed_dictionaries(outside),
    }


def benefit(currency):
    maybe_money = st.one_of(st.none(), sums(currency))
    return {
        f"{BENEFIT}.waiting_days": mostly(0, 30, 78, 79),
        f"{BENEFIT}.annual_sublimit": maybe_money,
        f"{BENEFIT}.sublimit_used": sums(currency, 5000),
        f"{BENEFIT}.visits_limit": mostly(None, 2, 0),
        f"{BENEFIT}.visits_used": st.integers(0, 2),
        f"{BENEFIT}.copay": sums(currency, 5000),
        f"{BENEFIT}.coinsurance_pct": percents,
        f"{BENEFIT}.preauth": st.sampled_from(["never", "always", "over_threshold"]),
        f"{BENEFIT}.preauth_threshold": maybe_money,
    }


def requests(asked, setting):
    return {
        "request.setting": st.just(setting),
        "request.amount": sums(asked, least=1) if asked in DIGITS else sums("CNY", least=1),
        "request.currency": st.just(asked),
        "request.service_start": st.just("2026-03-20T12:00:00+08:00"),
        "request.emergency": flags,
        "request.accident": flags,
        "request.condition_onset_on": mostly(None, *AROUND),
        "request.last_treated_on": mostly(None, "2026-01-20", "2026-01-21"),
        "request.emergency_notified_after_hours": mostly(None, 0, 48, 48.5, 49),
    }


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
