"""A list comes back as it was left: filters, order, the pieces that were opened, and the row one left by."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage, ready

FAR = "Family 101"
LEFT = re.compile(r"/customers\?(?=.*show=mine)(?=.*sort=-name)(?=.*pieces=3)")


@pytest.fixture
def many(ada: Person) -> None:
    """More than two pieces of the list; sorted by name downwards, 101 stands in the third."""
    made = [Customer(name=f"Family {n}", sort_name=f"family {n}", owner=ada) for n in range(100, 220)]
    Customer.bulk_create(made)


def opened(page: Page) -> float:
    """Open all pieces, and a row far down; gives how high on the screen it stood."""
    for shown in (100, 120):
        page.get_by_role("link", name="Show more").click()
        expect(page.locator("#rows tr")).to_have_count(shown)
    row = page.get_by_role("link", name=FAR, exact=True)
    row.evaluate("row => row.scrollIntoView({ block: 'center', behavior: 'instant' })")
    box = row.bounding_box()
    assert box
    row.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(FAR)
    ready(page)
    return box["y"]


def comes_back(page: Page, top: float) -> None:
    expect(page).to_have_url(LEFT)
    expect(page.locator("#rows tr")).to_have_count(120)
    row = page.get_by_role("link", name=FAR, exact=True)
    expect(row).to_be_focused()
    for _ in range(50):  # it glides there
        box = row.bounding_box()
        if box and abs(box["y"] - top) < 60:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the row stood at {top} and stands at {box}")


@pytest.mark.parametrize("width", [1280, 375])
def test_back_and_the_way_back_lead_to_the_row_one_left_by(
    open_page: OpenPage, ada: Person, many: None, width: int
) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name", width=width)
    top = opened(page)
    page.go_back()
    comes_back(page, top)
    box = page.get_by_role("link", name=FAR, exact=True).bounding_box()
    assert box
    top = box["y"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(FAR)
    ready(page)
    page.locator(".page-over a").click()
    comes_back(page, top)


def test_after_a_change_on_the_way_it_still_comes_back(open_page: OpenPage, ada: Person, many: None) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name")
    opened(page)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("City").fill("Lakeside")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    ready(page)
    page.locator(".page-over a").click()
    expect(page).to_have_url(LEFT)
    expect(page.get_by_role("link", name=FAR, exact=True)).to_be_focused()


def test_where_the_row_is_gone_what_stands_in_its_place_has_the_focus(
    open_page: OpenPage, ada: Person, many: None
) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name")
    opened(page)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_role("button", name="Bring back")).to_be_visible()
    ready(page)
    page.locator(".page-over a").click()
    expect(page.locator("#rows tr")).to_have_count(119)
    expect(page.get_by_role("link", name="Family 100", exact=True)).to_be_focused()


def test_what_is_on_its_way_shows_it_and_is_asked_for_once(
    open_page: OpenPage, ada: Person, many: None
) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name")
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route(re.compile("after="), hold)
    more = page.get_by_role("link", name="Show more")
    assert more.evaluate("more => getComputedStyle(more).opacity") == "1"
    more.dblclick()
    expect(more).to_have_css("opacity", "0.6")
    for _ in range(50):
        if waiting:
            break
        page.wait_for_timeout(20)
    assert len(waiting) == 1
    waiting[0].continue_()
    expect(page.locator("#rows tr")).to_have_count(100)
    expect(more).to_have_css("opacity", "1")


def test_two_tabs_do_not_mix_up(open_page: OpenPage, ada: Person, many: None) -> None:
    """What the other tab shows is none of this one's business, although both keep the same cookie."""
    one = open_page(ada, "/customers?show=mine&sort=-name")
    one.get_by_role("link", name="Family 219", exact=True).click()
    other = one.context.new_page()
    other.goto("/customers?show=team")
    other.goto("/customers?show=archived")
    one.get_by_role("link", name="Edit", exact=True).click()
    expect(one).to_have_url(re.compile("/edit$"))
    one.go_back()
    expect(one.locator('.rail a[data-go="customers"]')).to_have_attribute("href", re.compile("sort=-name"))
    one.locator(".page-over a").click()
    expect(one).to_have_url(re.compile("show=mine&sort=-name$"))
    expect(one.get_by_role("link", name="Family 219", exact=True)).to_be_focused()
    expect(other.locator('.rail a[data-go="customers"]')).to_have_attribute(
        "href", "/customers?show=archived"
    )


def test_a_row_in_a_tab_of_its_own_leads_back_too(open_page: OpenPage, ada: Person, many: None) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name&q=Family")
    with page.context.expect_page() as made:
        page.get_by_role("link", name="Family 200", exact=True).click(modifiers=["Control"])
    tab = made.value
    expect(tab).to_have_url(re.compile(r"/customers/\d+$"))
    ready(tab)
    tab.locator(".page-over a").click()
    expect(tab).to_have_url(re.compile(r"show=mine.*sort=-name|q=Family"))
    expect(tab.get_by_role("link", name="Family 200", exact=True)).to_be_focused()


def test_what_is_remembered_is_remembered_of_one_person(
    open_page: OpenPage, ada: Person, ben: Person, many: None
) -> None:
    page = open_page(ada, "/customers?show=mine&q=Family+100")
    page.get_by_role("link", name="Family 100", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Family 100")
    ready(page)
    kept = page.evaluate("JSON.stringify({...sessionStorage})")
    assert f"list:{ada.id}:/customers" in kept
    assert f"list:{ben.id}:" not in kept


def test_a_new_look_at_the_list_begins_at_its_top(open_page: OpenPage, ada: Person, many: None) -> None:
    page = open_page(ada, "/customers?show=mine&sort=-name")
    opened(page)
    page.locator('.rail a[data-go="customers"]').click()
    expect(page).to_have_url(re.compile("show=mine&sort=-name$"))
    expect(page.locator("#rows tr")).to_have_count(50)
    page.wait_for_function("scrollY === 0")


def test_without_scripts_the_filters_come_back(open_page: OpenPage, ada: Person) -> None:
    deal = Deal.open(by=ada, title="A flat by the lake")
    page = open_page(ada, "/deals?show=mine&sort=-amount", java_script_enabled=False)
    page.get_by_role("link", name=deal.title).click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("link", name="Cancel").click()
    page.locator(".page-over a").click()
    expect(page).to_have_url(re.compile(r"/deals\?show=mine&sort=-amount$"))


def test_what_another_page_led_to_is_not_what_the_menu_comes_back_to(
    open_page: OpenPage, ada: Person, schools: Topic
) -> None:
    """The topic of which one looked for experts goes, the department that was chosen stays; in this tab, too."""
    page = open_page(ada, f"/people?department={ada.department_id}&topic={schools.id}")
    page.locator("a[data-go=home]").click()
    expect(page.locator("a[data-go=people]")).to_have_attribute(
        "href", f"/people?department={ada.department_id}"
    )
