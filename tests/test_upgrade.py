"""Data that an older version wrote is all there after an upgrade, says the same, and can be worked with.

The demo company, with much that it lacks by itself, as version 0.1.0 left it (tests/upgrade/make_fixture.py).
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from portal import clock, i18n
from portal.app import create_app
from portal.jobs.registry import WORK
from portal.jobs.worker import drain
from portal.migrations import migrate, pending
from portal.models.base import database
from portal.models.base.nouns import NOUNS
from portal.models.expertise.expertise import expertise
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.settings import Settings
from portal.text.markdown import render_markdown
from portal.text.pinyin import name_sort_key, sort_key
from tests.conftest import DATABASES
from tests.parts import PostgresServer
from tests.test_migrations import Schema, declared, schema
from tests.upgrade import dump, facts
from tests.upgrade.dump import Row, Table, Tables
from tests.upgrade.facts import READ, Portal


def _article(row: Row) -> Row:
    """What it was born of is named by its noun and id."""
    experience = row["experience_id"]
    kept = {name: value for name, value in row.items() if name != "experience_id"}
    kept["html"] = render_markdown(str(row["body"]))  # lines end where their author ended them
    return kept | {"origin_kind": "experience" if experience else "", "origin": experience}


def _line(row: Row) -> Row:
    """A line of a statement was reckoned on all of its deal's money."""
    return row | {"money": None}


def _statement(row: Row) -> Row:
    """What it differs by from the month before is said of those that were kept since."""
    return row | {"change": None}


def _answer(row: Row) -> Row:
    """Its lines end where their author ended them."""
    return row | {"html": render_markdown(str(row["text"]))}


def _customer(row: Row) -> Row:
    """A person is sorted by how the family name is read."""
    read = name_sort_key if row["form"] == "person" else sort_key
    return row | {"sort_name": read(str(row["name"]))[:400]}


Said = dict[str, Any]
BECAME: dict[str, Callable[[Row], Row]] = {
    "article": _article,
    "answer": _answer,
    "customer": _customer,
    "line": _line,
    "statement": _statement,
}
"""What a migration makes of a row of a table, by the table's name: in all others each row is as it was."""


@pytest.fixture(scope="session")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the old version left."""
    folder = tmp_path_factory.mktemp("left")
    dump.unpack(Path(__file__).parent / "upgrade" / "0.1.0.tar.xz", folder)
    return folder


@dataclass
class Upgraded:
    """A data folder and a database that were upgraded; tests that change anything work on copies."""

    folder: Path
    url: str
    before: list[Table]
    after: Tables
    """All rows as they were when the migrations had run."""
    said: Any
    """The facts as the old version told them."""


@pytest.fixture(scope="module", params=DATABASES)
def upgraded(
    request: pytest.FixtureRequest, left: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Upgraded]:
    """What the old version left, migrated and made findable, on each database."""
    folder = tmp_path_factory.mktemp("upgraded")
    shutil.copytree(left / "files", folder / "files")
    before, said = dump.left(left), json.loads((left / "facts.json").read_text())
    with _database(request, request.param, folder) as url:
        dump.load(left, url)
        app = _app(folder, url)
        with clock.moved(READ + timedelta(days=10)):  # what waits depends on the day on which it is migrated
            migrate()
        after = dump.read(url, before)
        with clock.moved(READ):
            app.state.search.feed.drain()
        database.db.close_all()
        yield Upgraded(folder, url, before, after, said)


@pytest.fixture
def portal(request: pytest.FixtureRequest, upgraded: Upgraded, tmp_path: Path) -> Iterator[Portal]:
    """The upgraded portal, opened on a copy at the moment at which the old version was read."""
    folder = shutil.copytree(upgraded.folder, tmp_path / "data")
    kind, template = upgraded.url.partition(":")[0], upgraded.url.rpartition("/")[2]
    with (
        _database(request, kind, folder, template) as url,
        clock.moved(READ),
        TestClient(_app(folder, url)) as client,
    ):
        yield Portal(client, partial(dump.read, url, upgraded.before, but="search_"))


@contextmanager
def _database(
    request: pytest.FixtureRequest, kind: str, folder: Path, template: str = "template1"
) -> Iterator[str]:
    """The address of a database: on SQLite in the data folder, on PostgreSQL a copy of the template."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'portal.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create(template=template)
    yield url
    server.drop(url)


