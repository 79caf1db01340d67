"""Exchange rates from a server of the test's own: taken when right, else nothing changes."""

import datetime as dt
import ssl
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse

from hospitals.models import ExchangeRate
from hospitals.selectors.rates import newest_rates
from hospitals.services.rates import LARGEST_BYTES, refresh_rates
from medtour.lib import clock, exchange
from medtour.lib.money import Money
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
RATES = {"USD": "1.1712", "JPY": "181.35", "GBP": "0.8790", "HKD": "9.1103", "CNY": "8.2601"}
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube><Cube time='{day}'>{rates}</Cube></Cube>
</gesmes:Envelope>"""


def feed(day=TODAY, **changes):
    rates = {currency: rate for currency, rate in {**RATES, **changes}.items() if rate}
    cubes = "".join(f"<Cube currency='{code}' rate='{rate}'/>" for code, rate in rates.items())
    return FEED.format(day=day, rates=cubes).encode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the path of a certificate and its key for this machine, made for these tests."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("rates") / "localhost.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    return path


class Answer(BaseHTTPRequestHandler):
    status, body, target = 200, b"", ""

    def do_GET(self):  # noqa: N802
        self.send_response(self.status)
        if self.target:
            self.send_header("Location", self.target)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def bank(certificate, settings, monkeypatch, frozen):
    """Serve `bank.body` over https on this machine; EXCHANGE_RATES_URL is its address."""
    handler = type("Bank", (Answer,), {"body": feed()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    settings.EXCHANGE_RATES_URL = f"https://localhost:{server.server_port}/daily.xml"
    yield handler
    server.shutdown()
    server.server_close()


def stored():
    return list(ExchangeRate.objects.order_by("currency").values_list("currency", "per_euro"))


def test_the_day_is_stored_once(bank):
    assert refresh_rates() == 5
    assert refresh_rates() == 0
    assert stored() == [
        ("CNY", Decimal("8.2601")),
        ("GBP", Decimal("0.8790")),
        ("HKD", Decimal("9.1103")),
        ("JPY", Decimal("181.35")),
        ("USD", Decimal("1.1712")),
    ]
    row = ExchangeRate.objects.first()
    assert (row.day, row.source) == (TODAY, "European Central Bank")
    assert row.fetched_at == clock.now()


def test_a_later_day_is_added(bank):
    refresh_rates()
    bank.body = feed(TODAY + dt.timedelta(days=1), USD="1.18")
    with clock.freeze(clock.now() + dt.timedelta(days=1)):
        assert refresh_rates() == 5
    assert newest_rates().day == TODAY + dt.timedelta(days=1)
    assert newest_rates().per_euro["USD"] == Decimal("1.18")


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
WRONG = {
    "malformed": feed()[:-30],
    "empty": b"",
    "page": b"<html><body>Access denied</body></html>",
    "entities": feed().replace(b"<gesmes:E", BOMB + b"<gesmes:E", 1),
    "huge": feed() + b" " * LARGEST_BYTES,
    "no yuan": feed(CNY=""),
    "no rates": FEED.format(day=TODAY, rates="").encode(),
    "two days": feed().replace(b"</Cube></Cube>", b"</Cube><Cube time='2026-11-20'/></Cube>"),
    "no date": feed("yesterday"),
    "tomorrow": feed(TODAY + dt.timedelta(days=1)),
    "older than bundled": feed(exchange.bundled().day - dt.timedelta(days=1)),
    "not a number": feed(USD="NaN"),
    "exponent": feed(USD="1e3"),
    "negative": feed(USD="-1.17"),
    "nought": feed(USD="0.0"),
    "nine decimals": feed(USD="1.123456789"),
    "tenfold": feed(CNY="82.601"),
    "a tenth": feed(CNY="0.82601"),
    "twice": feed().replace(
        b"<Cube currency='USD'", b"<Cube currency='CNY' rate='1'/><Cube currency='USD'"
    ),
    "code": feed(usd="1.17"),
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_changes_nothing(bank, body):
    bank.body = body
    assert refresh_rates() == 0
    assert stored() == []


def test_an_older_day_than_the_stored_one_changes_nothing(bank):
    ExchangeRate.objects.create(
        day=TODAY, currency="CNY", per_euro=Decimal("8.3"), source=exchange.SOURCE
    )
    bank.body = feed(TODAY - dt.timedelta(days=1))
    assert refresh_rates() == 0
    assert stored() == [("CNY", Decimal("8.3"))]


@pytest.mark.parametrize("status", [301, 302, 403, 404, 500])
def test_no_other_answer_is_taken_or_followed(bank, settings, status):
    bank.status, bank.target = status, settings.EXCHANGE_RATES_URL + "?elsewhere"
    assert refresh_rates() == 0
    assert stored() == []


def test_plain_http_is_never_asked(bank, settings):
    settings.EXCHANGE_RATES_URL = settings.EXCHANGE_RATES_URL.replace("https", "http")
    assert refresh_rates() == 0
    assert stored() == []


def test_a_server_that_nobody_vouches_for_is_not_believed(bank, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert refresh_rates() == 0
    assert stored() == []


def test_a_closed_network_is_no_fault(settings):
    settings.EXCHANGE_RATES_URL = "https://127.0.0.1:1/daily.xml"
    assert refresh_rates() == 0
    settings.EXCHANGE_RATES_URL = ""
    assert refresh_rates() == 0


# ---- what estimates make of it ------------------------------------------------------------------


def test_estimates_take_the_newer_of_stored_and_bundled(bank):
    refresh_rates()
    exchange.use_source(newest_rates)
    found = exchange.estimate(Money(826_010, "CNY"), "USD")
    assert found.money == Money(117_120, "USD")
    assert (found.rate_date, found.is_stale) == (TODAY, False)
    assert exchange.estimate(Money(826_010, "CNY"), "JPY").money == Money(181_350, "JPY")
    assert exchange.reference_rate("CNY", "EUR").value == Decimal("0.1210639096")
    with clock.freeze(clock.now() + dt.timedelta(days=8)):
        assert exchange.estimate(Money(100, "CNY"), "USD").is_stale


def test_stored_rates_older_than_the_bundled_do_not_count():
    old = exchange.bundled().day - dt.timedelta(days=1)
    ExchangeRate.objects.create(day=old, currency="CNY", per_euro=Decimal("1"), source="x")
    exchange.use_source(newest_rates)
    assert exchange.latest() == exchange.bundled()


def test_a_process_asks_once_in_five_minutes(django_assert_num_queries):
    exchange.use_source(newest_rates)
    with django_assert_num_queries(1):
        for _number in range(20):
            exchange.estimate(Money(100, "CNY"), "USD")


def test_a_source_that_fails_leaves_the_bundled_rates():
    def broken():
        raise OSError

    exchange.use_source(broken)
    assert exchange.latest() == exchange.bundled()


# ---- the desk -----------------------------------------------------------------------------------


def test_operators_read_the_rates_and_change_none(client, bank, lenient_templates):
    refresh_rates()
    client.force_login(UserFactory(operator=True))
    page = client.get(reverse("admin:hospitals_exchangerate_changelist"))
    assert page.status_code == 200
    assert "181.35" in page.content.decode()
    assert client.get(reverse("admin:hospitals_exchangerate_add")).status_code == 403
    row = ExchangeRate.objects.first()
    one = reverse("admin:hospitals_exchangerate_change", args=[row.pk])
    assert client.post(one, {"per_euro": "1"}).status_code == 403
    row.refresh_from_db()
    assert row.per_euro == Decimal(RATES[row.currency])


def test_staff_of_a_hospital_do_not_see_the_rates_page(client, lenient_templates):
    client.force_login(UserFactory(staff=True))
    assert client.get(reverse("admin:hospitals_exchangerate_changelist")).status_code == 403
