"""What must hold for every route, page and noun, so that nothing new is forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes
from starlette.routing import Route

from portal.migrations import models
from portal.models.base.record import Record, Searchable
from portal.models.people.people import Person
from portal.routes import routes
from portal.settings import ROOT, Settings
from portal.views import __path__ as views_path
from tests.client import Client
from tests.wiring import wired

PUBLIC = {
    "sign_in": "this is how one gets in",
    "sign_out": "harmless for those who are out already",
    "choose_language": "the sign-in page can be read in both languages",
    "forgotten": "whoever forgot a password is not signed in",
    "code": "who gave the right password is not signed in yet",
    "code_passkey": "the same with a passkey",
    "code_passkey_challenge": "what that passkey has to sign",
    "passkey_sign_in": "this is how one gets in without a password",
    "passkey_sign_in_challenge": "what that passkey has to sign: the same for everyone",
    "help": "the help site is for strangers, once it is open; closed, there is nothing at any of its addresses",
    "help_article": "the help site",
    "help_topic": "the help site",
    "help_contact": "the help site: visitors write to the company, where it lets them",
    "help_search": "the help site: among what is public alone",
    "help_voice": "the help site: counted once a day for each address",
    "help_file": "the help site: what stands in a public text",
    "help_feed": "the help site, for machines",
    "help_sitemap": "the help site, for machines",
    "help_elsewhere": "the help site: says that there is nothing",
    "robots": "says to machines what is for them: the help site at most",
    "logo": "it stands on the sign-in page",
    "reset": "the signed link in the letter is the proof",
}
TEMPLATES = sorted(str(p.relative_to(ROOT / "templates")) for p in (ROOT / "templates").rglob("*.html"))
FILLED = {
    "id": "1",
    "noun": "topics",
    "token": "none",
    "month": "2026-05",
    "version": "1",
    "number": "1",
    "rest": "x",
}


def all_routes() -> Iterator[Route]:
    for route in routes():
        if isinstance(route, Route):
            yield route


def address(route: Route) -> str:
    """A route's path with something in place of each parameter."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: FILLED.get(found[1], "1"), route.path)


@pytest.mark.parametrize("route", list(all_routes()), ids=lambda route: f"{route.name}")
def test_strangers_are_led_to_sign_in(client: Client, route: Route) -> None:
    for method in (route.methods or set()) - {"HEAD"}:
        answer = client.request(method, address(route))
        if route.name in PUBLIC:
            assert answer.status_code in {200, 303, 404, 422}
        elif method == "GET":
            assert answer.status_code == 303, route.path
            assert "/sign-in?next=" in answer.headers["location"]
        else:
            assert answer.status_code == 401, route.path


def test_public_routes_are_listed_with_a_reason() -> None:
    assert {r.name for r in all_routes() if getattr(r.endpoint, "public", False)} == set(PUBLIC)


def test_every_route_has_a_name_of_its_own() -> None:
    names = [route.name for route in all_routes()]
    assert len(names) == len(set(names))


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What compiles templates: no database has a part in it."""
    app = wired(
        Settings(data=tmp_path_factory.mktemp("templates"), secret="a secret for tests", worker=False)
    )
    made: Environment = app.state.templates
    return made


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles_and_a_page_has_a_title(environment: Environment, name: str) -> None:
    environment.get_template(name)
    tree = environment.parse((ROOT / "templates" / name).read_text())
    titled = False
    while over := [node.template for node in tree.body if isinstance(node, nodes.Extends)]:
        titled = titled or any(block.name == "title" and block.body for block in tree.find_all(nodes.Block))
        named = over[0].value if isinstance(over[0], nodes.Const) else "base.html"
        tree = environment.parse((ROOT / "templates" / named).read_text())
        assert titled or named in ("list.html", "detail.html"), "a page needs a title"


@pytest.mark.parametrize("name", [n for n in TEMPLATES if n.rpartition("/")[2].startswith("_")])
def test_fragment_says_what_it_needs(name: str) -> None:
    assert (ROOT / "templates" / name).read_text().startswith("{#"), "begin with {# what it is. Needs: ... #}"


def test_every_searchable_noun_answers_who_may_see_it(
    ada: Person, rita: Person, mona: Person, adam: Person
) -> None:
    for model in models():
        if issubclass(model, Searchable):
            for person in (ada, rita, mona, adam):
                assert model.visible_to(person).count() >= 0, model


def test_every_record_is_named_as_its_table() -> None:
    for model in models():
        if issubclass(model, Record):
            assert re.fullmatch(r"[a-z_]+", model.kind())


def test_views_never_fetch_by_bare_id() -> None:
    for folder in views_path:
        for path in sorted(__import__("pathlib").Path(folder).rglob("*.py")):
            assert ".get_by_id(" not in path.read_text(), f"{path.name}: start from what the person may see"
