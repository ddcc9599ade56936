"""What must be true of a portal's data before and after an upgrade: read from its rows and from its pages.

Both versions are read by these same words, so they lean on what outlives a version: rows as they lie in the
database, addresses, and what stands on pages. What only a model can tell comes from whoever asks.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from portal import clock
from tests.upgrade.dump import Row, Tables

PASSWORD = "anjuli-demo-2026"
READ = datetime.fromisoformat("2026-11-13T20:00+08:00")
"""When the facts are read: what is shown and what evidence weighs depend on it."""
CLOSE = datetime.fromisoformat("2026-12-04T16:00+08:00")
"""When the month that is open at `READ` is closed."""


@dataclass
class Portal:
    """A portal opened on old data, and people who sign in with the password that they always had."""

    client: TestClient
    read: Callable[[], Tables]
    """Gives all rows of its database as they are now."""
    sessions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.search.feed.drain()
        self.look()

    @property
    def search(self) -> Any:
        return self.client.app.state.search  # type: ignore[attr-defined]

    def look(self) -> None:
        """Read all rows again."""
        self.tables = self.read()

    def ask(self, name: str, method: str, path: str, **given: Any) -> Response:
        """The answer to what someone asks, by the name in their e-mail address. Nothing is packed or followed."""
        if name not in self.sessions:
            who = {"email": f"{name}@anjuli.example", "password": PASSWORD}
            answer = self.client.post("/sign-in", data=who, follow_redirects=False)
            self.sessions[name] = answer.cookies["session"]
            self.client.cookies.clear()
        heads = {"Cookie": f"session={self.sessions[name]}", "Accept-Encoding": "identity"}
        return self.client.request(method, path, headers=heads, follow_redirects=False, **given)

    def page(self, name: str, path: str, **query: str) -> str:
        """A page as someone sees it."""
        answer = self.ask(name, "GET", path, params=query)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, name: str, path: str, **data: str) -> Response:
        """The answer to what someone sends."""
        answer = self.ask(name, "POST", path, data=data)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text)
        return answer

    def row(self, table: str, ident: int) -> Row:
        """One record by its number."""
        return next(row for row in self.tables[table] if row["id"] == ident)

    def id(self, table: str, **known: Any) -> int:
        """The number of the one record of which this is known."""
        (found,) = [row["id"] for row in self.tables[table] if known.items() <= row.items()]
        return int(found)

    def people(self) -> dict[int, str]:
        """Everyone's e-mail address by their number."""
        return {row["id"]: row["email"] for row in self.tables["person"]}


def words(page: str) -> str:
    """What a piece of HTML says."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


# --- Money, points, expertise


def statements(portal: Portal) -> Any:
    """Every month, what each person got in it, line by line, and what the lines add up to."""
    people, lines = portal.people(), defaultdict[int, list[Row]](list)
    for line in portal.tables["line"]:
        lines[line["statement_id"]].append(_without(line, "id", "created_at", "statement_id"))
    months = {
        row["id"]: _without(row, "id", "created_at", "job_id") | {"statements": {}}
        for row in portal.tables["period"]
    }
    for row in portal.tables["statement"]:
        mine = sorted(lines[row["id"]], key=lambda line: int(line["position"]))
        months[row["period_id"]]["statements"][people[row["person_id"]]] = _without(
            row,
            "id",
            "created_at",
            "period_id",
            "change",  # kept beside it since, of months after that
        ) | {"lines": mine, "sum": sum(line["amount"] for line in mine)}
    return {str(month["month"]): month for month in months.values()}


def totals(portal: Portal) -> Any:
    """What each person got in each month, and of how much money."""
    people = portal.people()
    return sorted(
        [people[row["person_id"]], row["month"], row["total"], row["bonus"], row["base"]]
        for row in portal.tables["statement"]
    )


def payroll(portal: Portal) -> Any:
    """The payroll files of the closed months, byte for byte: whoever did not close a month fetches it."""
    files = {"2026-09": "luomin", "2026-10": "sunjiahui"}
    got = {month: portal.post(by, f"/commission/periods/{month}/export") for month, by in files.items()}
    return {month: hashlib.sha256(answer.content).hexdigest() for month, answer in got.items()}


def points(portal: Portal) -> Any:
    """Everyone's points, in all and for each sort of deed."""
    people, sums = portal.people(), defaultdict[str, dict[str, int]](dict)
    for entry in portal.tables["point_entry"]:
        mine = sums[people[entry["person_id"]]]
        for name in ("", entry["reason"]):
            mine[name] = mine.get(name, 0) + entry["amount"]
    return dict(sums)


