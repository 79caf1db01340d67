"""The base page in a real browser: no policy violation, no sideways scrolling, works without script."""

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = ["/{}/account/login/", "/{}/account/signup/", "/{}/place/", "/{}/nowhere/"]


def complaints_of(page: Page) -> list[str]:
    """Collect what the browser complains about, except the answer 404 that a test asked for."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "404 (Not Found)" not in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("language", ["en", "ar", "zh-hans"])
@pytest.mark.parametrize("width", [320, 1280])
def test_pages_obey_the_content_policy_and_fit(live_server, page: Page, language: str, width: int):
    complaints = complaints_of(page)
    page.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        page.goto(live_server.url + path.format(language))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        sheet = "getComputedStyle(document.body).display"
        assert page.evaluate(sheet) == "flex", "the style sheet is missing"
    assert complaints == []


def test_the_browsers_zone_is_suggested_and_nothing_is_sent(live_server, browser: Browser):
    context = browser.new_context(timezone_id="Asia/Dubai")
    page = context.new_page()
    page.goto(f"{live_server.url}/en/place/")
    assert page.locator("#page-zone").input_value() == "Asia/Dubai"
    assert [one["name"] for one in context.cookies() if one["name"] == "zone"] == []
    page.get_by_role("main").get_by_role("button", name="Show these").click()
    kept = [one["value"] for one in context.cookies() if one["name"] == "zone"]
    assert [value.strip('"') for value in kept] == ["Asia/Dubai"]
    context.close()


def test_place_and_language_can_be_chosen_without_scripts(live_server, browser: Browser):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/en/account/login/")
    page.locator("summary", has_text="Your time").click()
    page.locator("#head-zone").select_option("Asia/Tokyo")
    page.locator(".menu-form button").click()
    assert page.url == f"{live_server.url}/en/account/login/"
    assert "Tokyo" in page.locator(".ribbon").inner_text()
    page.locator(".head-end summary", has_text="English").click()
    page.locator(".menu-panel").get_by_role("link", name="العربية").click()
    assert page.url == f"{live_server.url}/ar/account/login/"
    assert page.locator("html").get_attribute("dir") == "rtl"
    context.close()


def test_the_keyboard_reaches_the_skip_link_first(live_server, page: Page):
    page.goto(f"{live_server.url}/en/account/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_an_error_summary_gets_the_focus(live_server, page: Page):
    page.goto(f"{live_server.url}/en/account/login/")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert page.title().startswith("Error: ")
    page.wait_for_function("document.activeElement.className === 'errsum'")
    page.get_by_role("alert").get_by_role("link").first.click()
    assert page.evaluate("document.activeElement.id") == "id_login"
