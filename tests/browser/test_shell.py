"""The frame around every page in a real browser: keys, menus, themes, phones, and drafts that are never lost."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import Route as PlaywrightRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from wtforms import Form, StringField, TextAreaField

from portal import i18n
from portal.jobs import worker
from portal.models.imports.imports import Import
from portal.models.people.people import Person
from tests.browser.conftest import OpenPage, ready

DRAFT_PAGE = """
{% extends "base.html" %}
{% block title %}Draft{% endblock %}
{% block head %}<script src="{{ asset('js/writing.js') }}" type="module"></script>{% endblock %}
{% block main %}
<h1>Draft</h1>
{% if sent %}<p>It is sent.</p>{% else %}
<form method="post" action="/draft" data-autosave="/draft/text">
  {{ ui.field(form.title) }}
  {{ ui.editor(form.body, preview="/draft/preview") }}
  {{ ui.autosave_state() }}
  {{ ui.button("Send", kind="primary") }}
</form>
{% endif %}
{% endblock %}
"""


class DraftForm(Form):
    title = StringField("Title")
    body = TextAreaField("Body")


class DraftDesk:
    """Pages of a form that saves itself; `down` makes saving fail as a broken server does."""

    def __init__(self, app: Starlette, person: Person):
        self.down = False
        self.saved: list[str] = []
        self.sent: list[str] = []
        self.template = app.state.templates.from_string(DRAFT_PAGE)
        self.person = person
        app.router.routes[:0] = [
            Route("/draft", self.page),
            Route("/draft", self.send, methods=["POST"]),
            Route("/draft/text", self.save, methods=["POST"]),
            Route("/draft/preview", self.preview, methods=["POST"]),
            Route("/draft/sent", self.page),
        ]

    async def page(self, request: Request) -> Response:
        with i18n.speaking("en"):
            return HTMLResponse(
                self.template.render(
                    user=self.person,
                    form=DraftForm(),
                    sent=request.url.path == "/draft/sent",
                    locale="en",
                    lang="en",
                    path="/draft",
                    here=lambda: "/draft",
                    fragment=False,
                    messages=[],
                    company="Anjuli Homes",
                    rail=[("home", "Home", "/", "home")],
                    as_left={},
                    needs_me=0,
                    rail_narrow=False,
                    section="",
                    wide=False,
                    wing="",
                )
            )

    async def save(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        self.saved.append(str((await request.form())["title"]))
        return Response(status_code=204)

    async def preview(self, request: Request) -> Response:
        return HTMLResponse(f"<p>{len(str((await request.form())['body']))} characters</p>")

    async def send(self, request: Request) -> Response:
        self.sent.append(str((await request.form())["title"]))
        return Response(status_code=303, headers={"Location": "/draft/sent"})


@pytest.fixture
def desk(app: Starlette, ada: Person) -> DraftDesk:
    return DraftDesk(app, ada)


def test_keys_reach_search_help_and_new(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("n")
    expect(page.locator("#new-menu")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/")


def test_letters_typed_into_a_field_are_no_keys(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft")
    page.locator("#title").press_sequentially("n?/gh")
    expect(page.locator("#title")).to_have_value("n?/gh")
    expect(page.locator("#new-menu")).to_be_hidden()


def test_menus_open_without_javascript(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft", java_script_enabled=False)
    page.locator(".topbar-new").click()
    expect(page.locator("#new-menu")).to_be_visible()


def test_auto_theme_follows_the_system(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    assert ada.theme == "auto"
    ground = "getComputedStyle(document.body).backgroundColor"
    assert open_page(ada, "/draft", color_scheme="light").evaluate(ground) == "rgb(246, 245, 241)"
    assert open_page(ada, "/draft", color_scheme="dark").evaluate(ground) == "rgb(18, 26, 28)"


@pytest.mark.parametrize("path", ["/", "/draft"])
def test_a_phone_has_the_bottom_bar_and_no_sideways_scroll(
    open_page: OpenPage, desk: DraftDesk, ada: Person, path: str
) -> None:
    page = open_page(ada, path, width=375)
    expect(page.locator(".bottombar")).to_be_visible()
    expect(page.locator(".rail")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.locator(".bottombar button").last.click()
    expect(page.locator("#sheet")).to_be_visible()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both
@pytest.mark.parametrize("width", [1280, 375])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_in_the_way_of_assistive_technology(
    open_page: OpenPage,
    desk: DraftDesk,
    ada: Person,
    axe: Callable[[Page], list[str]],
    width: int,
    scheme: str,
) -> None:
    page = open_page(ada, "/draft", width=width, color_scheme=scheme, bypass_csp=True)
    assert axe(page) == []


def test_the_frame_is_valid_html(
    open_page: OpenPage, desk: DraftDesk, ada: Person, html_checker: Callable[[str], list[str]]
) -> None:
    page = open_page(ada, "/draft")
    assert html_checker(page.request.get("/draft").text()) == []


def test_a_draft_saves_itself_a_second_after_typing(
    open_page: OpenPage, desk: DraftDesk, ada: Person
) -> None:
    page = open_page(ada, "/draft")
    page.locator("#title").fill("Schools: promise nothing")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved at")
    assert desk.saved == ["Schools: promise nothing"]
    page.wait_for_function("localStorage.length === 0")


def test_a_draft_outlives_a_broken_server_and_a_closed_page(
    open_page: OpenPage, desk: DraftDesk, ada: Person
) -> None:
    desk.down = True
    page = open_page(ada, "/draft", expected=("503",))
    page.locator("#title").fill("Written while the server was down")
    expect(page.locator("[data-autosave-state]")).to_have_class("autosave is-kept")
    page.goto("/draft/sent")
    desk.down = False
    page.goto("/draft")
    expect(page.locator("#title")).to_have_value("Written while the server was down")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved at")
    assert desk.saved[-1] == "Written while the server was down"


def test_what_is_typed_before_drafts_are_kept_is_kept_too(
    open_page: OpenPage, desk: DraftDesk, ada: Person
) -> None:
    desk.down = True
    page = open_page(ada, "/draft/sent", expected=("503",))
    waiting: list[PlaywrightRoute] = []

    def wait(route: PlaywrightRoute) -> None:
        waiting.append(route)

    page.route("**/drafts*.js", wait)
    page.goto("/draft")
    page.locator("#title").fill("Faster than the slow line")
    for route in waiting:
        route.continue_()
    expect(page.locator("[data-autosave-state]")).to_have_class("autosave is-kept")
    page.unroute("**/drafts*.js")
    page.goto("/draft/sent")
    page.goto("/draft")
    expect(page.locator("#title")).to_have_value("Faster than the slow line")


def test_a_sent_draft_does_not_come_back(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft")
    page.locator("#title").fill("Sent at once")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/draft/sent")
    page.goto("/draft")
    ready(page)
    expect(page.locator("#title")).to_have_value("")


def test_a_form_pressed_twice_is_sent_once(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft")
    page.locator("#title").fill("Once")
    page.evaluate(
        "(() => { const b = document.querySelector('main .btn-primary'); b.click(); b.click(); })()"
    )
    page.wait_for_url("**/draft/sent")
    assert desk.sent == ["Once"]


def test_the_preview_follows_the_text(open_page: OpenPage, desk: DraftDesk, ada: Person) -> None:
    page = open_page(ada, "/draft")
    page.locator("#body").fill("学区")
    expect(page.locator("#body-preview")).to_have_text("2 characters")
    expect(page.locator("#body")).to_be_focused()


def test_what_goes_on_leaves_its_reader_where_they_are(open_page: OpenPage, adam: Person) -> None:
    """An import asks each second how far it is: that takes neither the view nor the focus, its end does."""
    made = Import.begin(
        by=adam, file=io.BytesIO(b"account,city\nCancity,Lakeside\n"), name="new.csv", kind="customers"
    )
    made.map(columns=made.columns)
    page = open_page(adam, f"/imports/{made.id}/check", width=375)
    page.set_viewport_size({"width": 375, "height": 300})

    def asked_again() -> None:
        for _ in range(2):
            with page.expect_response("**/check"):
                pass
        page.wait_for_timeout(100)

    again = page.get_by_role("link", name="Look again")
    expect(again).to_be_visible()
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    down = page.evaluate("scrollY")
    assert down > 0
    asked_again()
    assert page.evaluate("[scrollY, document.activeElement.tagName]") == [down, "BODY"]
    again.focus()
    asked_again()
    expect(again).to_be_focused()
    page.evaluate("document.activeElement.blur()")
    worker.drain()
    expect(page.get_by_role("button", name="Import one row")).to_be_attached()
    expect(page.locator("#check :focus, #check:focus")).to_have_count(1)
