"""Links to the web: a real server answers, what leads nowhere is its author's to mend, the house is not asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal import clock
from portal.jobs.outside_links import SILENT, look_at_all
from portal.jobs.web_look import WebLook, is_outside
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.outside_links import LookOutcome, OutsideLink
from portal.models.people.needs import needs
from portal.models.people.people import Person
from tests.clocks import advance
from tests.conftest import SignIn


class Web(ThreadingHTTPServer):
    """A site with some pages; what was asked is kept."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[str] = []
        self.gone: set[str] = {"/gone"}

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Page(BaseHTTPRequestHandler):
    server: Web

    def answer(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        status = 404 if self.path in self.server.gone else 200
        if self.path == "/no-head" and self.command == "HEAD":
            status = 405
        if self.path == "/secret":
            status = 401
        if self.path == "/moved":
            status = 302
        if self.path in ("/inside", "/nowhere"):
            status = 302
        self.send_response(status)
        if self.path == "/moved":
            self.send_header("Location", "/here")
        if self.path == "/inside":
            self.send_header("Location", "http://10.0.0.7/admin")
        if self.path == "/nowhere":
            self.send_header("Location", "http://[")
        if self.path == "/round":
            self.send_header("Location", "/round")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD = answer  # noqa: N815 - as the library calls it

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()


@pytest.fixture
def look(web: Web) -> WebLook:
    """Asks this machine too, and no other house."""
    return WebLook(
        allowed=lambda address: address == "127.0.0.1",
        ports=frozenset({web.server_port, web.server_port + 1, 80}),
        seconds=2,
    )


def test_what_is_there_and_what_is_gone(web: Web, look: WebLook) -> None:
    found = {path: look(web.address(path)) for path in ("/here", "/gone", "/no-head", "/secret", "/moved")}
    assert found == {
        "/here": LookOutcome.HERE,
        "/gone": LookOutcome.GONE,
        "/no-head": LookOutcome.HERE,
        "/secret": LookOutcome.UNSAID,
        "/moved": LookOutcome.HERE,
    }
    assert look(web.address("/价格 表?a=1")) is LookOutcome.HERE
    assert web.asked[-1] == "HEAD /%E4%BB%B7%E6%A0%BC%20%E8%A1%A8?a=1"
    assert look(f"http://127.0.0.1:{web.server_port + 1}/") is LookOutcome.UNREACHED
    assert look("ftp://127.0.0.1/x") is LookOutcome.UNSAID
    assert look("http://127.0.0.1:notaport/") is LookOutcome.UNSAID
    assert look(web.address("/nowhere")) is LookOutcome.UNSAID


def test_the_house_is_never_asked(web: Web, look: WebLook) -> None:
    """Neither by its address, nor by a name for it, nor by being sent on to it."""
    outside = WebLook(ports=frozenset({web.server_port, 80, 443}))
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"):
        assert outside(f"http://{host}:{web.server_port}/here") is LookOutcome.UNSAID, host
    assert web.asked == []
    assert look(web.address("/inside")) is LookOutcome.UNSAID
    assert not is_outside("169.254.169.254")
    assert not is_outside("10.1.2.3")
    assert not is_outside("::ffff:192.168.1.1")
    assert not is_outside("100.64.0.1")
    for gateway in ("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1"):
        assert not is_outside(gateway), gateway  # leads to an IPv4 address of the house
    assert is_outside("::ffff:93.184.216.34")
    assert is_outside("2606:2800:220:1::1")
    assert is_outside("93.184.216.34")
    assert WebLook()("http://example.com:6379/") is LookOutcome.UNSAID  # a port of no web server


@pytest.fixture
def article(web: Web, ada: Person, schools: Topic) -> Article:
    """Ada's, with one link that works and one that does not."""
    body = f"See [here]({web.address('/here')}), [gone]({web.address('/gone')}) and [our own](/articles)."
    Setting.choose("fresh.links", 7, by=ada)
    return Article.add(by=ada, title="Where to look", body=body, topics=[schools])


def asked_of(person: Person) -> list[str]:
    return [need.url for need in needs(person) if "lead nowhere" in need.text]


def test_its_author_is_asked_once_it_is_sure(
    sign_in: SignIn, web: Web, look: WebLook, article: Article, ada: Person, stan: Person
) -> None:
    look_at_all(look)
    assert asked_of(ada) == []  # once may be chance
    look_at_all(look)
    assert [each for each in web.asked if each.endswith("/gone")] == ["HEAD /gone"]
    with clock.moved(clock.now() + timedelta(days=1)):
        look_at_all(look)
        assert asked_of(ada) == [f"{article.url}/links"]
        assert [each.address for each in OutsideLink.broken_in(article)] == [web.address("/gone")]
        assert web.address("/gone") in sign_in(ada).get(f"{article.url}/links").text
        assert web.address("/gone") not in sign_in(stan).get(f"{article.url}/links").text
        article.fresh().edit(by=ada, title="Where to look now")
        assert asked_of(ada) == [f"{article.url}/links"]
        article.fresh().edit(by=ada, body=f"See [here]({web.address('/here')}).")
        assert asked_of(ada) == []  # at once, not on the day after
        assert web.address("/gone") not in sign_in(ada).get(f"{article.url}/links").text
        look_at_all(look)
        assert asked_of(ada) == []


def test_what_comes_back_asks_nobody(web: Web, look: WebLook, article: Article, ada: Person) -> None:
    for days in (0, 1):
        with clock.moved(clock.now() + timedelta(days=days)):
            look_at_all(look)
    web.gone.clear()
    with clock.moved(clock.now() + timedelta(days=9)):
        look_at_all(look)
        assert asked_of(ada) == []
        assert not OutsideLink.broken_in(article).exists()


def test_without_network_nothing_is_said(article: Article, ada: Person) -> None:
    tried = list[str]()

    def nowhere(address: str) -> LookOutcome:
        tried.append(address)
        return LookOutcome.UNREACHED

    for days in range(3):
        with clock.moved(clock.now() + timedelta(days=days)):
            look_at_all(nowhere)
    assert len(tried) == 6
    assert not OutsideLink.select().where(OutsideLink.misses > 0).exists()


@pytest.mark.parametrize("dead", [1, SILENT + 1])
def test_a_host_that_is_gone_is_told_of_on_the_second_day(
    web: Web, look: WebLook, ada: Person, schools: Topic, dead: int
) -> None:
    """Then nothing else is due: one that answered before tells it from a day without network."""
    Setting.choose("fresh.links", 30, by=ada)
    nobody = f"http://127.0.0.1:{web.server_port + 1}"
    named = " ".join(f"[x]({nobody}/{n})" for n in range(dead))
    text = f"[here]({web.address('/here')}) {named}"
    article = Article.add(by=ada, title="Where to look", body=text, topics=[schools])
    look_at_all(look)
    assert asked_of(ada) == []
    first = clock.now()
    with clock.moved(first + timedelta(days=1)):
        look_at_all(lambda address: LookOutcome.UNREACHED)  # no network that day
        assert asked_of(ada) == []
    with clock.moved(first + timedelta(days=2)):
        look_at_all(look)
        assert asked_of(ada) == [f"{article.url}/links"]
        assert OutsideLink.broken_in(article).count() == dead


def test_what_is_put_away_asks_nobody(web: Web, look: WebLook, article: Article, ada: Person) -> None:
    for days in (0, 1):
        with clock.moved(clock.now() + timedelta(days=days)):
            look_at_all(look)
    with clock.moved(clock.now() + timedelta(days=2)):
        assert asked_of(ada)
        article.fresh().archive(by=ada)
        assert asked_of(ada) == []


def test_it_is_off_until_the_company_says_how_often(ada: Person) -> None:
    assert not OutsideLink.are_looked_at()


def test_who_has_left_is_asked_no_longer(
    web: Web, look: WebLook, article: Article, ada: Person, adam: Person, rita: Person
) -> None:
    for days in (0, 1):
        with clock.moved(clock.now() + timedelta(days=days)):
            look_at_all(look)
    with clock.moved(clock.now() + timedelta(days=2)):
        ada.deactivate(by=adam)
        advance()
        assert asked_of(rita) == [f"{article.url}/links"]
