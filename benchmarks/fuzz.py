"""Odd requests to every address in the name of everyone: none may crash the portal or hold it up.

    python -m benchmarks.fuzz [REQUESTS] [--seed N] [--database-url URL]

Tells the demo company to an empty database, a SQLite file of its own or the one of the URL, and sends so many requests:
GET, HEAD and POST, signed in as each demo login and not at all, with ids, cursors, days, numbers, texts and headers that
nobody types. Prints each that answers with status 500 or more, or takes longer than two seconds, with what of it was spent on the
processor: on a machine that others use too the rest is theirs. Tells after each round of 10,000 how many were sent so far,
so that it may be stopped (Ctrl+C). The status is 1 if there was any. The same seed sends the same requests.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.routing import Route

from portal import demo
from portal.app import create_app
from portal.migrations import migrate
from portal.models.base import database
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.settings import Settings
from tests.client import Client

SLOW = 2.0
ROUND = 10_000
LEFT_OUT = {"sign_out"}
"""Would end what the next requests need."""
HEAVY = {"sign_in", "reset", "password"}
"""Hashes passwords: slow by intention."""


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


IDS = [
    "0",
    "1",
    "2",
    "7",
    "²",
    "①",
    "１",
    "-1",
    "1e3",
    "9" * 18,
    "9" * 19,
    "9" * 5000,
    str(2**63),
    str(2**64),
    "%00",
    "x",
]
MONTHS = ["2026-05", "0000-00", "9999-12", "2026-13", "²026-05", "x", "9" * 5000, "1900-01", "2999-12"]
VALUES = [
    "", "0", "-1", "1", "²", "①", "１２", "9" * 19, "9" * 5000, str(2**63), str(2**63 - 1), "-" + "9" * 30, "1e309",
    "NaN", "Infinity", "\x00", "a\x00b", "\ud800", "x" * 3000, "x" * 60, "[" * 2000, "(" * 2000, '"' * 300, "%", "_", "\\",
    "0000-00", "9999-12-31", "0001-01-01", "2026-13-45", "2026-05-01", "2026-05-01T00:00:00", "mine", "all", "name", "-name",
    "topic-1", "type-", "🏠" * 50, "汉" * 500, "'; --", "a:b", 'topic:"' * 20, "-" * 500, "| " * 400, "\u200b", "a\r\nb",
    _cursor("a", 2**63), _cursor(1, 1), _cursor("2026-05-01T00:00:00", 1), _cursor("2026-05-01T00:00:00+00:00", 1, 2**70),
    _cursor("\ud800", 1), _cursor(None, -5), _cursor([1], {"a": 1}), _cursor(1e308, 1), _cursor("2026-05-01", 3),
    base64.urlsafe_b64encode(b"[" * 2000).decode(), base64.urlsafe_b64encode(b"[Infinity, Infinity]").decode(),
    base64.urlsafe_b64encode(b"[1e999, 3]").decode(), "W10", "!!!!", "=" * 40, "é" * 9,
]  # fmt: skip
NAMES = (
    "after sort q topic product type show state tab department month before customer deal from line page kind owner status "
    "lang person until since next token part number version key on amount name email text body title stage roles days"
).split()


ADDRESSES = [
    "http://[::1",
    "//[x]y",
    "http://a]b",
    "http://testserver/customers?after=%ED%A0%80",
    "http://testserver:x/",
    "x",
]
HEADERS = {
    "Referer": ADDRESSES, "HX-Current-URL": ADDRESSES, "Origin": ["http://testserver", *ADDRESSES],
    "HX-Request": ["true", "x"], "HX-Target": VALUES, "Accept-Language": ["en", "zh-Hant", ";q=", "en;q=x", *VALUES],
    "If-None-Match": VALUES, "If-Modified-Since": VALUES, "Range": ["bytes=-1", "bytes=9-1", "bytes=" + "0-1," * 200],
    "X-Forwarded-For": VALUES, "User-Agent": VALUES, "Sec-Fetch-Site": ["same-origin", "none", "cross-site", "²"],
}  # fmt: skip
"""What browsers and others say beside a request; cookies are signed, and tried by tests of their own."""


class Sent(NamedTuple):
    """One request, and who sends it."""

    who: str
    method: str
    path: str
    body: str
    headers: dict[str, bytes]


def _odd(dice: random.Random, kind: str) -> str:
    if kind == "int":
        return dice.choice(IDS)
    return (
        dice.choice(MONTHS)
        if kind == "month"
        else quote(dice.choice(VALUES)[:200], safe="", errors="surrogatepass")
    )


def requests(app: Starlette, who: list[str], dice: random.Random) -> Iterator[Sent]:
    """Odd requests without end."""
    routes = [r for r in app.routes if isinstance(r, Route) and r.name not in LEFT_OUT | HEAVY]
    while True:
        route = dice.choice(routes)

        def filled(found: re.Match[str]) -> str:
            name, _, convertor = found[1].partition(":")
            usual = "1" if dice.random() < 0.6 else ""
            return usual if usual and convertor == "int" else _odd(dice, convertor or name)

        path = re.sub(r"\{([^}]*)\}", filled, route.path)
        given = {dice.choice(NAMES): dice.choice(VALUES) for _ in range(dice.randint(0, 3))}
        query = urlencode(given, errors="surrogatepass")
        posts = "POST" in (route.methods or ())
        method = dice.choice(["POST", "POST", "HEAD", "GET"] if posts else ["GET", "GET", "HEAD", "POST"])
        fields = {dice.choice(NAMES): dice.choice(VALUES) for _ in range(dice.randint(0, 6))}
        body = urlencode(fields, errors="surrogatepass") if method == "POST" else ""
        named = dice.sample(sorted(HEADERS), dice.choice([0, 0, 1, 3]))
        said = {name: _sendable(dice.choice(HEADERS[name])) for name in named}
        yield Sent(dice.choice(who), method, f"{path}?{query}" if query else path, body, said)


def _sendable(value: str) -> bytes:
    """A header as a server lets it through: no line ends, no NUL."""
    return re.sub(rb"[\r\n\0]", b"", value.encode("utf-8", "surrogatepass"))[:4000]


def offending(
    app: Starlette, tokens: dict[str, str], count: int, seed: int
) -> Iterator[tuple[Sent, int, float, float]]:
    """Those of so many requests that crash or take too long: with their status, seconds, and those of the processor."""
    browsers = {
        who: Client(app, cookies={"session": token} if token else {}) for who, token in tokens.items()
    }
    sending = requests(app, list(tokens), random.Random(seed))
    for sent in (next(sending) for _ in range(count)):
        began, spent = time.perf_counter(), time.process_time()
        status = _status(browsers[sent.who], sent)
        took, spent = time.perf_counter() - began, time.process_time() - spent
        if status >= 500 or took > SLOW:
            yield sent, status, took, spent


def _status(browser: Client, sent: Sent) -> int:
    headers: dict[str, Any] = dict(sent.headers)
    if sent.method == "POST":
        headers["Content-Type"] = b"application/x-www-form-urlencoded"
    try:
        return browser.request(sent.method, sent.path, content=sent.body, headers=headers).status_code
    except UnicodeError:  # is no address that can be sent
        return 0
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:300])
        return 599


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", nargs="?", type=int, default=3000, help="how many requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="", help="an empty database")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = asked.database_url or f"sqlite:///{name}/portal.db"
        settings = Settings(data=Path(name), database_url=url, secret="fuzz", worker=False)  # noqa: S106 - signs nothing
        app = create_app(settings)
        migrate()
        with database.db.connection_context():
            demo.tell(settings)
            while app.state.search.feed.step():
                pass
            people = [person for _, person in demo.logins()]
            tokens = {person.email: Session.open(Person.get_by_id(person.id))[1] for person in people}
            found = _rounds(app, tokens | {"nobody": ""}, asked.count, asked.seed)
    return 1 if found else 0


def _rounds(app: Starlette, tokens: dict[str, str], count: int, seed: int) -> int:
    """How many offended, told round by round."""
    found = 0
    with suppress(KeyboardInterrupt):
        for done in range(0, count, ROUND):
            size = min(ROUND, count - done)
            for sent, status, took, spent in offending(app, tokens, size, seed + done):
                found += 1
                print(
                    f"{status} {took:.1f} s ({spent:.1f} s) {sent.who} {sent.method} {sent.path[:160]} {sent.body[:160]}"
                )
            print(f"{done + size} requests, {found} offending", flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
