"""Fetching the day's exchange rates; whatever goes wrong, the rates we have stay (PY-12)."""

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from hospitals.models import ExchangeRate
from hospitals.rate_feed import FeedRefused, check_plausible, read_feed
from hospitals.selectors.rates import newest_rates
from medtour.lib import clock, exchange
from medtour.lib.exchange import RateTable

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 10
LARGEST_BYTES = 64 * 1024
EURO = "EUR"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_facts: object) -> None:
        """Follow nobody elsewhere: the answer is then an error."""


def refresh_rates() -> int:
    """Store the newest day of EXCHANGE_RATES_URL; returns how many rates were added.

    Nothing is changed, and the log says why, when the network is closed, the file is not what it
    should be, or its day is known or older than one we know. A blank address asks nobody.
    """
    address = settings.EXCHANGE_RATES_URL
    if not address:
        return 0
    try:
        table = read_feed(_fetched(address))
        known = newest_rates() or exchange.bundled()
        check_plausible(table, known, today=clock.now().date())
    except FeedRefused as error:
        log.warning("rates_refused", why=str(error))
        return 0
    except (OSError, http.client.HTTPException) as error:
        log.warning("rates_unreachable", why=type(error).__name__)
        return 0
    return _stored(table, known)


def _fetched(address: str) -> bytes:
    """Return the file; raises FeedRefused, OSError or HTTPException."""
    if urlsplit(address).scheme != "https":
        raise FeedRefused("not_https")
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  (https only)
            body = answer.read(LARGEST_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise FeedRefused(f"status_{error.code}") from error
    if len(body) > LARGEST_BYTES:
        raise FeedRefused("too_large")
    return body


def _stored(table: RateTable, known: RateTable) -> int:
    """Add the rates of a day that is newer than any that is stored."""
    if table.day < max(known.day, exchange.bundled().day):
        log.info("rates_older", day=str(table.day))
        return 0
    if ExchangeRate.objects.filter(day=table.day).exists():
        return 0
    rows = [
        ExchangeRate(day=table.day, currency=currency, per_euro=rate, source=table.source)
        for currency, rate in sorted(table.per_euro.items())
        if currency != EURO
    ]
    ExchangeRate.objects.bulk_create(rows, ignore_conflicts=True)
    exchange.forget()
    log.info("rates_stored", day=str(table.day), count=len(rows))
    return len(rows)
