"""Who works by keys alone, hears the page, reads it in colours of their own, enlarged four times, or with a finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from portal import clock
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.search import searcher
from tests.browser.conftest import OpenPage, ready


@pytest.fixture
def lesson(ada: Person, rita: Person, rob: Person, schools: Topic) -> Experience:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="Ask first", situation="Four deals fell through.", action="Ask the owner.")
    process.submit(made, by=ada, topics=[schools])
    return made.fresh()


def test_enter_in_a_field_of_a_review_does_not_pass_it_on(
    open_page: OpenPage, rita: Person, lesson: Experience
) -> None:
    page = open_page(rita, "/reviews", expected=("422",))
    page.locator("#into").press("Enter")
    expect(page.locator(".form-errors")).to_be_visible()
    assert Review.get((Review.experience == lesson) & (Review.reviewer == rita)).declined_at is None


def test_enter_in_a_question_asks_as_the_main_button_does(
    open_page: OpenPage, ada: Person, schools: Topic
) -> None:
    page = open_page(ada, "/questions/new")
    page.get_by_label("Question", exact=False).first.fill("Is the school place still free?")
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.keyboard.press("Enter")
    assert "experts=1" in (sent.value.post_data or "")


def test_who_notes_that_an_answer_was_used_hears_it_and_stays_there(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic, lakeside: Product
) -> None:
    question = Question.ask(by=ben, text="Is the school place still free?", product=lakeside)
    answer = question.answer(by=ben, text="Ask the owner.")
    question.choose_best(answer, by=ben)
    deal = Deal.open(by=ada, title="Three rooms", product=lakeside)
    page = open_page(ada, f"{deal.url}?tab=knowledge")
    page.get_by_role("button", name="Mark as used").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_have_text("Used here")
    expect(page.locator("main [data-announce]")).to_be_focused()


def test_buttons_that_say_the_same_name_what_they_act_on(open_page: OpenPage, ada: Person) -> None:
    for name in ("First", "Second"):
        customer = Customer.add(by=ada, name=name)
        Interaction.log(customer, by=ada, kind_of="call", text="Call back.", follow_up_on=clock.today())
    page = open_page(ada, "/needs-me")
    for name in ("First", "Second"):
        expect(page.get_by_role("button", name=re.compile(f"^Kept: .*{name}"))).to_have_count(1)


CHOSEN = """([chosen, other]) => {
  const look = (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor;
  return look(chosen) !== look(other);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_colours_of_ones_own_what_is_chosen_is_seen(
    open_page: OpenPage, ada: Person, rita: Person, lesson: Experience, scheme: str
) -> None:
    deal = Deal.open(by=ada, title="Three rooms")
    page = open_page(ada, deal.url, forced_colors="active", color_scheme=scheme)
    for chosen, other in (
        (".stages [aria-current]", ".stages li:not(:has([aria-current])) > *"),
        (".rail [aria-current]", ".rail a:not([aria-current])"),
        (".tab[aria-current]", ".tab:not([aria-current])"),
        (".segmented > label:has(:checked)", ".segmented > label:not(:has(:checked))"),
    ):
        assert page.evaluate(CHOSEN, [chosen, other]), chosen
    page.locator("#search").focus()
    assert page.locator("#search").evaluate("field => getComputedStyle(field).outlineStyle") == "solid"
    review = open_page(rita, "/reviews", forced_colors="active", color_scheme=scheme)
    review.keyboard.press("4")
    assert review.evaluate(CHOSEN, [".rubric-score:has(:checked)", ".rubric-score:not(:has(:checked))"])


ROOM = """() => {
  const main = document.querySelector("main");
  const rows = [...Array(32).keys()].map((row) => (row + .5) * innerHeight / 32);
  return rows.filter((y) => main.contains(document.elementFromPoint(innerWidth / 2, y))
    && !document.elementFromPoint(innerWidth / 2, y).closest(".form-actions")).length / rows.length;
}"""


@pytest.mark.parametrize("path", ["/articles/new", "/customers", "/interactions/new", "/questions/new"])
def test_enlarged_four_times_the_window_is_for_what_one_reads(
    open_page: OpenPage, ada: Person, path: str
) -> None:
    """A window of 1280 by 1024 at 400 %."""
    for number in range(8):
        Customer.add(by=ada, name=f"Family {number}")
    page = open_page(ada, path, width=320)
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.evaluate("scrollTo({ top: 150, behavior: 'instant' })")
    assert page.evaluate(ROOM) >= 0.9


def test_single_keys_can_be_done_without(open_page: OpenPage, ada: Person) -> None:
    """WCAG 2.1.4: who speaks to their computer would set off what the letters of a word do."""
    page = open_page(ada, "/")
    page.keyboard.press("?")
    page.get_by_label("Single keys act on this device").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    ready(page)
    for key in "?n/":
        page.keyboard.press(key)
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#new-menu")).to_be_hidden()
    expect(page.locator("#search")).not_to_be_focused()
    page.locator(".tool-me").press("Enter")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys act on this device").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_escape_leads_back_from_the_search_to_where_one_was(open_page: OpenPage, ada: Person) -> None:
    page = open_page(ada, "/customers")
    link = page.locator("main a").first
    link.focus()
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_a_mistake_in_a_group_is_led_to(open_page: OpenPage, rita: Person, lesson: Experience) -> None:
    page = open_page(rita, "/reviews", expected=("422",))
    page.get_by_role("button", name="Give the review").click()
    page.locator(".form-errors").get_by_role("link", name="Clear").press("Enter")
    expect(page.locator("fieldset#clear")).to_be_focused()
    page.keyboard.press("4")
    expect(page.locator("#clear input[value='4']")).to_be_checked()


HEARD = """() => {
  globalThis.heard = [];
  new MutationObserver((changes) => changes.forEach(({ target }) => {
    const place = (target.nodeType === 1 ? target : target.parentElement)?.closest("[role=status], [aria-live]");
    if (place && place.ariaLive !== "off") heard.push(place.innerText.trim());
  })).observe(document, { subtree: true, childList: true, characterData: true });
}"""


def test_who_writes_is_not_talked_over(
    open_page: OpenPage, ada: Person, ben: Person, rita: Person, schools: Topic, lesson: Experience
) -> None:
    """That it was saved is said once; of what is like it, how much there is, and of what is known beside a review nothing."""
    Question.ask(by=ben, text="Is the school place still free?", topic=schools)
    searcher.here().feed.drain()
    draft = Experience.begin(by=ada, kind="suggestion")
    page = open_page(ada, draft.url + "/edit")
    page.evaluate(HEARD)
    for words in ("Ask first", "Ask before", "Ask"):
        with page.expect_response(lambda answer: answer.url.endswith("/draft")):
            page.locator("#title").fill(words)
        expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")
    expect(page.locator("#announcer")).to_contain_text("Saved")
    assert len([words for words in page.evaluate("heard") if words]) == 1
    page.goto("/questions/new")
    ready(page)
    page.evaluate(HEARD)
    page.locator("#text").press_sequentially("Is the school place free?")
    expect(page.locator("#announcer")).to_have_text("Like it, below: 1")
    heard = [words for words in page.evaluate("heard") if words]
    assert sorted(heard) == ["Kept on this device until you save.", "Like it, below: 1"]
    page = open_page(rita, "/reviews")
    expect(page.locator("#known")).to_have_attribute("data-quiet", "")
    assert page.locator("#known").get_attribute("aria-live") is None


def test_on_a_slow_line_that_fails_the_focus_stays_on_what_was_pressed(
    open_page: OpenPage, ada: Person
) -> None:
    customer = Customer.add(by=ada, name="First")
    Interaction.log(customer, by=ada, kind_of="call", text="Call back.", follow_up_on=clock.today())
    page = open_page(ada, "/needs-me", expected=("500",))
    waiting = list[Route]()

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/answer", hold)
    kept = page.get_by_role("button", name=re.compile("^Kept: "))
    kept.focus()
    with page.expect_request("**/answer"):
        page.keyboard.press("Enter")
    expect(kept).to_have_attribute("aria-busy", "true")
    expect(kept).to_be_focused()
    page.keyboard.press("Enter")  # it is asked for once
    waiting[0].fulfill(status=500, body="")
    expect(page.locator("#passing")).to_contain_text("Nothing is lost")
    expect(kept).to_be_focused()
    expect(kept).not_to_have_attribute("aria-busy", "true")
    assert len(waiting) == 1


def test_what_a_piece_of_a_page_became_is_said(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic
) -> None:
    question = Question.ask(by=ada, text="Is the school place still free?", topic=schools)
    question.answer(by=ben, text="Ask the owner.")
    page = open_page(ada, question.url)
    page.get_by_role("button", name="Choose").press("Enter")
    expect(page.locator("#announcer")).to_contain_text("You chose")
    expect(page.locator("#answers h2")).to_be_focused()


def test_a_unit_is_said_with_its_field(open_page: OpenPage, fin: Person) -> None:
    page = open_page(fin, "/commission/policies/new")
    expect(page.locator("#base_rate")).to_have_accessible_description(re.compile("^%"))


@pytest.mark.parametrize(("locale", "words"), [("en", "added:"), ("zh", "新增：")])
def test_what_changed_from_one_version_to_the_next_is_said(
    open_page: OpenPage, ada: Person, schools: Topic, locale: str, words: str
) -> None:
    """Screen readers pass over `ins` and `del`."""
    Person.update(locale=locale).execute()
    article = Article.add(by=ada, title="Ask first", body="Ask.", topics=[schools], published=True)
    article.edit(by=ada, body="Ask the owner.")
    page = open_page(ada, f"{article.url}/versions")
    expect(page.locator("ins").first).to_be_visible()
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    said = {node.get("name", {}).get("value", "").strip() for node in tree}
    assert words in said


def test_what_reaches_further_for_a_finger_lies_over_nothing_else(open_page: OpenPage, ada: Person) -> None:
    customer = Customer.add(by=ada, name="First")
    Interaction.log(customer, by=ada, kind_of="call", text="Call back.", follow_up_on=clock.today())
    closings.win(Deal.open(by=ada, title="Three rooms"), by=ada, amount=100_000, on=clock.today())
    page = open_page(ada, "/needs-me", width=375, has_touch=True, is_mobile=True)
    page.get_by_role("button", name=re.compile("^Kept: ")).tap()
    expect(page.locator("#announcer")).to_contain_text("Kept")
    page.locator("main button.link-like").first.tap()
    page.wait_for_url("**/experiences/*/edit")