def expertise(portal: Portal, known: Callable[[datetime], Any]) -> Any:
    """E of every person and topic (RULES 4.5), as a version's models reckon it: `known` gives it for a moment."""
    people, topics = portal.people(), {row["id"]: row["name"] for row in portal.tables["topic"]}
    return {
        f"{people[each.person_id]} {topics[each.topic_id]}": {
            "score": round(each.score, 9),
            "inherited": round(each.inherited, 9),
            "kinds": sorted(each.kinds),
            "evidence": len(each.evidence),
            "is expert": each.is_expert,
        }
        for each in known(READ)
    }


# --- What happened, and what waits


LOG = (
    ("heliqun", "", 5),
    ("heliqun", "experience", 3),
    ("heliqun", "period", 1),
    ("heliqun", "statement", 1),
    ("zhaowenbo", "", 3),
)
"""Who reads how many pages of the audit log about what, in Chinese or in English: each verb of each noun is there."""


def log(portal: Portal) -> Any:
    """The audit log as people read it: who did what to which record, and what changed."""
    told = {}
    for name, about, pages in LOG:
        rows, after = list[str](), ""
        for _ in range(pages):
            page = portal.page(name, "/admin/events", about=about, after=after)
            rows += re.findall(r"<tr>(.*?)</tr>", page.partition('<tbody id="rows">')[2], re.DOTALL)
            more = re.search(r'/admin/events\?(?:about=\w*&amp;)?after=([\w-]+)"', page)
            after = more[1] if more else ""
            if not after:
                break
        told[f"{name} {about}"] = [_entry(row) for row in rows]
    return told


def _entry(row: str) -> list[Any]:
    """One entry: PostgreSQL keeps the changes of an event, and the parts of one, in an order of its own."""
    head, *changes = row.split("<dt>")
    told = []
    for change in changes:
        name, _, values = change.partition("</dt>")
        sides = (re.split("[、,]", side) for side in words(values).split("→"))
        told.append([words(name), *(sorted(part.strip() for part in side) for side in sides)])
    return [words(head), *sorted(told)]


WAITING = ("liming", "zhengyaqin", "wanghaitao", "sunjiahui", "zhaowenbo", "fengxue", "luomin", "shenguohua")


def needs(portal: Portal) -> Any:
    """What waits for people of every role, and what they were told."""
    told = {}
    for name in WAITING:
        page = portal.page(name, "/needs-me")
        waiting = re.findall(r'<a class="row-link" href="([^"]*)">(.*?)</a>', page, re.DOTALL)
        found = r'<li id="notice-(\d+)" class="([^"]*)">.*?<button[^>]*>(.*?)</button>'
        notices = re.findall(found, page, re.DOTALL)
        told[name] = {
            "needs": sorted([where, words(what)] for where, what in waiting),
            "notices": [[number, looks, words(what)] for number, looks, what in notices],
        }
    return told


# --- Knowledge


def articles(portal: Portal) -> Any:
    """Every article as a reviewer reads it in Chinese, and the newest as one reads it in English: its authors, the
    day it was proposed, its score, its text, where it belongs, who it helped; None for a draft of someone else's.
    """
    told = {}
    for name, rows in (("zhengyaqin", portal.tables["article"]), ("wuqian", portal.tables["article"][-12:])):
        for row in rows:
            answer = portal.ask(name, "GET", f"/articles/{row['id']}")
            found = re.search(r"<article\b.*</article>", answer.text, re.DOTALL)
            told[f"{name} {row['id']}"] = words(found[0]) if found and answer.status_code == 200 else None
    return told


def origins(portal: Portal) -> Any:
    """Which accepted experience became which article."""
    born = [row["id"] for row in portal.tables["experience"] if row["state"] == "accepted"]
    return {str(ident): article_of(portal, ident) for ident in born}


