"""Passkeys in a real browser with a device that it makes up: added, shown at the door and as proof, removed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from portal import clock
from portal.models.company.settings import Setting
from portal.models.people.passkeys import Passkey
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session, set_password
from tests.browser.conftest import OpenPage, served
from tests.views.people.test_second_factor import PASSWORD

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def address(app: Starlette) -> Iterator[str]:
    """Browsers allow passkeys on one's own machine under the name of localhost alone."""
    for url in served(app):
        named = f"http://localhost:{urlsplit(url).port}"
        app.state.settings = replace(app.state.settings, base_url=named)
        yield named


def with_a_phone(page: Page) -> Callable[[bool], None]:
    """Give the page a device that keeps passkeys. Gives what says whether its owner unlocks it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})["authenticatorId"]

    def unlock(does: bool) -> None:
        facts = {"authenticatorId": made, "isUserVerified": does}
        devtools.send("WebAuthn.setUserVerified", facts)

    return unlock


def test_from_adding_a_passkey_to_removing_it(open_page: OpenPage, adam: Person, ada: Person) -> None:
    set_password(adam, PASSWORD, by=None)
    page = open_page(adam, "/account/second-factor", expected=("401",), locale="en-US")
    unlock = with_a_phone(page)
    page.get_by_label("Name of the passkey").fill("My phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Spare codes")).to_be_visible()
    page.get_by_role("link", name="I have them").click()
    expect(page.get_by_role("cell", name="My phone", exact=True)).to_be_visible()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()

    page.request.post("/sign-out", headers={"origin": page.url})
    page.goto("/sign-in?next=/account/second-factor")
    unlock(False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was chosen, or it took too long.")).to_be_visible()
    unlock(True)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("cell", name="My phone", exact=True)).to_be_visible()

    page.request.post("/sign-out", headers={"origin": page.url})
    page.goto("/sign-in")
    page.get_by_label(re.compile("E-mail")).fill(adam.email)
    page.get_by_label(re.compile("Password")).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/")

    Session.update(confirmed_at=clock.now() - timedelta(minutes=16)).execute()
    page.goto(f"/admin/accounts/{ada.id}")
    page.locator("select[name=role]").select_option("reviewer")
    page.get_by_role("button", name="Give", exact=True).click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"**/admin/accounts/{ada.id}#roles")
    assert ada.fresh().holds(Role.REVIEWER)

    page.goto("/account/second-factor")
    page.get_by_role("button", name="Remove My phone").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    assert not Passkey.select().exists()


def test_at_another_address_a_sentence_says_where(open_page: OpenPage, ada: Person, app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, base_url="http://localhost:9")
    page = open_page(ada, "/account/second-factor")
    expect(
        page.get_by_text("Passkeys hold at one address alone: open the portal at http://localhost:9")
    ).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_without_scripts_nothing_is_offered_that_would_not_work(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    context.close()


@pytest.mark.parametrize(("width", "theme", "locale"), [(375, "dark", "en"), (1280, "light", "zh")])
def test_their_pages_are_valid_accessible_and_fit(
    open_page: OpenPage,
    adam: Person,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
    width: int,
    theme: str,
    locale: str,
) -> None:
    """Kept out, with the spare codes, with a passkey, asked once more, and after the password."""
    set_password(adam, PASSWORD, by=None)
    adam.edit(by=adam, locale=locale, theme=theme)
    # axe tries styles that the policy refuses
    page = open_page(
        adam, "/account", width=width, color_scheme=theme, locale="zh-CN", expected=("401", "Security")
    )
    with_a_phone(page)
    faults: dict[str, list[str]] = {}

    def look(name: str) -> None:
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults[name] = [*axe(page), *html_checker(page.content()), *(["too wide"] if over > 0 else [])]

    Setting.choose("company.second_factor", "door", by=None)
    page.goto("/customers")
    look("kept out")
    page.locator("form[data-passkey] button").click()
    page.locator(".spare-codes").wait_for()
    look("spare codes")
    page.goto("/account/second-factor")
    look("held")
    page.goto("/admin/company/sign-in")
    look("company")
    Session.update(confirmed_at=clock.now() - timedelta(minutes=16)).execute()
    page.locator("main form button.btn-primary").click()
    page.locator("#proof").wait_for()
    look("asked once more")
    page.request.post("/sign-out", headers={"origin": page.url})
    page.goto("/sign-in")
    page.locator("#email").fill(adam.email)
    page.locator("#password").fill(PASSWORD)
    page.locator("form[action='/sign-in'] button").click()
    page.locator("#code").wait_for()
    look("after the password")
    assert {name: found for name, found in faults.items() if found} == {}
    assert len(faults) == 6
