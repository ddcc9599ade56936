"""The pages of rules, of a change that waits, and of the logo: they fit and can be used by everyone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models.people.people import Person
from portal.models.people.rule_changes import RuleChange
from tests.browser.conftest import OpenPage
from tests.views.company.test_logo import png


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_rules_are_read_changed_and_agreed_to(
    open_page: OpenPage,
    axe: Callable[[Page], list[str]],
    axe_source: str,
    adam: Person,
    mona: Person,
    width: int,
    scheme: str,
) -> None:
    page = open_page(adam, "/admin/rules/points", width=width, color_scheme=scheme)
    page.locator("#points_accepted").fill("25")
    page.locator("#reason").fill("Writing is work.")
    page.locator("main button.btn-primary").click()
    expect(page.locator("#messages, main").first).to_contain_text("second person")
    change = RuleChange.get()
    for path in ("/rules", "/admin/rules/points", "/admin/company", change.url):
        page.goto(path)
        page.evaluate(axe_source)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert axe(page) == [], path
    second = open_page(mona, change.url, width=width, color_scheme=scheme)
    second.locator("#answer button", has_text="Approve").click()
    expect(second.locator("#answer")).to_have_count(0)
    assert change.fresh().state == "approved"


def test_a_logo_is_put_up_and_taken_off_again_by_undo(open_page: OpenPage, adam: Person) -> None:
    page = open_page(adam, "/admin/company")
    page.locator("input[type=file]").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": png(300, 90)}
    )
    page.locator("#logo button", has_text="Show it").click()
    shown = page.locator(".topbar .brand-logo")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 300)
    page.locator("#messages button", has_text="Undo").click()
    expect(shown).to_have_count(0)