def _app(folder: Path, url: str) -> Starlette:
    return create_app(Settings(data=folder, database_url=url, secret="a secret for tests", worker=False))


def known(at: datetime) -> Any:
    with database.db.connection_context():
        return expertise(at=at)


# --- Nothing is lost


def test_the_schema_is_that_of_a_new_portal(
    request: pytest.FixtureRequest, upgraded: Upgraded, tmp_path: Path
) -> None:
    database.connect(upgraded.url)
    assert pending() == []
    found = schema()
    database.db.close_all()
    with _database(request, upgraded.url.partition(":")[0], tmp_path) as url:
        assert _plain(found) == _plain(declared(url))


def _plain(found: Schema) -> Schema:
    """Without casts and brackets: PostgreSQL words a condition anew when it is read from a dump."""
    return {
        tuple(re.sub(r"::(character varying|text)(\[\])?|[()]", "", part) for part in row) for row in found
    }


def test_every_row_is_there_as_it_was(upgraded: Upgraded) -> None:
    lost = []
    for table in upgraded.before:
        became = BECAME.get(table.name, dict)
        now = {next(iter(row.values())): row for row in upgraded.after.get(table.name, ())}
        for old in dump.told(table):
            wanted = became(old)
            row = now.get(next(iter(wanted.values())), {})
            lost += [(table.name, old, name) for name in wanted if row.get(name, ...) != wanted[name]]
    assert lost == []


def test_all_that_was_true_is_true(portal: Portal, upgraded: Upgraded, subtests: pytest.Subtests) -> None:
    for name, fact in facts.FACTS.items():
        with subtests.test(name):
            now, then = _as_it_was_said(json.dumps(fact(portal), ensure_ascii=False)), upgraded.said[name]
            if name == "articles":
                now, then = _but_for_trust(now, then)
            if name == "searches":
                with database.db.connection_context():
                    born = Article.select().where(Article.origin_kind == "experience")
                    became = {f"experience-{article.origin}" for article in born}
                    away = {f"experience-{article.origin}" for article in born if article.state == "archived"}
                assert then.keys() == now.keys()
                then = {
                    asked: _but_for_better(now[asked], found, became, away) for asked, found in then.items()
                }
            if name == "needs":
                now, then = _but_for_what_is_settled(now, then)
            if name == "log":
                pushed_out = {who: len(rows) - len(_unsaid(rows)) for who, rows in now.items()}
                now, then = _but_for_names(now), _but_for_names(then)
                then = {who: rows[: len(rows) - pushed_out[who]] for who, rows in then.items()}
            assert now == then
    with subtests.test("expertise"):
        assert facts.expertise(portal, known) == upgraded.said["expertise"]


def _as_it_was_said(facts: str) -> Any:
    """Since then an article's score is shown as it was decided, not cut down to whole points, a line may say on
    how much of a deal's money it was reckoned, and a customer has a name as an organisation has one (名称), a
    person a full name (姓名), and the rules of review and the day of the next check have names in the log. Who objects 提出s, who
    closes a month 关账s, English pages have initials of English names, and a month in what was kept
    is said as a month, without a blank after it in Chinese.
    """
    with database.db.connection_context():
        people = [(each.name, each.name_en) for each in Person.select().where(Person.name_en != "")]
    for name, english in people:
        initials = "".join(word[0] for word in english.split()[:2])
        face = name[-2:] if len(name) > 2 else name[-1:]
        facts = re.sub(
            rf"\b{initials} (?=(?:\S\S? )?(?:[A-Z][a-z ]+: )?(?:\w+ \w+ and )?{english}\b)", f"{face} ", facts
        )
    facts = facts.replace(" 提出 异议", " 新建 异议").replace("关账 账期", "关闭 账期")
    kept = re.compile(r"(\d{4}) 年 (\d+) 月(?=提成单已出|的异议|的一个异议|账期)")
    facts = kept.sub(lambda month: f"{month[1]}-{int(month[2]):02} ", facts)
    for words in ("分差超过多少时请第三位评审人", "A third reviewer is asked above a difference of"):
        facts = facts.replace(words, "review.gap")
    for words in ("下次复核", "Next check"):
        facts = facts.replace(f'"{words}"', '"review_by"')
    facts = facts.replace('"money": null, ', "").replace(', "money": null', "")
    facts = facts.replace('"名称"', '"姓名"').replace('"Full name"', '"Name"')
    return json.loads(re.sub(r"((?:专家评审|Reviewed by experts:) \d+)\.\d+", r"\1", facts))


