"""The README's tour, step by step as it is written there, by whoever follows it with a mouse."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.models.base.database import transact
from portal.models.commission.policies import Policy
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import DealLine
from portal.settings import ROOT
from tests.browser.conftest import ready
from tests.browser.test_main_job import TEXTS, TITLE, Hand, sign_in
from tests.company import EMAIL
from tests.serving import Served

TOUR = (
    "Sign in as 李明朗 (`liming@anjuli.example`, the password is printed by `make run`), a salesman of the demo "
    "company, an agency for second-hand homes. Its people read Chinese: **English** is in the menu of the "
    "avatar, top right.",
    "**Deals** → **Mine** → an open one → **Mark as won**: amount, what decided it, date, the day the money came.",
    "Its **debrief** opens, prefilled from the deal; write what the customer doubted, "
    "what you said, what came of it, and tick **Rules and Procedures** (and nothing else) under **Topics**. It "
    "saves itself. A phone number in it is named and must go before **Submit for review** takes it.",
    "As 郑雅琴 (`zhengyaqin@anjuli.example`, who reviews that topic): **Needs me** → the review. You see neither "
    "the author nor the other reviewer's scores. Keys 1–5 score. With the verdict of the second reviewer, 沈国华 "
    "(`shenguohua@anjuli.example`, the same password), it is decided.",
    "Accepted, it is an **article** under 李明朗's name, in the search box seconds later (`/` focuses it; try "
    "学区, `xuequ`, or a whole question), one more proof on his page under **People**, and in the points ledger.",
    "**Commission**: the second accepted experience of a month raises that month's rate by 0.05 percentage "
    "points. Last month he had two: ¥20,500.00 on ¥1,000,000.00 received, where one would have given "
    "¥20,000.00. The statement says why, line by line.",
    "As 孙佳慧 (`sunjiahui@anjuli.example`, finance): **Commission** → **Payments**: confirm what came in; "
    "**Months**: preview the present one, confirm and export one that is closed; **Policies**: draft the next "
    "version, compare the two readings of the bonus, propose it. A second person approves: 罗敏 "
    "(`luomin@anjuli.example`).",
    "As 王海涛 (`wanghaitao@anjuli.example`, a manager): **Customers** → **Import**: bring your own customers, "
    "products, people, deals and knowledge from a CSV file or a workbook. The dry run shows what would happen "
    "before anything is written.",
)
"""What the README says, and what the test below does: who changes the one changes the other."""


def test_the_tour_of_the_readme_is_the_one_that_is_walked() -> None:
    text = (ROOT / "README.md").read_text().partition("## The tour")[2].partition("\n## ")[0]
    first, *steps = re.split(r"\n\d+\. ", text.partition("\n")[2])
    assert [" ".join(step.split()) for step in (first, *steps)] == list(TOUR)


def person(key: str) -> Person:
    return Person.get(Person.email == EMAIL[key])


def press(page: Page, words: str) -> None:
    """Click on what is called so, in the main part of the page."""
    page.locator("main").get_by_role("link", name=words, exact=True).or_(
        page.locator("main").get_by_role("button", name=words, exact=True)
    ).first.click()


def rail(page: Page, words: str) -> None:
    link = page.locator("nav.rail").get_by_role("link", name=words, exact=True)
    link.click()
    expect(link).to_have_attribute("aria-current", re.compile("page|true"))


def tab(page: Page, words: str) -> None:
    link = page.locator("main nav").get_by_role("link", name=words, exact=True).first
    link.click()
    expect(link).to_have_attribute("aria-current", "page")


def begin(browser: Browser, portal: Served, key: str, complaints: list[str]) -> Page:
    """Signed in, and reading English, as the tour says."""
    page = sign_in(browser, portal, Hand(), person(key), complaints)
    page.locator(".tool-me").click()
    page.locator("#me-menu").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    return page


def test_the_tour_leads_from_a_closed_deal_to_the_commission_statement(
    browser: Browser, portal: Served, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = begin(browser, portal, "li", complaints)
    deal = _win(page)
    experience = _write(page, deal)
    _judge(browser, portal, experience, complaints)
    _find(page, portal, experience)
    _be_paid(page)
    page.context.close()
    _pay(browser, portal, deal, complaints)
    _bring(browser, portal, tmp_path, complaints)
    assert complaints == []


def _win(page: Page) -> Deal:
    """Step 1."""
    rail(page, "Deals")
    tab_or_chip = page.locator("main").get_by_role("link", name=re.compile(r"^Mine"))
    tab_or_chip.first.click()
    expect(tab_or_chip.first).to_have_attribute("aria-current", re.compile("page|true"))
    rows = page.locator("#rows tr").filter(has_not_text=re.compile("Won|Lost"))
    rows.first.get_by_role("link").first.click()
    press(page, "Mark as won")
    page.locator("#amount").fill("100,000.00")
    page.locator("#reasons input").first.check()
    page.locator("#paid_on").fill(clock.today().isoformat())
    press(page, "Close as won")
    expect(page).to_have_url(re.compile(r"/experiences/\d+/edit$"))
    ready(page)
    deal = Deal.get_by_id(Experience.get_by_id(int(page.url.split("/")[-2])).deal_id)
    assert (deal.stage, deal.amount, deal.owner) == ("won", 10_000_000, person("li"))
    return deal


def _write(page: Page, deal: Deal) -> Experience:
    """Step 2."""
    expect(page.locator("#situation")).to_have_value(re.compile(r"\S"))  # prefilled
    page.locator("#title").fill(TITLE)
    for part, text in TEXTS.items():
        page.locator(f"#{part}").fill(f"{text}业主电话 13812345678。" if part == "action" else text)
    topics = page.locator("#topics")
    for box in topics.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    topics.get_by_label("Rules and Procedures").check()
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved")
    press(page, "Submit for review")
    expect(page.locator("#action-error")).to_contain_text("13812345678")
    page.locator("#action").fill(TEXTS["action"])
    press(page, "Submit for review")
    expect(page).to_have_url(re.compile(r"/experiences/\d+$"))
    experience: Experience = Experience.get(Experience.deal == deal.id)
    assert experience.state == "submitted"
    return experience


def _judge(browser: Browser, portal: Served, experience: Experience, complaints: list[str]) -> None:
    """Step 3: the two whom the tour names are the two who are asked."""
    panel = Review.select().where(Review.experience == experience)
    assert {review.reviewer for review in panel} == {person("zheng"), person("shen")}
    for key in ("zheng", "shen"):
        page = begin(browser, portal, key, complaints)
        page.locator("header a.tool", has_text="Needs me").click()
        page.locator("main").get_by_role("link", name=re.compile(TITLE)).first.click()
        expect(page.locator("main")).to_contain_text(TEXTS["lesson"])
        expect(page.locator("main")).not_to_contain_text(person("li").name)
        expect(page.locator("main")).not_to_contain_text(person("li").name_en)
        expect(page.locator("main input:checked[type=radio]")).to_have_count(0)
        ready(page)
        for scored in range(1, 6):
            page.keyboard.press("4")
            expect(page.locator("main input:checked[type=radio]")).to_have_count(scored)
        page.locator("input[name=verdict][value=accept]").check()
        page.locator("main form button.btn-primary").click()
        expect(page).to_have_url(f"{portal.url}/needs-me")
        page.context.close()
    assert experience.fresh().state == "accepted"


def _find(page: Page, portal: Served, experience: Experience) -> None:
    """Step 4."""
    article = Article.get(Article.was_born_of("experience", experience.id))
    assert article.author == person("li")
    found = page.locator(f"#search-panel a[href='/articles/{article.id}']").first
    for _ in range(12):  # seconds
        page.goto(portal.url)
        page.keyboard.press("/")
        page.keyboard.insert_text("学位占用")
        page.wait_for_timeout(800)
        if found.is_visible():
            break
    expect(found).to_be_visible()
    for words in ("学区", "xuequ", "学位被占用怎么办？"):
        page.locator("#search").fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text(words)
        expect(page.locator("main a[href^='/articles/']").first).to_be_visible()
    rail(page, "People")
    page.locator("main").get_by_role("link", name=person("li").name_en).first.click()
    expect(page.locator(f"main a[href='/articles/{article.id}']").first).to_be_attached()
    press(page, "My points")
    expect(page.locator("main tr", has=page.locator(f"a[href='{experience.url}']"))).to_contain_text("+20")


def _be_paid(page: Page) -> None:
    """Step 5."""
    rail(page, "Commission")
    before = clock.Month.of(clock.today()).previous
    row = page.locator("main tr", has=page.locator(f"a[href^='/commission/statements/{before}/']"))
    expect(row).to_contain_text("¥20,500.00")
    row.get_by_role("link").first.click()
    for amount in ("¥20,500.00", "¥1,000,000.00", "¥500.00", "2.05%"):
        expect(page.locator("main")).to_contain_text(amount)


def _pay(browser: Browser, portal: Served, deal: Deal, complaints: list[str]) -> None:
    """Step 6."""
    page = begin(browser, portal, "sun", complaints)
    rail(page, "Commission")
    tab(page, "Payments")
    line = DealLine.get((DealLine.deal == deal.id) & (DealLine.trigger == "payment"))
    page.locator(f"input[name=line][value='{line.id}']").check()
    press(page, "Confirm the chosen ones")
    expect(page.locator(f"input[name=line][value='{line.id}']")).to_have_count(0)
    assert not line.fresh().is_waiting

    tab(page, "Months")
    page.locator("main tbody tr a").first.click()
    press(page, "Run the preview")
    expect(page.get_by_role("button", name=re.compile("Run the preview again"))).to_be_visible(timeout=60_000)
    tab_back = page.locator("main").get_by_role("link", name="Months").first
    tab_back.click()
    page.locator("main tbody tr", has_text="Closed").locator("a").first.click()
    expect(page.get_by_role("button", name=re.compile("^Export for payroll"))).to_be_visible()

    rail(page, "Commission")
    tab(page, "Policies")
    press(page, "Draft a version")
    page.locator("#effective_from").fill(str(clock.Month.of(clock.today()).plus(4)))
    press(page, "Save the draft")
    expect(page.locator("#readings")).to_contain_text("20,500.00")
    with page.expect_navigation():
        press(page, "Propose")
    policy = transact(lambda: Policy.get_by_id(int(page.url.rpartition("/")[2].partition("?")[0])))
    assert policy.state == "proposed"
    page.context.close()

    page = begin(browser, portal, "luo", complaints)
    page.locator("header a.tool", has_text="Needs me").click()
    page.locator(f"main a[href='{policy.url}']").first.click()
    page.locator("input[name=compared]").check()
    press(page, "Approve")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert policy.fresh().state == "approved"
    page.context.close()


def _bring(browser: Browser, portal: Served, folder: Path, complaints: list[str]) -> None:
    """Step 7."""
    page = begin(browser, portal, "wang", complaints)
    rail(page, "Customers")
    press(page, "Import")
    press(page, "New import")
    file = folder / "customers.csv"
    file.write_text("客户名称,城市\n河湾置业,上海\n")
    page.locator("input[type=file]").set_input_files(file)
    press(page, "Next: columns")
    page.locator("main form button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("To be created", timeout=60_000)
    assert Customer.get_or_none(Customer.name == "河湾置业") is None
    page.context.close()
