"""With one thumb: the one action in reach, cards that are short, a score in one row, the preview one tap away."""

from __future__ import annotations

import io
import itertools
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.experiences.voice import VoiceNote
from portal.models.expertise.endorsements import Endorsement
from portal.models.files.attachments import Arrived, Attachment
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from tests.browser.conftest import OpenPage, ready
from tests.browser.test_writing import submitted
from tests.commission import MAY, approved, close, paid
from tests.views.experiences.test_voice import VOICE

HIGH = 900


def on_a_phone(open_page: OpenPage, person: Person, path: str) -> Page:
    page = open_page(person, path, width=375)
    page.set_viewport_size({"width": 375, "height": HIGH})
    return page


def test_the_one_action_is_in_reach_and_the_rest_behind_dots(open_page: OpenPage, ada: Person) -> None:
    deal = Deal.open(by=ada, title="A flat by the lake", customer=Customer.add(by=ada, name="The Wangs"))
    page = on_a_phone(open_page, ada, deal.url)
    actions = page.locator(".page-actions")
    win, edit = (actions.get_by_role("link", name=name, exact=True) for name in ("Mark as won", "Edit"))
    box = win.bounding_box()
    assert box
    assert HIGH / 2 < box["y"] < HIGH
    expect(edit).to_be_hidden()
    more = page.get_by_role("button", name="More actions")
    for shown in (True, False):
        more.click()
        expect(edit).to_be_visible(visible=shown)
    page.set_viewport_size({"width": 1280, "height": HIGH})
    expect(edit).to_be_visible()
    expect(more).to_be_hidden()


def test_who_writes_has_one_action_below_and_the_rest_behind_dots(
    open_page: OpenPage, ada: Person, lakeside: Product
) -> None:
    deal = Deal.open(by=ada, title="A flat by the lake", product=lakeside)
    closings.win(deal, by=ada, amount=100_000, on=clock.today())
    debrief = Experience.begin(by=ada, kind="debrief", deal=deal)
    path = f"/experiences/{debrief.id}/edit"
    page = on_a_phone(open_page, ada, path)
    bar = page.locator(".form-actions")
    submit, save = (bar.get_by_role("button", name=name) for name in ("Submit for review", "Save draft"))
    later, more = bar.get_by_role("link", name="Later"), bar.get_by_role("button", name="More actions")
    page.locator("#title").fill("Ask first")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved at")
    expect(submit).to_be_in_viewport()
    expect(save).to_be_hidden()
    expect(later).to_be_hidden()
    box = bar.bounding_box()
    assert box
    assert box["height"] <= 72, "one row"
    more.click()
    expect(save).to_be_in_viewport()
    expect(later).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": HIGH})
    expect(more).to_be_hidden()
    page = open_page(ada, path, width=375, java_script_enabled=False)
    expect(page.get_by_role("link", name="Later")).to_be_visible()
    expect(page.locator(".more-actions")).to_be_hidden()


def test_the_bar_of_what_is_chosen_is_under_nothing(open_page: OpenPage, ada: Person) -> None:
    for number in range(12):
        Customer.add(by=ada, name=f"Family {number}")
    page = on_a_phone(open_page, ada, "/customers?show=mine")
    new = page.locator(".page-actions").get_by_role("link", name="New customer")
    expect(new).to_be_visible()
    page.locator(".pick").first.click()
    for name in ("Hand over", "Archive"):
        page.locator("#selection").get_by_role("button", name=name).click(trial=True)
    expect(new).to_be_hidden()
    page.locator(".pick").first.click()
    expect(new).to_be_visible()


def test_a_long_name_stays_in_its_card(open_page: OpenPage, ada: Person) -> None:
    deal = Deal.open(by=ada, title="X" * 110)
    for path in ("/deals?show=mine", f"{deal.url}/edit"):
        page = on_a_phone(open_page, ada, path)
        for words in page.get_by_text("X" * 110).all():
            box = words.bounding_box()
            assert box is None or box["x"] + box["width"] <= 375 - 16
    page = on_a_phone(open_page, ada, "/deals?show=mine")
    pick, title = page.locator(".pick").bounding_box(), page.locator("a.row-link").bounding_box()
    assert pick
    assert title
    assert title["x"] + title["width"] <= pick["x"] + 1


def test_without_scripts_every_action_is_there(open_page: OpenPage, ada: Person) -> None:
    deal = Deal.open(by=ada, title="A flat by the lake")
    page = open_page(ada, deal.url, width=375, java_script_enabled=False)
    expect(page.locator(".page-actions").get_by_role("link", name="Edit", exact=True)).to_be_visible()
    expect(page.locator(".more-actions")).to_be_hidden()


def test_a_card_says_nothing_of_what_is_not_there(open_page: OpenPage, ada: Person) -> None:
    Deal.open(by=ada, title="A flat by the lake")
    page = on_a_phone(open_page, ada, "/deals")
    card = page.locator("#rows tr")
    expect(card.locator("td[data-label=Stage]")).to_be_visible()
    expect(card.locator("td[data-label=Customer]")).to_be_hidden()
    expect(card.locator("td[data-label='Closed on']")).to_be_hidden()
    box = card.bounding_box()
    assert box
    assert box["height"] < 140


