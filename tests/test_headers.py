"""What browsers are told beside each page: headers, cookies, what may be kept; graded by the Observatory's rules."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx2
import pytest
from itsdangerous.encoding import base64_decode
from starlette.applications import Starlette
from starlette.responses import Response

from portal import clock
from portal.models.base.record import Event
from portal.models.customers.customers import Customer
from portal.models.people.people import Person
from portal.models.people.sessions import (
    Session,
    half_signed_in,
    person_half_signed_in,
    person_of_token,
    reset_token,
    set_password,
)
from portal.security import JsonLines
from portal.settings import Settings
from portal.templating import asset
from portal.web import Request, attachment, post, view
from tests.client import Client
from tests.views.people.test_second_factor import guard, offered

PASSWORD = "correct horse battery"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Those of a portal that people reach over HTTPS."""
    return Settings(
        data=tmp_path,
        database_url=database_url,
        secret="a secret for tests",
        worker=False,
        base_url="https://portal.example",
    )


@pytest.fixture
def https(app: Starlette) -> Starlette:
    return app


def browser(app: Starlette) -> Client:
    made = Client(app)
    made.base_url = httpx2.URL("https://portal.example")
    return made


def signed_in(app: Starlette, person: Person) -> tuple[Client, list[httpx2.Response]]:
    """A browser that went in at the door, and every answer on the way."""
    set_password(person, PASSWORD, by=None)
    made = browser(app)
    first = made.get("/sign-in")
    door = made.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert door.status_code == 303
    return made, [first, door]


def at_work(app: Starlette, person: Person) -> Client:
    """A browser of someone signed in."""
    made = browser(app)
    made.cookies.set("__Host-session", Session.open(person)[1])
    return made


# ---------------------------------------------------------------- the Observatory


