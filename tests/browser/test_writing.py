"""Writing and judging an experience in a real browser: live, by keyboard, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from portal.models.company.topics import Topic
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.search import searcher
from tests.browser.conftest import OpenPage, ready


@pytest.fixture
def draft(ada: Person, schools: Topic) -> Experience:
    return Experience.begin(by=ada, kind="suggestion")


def submitted(by: Person, topic: Topic, title: str, situation: str, action: str) -> Experience:
    made = Experience.begin(by=by, kind="suggestion")
    made.save_draft(by=by, title=title, situation=situation, action=action)
    process.submit(made, by=by, topics=[topic])
    return made.fresh()


@pytest.fixture
def lesson(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    return submitted(ada, schools, "Ask first", "Four deals fell through.", "**Ask** the owner.")


def saved(page: Page) -> None:
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")


def test_the_page_saves_and_advises_while_one_writes(
    ada: Person, draft: Experience, open_page: OpenPage
) -> None:
    page = open_page(ada, f"/experiences/{draft.id}/edit")
    lacking = page.locator("#lacking")
    expect(lacking).to_contain_text("0 of 4")
    page.get_by_label("Title", exact=True).fill("Ask first")
    expect(lacking).to_contain_text("1 of 4")
    page.get_by_label("What do you propose?", exact=True).fill("**Call** 13812345678")
    expect(page.locator("#action-preview strong")).to_have_text("Call")
    expect(lacking).to_contain_text("phone number “13812345678”")
    page.get_by_label("What do you propose?", exact=True).fill("**Call** the owner")
    expect(lacking).not_to_contain_text("13812345678")
    saved(page)
    assert draft.fresh().action == "**Call** the owner"
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("What do you propose?", exact=True)).to_have_value("**Call** the owner")
    expect(page.locator("#stale")).to_have_count(0)


@pytest.mark.parametrize("button", ["Save draft", "Submit for review"])
def test_who_sends_while_the_page_saves_is_not_told_of_somebody_else(
    ada: Person, draft: Experience, open_page: OpenPage, button: str
) -> None:
    page = open_page(ada, f"/experiences/{draft.id}/edit", expected=("422",))

    def slowly(route: Route) -> None:
        answer = route.fetch()  # saved already: the page hears of it late
        page.wait_for_timeout(1500)
        route.fulfill(response=answer)

    page.route("**/draft", slowly)
    with page.expect_request("**/draft"):
        page.get_by_label("Title", exact=True).fill("Ask first")
    page.get_by_label("What do you propose?", exact=True).fill("Call the owner 13812345678")
    page.get_by_role("button", name=button).dblclick()
    expect(
        page.get_by_text("Draft saved." if button == "Save draft" else "13812345678").first
    ).to_be_visible()
    expect(page).to_have_url(re.compile("/edit$" if button == "Save draft" else "/submission$"))
    expect(page.locator("#stale")).to_have_count(0)
    assert draft.fresh().action == "Call the owner 13812345678"


def test_a_mistake_is_led_to_and_then_submitted(
    ada: Person, rita: Person, rob: Person, draft: Experience, open_page: OpenPage
) -> None:
    page = open_page(ada, f"/experiences/{draft.id}/edit", expected=("422",))
    page.get_by_label("Title", exact=True).fill("Ask first")
    page.get_by_label("How is it today?", exact=True).fill("Four deals fell through.")
    page.get_by_label("What do you propose?", exact=True).fill("Ask the owner.")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".form-errors")).to_be_focused()
    page.get_by_label("Schools").check()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.get_by_text("2 reviewers read it without your name")).to_be_visible()
    assert draft.fresh().state == "submitted"


def test_a_reviewer_scores_by_keyboard(
    rita: Person, ada: Person, schools: Topic, lesson: Experience, open_page: OpenPage
) -> None:
    page = open_page(rita, "/reviews")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ask first")
    for key in "44335":
        page.keyboard.press(key)
    page.get_by_label("Accept: publish it as it is").check()
    page.get_by_role("button", name="Give the review").click()
    expect(page.get_by_text("Thank you. Your review is in.")).to_be_visible()
    review = Review.get((Review.experience == lesson) & (Review.reviewer == rita))
    assert review.scores == (4, 4, 3, 3, 5)


def test_keys_step_through_the_queue(
    rita: Person, ada: Person, schools: Topic, lesson: Experience, open_page: OpenPage
) -> None:
    submitted(ada, schools, "Return the same day", "Keys lie around for weeks.", "Hang them up at once.")
    page = open_page(rita, "/reviews")
    queue = page.locator("[data-queue-item]")
    for key, at in (("j", 1), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(page.locator(".is-chosen")).to_have_count(1)
        expect(queue.nth(at)).to_contain_class("is-chosen")
        expect(queue.nth(at).get_by_role("link")).to_be_focused()


def test_all_of_it_works_without_javascript(
    ada: Person, rita: Person, rob: Person, schools: Topic, open_page: OpenPage
) -> None:
    page = open_page(ada, "/experiences/new", java_script_enabled=False)
    page.get_by_role("button", name="Begin").last.click()
    page.get_by_label("Title", exact=True).fill("Ask first")
    page.keyboard.press("Enter")  # saves the draft: the first button of the form
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    page.get_by_label("How is it today?", exact=True).fill("Four deals fell through.")
    page.get_by_label("What do you propose?", exact=True).fill("Ask the owner.")
    page.get_by_label("Schools").check()
    page.get_by_role("button", name="Submit for review").click()
    expect(page).to_have_url(re.compile(r"/experiences/\d+$"))
    made = Experience.get()
    assert made.state == "submitted"
    for reviewer in (rita, rob):
        page = open_page(reviewer, "/reviews", java_script_enabled=False)
        for group in ("correct", "reusable", "new", "clear", "linked"):
            page.locator("label", has=page.locator(f"input[name={group}][value='4']")).click()
        page.get_by_label("Accept: publish it as it is").check()
        page.get_by_role("button", name="Give the review").click()
        expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert made.fresh().state == "accepted"


PLACES = ["/experiences", "/experiences/new", "/experiences/{lesson}", "/experiences/{draft}/edit"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("path", [*PLACES, "/reviews", "/reviews?done"])
def test_pages_are_accessible_and_fit(
    path: str,
    width: int,
    ada: Person,
    rita: Person,
    lesson: Experience,
    draft: Experience,
    open_page: OpenPage,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
) -> None:
    person = rita if path.startswith("/reviews") else ada
    page = open_page(person, path.format(lesson=lesson.id, draft=draft.id), width=width, bypass_csp=True)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:
        assert html_checker(page.request.get(page.url).text()) == []


@pytest.mark.parametrize("width", [1280, 375])
def test_names_and_blocks_are_put_in_as_one_types(
    ada: Person, ben: Person, schools: Topic, open_page: OpenPage, width: int
) -> None:
    """`/` offers blocks, `@` people, `#` topics, `[[` records: what is chosen is plain Markdown."""
    shown = Article.add(by=ben, title="Deposits [new]", body="Pay by card.", topics=[schools])
    searcher.here().feed.drain()
    page = open_page(ada, "/articles/new", width=width, has_touch=width < 500)
    area, listed = page.get_by_label("Text", exact=True), page.get_by_role("listbox")
    options = listed.get_by_role("option")

    area.focus()
    page.keyboard.type("/tab")
    expect(options).to_have_count(2)
    expect(area).to_have_attribute("aria-activedescendant", "offer-1")
    page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    page.keyboard.type("le")
    expect(listed).to_have_count(0)
    area.fill("")
    page.keyboard.type("/h")
    expect(options.first).to_have_text("Heading")
    page.keyboard.press("Enter")
    expect(area).to_have_value("## ")
    page.keyboard.type(f"Call\n或ben@example.com，或@{ben.name[:3]}")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type(f" #{schools.name[:3].lower()}")
    expect(options.first).to_contain_text("Schools")
    inside = options.first.bounding_box()
    assert inside is not None
    assert 0 <= inside["x"] <= width - inside["width"]
    options.first.tap() if width < 500 else options.first.click()
    page.keyboard.type(" [[Depos")
    expect(options.first).to_contain_text("Deposits [new]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(area).to_have_value(
        f"## Call\n或ben@example.com，或[{ben.name}](/people/{ben.id}) [Schools](/topics/{schools.id}) "
        f"[Deposits \\[new\\]](/articles/{shown.id})"
    )
    expect(page.locator("#body-preview a").last).to_have_text("Deposits [new]")
    expect(page.locator("#body-preview a").last).to_have_attribute("href", f"/articles/{shown.id}")
    page.keyboard.press("Control+z")
    expect(area).to_have_value(re.compile(r"\[\[Depos$"))


def test_an_article_that_is_begun_is_on_the_server_before_it_is_saved(
    ada: Person, schools: Topic, open_page: OpenPage
) -> None:
    page = open_page(ada, "/articles/new")
    page.locator("#title").fill("Ask first")
    saved(page)
    area = page.get_by_label("Text", exact=True)
    area.fill("Ask the owner")
    expect(page).to_have_url(re.compile(r"/articles/\d+/edit$"))
    saved(page)
    page.reload()
    ready(page)
    expect(area).to_have_value("Ask the owner")
    area.fill("Ask the owner **first**")
    saved(page)
    page.get_by_label("Schools").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    made = Article.get()
    assert (made.state, made.body) == ("draft", "Ask the owner **first**")
    assert made.topic_ids == [schools.id]


def test_what_did_not_reach_a_draft_is_offered_where_one_goes_on_with_it(
    ada: Person, schools: Topic, open_page: OpenPage
) -> None:
    page = open_page(ada, "/articles/new", expected=("ERR_INTERNET_DISCONNECTED", "Failed to fetch"))
    page.get_by_label("Schools").check()
    page.locator("#title").fill("Ask first")
    saved(page)
    expect(page).to_have_url(re.compile(r"/articles/\d+/edit$"))
    page.context.set_offline(True)
    page.get_by_label("Text", exact=True).fill("Ask the owner")
    expect(page.locator("[data-autosave-state]")).to_contain_text("kept on this device")
    context, address = page.context, page.url
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(address)
    expect(again.locator(".draft-offer")).to_contain_text("Ask the owner")
    again.get_by_role("button", name="Write on").click()
    saved(again)
    made = Article.get()
    assert (made.title, made.body, made.topic_ids) == ("Ask first", "Ask the owner", [schools.id])
    again.get_by_role("button", name="Save").click()
    expect(again.get_by_text("Saved.", exact=True)).to_be_visible()
    again.go_back()
    expect(again.get_by_label("Text", exact=True)).to_be_visible()


def test_what_was_saved_without_an_answer_is_published_in_its_last_words(
    ada: Person, schools: Topic, open_page: OpenPage
) -> None:
    """The network went before the page knew that it had begun a draft."""
    page = open_page(ada, "/articles/new", expected=("ERR_FAILED",))
    page.route("**/articles/draft", lambda route: (route.fetch(), route.abort()))
    page.get_by_label("Schools").check()
    page.locator("#title").fill("Ask first")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Not saved on the server yet")
    page.unroute("**/articles/draft")
    page.get_by_label("Text", exact=True).fill("Ask the owner")
    page.select_option("#kind_of", "guide")
    page.get_by_role("button", name="Publish").click()
    expect(page).to_have_url(re.compile(r"/articles/\d+$"))
    assert [(one.state, one.body) for one in Article.select()] == [("published", "Ask the owner")]