LINES = """() => [...document.querySelectorAll("#rows > *")].map((row) => {
  const seen = [];
  const words = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const place = words.currentNode.parentElement;
    if (!words.currentNode.textContent.trim() || place.closest(".visually-hidden, .face")) continue;
    const range = document.createRange();
    range.selectNodeContents(words.currentNode);
    for (const { top, width, height } of range.getClientRects()) {
      let cut = width < 2;
      for (let box = place; box !== row; box = box.parentElement)
        cut ||= getComputedStyle(box).overflow === "hidden" && top + height / 2 > box.getBoundingClientRect().bottom;
      if (!cut) seen.push(top + height / 2);
    }
  }
  seen.sort((one, other) => one - other);
  return seen.filter((y, at) => !at || y - seen[at - 1] > 11).length;
})"""
"""How many lines of words each card of a list shows."""


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_a_card_has_three_lines_at_most(
    open_page: OpenPage, ada: Person, ben: Person, schools: Topic, lakeside: Product, locale: str
) -> None:
    """However long the names are, and whatever there is to say."""
    ada.edit(
        by=ada,
        locale=locale,
        name_en="Alexandra Montgomery-Featherstonehaugh",
        title_en="Senior Consultant for Homes",
    )
    kind = CustomerType.create(
        name="有学龄儿童并且打算换房的家庭", name_en="Families with School-Age Children who Move"
    )
    facts: dict[str, Any] = {"city": "乌鲁木齐", "code": "C-10000024", "type": kind}
    long = Customer.add(by=ada, name="北京安泰物业管理与资产运营服务有限责任公司第三分公司", **facts)
    for number, topic in enumerate(
        [schools, *(Topic.create(name=f"主题{n}", name_en=f"Customer Relations {n}") for n in range(3))]
    ):
        Endorsement.give(by=ben, person=ada, topic=topic)
        title = "客户带来十四个问题，逐条写下答案和出处，再回去问一遍" * (number + 1)
        Article.add(by=ada, title=title[:190], body="Ask the owner first. " * 20, topics=[topic])
        Question.ask(by=ada, text=title[:190], topic=topic, product=lakeside)
    deal = Deal.open(by=ada, title="一套" * 40, customer=long, product=lakeside, amount=20_500_000_00)
    won = Deal.open(by=ada, title="两套" * 40, customer=long, product=lakeside, amount=20_500_000_00)
    closings.win(won, by=ada, amount=20_500_000_00, on=clock.today())
    deal.edit(by=ada, expected_on=clock.today() - timedelta(days=3))
    for path in (
        "/customers",
        "/deals?show=all",
        "/articles",
        "/questions",
        "/people",
        f"{long.url}?tab=deals",
    ):
        page = on_a_phone(open_page, ada, path)
        lines = page.evaluate(LINES)
        assert max(lines, default=0) <= 3, path
        assert lines or "tab" in path
        assert page.evaluate("document.documentElement.scrollWidth") == 375, path


def test_the_one_action_covers_nothing_at_the_end(open_page: OpenPage, ada: Person) -> None:
    for number in range(14):
        Customer.add(by=ada, name=f"Family {number}")
    page = on_a_phone(open_page, ada, "/customers?show=mine")
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    last, new = (
        page.locator("#rows tr").last.bounding_box(),
        page.locator(".page-actions > .btn-primary").bounding_box(),
    )
    assert last
    assert new
    assert last["y"] + last["height"] <= new["y"]


CLEAR = """() => {
  const box = document.activeElement.closest("label, li").getBoundingClientRect();
  const bar = document.querySelector(".form-actions").getBoundingClientRect();
  return document.activeElement.type === "radio" && (box.bottom <= bar.top + 1 || box.top >= bar.bottom);
}"""


def test_a_choice_in_focus_is_under_nothing(open_page: OpenPage, ada: Person) -> None:
    customer = Customer.add(by=ada, name="The Wangs")
    page = on_a_phone(open_page, ada, f"/interactions/new?customer={customer.id}")
    page.set_viewport_size({"width": 375, "height": 480})
    for choice in page.locator("main input[type=radio]").all():
        page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        choice.focus()
        page.wait_for_function(CLEAR)  # the page glides there


def test_a_score_is_one_row_that_says_what_it_means(
    open_page: OpenPage, ada: Person, rita: Person, rob: Person, schools: Topic
) -> None:
    submitted(ada, schools, "Ask first", "Four deals fell through.", "**Ask** the owner.")
    page = on_a_phone(open_page, rita, "/reviews")
    scores = page.locator(".rubric").first.locator(".rubric-score")
    tops = {(scores.nth(number).bounding_box() or {"y": number})["y"] for number in range(6)}
    assert len(tops) == 1
    scores.nth(3).click()
    said = scores.nth(3).locator("span").bounding_box()
    assert said
    assert said["y"] > tops.pop()
    assert said["height"] > 10