def article_of(portal: Portal, experience: int) -> int:
    """The number of the article that an experience became, as its address leads there."""
    answer = portal.ask("zhengyaqin", "GET", f"/articles/of-experience/{experience}")
    return int(answer.headers["location"].removeprefix("/articles/"))


def files(portal: Portal) -> Any:
    """Of each import, the rows that it did not take, out of the file that was brought."""
    return {
        str(row["id"]): portal.page("zhaowenbo", f"/imports/{row['id']}/rejected")
        for row in portal.tables["import"]
    }


SEARCHES: tuple[dict[str, str], ...] = (
    # words and names
    {"q": "学区"},
    {"q": "贷款"},
    {"q": "资金监管"},
    {"q": "飘窗"},
    {"q": "停车"},
    {"q": "翠堤湾"},
    {"q": "李明朗"},
    {"q": "韩志远"},
    {"q": "带看流程与清单"},
    {"q": "佣金 打折"},
    # whole questions
    {"q": "客户担心学区会变怎么办？"},
    {"q": "公积金贷不满的时候月供怎么算"},
    {"q": "业主不肯降价怎么谈"},
    {"q": "how do I explain the steps of buying a home"},
    {"q": "what is a hesitant buyer missing?"},
    # pinyin, initials, numbers, codes, private numbers
    {"q": "xuequ"},
    {"q": "daikan"},
    {"q": "cdw"},
    {"q": "lml"},
    {"q": "wanghaitao"},
    {"q": "A-1024"},
    {"q": "K-001"},
    {"q": "19900001001"},
    {"q": "128 ㎡"},
    # other spellings, company words, slips
    {"q": "學區"},
    {"q": "代款"},
    {"q": "公积金组合贷"},
    {"q": "花园洋房别墅"},
    {"q": "morgage"},
    {"q": "Maple Grove"},
    {"q": "mortgage"},
    # filters in the box and in the address
    {"q": "类型:客户 公积金"},
    {"q": "owner:me"},
    {"q": "主题:贷款"},
    {"q": "topic:Schools type:article"},
    {"q": "status:open"},
    {"q": "产品:A-1031 学位"},
    {"q": "lang:en buyer"},
    {"q": "负责人:陈晓雨 status:won"},
    {"q": "安静", "kind": "article", "sort": "-updated"},
    {"q": "客户", "kind": "deal", "page": "2"},
    {"q": "", "kind": "experience"},
    {"q": "顾问", "status": "left"},
    {"q": ""},
    {"q": "根本没有这样的东西"},
)


def searches(portal: Portal) -> Any:
    """What a member finds, and a reviewer and a manager in turn, in its order: record and title."""
    told: dict[str, Any] = {}
    for asked, other in zip(SEARCHES, cycle(("zhengyaqin", "wanghaitao")), strict=False):
        for name in ("liming", other):
            page = portal.page(name, "/search", **asked)
            hits = re.findall(r'<a href="[^"]*" data-hit="([^"]*)">(.*?)</a>', page, re.DOTALL)
            count = re.search(r'<p class="search-count">(.*?)</p>', page, re.DOTALL)
            key = " ".join([name, *(f"{place}={value}" for place, value in asked.items())])
            told[key] = [words(count[1]) if count else "", *([hit, words(title)] for hit, title in hits)]
    return told


FACTS: dict[str, Callable[[Portal], Any]] = {
    fact.__name__: fact
    for fact in (statements, totals, points, log, needs, articles, origins, files, searches, payroll)
}
"""What only looks, but for the last: fetching a payroll file is itself an event."""


def close(portal: Portal, drain: Callable[[], Any]) -> Any:
    """The open month, closed; `drain` does the work that waits."""
    with clock.moved(CLOSE):
        portal.sessions.clear()  # three weeks later their sessions have ended
        drain()
        month = "/commission/periods/2026-11"
        portal.post("sunjiahui", f"{month}/preview")
        drain()
        (seen,) = re.findall(r'name="seen"\s+value="([0-9a-f]{64})"', portal.page("sunjiahui", month))
        portal.post("sunjiahui", f"{month}/close", seen=seen)
        drain()
    portal.look()
    return _without(statements(portal)["2026-11"], "closed_at", "previewed_at", "previewed_by_id")


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}
