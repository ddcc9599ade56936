"""Who works by keys alone, hears the page, reads it in colours of their own, enlarged four times, or with a finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage


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
