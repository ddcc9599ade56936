"""Every kind of page, as those who use it see it: valid, accessible, within the window, without a console error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.testclient import TestClient

from portal import demo
from portal.app import create_app
from portal.migrations import models
from portal.models import base
from portal.models.people import Person
from portal.models.sessions import Session
from portal.settings import Settings
from tests.browser.conftest import served

NOT_PAGES = {
    "month_so_far": "a fragment of the first page",
    "suggest": "a fragment of the search box",
}
LOOKS = [(1280, "light", "zh"), (375, "dark", "en")]


@dataclass(frozen=True)
class Seen:
    """One page type: where a person in some role found it."""

    name: str
    path: str
    role: str


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starlette]:
    """The demo company."""
    settings = Settings(data=tmp_path_factory.mktemp("pages"), secret="a secret for tests", worker=False)
    app = create_app(settings)
    with base.db.connection_context():
        base.db.create_tables(models())
        demo.tell(settings)
        yield app
    base.db.close_all()


@pytest.fixture(scope="module")
def address(company: Starlette) -> Iterator[str]:
    yield from served(company)


@pytest.fixture(scope="module")
def tokens(company: Starlette) -> dict[str, str]:
    """A session for each role's demo login."""
    return {role: Session.open(person)[1] for role, person in demo.logins()}


@pytest.fixture(scope="module")
def pages(company: Starlette, tokens: dict[str, str]) -> list[Seen]:
    """One address for each page type, found by following links as each role does."""
    found: dict[str, Seen] = {}
    for role, token in tokens.items():
        browser = TestClient(company, cookies={"session": token}, follow_redirects=False)
        waiting, known = ["/"], set[str]()
        while waiting:
            path = waiting.pop(0)
            route = route_of(company, path)
            if route is None or path in known or sum(route_of(company, k) is route for k in known) >= 2:
                continue
            known.add(path)
            answer = browser.get(path)
            if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
                continue
            if route.name not in NOT_PAGES:
                found.setdefault(route.name, Seen(route.name, path, role))
            waiting += [link for link in re.findall(r'href="(/[^"#]*)', answer.text) if link not in known]
    return list(found.values())


def route_of(app: Starlette, path: str) -> Route | None:
    scope = {"type": "http", "method": "GET", "path": path.partition("?")[0]}
    for route in app.routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            return route
    return None


def open_page(browser: Browser, address: str, token: str, look: tuple[int, str, str], path: str) -> Page:
    width, theme, locale = look
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme=theme
    )  # type: ignore[arg-type]
    context.add_cookies([{"name": "session", "value": token, "url": address}])
    with base.db.atomic():
        session = Session.find(token)
        assert session
        Person.update(locale=locale, theme=theme).where(Person.id == session.person_id).execute()
    page = context.new_page()
    page.goto(path)
    return page


def test_the_links_lead_to_most_page_types(pages: list[Seen], company: Starlette) -> None:
    shown = {r.name for r in company.routes if isinstance(r, Route) and "GET" in (r.methods or ())}
    assert len(pages) >= 0.75 * len(shown), sorted(shown - {seen.name for seen in pages})


def test_every_page_is_valid_html(
    pages: list[Seen], company: Starlette, tokens: dict[str, str], html_checker: Callable[[str], list[str]]
) -> None:
    problems = []
    for seen in pages:
        text = TestClient(company, cookies={"session": tokens[seen.role]}).get(seen.path).text
        problems += [f"{seen.path} ({seen.role}): {error}" for error in html_checker(text)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_every_page_is_accessible_and_fits(
    pages: list[Seen],
    tokens: dict[str, str],
    address: str,
    browser: Browser,
    axe: Callable[[Page], list[str]],
    look: tuple[int, str, str],
) -> None:
    problems = []
    for seen in pages:
        complaints: list[str] = []
        page = open_page(browser, address, tokens[seen.role], look, seen.path)
        page.on(
            "console", lambda m, c=complaints: c.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error, c=complaints: c.append(str(error)))
        page.reload()
        page.wait_for_load_state("networkidle")
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        complaints += [f"{over} px too wide"] if over > 0 else []
        complaints += axe(page)
        problems += [f"{seen.path} ({seen.role}): {text}" for text in complaints]
        page.context.close()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/forgotten"])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_pages_of_strangers_too(
    company: Starlette,
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
    assert html_checker(TestClient(company).get(path).text) == []
    context.close()
