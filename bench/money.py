"""Money in a database of its own: from the button to the confirmed place, and the gateway's news.

`python -m bench.money` in the environment of `environment(MONEY)` fills and measures the first part
and prints it as JSON; `measure_money` does all of it.
"""

import json
import logging
import secrets
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.client import Tally, load
from bench.databases import PROJECT, database_name, environment, recreate, run
from bench.server import serving
from bench.sizes import Size

MONEY = Size("money", hospitals=0, appointments=0)
WORKERS = 4
CLIENTS = 8
WEBHOOK = "/webhooks/stripe/"


@dataclass(frozen=True, slots=True)
class MoneyPlan:
    """How many deposits are paid, and for how long news is posted."""

    deposits: int
    seconds: float


FULL_MONEY, QUICK_MONEY = MoneyPlan(400, 5), MoneyPlan(60, 1)


@dataclass(frozen=True, slots=True)
class MoneyFigures:
    """Deposits a second and milliseconds of one, by threads; news a second and milliseconds."""

    deposits: int
    deposits_per_second: float
    deposit_ms: float
    news: Tally

    def lines(self) -> list[str]:
        return [
            f"- From checkout to confirmed: {self.deposits_per_second:.1f} deposits a second"
            f" with {WORKERS} threads, median {self.deposit_ms:.0f} ms, {self.deposits} paid.",
            f"- News of the gateway: {self.news.per_second:,.0f} posts a second with {CLIENTS}"
            f" clients, p50 {self.news.percentile(0.5):.1f} ms,"
            f" p95 {self.news.percentile(0.95):.1f} ms, answers {dict(self.news.statuses)}.",
        ]


def measure_money(plan: MoneyPlan) -> MoneyFigures:
    """Measure in a fresh database, so that a deposit's offer is in nobody else's way."""
    recreate(database_name(MONEY))
    run(MONEY, "manage.py", "migrate", "--verbosity", "0")
    told = subprocess.run(
        [sys.executable, "-m", "bench.money", str(plan.deposits)],
        cwd=PROJECT,
        env=environment(MONEY),
        stdout=subprocess.PIPE,
        check=True,
    )
    paid = json.loads(told.stdout.splitlines()[-1])
    with serving(MONEY) as port:
        load(port, news(200), clients=CLIENTS, seconds=plan.seconds)
        posts = load(port, news(int(3000 * plan.seconds)), clients=CLIENTS, seconds=plan.seconds)
    return MoneyFigures(plan.deposits, paid["per_second"], paid["median_ms"], posts)


def news(count: int) -> list[bytes]:
    """Return so many different events, signed now, as the gateway would post them."""
    from medtour.settings import dev
    from payments.gateways.sandbox.deliveries import sign

    made = []
    for _number in range(count):
        name = secrets.token_hex(14)
        body = json.dumps(
            {
                "id": f"evt_{name}",
                "object": "event",
                "type": "payment_intent.succeeded",
                "livemode": False,
                "data": {"object": {"id": f"pi_{name}", "object": "payment_intent"}},
            }
        ).encode()
        signature = sign(body, dev.STRIPE_WEBHOOK_SECRETS[0])
        head = (
            f"POST {WEBHOOK} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Stripe-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def pay_deposits(count: int) -> dict[str, float]:
    """Pay so many deposits by several threads; each is confirmed and in the ledger at the end."""
    from bookings.models import Appointment

    waiting = _waiting(count)
    _pay(waiting.pop())  # fills the caches
    started = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        seconds = list(pool.map(_pay, waiting))
    took = time.perf_counter() - started
    left = Appointment.objects.exclude(state="confirmed").count()
    if left:
        raise SystemExit(f"{left} of {count} deposits did not end in a confirmed place.")
    return {
        "per_second": len(waiting) / took,
        "median_ms": statistics.median(seconds) * 1000,
    }


def _waiting(count: int) -> list[int]:
    """Return appointments that wait for their deposit, one patient and one time each."""
    from tests.factories import (
        AppointmentFactory,
        OfferFactory,
        PayeeAccountFactory,
        SlotFactory,
    )

    offer = OfferFactory(asks_deposit_online=True, deposit_percent=20)
    PayeeAccountFactory(hospital=offer.hospital, account_id="acct_bench")
    return [
        AppointmentFactory(
            slot=SlotFactory(offer=offer), awaiting_payment=True, confirmed_at=None
        ).pk
        for _number in range(count)
    ]


def _pay(pk: int) -> float:
    """Go the whole way of one deposit: terms, attempt, page, card, settled."""
    from django.db import close_old_connections

    from bookings.models import Appointment
    from payments.gateways.sandbox import world
    from payments.services import deposits, obligations, settlement

    appointment = Appointment.objects.select_related("booker").get(pk=pk)
    site = "http://127.0.0.1:8000/en/"
    started = time.perf_counter()
    due = obligations.open_deposit(appointment, by=appointment.booker, language="en")
    payment = deposits.start_payment(
        due, charge_currency="CNY", payer=appointment.booker, language="en"
    )
    payment = deposits.begin_checkout(payment, success_url=site, cancel_url=site)
    world.pay(payment.session_id)
    settlement.settle(payment)
    seconds = time.perf_counter() - started
    close_old_connections()
    return seconds


if __name__ == "__main__":
    import django

    django.setup()
    logging.disable(logging.WARNING)
    print(json.dumps(pay_deposits(int(sys.argv[1]))))