SETTLED = (
    "有一条经验等你评审",
    "An experience waits for your review",
    "你的评审",
    "Your review is waited for",
    "复盘还没写",
    "The debrief is not written yet",
)
BEGUN = ("写完并提交", "Finish and submit", "写完并发布", "Finish and publish")


def _but_for_what_is_settled(now: Said, then: Said) -> Iterator[Said]:
    """Since then what one began to write waits, a review leads back to what waits, and a notice goes once what
    it asked for is done: no other.
    """
    waiting = {
        who: {
            **told,
            "needs": [
                [url.removesuffix("?back"), words]
                for url, words in told["needs"]
                if not words.startswith(BEGUN)
            ],
        }
        for who, told in now.items()
    }
    yield waiting
    yield {
        who: {
            **told,
            "notices": [
                each
                for each in told["notices"]
                if each in now[who]["notices"] or not each[2].startswith(SETTLED)
            ],
        }
        for who, told in then.items()
    }


def _but_for_better(now: list[Any], then: list[Any], became: set[str], away: set[str]) -> list[Any]:
    """Since then knowledge and people come before deals, of which the best three are listed where there are
    many, and others take their room; an accepted experience is found as its article, while that is in use, and
    what people wrote by their name. All else that was found is found in the same order, and counted as before, but for what holds
    only a part of the words: there it has to hold enough of them, and more is found where a wrong character is put
    right. What is put away is found as its experience by those who read such. An article that worked for more comes
    before its like, one whose check is overdue after it (RULES 4.4), and what was noted of a customer behind what was
    written for everybody.

    `became`: the experiences that became articles; `away`: those whose articles are put away.
    """
    found, known = (
        [(hit, title.replace(" ", "")) for hit, title in told[1:] if hit not in away] for told in (now, then)
    )
    deals, before = ([hit for hit in hits if hit[0].startswith("deal-")] for hits in (found, known))
    gone = [hit for hit in known if hit[0] in became and hit not in found]
    stays = [hit for hit in known if hit not in before and hit not in gone]
    ranked = [
        [hit for hit in hits if not hit[0].startswith(("article-", "customer-"))] for hits in (found, stays)
    ]
    in_order = [hit for hit in ranked[0] if hit in stays] == ranked[1] and set(stays) <= set(found)
    as_good = deals[: len(before)] == before[: len(deals)] and (len(deals) >= len(before) or len(deals) <= 3)
    counts = [int((re.match(r"\d+", told[0]) or ["0"])[0]) for told in (now, then)]
    named = bool(known) and known[0][0].startswith("person-")
    wider = named or "一部分" in then[0]
    counted = counts[1] - len(became) <= counts[0] and (wider or counts[0] <= counts[1] + len(away))
    room = wider or gone or len(deals) < len(before)
    fine = in_order and as_good and counted and (room or set(found) <= set(known))
    return now if fine else then


SIGNED_IN = (["来源地址", ["testclient"]], ["From the address", ["testclient"]])


def _but_for_names(log: Any) -> Any:
    """Since then the audit log names a record instead of numbering it, and tells who signed in. What changed
    stands in the order of its names, and some have others now.
    """
    words = {str(noun.one) for noun in NOUNS.values()}
    words |= {i18n.catalogue("zh").gettext(word) for word in words}
    numbered = re.compile(rf"( (?:{'|'.join(map(re.escape, sorted(words)))})) .*?( (?:查看|Show) \d+)?$")
    return {
        who: [[numbered.sub(r"\1\2", row[0]), *sorted(row[1:], key=str)] for row in _unsaid(rows)]
        for who, rows in log.items()
    }


