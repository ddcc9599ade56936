"""Every kind of page, as those who use it see it: valid, accessible, within the window, without a console error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.routing import Route

from portal.models.help.pages import HelpPage
from portal.models.help.site import Site
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from tests.browser.conftest import served
from tests.client import Client
from tests.company import Company, Walked

NOT_PAGES = {
    "month_so_far": "a fragment of the first page",
    "article_version_on": "leads to the version of a day",
    "search_suggest": "a fragment of the search box",
    "search_offers": "a fragment of the editor",
    "search_similar": "a fragment of a form",
    "period_progress": "a fragment of the month's page",
    "passkey_sign_in_challenge": "what a passkey has to sign, for a script",
    "code_passkey_challenge": "the same after the password",
    "passkey_addition_challenge": "the same for a new one",
    "confirmation_challenge": "the same as proof",
    **dict.fromkeys(
        ("help", "help_article", "help_contact", "help_elsewhere", "help_search", "help_topic"),
        "the help site, to which no page of the house leads: it is looked at below",
    ),
    "help_file": "the help site: what stands in a public text, byte for byte",
    "help_feed": "the help site, for machines",
    "help_sitemap": "the help site, for machines",
    "robots": "for machines",
    "admin_search_progress": "a fragment of the page of the search",
    "logo": "a picture",
    "file": "what somebody put beside a text, byte for byte",
    "article_titled": "leads to the article of that name",
    "article_of_experience": "leads to the article that an experience became",
    "answer": "leads to the question, at that answer",
}
LOOKS = [(1280, "light", "zh"), (320, "dark", "en")]
"""A desk; and the narrowest that fits: a small phone, or 1280 pixels at 400 % (WCAG 1.4.10)."""
PARTS = 4
"""Into how many tests the pages of a look are dealt, so that they run beside one another."""


@dataclass(frozen=True)
class Seen:
    """One page type: where a person of the story found it."""

    name: str
    path: str
    key: str
    html: str


@pytest.fixture(scope="module")
def address(company: Company) -> Iterator[str]:
    yield from served(company.app)


@pytest.fixture(scope="module")
def pages(walked: dict[str, list[Walked]]) -> list[Seen]:
    """One address for each page type, found by following links as each role does."""
    found: dict[str, Seen] = {}
    for key, seen in walked.items():
        for name, path, html in seen:
            if name not in NOT_PAGES:
                found.setdefault(name, Seen(name, path, key, html))
    return list(found.values())


def test_the_links_lead_to_most_page_types(pages: list[Seen], company: Company) -> None:
    shown = {r.name for r in company.app.routes if isinstance(r, Route) and "GET" in (r.methods or ())}
    shown -= NOT_PAGES.keys()
    assert len(pages) >= 0.79 * len(shown), sorted(shown - {seen.name for seen in pages})


def test_every_page_is_valid_html(pages: list[Seen], html_checker: Callable[[str], list[str]]) -> None:
    problems = [f"{s.path} ({s.key}): {error}" for s in pages for error in html_checker(s.html)]
    assert not problems, "\n".join(problems)


def listen(page: Page, complaints: list[str]) -> None:
    """Note what a page complains of on its console."""
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))


def led_away(page: Page) -> list[str]:
    """What came by itself once the page stood leads nobody from where they begin to read, or to type."""
    down = page.evaluate("scrollY")
    focus = page.evaluate(
        "document.activeElement.matches('body, [autofocus]') ? '' : document.activeElement.outerHTML.slice(0, 120)"
    )
    return [*([f"begins {down} px below its top"] if down else []), *([f"focus on {focus}"] if focus else [])]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_every_page_is_accessible_and_fits(
    pages: list[Seen],
    company: Company,
    address: str,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    axe_source: str,
    look: tuple[int, str, str],
    part: int,
) -> None:
    width, theme, locale = look
    Person.update(locale=locale, theme=theme).execute()
    problems, tabs, complaints = list[str](), dict[str, Page](), list[str]()
    for seen in pages[part::PARTS]:
        if seen.key not in tabs:
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": 900},
                color_scheme=theme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            context.add_cookies([{"name": "session", "value": company.tokens[seen.key], "url": address}])
            context.add_init_script(axe_source)
            tabs[seen.key] = context.new_page()
            listen(tabs[seen.key], complaints)
        page = tabs[seen.key]
        complaints.clear()  # axe tries styles that the policy refuses: only what the page says by itself counts
        page.goto(seen.path)
        expect(page.locator(".htmx-request")).to_have_count(0)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        heard = [*complaints, *([f"{over} px too wide"] if over > 0 else [])]
        heard += [*axe(page), *led_away(page)]
        problems += [f"{seen.path} ({seen.key}): {text}" for text in heard]
    for tab in tabs.values():
        tab.context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def help_site(company: Company) -> list[str]:
    """The help site opened, with something on it: its addresses."""
    zhao, zheng = company.person("zhao"), company.person("zheng")
    Site.choose(by=zhao, is_open=True, contact=True, names=True, welcome="欢迎", welcome_en="Welcome")
    body = "## 第一节\n\n| 步骤 | 说明 |\n|---|---|\n| 一 | 先看学区 |\n\n> 引文\n\n`code` [外面](https://a.example/)"
    article = Article.add(
        by=company.person("li"), title="学区怎么看", body=body, topics=[min(zheng.review_topics)]
    )
    page = HelpPage.ask(article, by=article.author, number=1, sections=[0]).fresh()
    page.confirm(by=zheng, version=page.version)
    topic = f"/help/topics/{min(zheng.review_topics)}"
    found = ["/help", page.fresh().address, topic, "/help/search?q=学区", "/help/search?q=nowhere"]
    return [*found, "/help/contact", "/help/contact?sent=1", "/help/nothing"]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_the_help_site_too(
    company: Company,
    address: str,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
    help_site: list[str],
    look: tuple[int, str, str],
) -> None:
    width, theme, locale = look
    for scripted in (True, False):
        context = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": 800},
            color_scheme=theme,  # type: ignore[arg-type]
            locale={"zh": "zh-TW", "en": "en-GB"}[locale],
            java_script_enabled=scripted,
        )
        page, complaints = context.new_page(), list[str]()
        listen(page, complaints)
        for path in help_site:
            complaints.clear()
            page.goto(path)
            if scripted:
                assert [text for text in complaints if "404" not in text] == [], path
                wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
                assert not page.evaluate(wide), path
                assert axe(page) == [], path
                assert html_checker(Client(company.app).get(path).text) == [], path
        if not scripted:
            page.goto("/help")
            page.locator("input[type=search]").fill("学区")
            page.locator("form.search button").click()
            expect(page).to_have_url(re.compile("/help/search"))
            page.locator(".pages a").first.click()
            page.locator("button[value=yes]").click()
            expect(page).to_have_url(re.compile("said=yes"))  # searched, read and judged without a script
        assert context.cookies() == []
        context.close()


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/forgotten"])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_pages_of_strangers_too(
    company: Company,
    address: str,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    html_checker: Callable[[str], list[str]],
    path: str,
    look: tuple[int, str, str],
) -> None:
    width, theme, locale = look
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 800},
        color_scheme=theme,  # type: ignore[arg-type]
        locale={"zh": "zh-TW", "en": "en-GB"}[locale],
    )
    page = context.new_page()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[locale]
    assert axe(page) == []
    assert html_checker(Client(company.app).get(path).text) == []
    context.close()
