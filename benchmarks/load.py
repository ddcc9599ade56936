"""A hundred people at work at once, and then with one of them who wants to stand in everybody's way.

    python -m benchmarks.load [FOLDER] [--seconds 60] [--pause 5] [--database-url URL]

Runs `portal serve` in a process of its own on FOLDER, made by benchmarks.data --demo; a small company is made when
absent, in an empty database of the URL where one is given. The 60 sellers, 15 people of the service, 12 reviewers, 8
managers and 5 of finance each act, look at the answer for --pause seconds (on average, at random), and act again:
a hundred people at 5 seconds are 20 acts a second, some of two or three requests (typing in the search box, the home
page's later part). After a quarter of a minute that does not count, two rounds are measured: in one the hundredth
person works like the others, in the other that person asks from 20 browsers without a pause: the slowest pages, the
longest texts that are taken, exports. Printed is for each kind of request what the other 99 wait in milliseconds,
without and with that. The status is 1 if one in twenty of their requests takes 300 ms or longer, or any fails.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.data import WORDS, generate
from benchmarks.search import percentile
from benchmarks.served import Answer, Browser, serving
from portal import clock
from portal.models.base import database
from portal.models.base.database import transact
from portal.models.base.record import Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.files import attachments
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.sales.deals import Deal
from portal.settings import Settings

MOST = 0.3
"""The budget: seconds that 95 of 100 requests may take."""
TEAM = {"seller": 60, "service": 15, "reviewer": 12, "manager": 8, "finance": 5}
ROLES = {"reviewer": Role.REVIEWER, "manager": Role.MANAGER, "finance": Role.FINANCE}
BROWSERS = 20
"""Of the hostile one."""
WARM = 15
TYPED = 0.2
"""Seconds between two letters in the search box."""
KNOWN = 40
"""So many records of a kind a person comes back to."""
LONG_TEXT, LONG_FORM = 19_000, 1_900_000
"""Characters of the longest note that is kept, and bytes of the longest form that is read."""


@dataclass
class Waits:
    """Seconds by kind of request, and what came back."""

    by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, answer: Answer) -> None:
        self.by_kind[kind].append(answer.seconds)
        if not 200 <= answer.status < 400:
            problems = re.findall(
                r'<a href="#[^"]*">([^<]+)</a>', answer.text.partition("form-errors-title")[2]
            )
            self.failed[" ".join([kind, str(answer.status), *problems[:3]])] += 1

    @property
    def all(self) -> list[float]:
        return [seconds for each in self.by_kind.values() for seconds in each]


Way = tuple[str, str, bytes]
"""A method, an address, and a form as it is sent."""


@dataclass
class Worker:
    """Someone at work: who, in which part of the company, with which records, and what they are writing."""

    role: str
    tokens: list[str]
    customers: list[int]
    deals: list[int]
    won: list[int]
    articles: list[int]
    questions: list[int]
    people: list[int]
    topic: int
    draft: int = 0
    version: str = ""
    text: str = ""
    dice: random.Random = field(default_factory=random.Random)
    waits: Waits = field(default_factory=Waits)
    browser: Browser = field(default_factory=lambda: Browser(0))

    async def ask(self, kind: str, path: str, *, htmx: bool = False) -> Answer:
        answer = await self.browser.ask("GET", path, htmx=htmx)
        self.waits.note(kind, answer)
        return answer

    async def send(self, kind: str, path: str, form: dict[str, str], *, htmx: bool = False) -> Answer:
        answer = await self.browser.ask("POST", path, form, htmx=htmx)
        self.waits.note(kind, answer)
        return answer

    def words(self, count: int) -> str:
        return "，".join(self.dice.choices(WORDS, k=count)) + "。"

    # What a person does.

    async def home(self) -> None:
        await self.ask("home", "/")
        await self.ask("home, later part", "/month-so-far", htmx=True)

    async def lists(self) -> None:
        several = ["/customers", "/deals", "/articles", "/questions", "/requests", "/people", "/experiences"]
        several += [f"/customers?q={quote(self.dice.choice(WORDS))}", "/deals?sort=-amount"]
        await self.ask("list", self.dice.choice(several))

    async def detail(self) -> None:
        kinds = {"customers": self.customers, "deals": self.deals, "articles": self.articles}
        kinds |= {"questions": self.questions, "people": self.people}
        kind, known = self.dice.choice([(kind, known) for kind, known in kinds.items() if known])
        await self.ask("detail", f"/{kind}/{self.dice.choice(known)}")

    async def search(self) -> None:
        typed = self.dice.choice(WORDS) + self.dice.choice(WORDS)
        for length in range(2, len(typed)):
            await self.ask("suggestion", f"/search/suggest?q={quote(typed[:length])}", htmx=True)
            await asyncio.sleep(TYPED)
        await self.ask("search", f"/search?q={quote(typed)}")

    async def interaction(self) -> None:
        form = {"kind_of": "call", "text": self.words(12), "key": secrets.token_urlsafe(12)}
        await self.send("interaction", f"/customers/{self.dice.choice(self.customers)}/interactions", form)

    async def save_draft(self) -> None:
        """What the page posts by itself while its author writes: longer each time, then begun again."""
        self.text = (self.text if len(self.text) < 3000 else "") + self.words(25)
        form = {"title": self.text[:40], "doubt": self.text[:600], "action": self.text}
        form |= {"topics": str(self.topic), "version": self.version}
        answer = await self.send("draft", f"/experiences/{self.draft}/draft", form, htmx=True)
        self.version = answer.headers.get("x-version", self.version)

    async def request(self) -> None:
        form = {"text": self.words(4), "key": secrets.token_urlsafe(12)}
        await self.send("recording", f"/customers/{self.dice.choice(self.customers)}/requests/new", form)

    async def payment(self) -> None:
        if not self.won:
            return await self.request()
        form = {
            "trigger": "payment",
            "amount": f"0.{self.dice.randint(10, 99)}",  # of what is still open, many times
            "on": f"{clock.today()}",
            "key": secrets.token_urlsafe(12),
        }
        await self.send("recording", f"/deals/{self.dice.choice(self.won)}/payments/new", form)

    async def answer(self) -> None:
        form = {"text": self.words(20), "key": secrets.token_urlsafe(12)}
        await self.send("recording", f"/questions/{self.dice.choice(self.questions)}/answers", form)

    async def review(self) -> None:
        page = await self.ask("review, page", "/reviews")
        found = re.search(r'action="(/reviews/\d+)"', page.text)
        if found:
            scores = dict.fromkeys(("correct", "reusable", "new", "clear", "linked"), "4")
            form = scores | {"verdict": "accept", "comment": self.words(5), "names_checked": "y"}
            await self.send("review", found[1], form)

    async def money(self) -> None:
        pages = ["/payments", "/payments?show=all", "/commission/periods", "/commission/statements"]
        await self.ask("money", self.dice.choice([*pages, "/commission/adjustments", "/commission"]))

    async def team(self) -> None:
        await self.ask("team", self.dice.choice(["/commission/team", "/needs-me", "/deals?sort=amount"]))

    # What they do how often.

    @property
    def habits(self) -> dict[Callable[[], Coroutine[Any, Any, None]], int]:
        usual = {self.home: 15, self.lists: 20, self.detail: 25, self.search: 12}
        return (
            usual
            | {
                "seller": {self.interaction: 14, self.save_draft: 8, self.request: 3, self.payment: 3},
                "service": {self.interaction: 10, self.request: 8, self.answer: 10},
                "reviewer": {self.review: 25, self.save_draft: 3},
                "manager": {self.team: 20, self.interaction: 4, self.payment: 2},
                "finance": {self.money: 35, self.payment: 8},
            }[self.role]
        )

    async def work(self, pause: float, until: float) -> None:
        """Act, look, act again."""
        doings, weights = zip(*self.habits.items(), strict=True)
        await asyncio.sleep(self.dice.uniform(0, pause))
        while time.monotonic() < until:
            await self.dice.choices(doings, weights)[0]()
            looking = min(self.dice.expovariate(1 / pause), 6 * pause)
            await asyncio.sleep(max(0.0, min(looking, until - time.monotonic())))

    async def stand_in_the_way(self, port: int, until: float, ways: Sequence[Way]) -> None:
        """From many browsers at once, without a pause."""
        browsers = [Browser(port, token) for token in self.tokens]
        with suppress(TimeoutError):
            async with asyncio.timeout(until - time.monotonic()):
                pressing = (self._press(number, each, until, ways) for number, each in enumerate(browsers))
                await asyncio.gather(*pressing)
        for each in browsers:
            each.close()

    def ways(self) -> list[Way]:
        """How to stand in the way. Its long forms are written before the time is taken: that costs the others
        nothing but would be in their waits.
        """
        long = self.words(LONG_TEXT // 3)[:LONG_TEXT]
        customer = f"/customers/{self.customers[0]}"
        ways: list[tuple[str, str, dict[str, str]]] = [
            ("GET", f"/search?q={quote(' '.join(WORDS))}", {}),
            ("POST", "/customers/export", {}),
            ("GET", f"/customers?q={quote('科')}&sort=-name", {}),
            ("POST", "/preview?part=body", {"body": ("**汉** | [x](y) " * LONG_FORM)[: LONG_FORM // 6]}),
            ("POST", f"{customer}/interactions", {"kind_of": "note", "text": long}),
            ("POST", "/deals/export", {}),
            ("POST", "/articles/new", {"title": "x", "body": long * 5}),
            ("GET", f"/deals?q={quote('谈')}&sort=-amount", {}),
            ("POST", f"/experiences/{self.draft}/draft", {"title": "x", "action": long, "doubt": long}),
            ("GET", "/people?sort=name", {}),
        ]
        return [(method, path, urlencode(form).encode()) for method, path, form in ways]

    async def _press(self, number: int, browser: Browser, until: float, ways: Sequence[Way]) -> None:
        while time.monotonic() < until:
            method, path, form = ways[number % len(ways)]
            key = f"&key={secrets.token_urlsafe(12)}".encode() if method == "POST" else b""
            answer = await browser.ask(method, path, form + key)
            self.waits.note(f"{method} {path.partition('?')[0]}", answer)
            number += 1


# --- The company ---------------------------------------------------------------------------------------


def company(folder: Path, url: str, scale: float) -> None:
    """A company to work in, that can be searched."""
    generate(folder, scale, with_demo=True, url=url)
    database.db.close_all()
    environment = os.environ | {
        "PORTAL_DATA": str(folder),
        "PORTAL_DATABASE_URL": url,
        "PORTAL_LOG_LEVEL": "ERROR",
    }
    subprocess.run(
        [sys.executable, "-m", "portal", "reindex"], env=environment, check=True, capture_output=True
    )


def team(folder: Path, url: str, *, members: dict[str, int] = TEAM, browsers: int = BROWSERS) -> list[Worker]:
    """Who works, the last of the sellers with many browsers; they have drafts, and reviews wait for reviewers."""
    settings = Settings(data=folder, database_url=url, secret="load")  # noqa: S106 - signs nothing
    database.connect(settings.database)
    attachments.keep_in(settings.data / "files")
    roles = [role for role, count in members.items() for _ in range(count)]
    with database.db.connection_context():
        return transact(lambda: _team(roles, browsers))


def _team(roles: Sequence[str], browsers: int) -> list[Worker]:
    found = list(
        Person.select().where(Person.email.endswith("@bench.example")).order_by(Person.id).limit(len(roles))
    )
    for number in range(len(found), len(roles)):
        found.append(Person.add(by=None, email=f"load{number}@bench.example", name=f"王{number}"))
    for person, role in zip(found, roles, strict=True):
        if role in ROLES and not person.holds(ROLES[role]):
            person.grant(ROLES[role], by=None)
    everyone = [person.id for person in found]
    workers = [_worker(person, role, everyone) for person, role in zip(found, roles, strict=True)]
    hostile = workers[roles.index("seller")]
    hostile.tokens += [Session.open(found[roles.index("seller")])[1] for _ in range(browsers - 1)]
    _hand_in(found, sum(role == "reviewer" for role in roles) * 3)
    return workers


def _worker(person: Person, role: str, everyone: list[int]) -> Worker:
    def of(query: object) -> list[int]:
        return [row.id for row in query.limit(KNOWN)]  # type: ignore[attr-defined]

    customers, deals = Customer.visible_to(person), Deal.visible_to(person)
    mine = of(deals.where((Deal.owner == person) & (Deal.stage == "won")))
    topic = Topic.visible_to(person).get().id
    dice = random.Random(person.id)
    draft = Experience.begin(by=person, kind="question")
    return Worker(
        role=role,
        tokens=[Session.open(person)[1]],
        customers=of(customers.where(Customer.owner == person)) or of(customers),
        deals=of(deals.where(Deal.owner == person)) or of(deals),
        won=of(deals.where(Deal.stage == "won")) if role == "finance" else mine,
        articles=of(Article.visible_to(person)),
        questions=of(Question.visible_to(person)),
        people=everyone[:KNOWN],
        topic=topic,
        draft=draft.id,
        version=str(draft.version),
        dice=dice,
    )


def _hand_in(authors: Sequence[Person], count: int) -> None:
    """Experiences that wait for their reviewers."""
    dice = random.Random()  # new words on a folder used twice too
    for number, author in zip(range(count), authors, strict=False):
        made = Experience.begin(by=author, kind="suggestion")
        texts = ["".join(dice.choices(WORDS, k=60)) for _ in range(3)]
        topics = [Topic.visible_to(author).get()]
        parts: dict[str, Any] = {
            "title": f"{texts[0][:20]} {number}",
            "situation": texts[1],
            "action": texts[2],
        }
        made.save_draft(by=author, topics=topics, **parts)
        try:
            process.submit(made, by=author, duplicate_checked=True, names_checked=True)
        except Invalid as invalid:
            print(f"not handed in: {invalid}", file=sys.stderr)


# --- The measure ---------------------------------------------------------------------------------------


async def rounds(
    workers: list[Worker], port: int, seconds: float, pause: float
) -> tuple[Waits, Waits, Waits]:
    """What the others waited without and with the hostile one, and what that one was answered."""
    hostile, told = workers[0], list[Waits]()
    ways = hostile.ways()
    for each in workers:
        each.browser = Browser(port, each.tokens[0])
    for name, length in (("warm", WARM), ("without", seconds), ("with", seconds)):
        waits, until = Waits(), time.monotonic() + length
        hostile.waits = Waits()
        for each in workers[1:]:
            each.waits = waits
        work = [each.work(pause, until) for each in workers[1:]]
        work += [
            hostile.stand_in_the_way(port, until, ways) if name == "with" else hostile.work(pause, until)
        ]
        await asyncio.gather(*work)
        told.append(waits)
    return told[1], told[2], hostile.waits


def table(without: Waits, beside: Waits) -> None:
    """A line for each kind of request."""
    titles = f"{'p50':>7}{'p95':>7}{'p99':>7}"
    print(f"{'milliseconds':<20}{'count':>7}{titles}    {'count':>7}{titles}  with the hostile one")
    lines: list[tuple[str, list[float], list[float]]] = [
        (kind, without.by_kind[kind], beside.by_kind[kind])
        for kind in sorted(without.by_kind | beside.by_kind)
    ]
    for kind, *both in [*lines, ("all", without.all, beside.all)]:
        cells = [
            f"{len(took):>7}"
            + "".join(f"{1000 * percentile(took, share):>7.0f}" for share in (0.5, 0.95, 0.99))
            for took in both
        ]
        print(f"{kind:<20}{'    '.join(cells)}")


def verdict(waits: Waits, said: str) -> bool:
    """Prints whether the budget is kept."""
    tail, failed = percentile(waits.all, 0.95), sum(waits.failed.values())
    kept = tail < MOST and not failed
    slow = [kind for kind, took in waits.by_kind.items() if percentile(took, 0.95) >= MOST]
    print(
        f"{'PASS' if kept else 'OVER'}  p95 under {1000 * MOST:.0f} ms {said} ({1000 * tail:.0f} ms; "
        f"{failed} of {len(waits.all)} failed {dict(waits.failed) or ''}; over by kind: {', '.join(slow) or 'none'})"
    )
    return kept


def measure(folder: Path, url: str, seconds: float, pause: float) -> bool:
    """Print the table; whether both budgets are kept."""
    workers = team(folder, url)
    database.db.close_all()
    with serving(folder, url) as (_, port):
        without, beside, hostile = asyncio.run(rounds(workers, port, seconds, pause))
    table(without, beside)
    pressed = ", ".join(
        f"{kind} {len(took)} (p50 {percentile(took, 0.5):.1f} s)"
        for kind, took in sorted(hostile.by_kind.items())
    )
    print(f"the hostile one: {pressed}; {dict(hostile.failed)}")
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, an act each {pause:g} s"
    kept = verdict(without, f"of 99 people, {load}")
    return verdict(beside, f"beside one who asks without end from {BROWSERS} browsers") and kept


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument(
        "folder", type=Path, nargs="?", help="a company made by benchmarks.data --demo and indexed"
    )
    given.add_argument("--seconds", type=float, default=60, help="of each round")
    given.add_argument(
        "--pause", type=float, default=5, help="seconds between two acts of a person, on average"
    )
    given.add_argument("--scale", type=float, default=0.05, help="of the company that is made")
    given.add_argument("--database-url", default="", help="an empty database, or the one of FOLDER")
    args = given.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = args.folder or Path(made)
        if args.folder is None:
            company(folder, args.database_url, args.scale)
        sys.exit(not measure(folder, args.database_url, args.seconds, args.pause))


if __name__ == "__main__":
    main()