def _unsaid(rows: Any) -> Any:
    """The log without those who signed in to read it."""
    return [row for row in rows if not any(said in row for said in SIGNED_IN)]


def _but_for_trust(now: Said, then: Said) -> Iterator[Said]:
    """Since then the deal behind an article is named to those who worked on it alone, and a text that was
    changed after its review says so instead of carrying the score, with the way to have it. It may be said why
    it did not work, and that it is still true; what was done within a day can be undone. Of a suggestion it is
    said whether it is about a product. What links an article stands beside it, and it can be merged or said to be
    one with another in another language. It is for somebody, a guide is a how-to, and it may be said for which
    deal it worked.
    """
    changed = re.compile(
        "(?:评审之后有改动|Changed since).*?(?:改了什么|What changed) (?:提交改动评审 |Have the change reviewed )?"
        "(?:只是小改动：评分保留 |A minor .*? stays )?"
    )
    score = re.compile(r"(?:专家评审 \d+ 分（满分 100）|Reviewed by experts: \d+ of 100) ")
    deal = re.compile(" (?:商机|Deal) .{3,60}?(?= (?:接着读|Read on))")
    now, then = ({page: text or "" for page, text in said.items()} for said in (now, then))
    against = re.compile(" (?:没效果，因为…|Did not work, because…).*?(?:提交|Say it)(?= |$)")
    undo = re.compile(r" (?:你|You )\S.{0,40}? \d+ (?:小时前|hours? ago) (?:撤销|Undo)(?= |$)")
    check = re.compile(
        r"(?: 是否仍然正确？ 应在 \S+ 前复核。| Is it still true\? It is due for a check on \S+\.)?"
        r" (?:仍然正确 更正|Still true Correct it|写明有效到哪一天|Say until when it is true)(?= |$)"
    )
    left = re.compile(r" ?（已离职）| \(left\)")
    owed = re.compile(
        r" (?:结果如何？|What becomes of it\?) (?:等待答复|Waits for an answer)(?: 答复| Reply)?(?= |$)"
    )
    links = re.compile(
        r" (?:哪里引用了这篇 看看哪里引用了这篇|被引用的地方 看看被引用的地方|What links here Show what links here)(?= |$)"
    )
    merging = re.compile(r" (?:合并到另一篇|Merge into another)(?= |$)")
    languages = re.compile(r" (?:其他语言版本|Other languages)(?= |$)")
    meant = re.compile(r" (?:对象 所有人|For whom Everybody)(?= |$)")
    words = re.compile(r" (?:用在哪些商机和客户上|For which deals and customers)(?= |$)")
    for since in (against, undo, check, left, owed, links, languages, merging, meant, words):
        now = {page: since.sub("", text) for page, text in now.items()}
    for sort in ("流程建议", "产品建议"):
        now = {page: text.replace(sort, "建议") for page, text in now.items()}
    for sort in ("Process suggestion", "Product suggestion"):
        now = {page: text.replace(sort, "Suggestion") for page, text in now.items()}
    now = {page: text.replace("操作指南", "指南").replace("How-to", "Guide") for page, text in now.items()}
    held = {page: changed.sub("", text) for page, text in now.items()}
    was = {
        page: score.sub("", text) if held.get(page) != now.get(page) else text for page, text in then.items()
    }
    yield from ({page: deal.sub("", text) for page, text in said.items()} for said in (held, was))


def test_every_document_of_the_index_is_as_it_would_be_made_now(portal: Portal) -> None:
    differed, down = portal.search.feed.repair()
    assert (set(differed.values()), down) == ({0}, {})


# --- What was begun is brought to its end


def test_the_open_month_closes_as_it_would_have(portal: Portal, upgraded: Upgraded) -> None:
    assert {row["name"] for row in portal.tables["job"] if row["state"] == "waiting"} <= WORK.keys()
    closed = json.loads(json.dumps(facts.close(portal, drain)))
    assert _without_words(closed) == _without_words(upgraded.said["close"])