def test_the_preview_is_one_tap_away(open_page: OpenPage, ada: Person, schools: Topic) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="Ask first", situation="Four deals **fell** through.")
    page = on_a_phone(open_page, ada, f"/experiences/{draft.id}/edit")
    editor = page.locator(".editor").first
    preview, text = editor.locator(".editor-preview"), editor.locator("textarea")
    expect(preview).to_be_hidden()
    editor.get_by_role("button", name="Preview").click()
    expect(preview.locator("strong")).to_have_text("fell")
    expect(text).to_be_hidden()
    editor.get_by_role("button", name="Preview").click()
    expect(text).to_be_visible()


def test_a_colleague_is_reached_without_scrolling(open_page: OpenPage, ada: Person, ben: Person) -> None:
    Person.update(phone="13800001234").where(Person.id == ben.id).execute()
    page = on_a_phone(open_page, ada, ben.url)
    for reach in ("tel:13800001234", f"mailto:{ben.email}"):
        expect(page.locator(f"main a[href='{reach}']").first).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": HIGH})
    expect(page.locator(f"main a[href='mailto:{ben.email}']").first).to_be_hidden()


@pytest.mark.parametrize("width", [375, 640, 1280])
def test_a_word_without_end_widens_no_page(
    open_page: OpenPage, ada: Person, schools: Topic, width: int
) -> None:
    """Who pasted an address, or held a key down, has not pushed the rest of the page out of everybody's sight."""
    owner = Customer.add(by=ada, name="W" * 60)
    deal = Deal.open(by=ada, title="W" * 200, customer=owner)
    Question.ask(by=ada, text="W" * 255, topic=schools)
    Experience.begin(by=ada, kind="suggestion").edit(by=ada, title="W" * 200)
    page = open_page(ada, "/", width=width)
    for path in ("/", "/needs-me", "/deals", "/customers", "/questions", "/experiences", owner.url, deal.url):
        page.goto(path)
        ready(page)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, path


def test_a_list_is_sorted_with_a_thumb_too(open_page: OpenPage, ada: Person) -> None:
    """The heads of its columns that sort stay; those that only name what stands below are for who listens."""
    for name in ("Abel", "Zoe"):
        Customer.add(by=ada, name=name)
    page = open_page(ada, "/customers?show=mine", width=375, has_touch=True, is_mobile=True)
    cards = page.locator("#rows a.row-link")
    expect(cards).to_have_text(["Abel", "Zoe"])
    for order in (["Zoe", "Abel"], ["Abel", "Zoe"]):
        page.locator(".sorter", has_text="Name").tap()
        expect(cards).to_have_text(order)
    assert (
        page.locator("thead th:not(:has(.sorter))").first.evaluate("th => th.getBoundingClientRect().width")
        < 40
    )


def test_a_finger_meets_what_is_small(open_page: OpenPage, ada: Person) -> None:
    for number in range(3):
        Customer.add(by=ada, name=f"Family {number}")
    page = open_page(ada, "/customers?show=mine", width=375, has_touch=True, is_mobile=True)
    page.locator(".pick").first.tap()
    for button in page.locator("#selection .btn-small").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
    page.goto("/interactions/new")
    box = page.locator(".segmented label").first.bounding_box()
    assert box
    assert box["height"] >= 40


def test_who_types_up_what_they_spoke_has_it_above_the_first_field(open_page: OpenPage, ada: Person) -> None:
    draft = Experience.begin(by=ada, kind="suggestion")
    recording = Arrived.recorded(io.BytesIO(VOICE), "Said on the way.mp3")
    VoiceNote.add(draft, Attachment.bring(recording, by=ada), by=ada)
    page = on_a_phone(open_page, ada, f"{draft.url}/edit")
    heard, title = page.locator("audio").bounding_box(), page.locator("#title").bounding_box()
    assert heard
    assert title
    assert heard["y"] < title["y"] < HIGH


def test_many_closed_deals_do_not_push_the_other_ways_to_begin_out_of_reach(
    open_page: OpenPage, ada: Person
) -> None:
    for number in range(8):
        deal = Deal.open(by=ada, title=f"Flat {number}")
        closings.win(deal, by=ada, amount=100_000, on=clock.today())
    page = on_a_phone(open_page, ada, "/experiences/new")
    expect(page.get_by_role("button", name="Flat")).to_have_count(5)
    page.get_by_text("3 more closed deals").click()
    expect(page.get_by_role("button", name="Flat")).to_have_count(8)


@pytest.mark.parametrize("width", [375, 1280])
def test_buttons_of_one_form_in_a_row_of_actions_do_not_touch(
    open_page: OpenPage, ada: Person, fin: Person, fiona: Person, width: int
) -> None:
    approved(fin, fiona)
    paid(ada, "1000000.00", MAY.first_day)
    close(MAY, fin)
    page = open_page(fiona, "/commission/periods/2026-05", width=width)
    boxes = [
        page.get_by_role("button", name=name).bounding_box()
        for name in ("Export for payroll (CSV)", "As Excel", "Confirm:")
    ]
    for one, other in itertools.combinations(boxes, 2):
        assert one
        assert other
        apart = other["x"] >= one["x"] + one["width"] + 8 or other["y"] >= one["y"] + one["height"] + 8
        assert apart, (one, other)
