"""Language, place, where people land after signing in, and pages for what went wrong."""

import pytest
from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from medtour import views
from medtour.middleware import PrivatePageMiddleware

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize(
    ("accepted", "address"),
    [
        ("fr-CA,fr;q=0.9", "/fr/"),
        ("zh-CN", "/zh-hans/"),
        ("ar-SA", "/ar/"),
        ("de", "/en/"),
        ("", "/en/"),
    ],
)
def test_the_root_leads_to_the_browsers_language(client, accepted: str, address: str):
    response = client.get("/", headers={"accept-language": accepted})
    assert response.status_code == 302
    assert response["Location"] == address
    assert "Accept-Language" in response["Vary"]


def test_a_place_is_kept_in_cookies_and_leads_back(client):
    response = client.post(
        "/en/place/", {"zone": "Asia/Dubai", "currency": "EUR", "next": "/en/prices/?a=1"}
    )
    assert response.status_code == 302
    assert response["Location"] == "/en/prices/?a=1"
    assert response.cookies["zone"].value == "Asia/Dubai"
    assert response.cookies["currency"].value == "EUR"
    assert response.cookies["zone"]["httponly"]
    assert response.cookies["zone"]["samesite"] == "Lax"


def test_a_place_is_saved_on_the_account(client, user):
    client.force_login(user)
    client.post("/en/place/", {"zone": "Asia/Dubai", "currency": "EUR"})
    user.refresh_from_db()
    assert (user.time_zone, user.currency) == ("Asia/Dubai", "EUR")


@pytest.mark.parametrize(
    "bad", [{"zone": "Mars/Base"}, {"zone": "EST"}, {"currency": "MNT"}, {"currency": "eur"}]
)
def test_an_unknown_place_is_refused_and_changes_nothing(client, user, bad: dict[str, str]):
    client.force_login(user)
    response = client.post("/en/place/", bad)
    assert response.status_code == 422
    assert not response.cookies.get("zone")
    page = response.content.decode()
    assert "<title>Error: " in page
    user.refresh_from_db()
    assert user.time_zone == "Europe/Moscow"


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_a_place_never_leads_to_another_site(client, evil: str):
    response = client.post("/ar/place/", {"zone": "Asia/Dubai", "next": evil})
    assert response["Location"] == "/ar/"


def test_choosing_only_a_currency_keeps_the_zone(client):
    client.cookies["zone"] = "Asia/Dubai"
    response = client.post("/en/place/", {"zone": "", "currency": "EUR"})
    assert response.cookies["zone"].value == "Asia/Dubai"


def test_the_place_form_needs_a_token(settings):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/en/place/", {"zone": "Asia/Dubai"})
    assert response.status_code == 403
    assert "The form was open too long" in response.content.decode()


def test_every_zone_can_be_chosen_on_the_place_page(client):
    page = client.get("/mn/place/?next=/mn/prices/").content.decode()
    assert '<option value="Asia/Ulaanbaatar">' in page
    assert '<option value="Pacific/Chatham">' in page
    assert 'name="next" value="/mn/prices/"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_names_itself_in_every_language(client, language: str):
    page = client.get(f"/{language}/place/?next=/x/").content.decode()
    for code in LANGUAGES:
        assert f'href="/{code}/place/?next=/x/"' in page
    assert 'dir="rtl"' in page if language == "ar" else 'dir="ltr"' in page
    told = "This page is not yet translated into" in page
    assert told == (language not in settings.INTERFACE_COMPLETE_LANGUAGES)


def test_the_demonstration_says_so_on_every_page(client, settings):
    assert "This is a demonstration." in client.get("/en/place/").content.decode()
    settings.DEMONSTRATION = False
    assert "This is a demonstration." not in client.get("/en/place/").content.decode()


def test_the_visitors_clock_stands_beside_beijings(client):
    client.cookies["zone"] = "Asia/Tokyo"
    ribbon = client.get("/en/place/").content.decode().split("</header>")[0]
    assert ribbon.index("Beijing") < ribbon.index("Tokyo")


def test_the_accounts_place_wins_over_the_cookie(client, user):
    client.force_login(user)
    client.cookies["zone"] = "Asia/Tokyo"
    page = client.get("/en/place/").content.decode()
    assert '<option value="Europe/Moscow" selected>' in page


def test_a_cookie_speaks_for_an_account_that_never_chose(client, stranger):
    client.force_login(stranger)
    stranger.time_zone = "Asia/Shanghai"
    stranger.save()
    client.cookies["zone"] = "Asia/Tokyo"
    assert '<option value="Asia/Tokyo" selected>' in client.get("/en/place/").content.decode()


def test_a_page_for_a_visitor_without_a_session_asks_nothing(client, rf, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/en/account/login/")
    request = rf.get("/en/")
    request.session = client.session
    request.user = SimpleLazyObject(lambda: get_user(request))
    request.session.accessed = False
    render_to_string("base.html", {}, request)
    assert not request.session.accessed
    request.COOKIES["sessionid"] = "x"
    render_to_string("base.html", {}, request)
    assert request.session.accessed


def test_pages_that_asked_the_session_are_not_kept(client, rf):
    for accessed, kept in ((False, True), (True, False)):
        request = rf.get("/")
        request.session = client.session
        request.session.accessed = accessed
        page = PrivatePageMiddleware(lambda _request: HttpResponse("x"))(request)
        assert (page.get("Cache-Control") != "no-store, private") == kept


def test_staff_and_patients_land_where_they_work(client, user, operator):
    client.force_login(user)
    assert client.get("/en/after-login/")["Location"] == reverse("bookings:care")
    client.force_login(operator)
    assert client.get("/en/after-login/")["Location"] == reverse("admin:index")


def test_a_missing_page_helps_and_names_a_reference(client):
    response = client.get("/en/nowhere/", headers={"x-request-id": "abcdef0123456789"})
    page = response.content.decode()
    assert response.status_code == 404
    assert "This page is not here" in page
    assert "abcdef0123456789" in page


def test_the_failure_page_needs_neither_database_nor_session(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = views.server_error(RequestFactory().get("/en/x/"))
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()


def test_even_a_broken_failure_page_answers(settings):
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": []}]
    assert views.server_error(RequestFactory().get("/en/x/")).status_code == 500


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_refusals_are_pages_in_the_look(rf, name: str, language: str):
    from django.utils import translation

    request = rf.get(f"/{language}/x/")
    with translation.override(language):
        page = render_to_string(f"{name}.html", {"request_id": "r-1"}, request)
    assert "<h1" in page
    assert "css/bundle.css" in page
    assert "undefined template variable" not in page


def test_alternates_name_all_languages_and_a_default(rf):
    request = rf.get("/en/place/?next=/x/")
    page = render_to_string("place.html", {"all_zones": [], "next": "", "refused": False}, request)
    assert page.count('rel="alternate"') == 0, "a form page is not for search engines"
    page = render_to_string("base.html", {}, request)
    assert page.count('rel="alternate"') == 9
    assert 'hreflang="x-default"' in page
    assert 'rel="canonical" href="http' in page
    assert "?next" not in page.split("</head>")[0]