def _without_words(closed: Any) -> Any:
    """A closed month but for how true-ups are worded: since then they say what was paid and what is due, and
    name what was revoked among their experiences; and a month is closed from a preview of its own.
    """
    known = {name: value for name, value in closed.items() if not name.startswith("previewed_")}
    return {
        **known,
        "statements": {
            who: {**one, "lines": [_without(line, *_words_of(line)) for line in one["lines"]]}
            for who, one in closed["statements"].items()
        },
    }


def _words_of(line: dict[str, Any]) -> list[str]:
    return ["why", "why_values", "money", *(["experiences"] if line["kind"] == "true-up" else [])]


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_an_old_acceptance_is_revoked_with_all_that_came_of_it(portal: Portal) -> None:
    """Its author loses 20 points, its evidence and its readers' no longer count, its article is put away."""
    ident = portal.id("experience", title="客户拿三家比价时，比学位占用，不比价格")
    article = facts.article_of(portal, ident)
    before = facts.points(portal)["chenxiaoyu@anjuli.example"][""]
    rests = {("experience", ident, "accepted experience"), ("article", article, "helpful use")}
    assert rests <= _standing(portal)
    portal.post(
        "zhaowenbo", f"/experiences/{ident}/revocation", reason="false", note="比价表里的数字对不上。"
    )
    portal.look()
    assert facts.points(portal)["chenxiaoyu@anjuli.example"][""] == before - 20
    assert portal.row("article", article)["state"] == "archived"
    assert not rests & _standing(portal)


def _standing(portal: Portal) -> set[tuple[str, int, str]]:
    """What evidence rests on that counts."""
    counts = [row for row in portal.tables["evidence"] if row["withdrawn_at"] is None]
    return {(row["subject_kind"], row["subject"], row["kind"]) for row in counts}


def test_an_old_import_is_taken_back(portal: Portal) -> None:
    """Three deals came; the one with money stays, empty, as the ledger's anchor."""
    ident = portal.id("import", state="finished", holds="deals")
    paid = portal.id("deal", code="X-01")
    portal.post("wanghaitao", f"/imports/{ident}/undo")
    drain()
    portal.look()
    assert portal.row("import", ident)["state"] == "undone"
    assert not {"X-01", "X-02", "X-03"} & {row["code"] for row in portal.tables["deal"]}
    assert portal.row("deal", paid)["archived_at"]
    lines = [row["amount"] for row in portal.tables["deal_line"] if row["deal_id"] == paid]
    assert (len(lines), sum(lines)) == (4, 0)


def test_a_proposed_policy_is_approved_by_the_second_person(portal: Portal) -> None:
    ident = portal.id("policy", state="proposed")
    portal.post("sunjiahui", f"/commission/policies/{ident}/approval", compared="y")
    portal.look()
    assert portal.row("policy", ident)["state"] == "approved"
    assert portal.id("policy_approval", policy_id=ident)


PUT_AWAY: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("customer", {"name": "蔡诗涵"}, "/customers/{}/restoring", "huangsiying"),
    ("contact", {"name": "旧联系人"}, "/contacts/{}/restoring", "liming"),
    ("deal", {"id": 312}, "/deals/{}/restoring", "zhouzimo"),
    ("product", {"code": "S-2042"}, "/products/{}/restoring", "wanghaitao"),
    ("question", {"text": "高层早高峰等电梯要多久？"}, "/questions/{}/restoring", "zhengyaqin"),
    ("article", {"title": "看乱了的客户，先帮他删到两套"}, "/articles/{}/restoring", "xujianguo"),
)


def test_what_was_put_away_is_brought_back(portal: Portal) -> None:
    records = [(table, portal.id(table, **called)) for table, called, _, _ in PUT_AWAY]
    assert all(portal.row(*record)["archived_at"] for record in records)
    for (_, ident), (_, _, path, by) in zip(records, PUT_AWAY, strict=True):
        portal.post(by, path.format(ident))
    portal.look()
    assert [record for record in records if portal.row(*record)["archived_at"]] == []