@dataclass
class Marks:
    """A page's score by the rules of Mozilla's HTTP Observatory (mdn/mdn-http-observatory: the table of scores
    in src/grader/charts.js, the tests in src/analyzer/tests): 100, less what is missing; what is done beyond
    counts only from 90 on. Strict where the rule has steps: what is not the best of a step scores as missing.
    Not scored: the way from HTTP to HTTPS, which is the proxy's, and the embedder and opener policies, which
    newer rules look at and let pass however they are.
    """

    answer: httpx2.Response
    cookies: list[Morsel[str]]

    def modifiers(self) -> dict[str, int]:
        given, policy = self.answer.headers, _policy(self.answer.headers.get("content-security-policy", ""))
        return {
            "content-security-policy": self._policy(policy),
            "cookies": self._cookies(),
            "cross-origin-resource-sharing": -50 if "access-control-allow-origin" in given else 0,
            "referrer-policy": _best(
                given.get("referrer-policy"),
                {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"},
                5,
                missing=0,
                other=-5,
            ),
            "strict-transport-security": self._transport(given.get("strict-transport-security", "")),
            "subresource-integrity": self._scripts(),
            "x-content-type-options": _best(
                given.get("x-content-type-options"), {"nosniff"}, 0, missing=-5, other=-5
            ),
            "x-frame-options": 5 if policy.get("frame-ancestors", {"*"}) <= {"'none'", "'self'"} else -20,
            "cross-origin-resource-policy": _best(
                given.get("cross-origin-resource-policy"),
                {"same-origin", "same-site"},
                10,
                missing=0,
                other=-5,
            ),
        }

    def score(self) -> int:
        marks = self.modifiers().values()
        without = 100 + sum(mark for mark in marks if mark < 0)
        return without + (sum(mark for mark in marks if mark > 0) if without >= 90 else 0)

    @staticmethod
    def _policy(policy: dict[str, set[str]]) -> int:
        if not policy:
            return -25
        default = policy.get("default-src", {"*"})
        broad = {"*", "http:", "https:", "ftp:", "'unsafe-inline'", "'unsafe-eval'", "data:"}
        for name in ("script-src", "object-src", "style-src"):
            if policy.get(name, default) & broad:
                return -20
        if any(source.startswith(("http:", "ftp:")) for sources in policy.values() for source in sources):
            return -20
        return 10 if default == {"'none'"} and policy.get("form-action", {"*"}) <= {"'none'", "'self'"} else 5

    def _cookies(self) -> int:
        if any(not one["secure"] for one in self.cookies):
            return -40 if any("sess" in one.key for one in self.cookies) else -20
        if any("sess" in one.key and not one["httponly"] for one in self.cookies):
            return -30
        if any(one["samesite"].lower() not in ("lax", "strict") for one in self.cookies):
            return -20
        return 5 if self.cookies else 0

    @staticmethod
    def _transport(told: str) -> int:
        age = re.search(r"max-age=(\d+)", told)
        return -20 if age is None else 0 if int(age[1]) >= 15_768_000 else -10

    def _scripts(self) -> int:
        sources = re.findall(r"<script[^>]*\bsrc=\"([^\"]+)\"", self.answer.text)
        return 0 if all(re.match(r"/(?!/)", source) for source in sources) else -50


def _policy(told: str) -> dict[str, set[str]]:
    parts = [part.split() for part in told.split(";") if part.strip()]
    return {name.lower(): set(sources) for name, *sources in parts}


def _best(told: str | None, good: set[str], mark: int, *, missing: int, other: int) -> int:
    if told is None:
        return missing
    return mark if told.lower() in good else other


def cookies_of(answers: list[httpx2.Response]) -> list[Morsel[str]]:
    """Every cookie that these answers set, as it was set."""
    lines = [line for answer in answers for line in answer.headers.get_list("set-cookie")]
    return [morsel for line in lines for morsel in SimpleCookie(line).values()]


def test_the_observatory_gives_the_sign_in_page_a_plus(https: Starlette) -> None:
    page = browser(https).get("/sign-in")
    assert Marks(page, cookies_of([page])).score() >= 100, Marks(page, cookies_of([page])).modifiers()


def test_the_observatory_gives_a_page_of_someone_signed_in_a_plus(https: Starlette, ada: Person) -> None:
    one, answers = signed_in(https, ada)
    for path in ("/", "/customers", "/account", "/nothing-here"):
        page = one.get(path)
        marks = Marks(page, cookies_of([*answers, page]))
        assert marks.score() >= 100, (path, marks.modifiers())
        assert min(marks.modifiers().values()) >= 0, (path, marks.modifiers())
        assert marks.modifiers()["cookies"] == 5
        # 100, and 10 for the policy, 5 for cookies, referrers and frames, 10 for the resource policy
        assert marks.score() == 135, (path, marks.modifiers())


@pytest.mark.parametrize(
    ("header", "value", "at_most"),
    [
        ("content-security-policy", "default-src *", 75),
        ("content-security-policy", "default-src 'none'; script-src 'unsafe-inline'", 80),
        ("strict-transport-security", "max-age=60", 130),
        ("access-control-allow-origin", "*", 50),
        ("x-content-type-options", "off", 130),
        ("cross-origin-resource-policy", "cross-origin", 120),
        ("set-cookie", "session=1; Path=/", 60),
    ],
)
def test_the_marks_see_what_is_worse(https: Starlette, header: str, value: str, at_most: int) -> None:
    page = browser(https).get("/sign-in")
    page.headers[header] = value
    assert Marks(page, cookies_of([page])).score() <= at_most


# ---------------------------------------------------------------- every answer


def test_every_kind_of_answer_says_the_same(https: Starlette, ada: Person) -> None:
    one, answers = signed_in(https, ada)
    elsewhere = {"sec-fetch-site": "cross-site"}
    answers += [one.get(path) for path in ("/", "/static/none.css", asset("css/portal.css"), "/none")]
    answers += [one.post("/sign-out", headers=elsewhere), one.get("/admin/accounts"), one.head("/")]
    assert {answer.status_code for answer in answers} >= {200, 303, 403, 404}
    for answer in answers:
        told = answer.headers
        assert told["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert told["x-content-type-options"] == "nosniff"
        assert told["cross-origin-resource-policy"] == "same-origin"
        assert told["cross-origin-opener-policy"] == "same-origin"
        policy = _policy(told["content-security-policy"])
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == {"'none'"}
        assert "access-control-allow-origin" not in told


def test_no_folder_is_listed_and_nothing_traced(https: Starlette) -> None:
    one = browser(https)
    assert [
        one.get(path).status_code for path in ("/static/", asset("css"), asset("css/"), "/.git/config")
    ] == [404] * 4
    for path in ("/sign-in", asset("css/portal.css"), "/"):
        answer = one.request("TRACE", path, headers={"x-mine": "a secret of mine"})
        assert answer.status_code in (403, 405), path
        assert "a secret of mine" not in answer.text


def test_another_site_changes_nothing(
    https: Starlette, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    one = at_work(https, ada)
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        answer = one.post("/account/theme", data={"theme": "dark"}, headers=headers)
        assert answer.status_code == 403
    assert Person.get_by_id(ada.id).theme != "dark"
    refused = [record.levelname for record in caplog.records if record.name == "portal.request"]
    assert refused == ["WARNING", "WARNING"]
    assert one.post("/account/theme", data={"theme": "dark"}).status_code == 303
    assert Person.get_by_id(ada.id).theme == "dark"


@pytest.mark.parametrize(
    "told", ["http://[::1", "//[x]y", "http://a]b", "http://\u2100/", "http://testserver:x/"]
)
@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL", "Origin"])
def test_a_header_that_holds_no_address_fells_nothing(
    https: Starlette, ada: Person, header: str, told: str
) -> None:
    made = Customer.add(by=ada, name="晨光小学", owner=ada)
    one, said = at_work(https, ada), [(header.encode(), told.encode())]
    assert one.get(f"/customers/{made.id}", headers=said).status_code == 200
    Session.update(confirmed_at=clock.now() - timedelta(days=1)).execute()  # has to show who they are
    asked = one.post("/customers/export", headers=[*said, (b"HX-Request", b"true")])
    assert asked.status_code == (403 if header == "Origin" else 401)
    assert browser(https).post("/sign-in", headers=said).status_code == (403 if header == "Origin" else 422)


def test_every_page_of_someone_signed_in_leads_out(https: Starlette, ada: Person) -> None:
    one = at_work(https, ada)
    for path in ("/", "/customers", "/account", "/search?q=a", "/nothing-here", "/admin/accounts"):
        assert 'action="/sign-out"' in one.get(path).text, path


def _broken(request: Request) -> Response:
    request.user.edit(by=request.user, theme="dark")
    raise RuntimeError("select seed from inside")


def test_a_crash_is_logged_and_told_without_its_inside(
    https: Starlette, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    https.router.routes.insert(0, post("/broken", view(_broken), "broken"))
    answer = at_work(https, ada).post("/broken")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["content-security-policy"]
    for inside in ("RuntimeError", "select seed", "Traceback", "test_headers"):
        assert inside not in answer.text
    logged = [record for record in caplog.records if record.name == "portal.web"]
    assert [record.levelname for record in logged] == ["ERROR"]
    assert "select seed from inside" in JsonLines().format(logged[0])
    assert Person.get_by_id(ada.id).theme != "dark"


def test_what_is_text_says_in_which_characters(https: Starlette) -> None:
    kinds = {
        "/sign-in": "html",
        "/none": "html",
        "/static/none.css": "plain",
        asset("js/portal.js"): "javascript",
        asset("css/portal.css"): "css",
    }
    for path, kind in kinds.items():
        assert browser(https).get(path).headers["content-type"] == f"text/{kind}; charset=utf-8", path


# ---------------------------------------------------------------- cookies


def test_every_cookie_is_for_this_host_and_encrypted_pages_alone(https: Starlette, ada: Person) -> None:
    one, answers = signed_in(https, ada)
    guard(ada)
    half = browser(https).post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert half.headers["location"].startswith("/sign-in/code")
    answers.append(half)
    answers.append(browser(https).post("/language", data={"locale": "en"}))
    answers.append(browser(https).post("/sign-in/forgotten", data={"email": ada.email}))  # leaves a note
    answers.append(one.post("/sign-out"))
    found = cookies_of(answers)
    names = {"session", "device", "half-way", "language", "notes"}
    assert {one.key for one in found} == {f"__Host-{name}" for name in names}
    for cookie in found:
        assert cookie["secure"], cookie.key
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"].lower() == "lax", cookie.key
        assert (cookie["path"], cookie["domain"]) == ("/", ""), cookie.key


def test_over_https_what_was_kept_is_found_again(https: Starlette, ada: Person) -> None:
    one, _ = signed_in(https, ada)
    assert one.get("/account").status_code == 200
    stranger = browser(https)
    stranger.post("/language", data={"locale": "en"})
    assert "Sign in" in stranger.get("/sign-in", headers={"accept-language": "zh"}).text
    stranger.post("/sign-in/forgotten", data={"email": "nobody@example.com"})
    assert "a link waits" in stranger.get("/sign-in").text
    assert "a link waits" not in stranger.get("/sign-in").text
    one.post("/sign-out")
    assert one.get("/account").status_code == 303


def test_the_folded_menu_is_kept_under_the_same_rules(https: Starlette, ada: Person) -> None:
    """The one cookie that a script writes, and the page reads before there is a script."""
    one = at_work(https, ada)
    assert 'data-rail="narrow"' not in one.get("/").text
    one.cookies.set("rail", "narrow")
    assert 'data-rail="narrow"' not in one.get("/").text
    one.cookies.set("__Host-rail", "narrow")
    assert 'data-rail="narrow"' in one.get("/").text
    script = one.get(asset("js/portal.js")).text
    written = [line for line in script.splitlines() if "document.cookie =" in line]
    assert len(written) == 1
    assert "${prefix}rail=" in written[0]
    assert written[0].endswith("samesite=lax${secure}`;")
    assert 'location.protocol === "https:" ? ["__Host-", "; secure"]' in script


def test_a_cookie_that_another_host_could_set_opens_nothing(https: Starlette, ada: Person) -> None:
    _, token = Session.open(ada)
    sly = browser(https)
    sly.cookies.set("session", token)
    assert sly.get("/account").status_code == 303


def test_a_session_that_was_ended_opens_nothing_elsewhere(https: Starlette, ada: Person) -> None:
    """Somebody who copied the cookie before has nothing of it."""
    one, copied = at_work(https, ada), browser(https)
    copied.cookies.set("__Host-session", one.cookies["__Host-session"])
    assert copied.get("/account").status_code == 200
    one.post("/sign-out")
    assert copied.get("/account").status_code == 303


def test_signing_in_again_ends_the_session_before(https: Starlette, ada: Person, ben: Person) -> None:
    client = browser(https)
    for person in (ada, ben):
        set_password(person, PASSWORD, by=None)
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    before = client.cookies["__Host-session"]
    client.post("/sign-in", data={"email": ada.email, "password": PASSWORD})
    assert client.cookies["__Host-session"] != before
    assert Session.find(before) is None
    assert Session.of(ada).count() == 1
    client.post("/sign-in", data={"email": ben.email, "password": PASSWORD})
    assert (Session.of(ada).count(), Session.of(ben).count()) == (0, 1)


# ---------------------------------------------------------------- other sessions, and who may end them


def _stale(app: Starlette, person: Person) -> Client:
    """A browser of someone who signed in an hour ago."""
    session, token = Session.open(person)
    an_hour_ago = clock.now() - timedelta(hours=1)
    Session.update(confirmed_at=an_hour_ago).where(Session.id == session.id).execute()
    made = browser(app)
    made.cookies.set("__Host-session", token)
    return made


def test_a_new_password_ends_all_other_sessions(https: Starlette, ada: Person) -> None:
    one, _ = signed_in(https, ada)
    Session.open(ada)
    given = {"current_password": PASSWORD, "password": "another horse, another battery"}
    assert one.post("/account/password", data=given).status_code == 303
    assert Session.of(ada).count() == 1
    assert one.get("/account").status_code == 200


def test_a_second_factor_put_on_or_taken_off_ends_all_other_sessions(
    https: Starlette, ada: Person, adam: Person
) -> None:
    one = at_work(https, ada)
    typed = offered(one.get("/account/second-factor").text)
    Session.open(ada)
    assert one.post("/account/second-factor/addition", data=typed).status_code == 200
    assert Session.of(ada).count() == 1
    Session.open(ada)
    assert one.post("/account/second-factor/removal").status_code == 303
    assert Session.of(ada).count() == 1
    assert one.get("/account").status_code == 200

    guard(ada)
    at_work(https, adam).post(f"/admin/accounts/{ada.id}/second-factor/removal")
    assert (Session.of(ada).count(), Session.of(adam).count()) == (0, 1)


def test_an_administrator_ends_all_sessions_of_a_person(
    https: Starlette, ada: Person, ben: Person, adam: Person
) -> None:
    address = f"/admin/accounts/{ada.id}/sessions/end"
    lost, other = at_work(https, ada), at_work(https, ben)
    assert other.post(address).status_code == 403
    assert _stale(https, adam).post(address).status_code == 401
    assert lost.get("/account").status_code == 200
    office = at_work(https, adam)
    assert address in office.get(f"/admin/accounts/{ada.id}").text
    for _ in range(2):  # twice is harmless, and told once
        assert office.post(address).status_code == 303
    assert "All sessions of this account have ended." in office.get(f"/admin/accounts/{ada.id}").text
    assert [one.get("/account").status_code for one in (lost, other)] == [303, 200]
    assert [event.actor for event in Event.about(ada).where(Event.verb == "sessions ended")] == [adam.id]
    assert office.post("/admin/accounts/999999/sessions/end").status_code == 404


def test_who_ends_a_session_or_changes_an_address_shows_who_they_are(
    https: Starlette, ada: Person, adam: Person
) -> None:
    other, _ = Session.open(ada)
    ending = f"/account/sessions/{other.id}/revocation"
    assert _stale(https, ada).post(ending).status_code == 401
    assert Session.get_or_none(Session.id == other.id) is not None
    assert at_work(https, ada).post(ending).status_code == 303
    assert Session.get_or_none(Session.id == other.id) is None
    changed = {"name": ada.name, "email": "elsewhere@example.com", "version": str(ada.version)}
    assert _stale(https, adam).post(f"/admin/accounts/{ada.id}", data=changed).status_code == 401
    assert Person.get_by_id(ada.id).email == ada.email


def test_what_is_handed_out_is_signed_with_sha_256(https: Starlette, ada: Person) -> None:
    _, answers = signed_in(https, ada)
    answers.append(browser(https).post("/sign-in/forgotten", data={"email": ada.email}))
    kept = {one.key: one.value for one in cookies_of(answers)}
    handed_out = [
        kept["__Host-device"],
        kept["__Host-notes"],
        half_signed_in(ada, "s"),
        reset_token(ada, "s"),
    ]
    for token in handed_out:
        assert len(base64_decode(token.rpartition(".")[2])) == 32


def test_a_token_of_one_kind_is_none_of_another(https: Starlette, ada: Person, settings: Settings) -> None:
    secret = settings.signing_secret
    half, reset = half_signed_in(ada, secret), reset_token(ada, secret)
    assert (person_half_signed_in(half, secret), person_of_token(reset, secret)) == (ada, ada)
    assert (person_half_signed_in(reset, secret), person_of_token(half, secret)) == (None, None)


# ---------------------------------------------------------------- what may be kept


def test_what_shows_a_secret_is_kept_by_no_browser(https: Starlette, settings: Settings, ada: Person) -> None:
    set_password(ada, PASSWORD, by=None)
    token = reset_token(ada, settings.signing_secret)
    one = at_work(https, ada)
    pages = [browser(https).get(f"/sign-in/reset/{token}"), one.get("/account/second-factor")]
    pages.append(one.post("/account/second-factor/addition", data=offered(pages[-1].text)))
    assert "spare-codes" in pages[-1].text
    for page in pages:
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
    assert one.get("/account").headers["cache-control"] == "private, no-cache"


def test_a_file_is_kept_by_no_browser(https: Starlette, mona: Person) -> None:
    answer = at_work(https, mona).post("/customers/export")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r'attachment; filename="[\w-]+\.csv"', answer.headers["content-disposition"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("customers-2026-03-01.csv", 'attachment; filename="customers-2026-03-01.csv"'),
        ("客户.csv", "attachment; filename=\"__.csv\"; filename*=UTF-8''%E5%AE%A2%E6%88%B7.csv"),
        ('a";x="b.csv', "attachment; filename=\"a__x__b.csv\"; filename*=UTF-8''a%22%3Bx%3D%22b.csv"),
        (
            "a\r\nSet-Cookie: b",
            "attachment; filename=\"a__Set-Cookie_ b\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20b",
        ),
    ],
)
def test_the_name_of_a_file_adds_no_header(name: str, told: str) -> None:
    assert attachment(name)["Content-Disposition"] == told


# ---------------------------------------------------------------- the log


def test_what_was_refused_is_told_apart_with_who_and_from_where(
    https: Starlette, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.request")
    one = at_work(https, ada)
    assert one.get("/admin/accounts").status_code == 403
    assert one.get("/account").status_code == 200
    refused, allowed = [
        json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "portal.request"
    ]
    assert (refused["level"], refused["status"], refused["person"]) == ("warning", 403, ada.id)
    assert (refused["path"], refused["address"]) == ("/admin/accounts", "testclient")
    assert (allowed["level"], "address" in allowed) == ("info", False)


def test_the_log_says_when_in_utc_and_one_thing_in_one_line() -> None:
    record = logging.LogRecord("portal", logging.INFO, "", 0, 'two\nlines "%s"', ("\r\n{}",), None)
    record.created = 1_772_323_200.5
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["at"] == "2026-03-01T00:00:00Z"
