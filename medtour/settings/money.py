"""Rules of money that an operator may want to change."""

# By a reference rate older than this nobody is charged in another currency; None: by any.
CHARGE_RATE_MAX_AGE_DAYS: int | None = 31
# Refunds that a person decided need a second one above this, in minor units of each currency;
# a currency that is not named here always does.
REFUND_APPROVAL_THRESHOLDS = {
    "CNY": 500_000,
    "EUR": 60_000,
    "GBP": 50_000,
    "HKD": 500_000,
    "JPY": 100_000,
    "KWD": 200_000,
    "SGD": 90_000,
    "USD": 70_000,
}
