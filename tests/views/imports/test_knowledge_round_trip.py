"""Knowledge and questions go out and come back: what is written stays, whose it is stays, nobody gains."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped,unused-ignore]

from portal import clock, i18n, import_file
from portal.__main__ import parser
from portal.jobs import worker
from portal.media import kinds
from portal.models.base.intake import Source
from portal.models.base.record import Event, Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.files import attachments
from portal.models.files.attachments import Arrived, Attachment, Enclosure
from portal.models.imports.decisions import decide
from portal.models.imports.imports import Import
from portal.models.imports.rows import ImportRow
from portal.models.imports.run import run as write
from portal.models.imports.schemas import IDENT, SCHEMAS
from portal.models.knowledge import audience, history, merging, routing
from portal.models.knowledge.articles import (
    Article,
    ArticleCredit,
    ArticleTopic,
    ArticleVersion,
    next_check,
)
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.intake import ArticleIntake, QuestionIntake
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.templates import ArticleTemplate
from portal.models.knowledge.uses import Use
from portal.models.people.notices import Notice
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock
from tests.company import Company
from tests.counting import calls, queries
from tests.models.files.test_enclosures import photo
from tests.views.imports.test_people_round_trip import cells, written
from tests.views.imports.test_round_trip import LANGUAGES, bring, browser, run

ROLES = {"administrator": "zhao", "manager": "wang", "reviewer": "zheng"}
AWKWARD = (
    "=1+1 是公式\n\n- 第一点，“引号”与逗号, 全角（ＡＢＣ）１２３；\n- 第二点\n\n"
    "| 甲 | 乙 |\n|---|---|\n| 1 | \"2\", |\n\n    代码 = 'x'\n\n最后一行 \\"
)


@pytest.fixture
def open_company(company: Company) -> Iterator[Company]:
    """The demo company, as it was before each test."""
    yield company
    company.restore()


def topic() -> Topic:
    found: Topic = Topic.select().order_by(Topic.id).first()
    return found


def stored() -> list[Any]:
    """All that a file of knowledge could change, or give."""
    models = (Article, ArticleVersion, ArticleTopic, ArticleCredit, Question, Answer, BestAnswer)
    return [
        sorted(model.select().tuples(), key=lambda row: row[0])
        for model in (*models, PointEntry, Evidence, Topic)
    ]


def gained() -> list[int]:
    """What somebody could gain by."""
    return [model.select().count() for model in (PointEntry, Evidence, ArticleCredit)]


def exported(client: httpx2.Client, path: str) -> str:
    return client.post(f"{path}/export").content.decode("utf-8-sig")


def undone(client: httpx2.Client, made: Import) -> Import:
    assert client.get(f"/imports/{made.id}/undo").status_code == 200
    client.post(f"/imports/{made.id}/undo")
    worker.drain()
    return made.fresh()


def awkward(company: Company) -> Article:
    """An article with all that a file can trip over."""
    wang = company.person("wang")
    two = list(Topic.select().order_by(Topic.id).limit(2))
    return Article.add(by=wang, title="=绕口令 +1", body=AWKWARD, topics=two, summary='-一句话，"引号"')


def table(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("holds", ["articles", "questions"])
def test_a_list_comes_back_without_a_change(
    open_company: Company, holds: str, role: str, language: str
) -> None:
    awkward(open_company)
    text = exported(browser(open_company, ROLES[role], language), f"/{holds}")
    # who may not import gives it to who may
    key = ROLES[role] if open_company.person(ROLES[role]).is_manager else "zhao"
    client = browser(open_company, key, language)
    before, rows = stored(), len(cells(text))
    made = bring(client, "\ufeff" + text)
    assert made.holds == holds, "its own headers say what it is"
    assert made.rows == rows > 5
    assert made.problems == []
    assert made.report["names"] == []
    assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": rows, "rejected": 0}
    assert run(client, made).counts["unchanged"] == rows
    assert stored() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_handbook_comes_back_without_a_change(open_company: Company, language: str) -> None:
    awkward(open_company)
    Article.add(
        by=open_company.person("wang"),
        title="同题",
        body="# 同题\n\n[甲](b.md) ![乙](c.png)",
        topics=[topic()],
    )
    Article.add(by=open_company.person("wang"), title="R&D & 研发: 'a' #1", body="x", topics=[topic()])
    client = browser(open_company, "zhao", language)
    answer = client.post("/articles/handbook")
    assert answer.headers["content-type"] == "application/zip"
    rows = Article.select().where(Article.state == "published").count()
    assert Event.select().order_by(Event.id.desc()).get().verb == "exported"
    before = stored()
    brought = client.post("/imports/new", files={"file": ("articles.zip", answer.content)})
    made = Import.get_by_id(int(brought.headers["location"].split("/")[2]))
    assert made.holds == "articles"
    made.map(columns=made.columns)
    worker.drain()
    made = made.fresh()
    assert made.rows == rows > 5
    assert made.report["names"] == []
    assert made.report["counts"] == {"created": 0, "updated": 0, "unchanged": rows, "rejected": 0}
    assert run(client, made).counts["unchanged"] == rows
    assert stored() == before


def test_a_handbook_says_what_files_had_no_room(
    open_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = open_company.person("wang")
    files = [
        Attachment.bring(Arrived(f"{n}.txt", kinds.TEXT, size * b"x"), by=wang)
        for n, size in enumerate((60, 50, 40))
    ]
    gone = Attachment.bring(Arrived("gone.txt", kinds.TEXT, b"y" * 90), by=wang)
    gone.file.unlink()
    named = " ".join(f"[x](/files/{each.id})" for each in (*files, gone))
    # more numbers than SQLite takes in one statement
    body = named + "".join(f" /files/{n}" for n in range(10**6, 10**6 + 9_000))
    for n in range(4):
        more = "".join(f" /files/{n}{k:06}" for k in range(1, 9_000))
        Article.add(by=wang, title=f"长目录 {n}", body=more + named, topics=[topic()])
    Article.add(by=wang, title="目录", body=body, topics=[topic()])
    bare = Article.add(by=wang, title="空的", body="x", topics=[topic()])
    Article.update(body="").where(Article.id == bare.id).execute()
    client = browser(open_company, "wang", "en")
    monkeypatch.setattr("portal.views.knowledge.handbooks.MOST_OF_FILES", 100)
    with zipfile.ZipFile(io.BytesIO(client.post("/articles/handbook").content)) as archive:
        taken = archive.read("TAKEN.txt").decode()
        held = {name for name in archive.namelist() if name.startswith("files/")}
    assert held == {f"files/{each.id}-{each.name}" for each in (files[0], files[2])}
    without = f"1.txt (/files/{files[1].id})"
    assert taken.splitlines()[1] == f"Files that had no room here: {without}"
    event = Event.select().where(Event.verb == "exported").order_by(Event.id.desc()).get()
    assert event.changes["left out"] == [None, without]
    monkeypatch.undo()
    answer = client.post("/articles/handbook")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.read("TAKEN.txt").decode().splitlines()) == 1
    assert not list(attachments.folder().glob("arriving-*"))


def test_a_handbook_that_cannot_be_written_is_not_left_behind(
    open_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(open_company, "wang")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("portal.views.knowledge.handbooks._enclose", full)
    assert client.post("/articles/handbook").status_code == 500
    assert not list(attachments.folder().glob("arriving-*"))


def test_a_handbook_of_elsewhere_comes_in_with_its_links_and_goes_again(open_company: Company) -> None:
    files = {
        "费用/中介费.md": "# 中介费怎么收\n\n见[贷款](../贷款/利率.md)。",
        "贷款/利率.md": "---\ntitle: 贷款利率表\n---\n按年调整。",
    }
    made_of = io.BytesIO()
    with zipfile.ZipFile(made_of, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    client = browser(open_company, "zhao")
    for name in ("费用", "贷款"):
        Topic.create(name=name) if not Topic.select().where(Topic.name == name).exists() else None
    brought = client.post(
        "/imports/new", data={"kind": "articles"}, files={"file": ("手册.zip", made_of.getvalue())}
    )
    made = Import.get_by_id(int(brought.headers["location"].split("/")[2]))
    made.map(columns=made.columns)
    worker.drain()
    assert run(client, made).counts["created"] == 2
    fees, rates = (Article.get(Article.title == title) for title in ("中介费怎么收", "贷款利率表"))
    assert [each.name for each in fees.topics] == ["费用"]
    link = re.search(r'href="(/articles/titled[^"]+)"', client.get(fees.url).text)
    assert link
    assert client.get(unescape(link[1])).headers["location"] == rates.url
    assert undone(client, made.fresh()).state == "undone"
    assert client.get(unescape(link[1])).headers["location"].startswith("/search?q=")


def zip_of(files: dict[str, str | bytes]) -> bytes:
    made_of = io.BytesIO()
    with zipfile.ZipFile(made_of, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return made_of.getvalue()


def come_in(client: Any, data: bytes) -> Import:
    """A handbook after its dry run."""
    sent = client.post("/imports/new", data={"kind": "articles"}, files={"file": ("手册.zip", data)})
    made = Import.get_by_id(int(sent.headers["location"].split("/")[2]))
    made.map(columns=made.columns)
    worker.drain()
    return made.fresh()


def test_the_pictures_of_a_handbook_come_in_with_its_texts_and_go_with_them(open_company: Company) -> None:
    place = topic().name
    files: dict[str, str | bytes] = {
        f"{place}/门店.md": "# 门店的样子\n\n![门口](img/door.png)和[报价](price.pdf)，![坏图](img/bad.png)![没有](none.png)",
        f"{place}/又一家.md": "# 又一家门店\n\n同一张：![门口](img/door.png)",
        f"{place}/img/door.png": photo(format="PNG"),
        f"{place}/img/bad.png": b"\x89PNG no picture",
        f"{place}/price.pdf": b"%PDF-1.7 x",
    }
    client, reader = browser(open_company, "zhao"), browser(open_company, "li")
    made = come_in(client, zip_of(files))
    assert "none.png" in client.get(client.get(f"/imports/{made.id}").headers["location"]).text
    assert Attachment.select().where(Attachment.media != "").count() == 0  # a dry run keeps nothing
    assert run(client, made).counts["created"] == 2
    one, two = (Article.get(Article.title == title) for title in ("门店的样子", "又一家门店"))
    door, price = Attachment.select().where(Attachment.media != "").order_by(Attachment.name)
    assert (door.name, price.name, door.by) == ("door.png", "price.pdf", open_company.person("zhao"))
    assert one.body == f"![门口](/files/{door.id})和[报价](/files/{price.id})，坏图没有"
    assert two.body == f"同一张：![门口](/files/{door.id})"
    assert [reader.get(each.url).status_code for each in (door, price)] == [200, 200]
    assert reader.get(door.url).headers["content-type"] == "image/png"
    again = come_in(client, zip_of(files))
    assert again.report["counts"]["unchanged"] == 2
    changed = {**files, f"{place}/又一家.md": "# 又一家门店\n\n改了：![门口](img/door.png)"}
    run(client, changing := come_in(client, zip_of(changed)))
    assert two.fresh().body == f"改了：![门口](/files/{door.id})"
    assert undone(client, changing.fresh()).state == "undone"
    assert two.fresh().body == f"同一张：![门口](/files/{door.id})"
    sent = client.post("/articles/handbook")
    assert sent.status_code == 200
    assert come_in(client, sent.content).report["counts"].get("updated", 0) == 0
    for article in (one, two):
        Article.delete().where(Article.id == article.id).execute()
        Enclosure.forget(Article.kind(), [article.id])
    assert Attachment.select().where(Attachment.media != "").count() == 0
    other = come_in(client, sent.content)  # as a portal that never saw it, whose numbers are others
    other.map(columns={field: header for field, header in other.columns.items() if field != IDENT})
    worker.drain()
    other = other.fresh()
    assert run(client, other).counts["created"] == 2
    back = Article.get(Article.title == "门店的样子")
    door, price = Attachment.select().where(Attachment.media != "").order_by(Attachment.name)
    assert back.body == f"![门口](/files/{door.id})和[报价](/files/{price.id})，坏图没有"
    assert reader.get(door.url).status_code == 200
    assert undone(client, other.fresh()).state == "undone"
    assert Attachment.select().where(Attachment.media != "").count() == 0
    assert not door.file.exists()


def test_links_of_a_handbook_from_another_portal_lead_to_what_is_meant_not_to_its_number(
    open_company: Company,
) -> None:
    """Here another text may have the number that it had there."""
    wang = open_company.person("wang")
    rates = Article.add(by=wang, title="利率 & 月供", body="正文。", topics=[topic()])
    body = (
        f"见[利率](/articles/{rates.id}#one)、[草稿](/articles/999999)、[问题](/questions/1)，"
        "![旧图](/files/999999)，[网页](https://example.com/articles/7)，[名单](/articles)。"
    )
    Article.add(by=wang, title="指路", body=body, topics=[topic()])
    client = browser(open_company, "zhao")
    sent = client.post("/articles/handbook").content
    assert come_in(client, sent).report["counts"].get("updated", 0) == 0, "here its numbers hold"
    Article.update(title="现在是别的").where(Article.id == rates.id).execute()
    Article.update(title="也是别的").where(Article.title == "指路").execute()
    other = come_in(client, sent)
    other.map(columns={field: header for field, header in other.columns.items() if field != IDENT})
    worker.drain()
    other = other.fresh()
    told = " ".join(str(note) for note in other.report["notes"])
    assert "/articles/999999" in told
    assert run(client, other).counts["created"] == 2
    back = Article.get(Article.title == "指路")
    assert back.body == (
        "见[利率](/articles/titled?title=%E5%88%A9%E7%8E%87%20%26%20%E6%9C%88%E4%BE%9B)、草稿、问题，"
        "旧图，[网页](https://example.com/articles/7)，[名单](/articles)。"
    )
    link = re.search(r'href="(/articles/titled[^"]+)"', client.get(back.url).text)
    assert link
    made = Article.get(Article.title == "利率 & 月供")
    assert client.get(unescape(link[1])).headers["location"] == made.url != rates.url


def test_what_was_due_for_a_check_elsewhere_is_due_here(open_company: Company) -> None:
    """Whoever brings it in has not looked whether it still holds; nor does a file name another term than ours,
    at whose end one is thanked for a check.
    """
    late, soon, far = (clock.today() + timedelta(days=days) for days in (-13, 2, 900))
    days = {"过期的价": late, "快到期的价": soon, "远期的价": far}
    head = ["标题", "正文", "主题", "作者", "有效期类别", "有效至"]
    wang = open_company.person("wang").name
    rows = [[title, "正文。", topic().name, wang, "price", str(day)] for title, day in days.items()]
    client = browser(open_company, "zhao", "zh")
    made = bring(client, table([head, *rows]))
    assert run(client, made).counts["created"] == 3
    due = {title: Article.get(Article.title == title).review_by for title in days}
    ours = next_check("price")
    assert due == {"过期的价": late, "快到期的价": ours, "远期的价": ours}
    assert soon != ours != far
    assert bring(client, table([head, *rows])).report["counts"]["unchanged"] == 3


def test_a_file_named_in_a_table_opens_nothing_of_others(open_company: Company) -> None:
    """A number that somebody writes themselves is no file of the archive."""
    theirs = Attachment.bring(Arrived.read(io.BytesIO(photo()), "a.jpg"), by=open_company.person("li"))
    files = {
        f"{topic().name}/a.md": f"# 一篇短文\n\n![x](/files/{theirs.id}) ![y](/handbook/9) ![z](/handbook/0)"
    }
    client = browser(open_company, "zhao")
    assert run(client, come_in(client, zip_of(dict(files)))).counts["created"] == 1
    assert Article.get(Article.title == "一篇短文").body == f"![x](/files/{theirs.id}) y z"
    assert client.get(theirs.url).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", ["export", "handbook"])
def test_what_an_article_is_and_for_whom_comes_back(open_company: Company, way: str, language: str) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang", language)
    own = ArticleTemplate.add(by=open_company.person("zhao"), name="Fire drill, yearly", body="x")
    groups = [group for group in audience.groups() if len(audience.called()[group.label]) == 1]
    mixed = [groups[0], next(each for each in groups if each.startswith(audience.DEPARTMENT))]
    filed = {"甲规": ("policy", mixed), "乙规": (str(own.id), [groups[1]]), "丙规": ("guide", [])}
    for title, (kind, readers) in filed.items():
        Article.add(by=wang, title=title, body="正文。", topics=[topic()], kind_of=kind, audience=readers)
    sent = client.post(f"/articles/{way}").content

    def tried() -> Import:
        data = {"file": ("知识.zip" if way == "handbook" else "知识.csv", sent)}
        brought = client.post("/imports/new", files=data)
        made = Import.get_by_id(int(brought.headers["location"].split("/")[2]))
        made.map(columns=made.columns)
        worker.drain()
        return made.fresh()

    assert set(tried().report["counts"].items()) >= {("updated", 0), ("rejected", 0), ("created", 0)}
    for title in filed:
        Article.get(Article.title == title).edit(by=wang, kind_of="questions", audience=[groups[2]])
    elsewhere = tried()
    elsewhere.map(columns={f: h for f, h in elsewhere.columns.items() if f not in (IDENT, "edition")})
    worker.drain()
    run(client, elsewhere := elsewhere.fresh())
    after = {each.title: each for each in Article.select().where(Article.title.in_(list(filed)))}
    assert {title: each.kind_of for title, each in after.items()} == {
        t: kind for t, (kind, _) in filed.items()
    }
    assert (after["甲规"].audience, after["乙规"].audience) == (mixed, [groups[1]])
    assert after["丙规"].audience == [groups[2]], "an empty cell says nothing"
    undone(client, elsewhere.fresh())
    assert {(each.fresh().kind_of, *each.fresh().audience) for each in after.values()} == {
        ("questions", groups[2])
    }
    Article.delete().where(Article.title.in_(list(filed))).execute()
    anew = tried()
    anew.map(columns={f: h for f, h in anew.columns.items() if f not in (IDENT, "edition")})
    worker.drain()
    run(client, anew.fresh())
    made = {each.title: (each.kind_of, each.audience) for each in Article.select()}
    assert {title: made[title] for title in filed} == filed


def test_a_kind_or_group_that_nobody_knows_is_named_and_left_out(open_company: Company) -> None:
    story = Article.add(by=open_company.person("wang"), title="亲历", body="一段。", topics=[topic()])
    Article.update(kind_of="experience").where(Article.id == story.id).execute()
    head, place = ["标题", "正文", "主题", "类型", "对象"], topic().name
    many = ";".join(group.label for group in audience.groups()[: audience.MOST + 1])
    rows = [
        ["生文", "正文。", place, "landing page", "火星部"],
        ["众文", "正文。", place, "policy", "所有人"],
        ["多文", "正文。", place, "Experience", many],
        ["亲历", "", place, "制度", ""],
    ]
    client = browser(open_company, "zhao")
    made = bring(client, table([head, *rows]))
    assert made.report["counts"] == {"created": 3, "updated": 0, "unchanged": 1, "rejected": 0}
    assert made.report["left_out"] == 3
    page = client.get(f"/imports/{made.id}/check").text
    assert "“landing page”不是可以选的知识类型" in page
    assert "这里没有叫“火星部”的职位或部门" in page
    assert f"最多写 {audience.MOST} 个" in page
    run(client, made)
    found = {each.title: (each.kind_of, each.audience) for each in Article.select()}
    assert (found["生文"], found["众文"]) == (("guide", []), ("policy", []))
    assert (found["多文"], found["亲历"]) == (("guide", []), ("experience", []))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8"])
def test_in_each_encoding(open_company: Company, encoding: str) -> None:
    awkward(open_company)
    client = browser(open_company, "wang")
    text = exported(client, "/articles")
    answer = client.post("/imports/new", files={"file": ("list.csv", text.encode(encoding))})
    made = Import.get_by_id(int(answer.headers["location"].split("/")[2]))
    made.map(columns=made.columns)
    worker.drain()
    assert made.fresh().report["counts"]["unchanged"] == made.rows == len(cells(text))


def test_a_workbook_of_it_comes_back_and_a_text_that_it_cut_is_refused(open_company: Company) -> None:
    awkward(open_company)
    long = Article.add(
        by=open_company.person("wang"), title="很长的一篇", body="长文一段。\n" * 7000, topics=[topic()]
    )
    client, out = browser(open_company, "wang"), io.BytesIO()
    rows = cells(exported(client, "/articles"))
    (row,) = (each for each in rows if each["标题"] == long.title)
    assert len(row["正文"]) > 41_000, "a CSV file holds it all"
    book = Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for at, cells_of in enumerate([list(rows[0]), *(list(each.values()) for each in rows)]):
        for column, cell in enumerate(cells_of):
            sheet.write_string(at, column, cell.replace("\r\n", "\n")[:32_767])
    book.close()
    answer = client.post("/imports/new", files={"file": ("list.xlsx", out.getvalue())})
    made = Import.get_by_id(int(answer.headers["location"].split("/")[2]))
    made.map(columns=made.columns)
    worker.drain()
    counts = made.fresh().report["counts"]
    assert counts == {"created": 0, "updated": 0, "unchanged": len(rows) - 1, "rejected": 1}
    assert "CSV" in client.get(f"/imports/{made.id}/check").text


def test_an_article_of_one_long_table_is_still_a_file_of_commas(open_company: Company) -> None:
    body = "| 甲 | 乙 |\n|---|---|\n" + "| 1 | 2 |\n" * 400
    Article.add(by=open_company.person("wang"), title="一张长表", body=body, topics=[topic()])
    client = browser(open_company, "wang")
    made = bring(client, exported(client, "/articles"))
    assert made.report["counts"]["unchanged"] == made.rows


@pytest.mark.parametrize("path", ["/articles", "/questions"])
def test_who_looks_after_knowledge_takes_it_out_and_it_is_written_down(
    open_company: Company, path: str
) -> None:
    for key in ("li", "sun", "he"):
        client = browser(open_company, key)
        assert f"{path}/export" not in client.get(path).text
        assert client.post(f"{path}/export").status_code == 403
    text = exported(browser(open_company, "zheng"), path)
    assert open_company.person("zheng").name in text.splitlines()[-1]
    event = Event.select().where(Event.verb == "exported").order_by(Event.id.desc()).first()
    assert event.changes["list"] == [None, path.strip("/")]
    assert event.changes["rows"] == [None, len(cells(text))]


def test_no_file_names_a_day_that_never_comes(open_company: Company) -> None:
    """As by hand: within three years. The other rows come in."""
    wang = open_company.person("wang")
    Article.add(by=wang, title="旧文一", body="短短几句话。", topics=[topic()])
    head = ["标题", "正文", "主题", "有效期类别", "有效至"]
    rows = [["旧文一", "短短几句话。"], ["旧文二", "短短几句话。"]]
    text = table([head, *([*row, topic().name, "dated", "2099-01-01"] for row in rows)])
    client = browser(open_company, "wang")
    made = bring(client, text + table([["旧文三", "另外几句话。", topic().name, "", ""]]))
    assert made.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 2}
    run(client, made)
    assert made.fresh().state == "finished"
    assert Article.get(Article.title == "旧文一").freshness == "evergreen"


def test_what_a_company_brings_is_published_under_its_authors_and_nobody_gains(open_company: Company) -> None:
    wang, li, before = open_company.person("wang"), open_company.person("li"), gained()
    head = ["标题", "正文", "主题", "作者", "状态", "评分", "使用次数", "有效期类别", "有效至"]
    soon = (clock.today() + timedelta(days=9)).isoformat()
    text = table(
        [
            head,
            ["旧文一", "# 头\n\n" + AWKWARD, topic().name, li.name, "", "99", "500", "", ""],
            ["旧文二", "短短几句话说清楚。", topic().name, "", "已发布", "99", "500", "真实到某一天", soon],
            ["旧文三", "还没写完。", "", "", "草稿", "", "", "", ""],
        ]
    )
    text = text.replace("真实到某一天", "dated")
    client = browser(open_company, "wang")
    made = bring(client, text)
    assert made.problems == []
    assert made.report["counts"] == {"created": 3, "updated": 0, "unchanged": 0, "rejected": 0}
    run(client, made)
    one, two, three = (Article.get(Article.title == f"旧文{each}") for each in "一二三")
    assert [each.state for each in (one, two, three)] == ["published", "published", "draft"]
    assert [each.author_id for each in (one, two, three)] == [li.id, wang.id, wang.id]
    assert one.body == "# 头\n\n" + AWKWARD
    assert "<table>" in one.html
    assert one.topic_ids == [topic().id]
    assert (one.score, one.uses, one.kind_of, one.origin_kind, one.scored_number) == (
        None,
        0,
        "guide",
        "",
        None,
    )
    assert (two.freshness, two.review_by) == ("dated", date.fromisoformat(soon))
    assert one.review_by == clock.today() + timedelta(days=365), "RULES 4.4: evergreen"
    assert [(v.number, v.by_id) for v in history.versions(one)] == [(1, wang.id)]
    assert gained() == before
    told = Notice.select().where(Notice.person == li, Notice.text.contains("brought in"))
    assert told.count() == 1
    assert client.get(one.url).status_code == 200
    assert bring(client, text).report["counts"]["unchanged"] == 3
    moved = table([[*head[:4], "有效至"], ["旧文一", "", "", "", soon]])
    assert bring(client, moved).report["counts"]["unchanged"] == 1, "when it is checked, the portal says"
    made = undone(client, made.fresh())
    assert made.counts["undone"] == {"removed": 3}
    assert not Article.select().where(Article.title.startswith("旧文")).exists()
    assert gained() == before


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["题", "请拨打 13800138000 找李四。", "T", "L", ""], "13800138000"),
        (["打 13800138000 的题", "好文章。", "T", "", ""], "13800138000"),
        (["题", "安泰物业服务公司的一次教训。", "T", "L", ""], "安泰物业服务公司"),
        (["题", "没有主题的文章。", "", "", ""], "主题"),
        (["题", "", "T", "", ""], "正文"),
        (["题", "好文章。", "T", "C", ""], "管理员"),
        (["题", "好文章。", "T", "", "已归档"], "草稿"),
        (["题", "好文章。", "T", "", "乱写"], "乱写"),
        (["题", "好文章。", "没有这个主题", "", ""], "没有这个主题"),
    ],
)
def test_what_could_not_be_published_by_hand_does_not_come_in(
    open_company: Company, row: list[str], why: str
) -> None:
    names = {"T": topic().name, "L": open_company.person("li").name, "C": open_company.person("chen").name}
    text = table([["标题", "正文", "主题", "作者", "状态"], [names.get(cell, cell) for cell in row]])
    client = browser(open_company, "wang")
    made = bring(client, text)
    assert made.report["counts"]["rejected"] == 1
    reasons = client.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig")
    assert why in next(csv.DictReader(io.StringIO(reasons)))["原因"]
    page = client.get(f"/imports/{made.id}/check").text
    assert why in page
    assert "phone number" not in page + reasons, "each word in the language of who reads it"
    run(client, made)
    assert not Article.select().where(Article.title.endswith("题")).exists()


def test_what_names_people_comes_in_as_a_draft_of_who_brings_it(open_company: Company) -> None:
    """Drafts are read by their author alone: nobody reads a number that nobody looked for (RULES 4.10)."""
    files: dict[str, str | bytes] = {
        f"{topic().name}/一.md": "# 报修\n\n请拨打 13800138000 找李四。",
        f"{topic().name}/二.md": "# 迎客\n\n微笑。",
    }
    client = browser(open_company, "wang", "en")
    made = come_in(client, zip_of(files))
    assert made.report["counts"] == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    page = client.get(f"/imports/{made.id}/check").text
    assert "It comes in as your draft, which nobody else reads." in page
    assert "13800138000" in page
    made = run(client, made)
    result = client.get(f"/imports/{made.id}").text
    assert "It comes in as your draft" in result
    assert "Rejected rows</h2>" not in result, "it was taken"
    assert 'class="keep-lines"' in result, "an address of any length stays within a narrow page"
    states = {each.title: each.state for each in Article.select()}
    assert (states["报修"], states["迎客"]) == ("draft", "published")
    draft = Article.get(Article.title == "报修")
    assert draft.published_at is None
    for key in ("zheng", "zhao", "li"):
        assert browser(open_company, key).get(draft.url).status_code == 404
    assert "13800138000" not in json.dumps([each.changes for each in Event.select()])
    with pytest.raises(Invalid):
        draft.publish(by=open_company.person("wang"))
    assert come_in(client, zip_of(files)).report["counts"]["unchanged"] == 2, "it is known again"
    assert undone(client, made).counts["undone"] == {"removed": 2}
    assert Clock.of(draft, "draft") is None


def test_a_changed_cell_is_an_edit_and_comes_back_as_it_was(open_company: Company) -> None:
    wang = open_company.person("wang")
    article = awkward(open_company)
    Article.update(score=8000, scored_number=1).where(Article.id == article.id).execute()
    client = browser(open_company, "wang")
    rows = [row for row in cells(exported(client, "/articles")) if row["标题"].lstrip("'") == article.title]
    rows[0] |= {
        "正文": rows[0]["正文"].replace("第二点", "第二点改了"),
        "作者": open_company.person("li").name,
    }
    rows[0] |= {"主题": topic().name, "类型": "经验", "状态": "草稿", "发布日期": "2001-01-01"}
    made = bring(client, written(rows))
    assert made.report["counts"]["updated"] == 1
    assert made.report["left_out"] == 1, "author and state stay, and it is said"
    made = run(client, made)
    now = article.fresh()
    assert "第二点改了" in now.body
    assert "第二点改了" in now.html
    assert (now.author_id, now.state, now.kind_of, now.topic_ids) == (
        wang.id,
        "published",
        "guide",
        [topic().id],
    )
    assert (now.text_number, now.score, now.has_score) == (2, 8000, False), "RULES 4.2"
    assert now.published_at == article.fresh().published_at
    made = undone(client, made)
    assert made.counts["undone"] == {"restored": 1}
    now = article.fresh()
    assert (now.body, now.summary, len(now.topic_ids)) == (article.body, article.summary, 2)
    assert (now.text_number, now.has_score) == (3, True), "with the very words that were scored"
    assert Event.about(now).first().verb == "import undone"


def test_a_text_edited_since_is_not_put_back(open_company: Company) -> None:
    article, client = awkward(open_company), browser(open_company, "wang")
    rows = [row for row in cells(exported(client, "/articles")) if row["标题"].lstrip("'") == article.title]
    rows[0]["正文"] += "\n\n多一段。"
    made = run(client, bring(client, written(rows)))
    article.fresh().edit(by=open_company.person("wang"), body="别人后来写的。")
    assert undone(client, made).counts["undone"] == {"kept": 1}
    assert article.fresh().body == "别人后来写的。"


def test_what_somebody_used_stays(open_company: Company) -> None:
    client = browser(open_company, "wang")
    text = table(
        [["标题", "正文", "主题"], ["有用的", "好。", topic().name], ["没用的", "坏。", topic().name]]
    )
    made = run(client, bring(client, text))
    Use.say(Article.get(Article.title == "有用的"), by=open_company.person("li"))
    assert undone(client, made).counts["undone"] == {"removed": 1, "kept": 1}
    assert Article.get(Article.title == "有用的").uses == 1


@pytest.mark.parametrize("key", ["zhao", "wu"])
def test_an_article_that_one_may_not_edit_by_hand_is_not_changed_by_a_file(
    open_company: Company, key: str
) -> None:
    """An administrator neither: they configure, and do not rewrite what others know."""
    article, person = awkward(open_company), open_company.person(key)
    client = browser(open_company, key)
    rows = [row for row in cells(exported(client, "/articles")) if row["标题"].lstrip("'") == article.title]
    rows[0]["正文"] = "全改了。"
    made = run(client, bring(client, written(rows)))
    allowed = article.editable_by(person)
    assert made.counts["updated"] == int(allowed)
    assert (article.fresh().body == "全改了。") == allowed
    assert not (key == "zhao" and allowed)


def test_a_draft_of_another_is_not_there(open_company: Company) -> None:
    """Nobody learns by guessing what a colleague has not published."""
    li = open_company.person("li")
    draft = Article.add(by=li, title="我的草稿", body="秘密。", topics=[topic()], published=False)
    client = browser(open_company, "zhao")
    made = bring(client, table([["标题", "正文", "主题"], ["我的草稿", "秘密。", topic().name]]))
    assert made.problems == []
    assert made.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 0}
    number = f"A{draft.id}-{draft.created_at.microsecond:06}"
    text = table([["标题", "正文", "主题", "门户编号"], ["我的草稿", "秘密。", topic().name, number]])
    assert bring(client, text).report["counts"]["rejected"] == 1
    assert bring(browser(open_company, "wang"), text).report["counts"]["rejected"] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_rejected_knowledge_comes_back_after_one_correction(open_company: Company, language: str) -> None:
    client = browser(open_company, "wang", language)
    body = AWKWARD + "\n\n一\u00a0二\u200d\n\n电话 13800138000"
    made = bring(client, table([["标题", "正文", "主题", "摘要"], ["回程", body, topic().name, "=一"]]))
    assert (made.report["counts"]["created"], made.report["left_out"]) == (1, 1)
    text = client.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig")
    assert "'=1+1 是公式" in text
    run(client, made)
    text = text.replace("电话 13800138000", "电话另问")
    again = run(client, bring(client, text))
    assert again.counts["updated"] == 1
    article = Article.get(Article.title == "回程")
    assert article.state == "draft", "whoever wrote it publishes it"
    assert (article.body, article.summary) == (body.replace("电话 13800138000", "电话另问"), "=一")
    assert bring(client, text).report["counts"]["unchanged"] == 1


HEAD = ["问题", "答案", "提问人", "回答人", "主题", "客户类型"]


def test_questions_come_with_their_answer_and_nobody_is_thanked(open_company: Company) -> None:
    li, wang, before = open_company.person("li"), open_company.person("wang"), gained()
    kind = "投资"
    text = table(
        [
            HEAD,
            ["这房子漏水吗？", AWKWARD, li.name, li.name, topic().name, kind],
            ["可以养狗吗？", "可以。", "", "", "", ""],
            ["谁来答？", "", "", "", topic().name, ""],
        ]
    )
    client = browser(open_company, "wang")
    made = bring(client, text)
    assert made.holds == "questions"
    assert made.problems == []
    assert made.report["counts"]["created"] == 3
    run(client, made)
    leak, dog, who = (
        Question.get(Question.text == each) for each in ("这房子漏水吗？", "可以养狗吗？", "谁来答？")
    )
    assert [each.state for each in (leak, dog, who)] == ["answered", "answered", "open"]
    assert (leak.asker_id, dog.asker_id) == (li.id, wang.id)
    best = BestAnswer.get(BestAnswer.question == leak)
    assert (i18n.label(best.customer_type), best.answer.text, best.answer.author_id) == (kind, AWKWARD, li.id)
    assert BestAnswer.get(BestAnswer.question == dog).scope == ""
    assert Clock.of(who, "question") is not None
    assert Clock.of(leak, "question") is None
    assert gained() == before
    assert Notice.select().where(Notice.person == li, Notice.text.contains("brought in")).count() == 1
    assert client.get(leak.url).status_code == 200
    assert bring(client, text).report["counts"]["unchanged"] == 3
    again = exported(client, "/questions")
    assert bring(client, again).report["counts"]["unchanged"] == len(cells(again))
    assert undone(client, made).counts["undone"] == {"removed": 3}
    assert not Question.select().where(Question.id.in_([leak.id, dog.id, who.id])).exists()
    assert Clock.of(who, "question") is None
    assert gained() == before


def test_choosing_an_imported_answer_again_thanks_nobody_for_the_import(open_company: Company) -> None:
    """Who brought it in is not thanked later for having chosen it. Li gave Tang nothing: this is no return."""
    wang, tang, li = (open_company.person(key) for key in ("wang", "tang", "li"))
    client = browser(open_company, "wang")
    run(client, bring(client, table([HEAD, ["漏水？", "不漏。", wang.name, li.name, topic().name, ""]])))
    question = Question.get(Question.text == "漏水？")
    before = [PointEntry.total(one) for one in (wang, tang, li)]
    answer, kind = Answer.get(Answer.question == question), CustomerType.select().first()
    question.choose_best(answer, by=tang, customer_type=kind)
    thanked = [PointEntry.total(one) for one in (wang, tang, li)]
    assert [now - then for now, then in zip(thanked, before, strict=True)] == [0, 2, 15], "RULES 4.3: by Tang"
    question.unchoose_best(by=wang, customer_type=kind)
    assert [PointEntry.total(one) for one in (wang, tang, li)] == before


def test_a_question_that_a_colleague_answered_stays_with_the_answer(open_company: Company) -> None:
    client, chen = browser(open_company, "wang"), open_company.person("chen")
    rows = [
        HEAD,
        ["甲？", "一。", "", "", "", ""],
        ["乙？", "二。", "", "", "", ""],
        ["丙？", "", "", "", "", ""],
    ]
    made = run(client, bring(client, table(rows)))
    first, _second, third = (Question.get(Question.text == each) for each in ("甲？", "乙？", "丙？"))
    for question in (first, third):
        question.answer(by=chen, text="我来说。")
    page = client.get(f"/imports/{made.id}/undo").text
    assert undone(client, made).counts["undone"] == {"removed": 1, "kept": 2}
    assert Answer.select().where(Answer.author == chen, Answer.text == "我来说。").count() == 2
    assert "移除" in page or "删除" in page


def test_a_changed_answer_is_an_edit_and_comes_back(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    before = gained()
    question = Question.ask(by=wang, text="老问题？", detail="一\n二", topic=topic())
    answer = question.answer(by=wang, text="老答案。")
    question.choose_best(answer, by=wang)
    bare = Question.ask(by=wang, text="没答案？", topic=topic())
    rows = {row["问题"]: row for row in cells(exported(client, "/questions"))}
    mine = [
        rows["老问题？"] | {"答案": "新答案。", "背后的情况": "一\n\n二"},
        rows["没答案？"] | {"答案": "填上了。"},
    ]
    made = bring(client, written(mine))
    page = client.get(f"/imports/{made.id}/check").text
    assert re.search("老答案。\\s+→\\s+新答案。", page), "what would change"
    made = run(client, made)
    assert made.counts["updated"] == 2
    assert (answer.fresh().text, question.fresh().detail) == ("新答案。", "一\n\n二")
    assert "新答案" in answer.fresh().html
    assert (bare.fresh().state, Clock.of(bare, "question")) == ("answered", None)
    assert bring(client, written(mine)).report["counts"]["unchanged"] == 2
    assert gained() == before
    assert undone(client, made).counts["undone"] == {"restored": 2}
    assert (answer.fresh().text, question.fresh().detail) == ("老答案。", "一\n二")
    assert bare.fresh().state == "open"
    assert not Answer.select().where(Answer.question == bare).exists()
    assert Clock.of(bare, "question") is not None


def test_all_topics_of_a_question_go_out_come_back_and_are_changed_by_a_file(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    one, two, three, *more = Topic.select().where(Topic.archived_at.is_null()).order_by(Topic.id).limit(7)
    question = Question.ask(by=wang, text="归哪里？", topic=two, further_topics=[one, three])
    rows = {row["问题"]: row for row in cells(exported(client, "/questions"))}
    assert rows["归哪里？"]["其他主题"] == f"{one.name}; {three.name}"
    assert bring(client, written([rows["归哪里？"]])).report["counts"]["unchanged"] == 1
    mine = [rows["归哪里？"] | {"其他主题": more[0].name}]
    made = run(client, bring(client, written(mine)))
    assert (made.counts["updated"], question.fresh().topic_ids) == (1, [two.id, more[0].id])
    assert undone(client, made).counts["undone"] == {"restored": 1}
    assert question.fresh().topic_ids == [two.id, one.id, three.id]
    known = dict.fromkeys(rows["归哪里？"], "")
    fresh = known | {"问题": "新的归哪里？", "主题": one.name, "其他主题": f"{two.name}; {three.name}"}
    many = "; ".join(each.name for each in (two, three, *more[:3]))
    crowded = known | {"问题": "太多了？", "主题": one.name, "其他主题": many}
    made = bring(client, written([fresh, crowded]))
    assert "一个问题最多归入 5 个主题" in client.get(f"/imports/{made.id}/check").text
    run(client, made)
    assert Question.get(Question.text == "新的归哪里？").topic_ids == [one.id, two.id, three.id]
    assert not Question.select().where(Question.text == "太多了？").exists()


def test_a_file_does_not_tell_who_asked_unnamed(open_company: Company) -> None:
    """Neither what goes out says so, nor what is refused for whatever name is tried."""
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    chen = open_company.person("chen")
    question = Question.ask(by=chen, text="能这样说吗？", is_anonymous=True)
    assert "能这样说吗" in exported(client, "/questions")
    rows = {row["问题"]: row for row in cells(exported(client, "/questions"))}
    assert rows["能这样说吗？"]["提问人"] == ""
    told = set()
    for name in (chen.name, wang.name, open_company.person("li").name):
        made = bring(client, written([rows["能这样说吗？"] | {"提问人": name}]))
        page = client.get(f"/imports/{made.id}/check").text
        told.add(re.sub(r"\d+", "", page.split("<main")[1].replace(name, "")))
        assert made.report["counts"]["unchanged"] == 1
        assert "It stays with" not in page
        assert name == chen.name or chen.name not in page
    assert question.fresh().asker == chen


def test_an_imported_answer_is_told_to_who_asked_and_undone_experts_are_asked_again(
    open_company: Company,
) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    chen = open_company.person("chen")
    wang.grant(Role.REVIEWER, by=None, topic=topic())
    question = Question.ask(by=chen, text="没答案？", topic=topic())
    Routing.put(question, by=chen)
    asked = {ask.person_id for ask in Ask.of(question)}
    rows = {row["问题"]: row for row in cells(exported(client, "/questions"))}
    made = run(client, bring(client, written([rows["没答案？"] | {"答案": "填上了。"}])))
    assert made.counts["updated"] == 1

    def told() -> list[str]:
        about = (Notice.subject_kind == Question.kind()) & (Notice.subject == question.id)
        return [one.text for one in Notice.select().where(about & (Notice.person == chen))]

    assert told() == ["%(name)s answered your question “%(question)s”."]
    assert {str(ask.state) for ask in Ask.of(question)} <= {"over", "answered"}
    assert undone(client, made).counts["undone"] == {"restored": 1}
    assert told() == []
    assert Routing.get(Routing.question == question).is_running
    again = [ask for ask in Ask.of(question) if ask.is_open]
    assert len(again) == 3
    assert len({ask.person_id for ask in again} & asked) >= 2, "all but who had answered, if any"
    assert Clock.of(question, routing.ROUTING) is not None


def test_an_answer_changed_or_chosen_since_is_kept(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    question = Question.ask(by=wang, text="老问题？", topic=topic())
    answer = question.answer(by=wang, text="老答案。")
    question.choose_best(answer, by=wang)
    bare = Question.ask(by=wang, text="没答案？", topic=topic())
    rows = {row["问题"]: row for row in cells(exported(client, "/questions"))}
    mine = [rows["老问题？"] | {"答案": "新答案。"}, rows["没答案？"] | {"答案": "填上了。"}]
    made = run(client, bring(client, written(mine)))
    answer.fresh().edit(by=wang, text="更新的答案。")
    added = Answer.get(Answer.question == bare)
    bare.fresh().choose_best(added, by=open_company.person("zheng"))
    assert undone(client, made).counts["undone"] == {"kept": 2}
    assert (answer.fresh().text, added.fresh().text) == ("更新的答案。", "填上了。")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["问？", "请拨打 13800138000。", "", "", "", ""], "13800138000"),
        (["13800138000 是谁的？", "不知道。", "", "", "", ""], "13800138000"),
        (["问？", "答。", "C", "", "", ""], "提问人"),
        (["问？", "答。", "", "C", "", ""], "回答人"),
    ],
)
def test_a_question_that_could_not_be_asked_by_hand_does_not_come_in(
    open_company: Company, row: list[str], why: str
) -> None:
    client, chen = browser(open_company, "wang"), open_company.person("chen").name
    made = bring(client, table([HEAD, [cell if cell != "C" else chen for cell in row]]))
    assert made.report["counts"]["rejected"] == 1
    text = client.get(f"/imports/{made.id}/rejected").content.decode("utf-8-sig")
    assert why in next(csv.DictReader(io.StringIO(text)))["原因"]
    text = text.replace("13800138000", "某号").replace(chen, "")
    assert run(client, bring(client, text)).counts["created"] == 1
    assert bring(client, text).report["counts"]["unchanged"] == 1


def test_another_names_the_answerer_and_it_stays(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    question = Question.ask(by=wang, text="老问题？", topic=topic())
    question.choose_best(question.answer(by=wang, text="老答案。"), by=wang)
    rows = [row for row in cells(exported(client, "/questions")) if row["问题"] == "老问题？"]
    li = open_company.person("li").name
    made = bring(client, written([rows[0] | {"提问人": li, "回答人": li}]))
    assert made.report["counts"]["unchanged"] == 1
    assert made.report["left_out"] == 1
    run(client, made)
    assert (question.fresh().asker_id, Answer.get(Answer.question == question).author_id) == (
        wang.id,
        wang.id,
    )


def test_every_kind_may_come_by_the_command_line() -> None:
    for kind in SCHEMAS:
        assert parser().parse_args(["import", kind, "x.csv"]).kind == kind


def test_who_cannot_import_brings_no_knowledge(open_company: Company) -> None:
    assert not Import.creatable_by(open_company.person("zheng"))
    assert browser(open_company, "zheng").get("/imports/new").status_code == 403
    kinds = {
        schema.name
        for schema in Import.schemas_for(Person.get(Person.email == open_company.person("wang").email))
    }
    assert kinds == {"customers", "contacts", "products", "deals", "articles", "questions"}


def test_namesakes_keep_what_is_theirs(open_company: Company) -> None:
    """A name that two people have is understood where it stands beside the record of one of them."""
    admin, wang = open_company.person("zhao"), open_company.person("wang")
    twin = Person.add(by=admin, email="twin@anjuli.example", name=wang.name, manager=wang)
    below = Person.add(by=admin, email="below@anjuli.example", name="下属", manager=twin)
    for mark, person in (("甲", wang), ("乙", twin)):
        Article.add(by=person, title="同名的一篇", body=f"正文{mark}。", topics=[topic()])
        question = Question.ask(by=person, text=f"同名{mark}？", topic=topic())
        question.choose_best(question.answer(by=person, text="答。"), by=person)
    Topic.update(name_en="Same").where(
        Topic.id.in_(Topic.select(Topic.id).order_by(Topic.id).limit(2))
    ).execute()
    before = stored()
    for path in ("/articles", "/questions", "/people"):
        for language in LANGUAGES:
            client = browser(open_company, "zhao", language)
            text = exported(client, path)
            made = run(client, bring(client, text))
            assert made.counts["unchanged"] == made.rows == len(cells(text)), (path, language)
    assert stored() == before
    assert below.fresh().manager == twin
    text = table([["标题", "正文", "作者", "主题"], ["新的一篇", "正文。", wang.name, topic().name]])
    assert bring(browser(open_company, "zhao"), text).report["counts"]["rejected"] == 1


def test_what_is_erased_is_erased_from_what_imports_keep(open_company: Company) -> None:
    """What undoing an import would bring back has no personal data either (RULES 4.10)."""
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    article = Article.add(by=wang, title="一篇", body="旧的，联系小林溪。", topics=[topic()])
    question = Question.ask(by=wang, text="一问？", topic=topic())
    question.choose_best(question.answer(by=wang, text="找小林溪。"), by=wang)
    rows = [row for row in cells(exported(client, "/articles")) if row["标题"] == "一篇"]
    first = run(client, bring(client, written([rows[0] | {"正文": "新的，也联系小林溪。"}])))
    rows = [row for row in cells(exported(client, "/questions")) if row["问题"] == "一问？"]
    second = run(client, bring(client, written([rows[0] | {"答案": "还是找小林溪。"}])))
    for record in (article, question):
        record.fresh().erase(by=wang, words="小林溪")
    kept = [(row.before, row.imported.report) for row in ImportRow.select()]
    assert len(kept) == 2
    assert "小林溪" not in json.dumps(kept, ensure_ascii=False)
    assert "联系" in json.dumps(kept, ensure_ascii=False)
    for made in (first, second):
        assert undone(client, made).counts["undone"] == {"kept": 1}
    assert "小林溪" not in article.fresh().body


def test_many_articles_are_taken_out_in_few_questions(open_company: Company) -> None:
    wang = open_company.person("wang")
    client = browser(open_company, "wang")
    with queries() as few:
        exported(client, "/articles")
    for number in range(30):
        Article.add(by=wang, title=f"第{number}篇", body="正文。", topics=[topic()])
    with queries() as many:
        assert len(cells(exported(client, "/articles"))) > 30
    assert len(many) <= len(few)


def test_a_correction_of_an_address_is_known_by_the_number_of_the_portal(open_company: Company) -> None:
    admin, li = browser(open_company, "zhao"), open_company.person("li")
    (row,) = (one for one in cells(exported(admin, "/people")) if one["邮箱"] == li.email)
    made = run(admin, bring(admin, written([row | {"邮箱": "li.new@anjuli.example", "工号": ""}])))
    assert (made.counts["updated"], li.fresh().email) == (1, "li.new@anjuli.example")
    other = open_company.person("chen").email
    assert bring(admin, written([row | {"邮箱": other}])).report["counts"]["rejected"] == 1


def test_a_text_that_would_no_longer_be_allowed_is_not_put_back(open_company: Company) -> None:
    """What was written before the check for personal data was: undoing goes on with the other rows."""
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    old = Article.add(by=wang, title="旧规矩", body="打电话问。", topics=[topic()])
    new = Article.add(by=wang, title="新规矩", body="发邮件问。", topics=[topic()])
    Article.update(body="打 13800138000 问。").where(Article.id == old.id).execute()
    rows = [row for row in cells(exported(client, "/articles")) if "规矩" in row["标题"]]
    made = run(client, bring(client, written([row | {"正文": "当面问。"} for row in rows])))
    assert made.counts["updated"] == 2
    assert undone(client, made).counts["undone"] == {"restored": 1, "kept": 1}
    assert (old.fresh().body, new.fresh().body) == ("当面问。", "发邮件问。")


def test_from_the_command_line_somebody_is_named(
    open_company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, head = tmp_path / "knowledge.csv", ["标题", "正文", "主题", "作者"]
    named = ["命令行一", "正文。", topic().name, open_company.person("chen").name]
    path.write_text(table([head, named, ["命令行二", "正文。", topic().name, ""]]))
    assert import_file.run(parser().parse_args(["import", "articles", str(path)])) == 1
    assert "1 created" in capsys.readouterr().out
    assert Article.get(Article.title == "命令行一").author == open_company.person("chen")
    row = {"title": "题", "body": "正文。", "topics": (topic().id,)}
    intake = ArticleIntake(Source())
    assert intake.unfit(row) is not None
    assert intake.unfit(row | {"author": open_company.person("chen").id}) is None
    assert QuestionIntake(Source()).unfit({"text": "问？", "asker": 1, "answer": "答。"}) is not None


def test_what_is_looked_at_long_is_written_in_small_pieces(open_company: Company) -> None:
    """The check for personal data is done before: nobody waits for it who wants to write."""
    client = browser(open_company, "wang")
    counted = []
    for mark, function in (
        ("甲", Article.check_personal_data),
        ("乙", ArticleIntake.take_in),
        ("丙", decide),
    ):
        rows = [[f"第{n}篇{mark}", f"正文{n}。", topic().name] for n in range(60)]
        made = bring(client, table([["标题", "正文", "主题"], *rows]))
        made.start(by=open_company.person("wang"), background=False)
        with calls(function) as found:
            write(made)
        assert made.fresh().counts["created"] == 60
        counted.append(len(found))
    # each is looked at once; 25, 25 and 10 are written; each piece is judged before its transaction and in it
    assert counted == [60, 3, 6]


def test_an_old_file_does_not_undo_what_others_wrote_since(open_company: Company) -> None:
    """As the form does (RULES 4.4): of two who change one text the second looks at it first."""
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    mine, theirs = (
        Article.add(by=wang, title=title, body="旧。", topics=[topic()]) for title in ("甲文", "乙文")
    )
    questions = [Question.ask(by=wang, text=text, topic=topic()) for text in ("甲问？", "乙问？", "丙问？")]
    answers = [question.answer(by=wang, text="旧。") for question in questions]
    for question, answer in zip(questions, answers, strict=True):
        question.choose_best(answer, by=wang)
    rows = [row for row in cells(exported(client, "/articles")) if row["标题"] in ("甲文", "乙文")]
    asked = [
        row for row in cells(exported(client, "/questions")) if row["问题"] in ("甲问？", "乙问？", "丙问？")
    ]
    theirs.fresh().edit(by=wang, body="别人改了。")
    answers[1].fresh().edit(by=wang, text="别人改了。")
    questions[2].fresh().edit(by=wang, detail="别人改了。")
    made = bring(client, written([row | {"正文": "我改了。"} for row in rows]))
    assert made.report["counts"] == {"created": 0, "updated": 1, "unchanged": 0, "rejected": 1}
    assert "重新导出" in client.get(f"/imports/{made.id}/check").text
    run(client, made)
    assert (mine.fresh().body, theirs.fresh().body) == ("我改了。", "别人改了。")
    assert bring(client, written(rows[:1] + rows[1:])).report["counts"]["rejected"] == 2, (
        "nor the unchanged rows"
    )
    made = run(client, bring(client, written([row | {"答案": "我改了。"} for row in asked])))
    assert (made.counts["updated"], made.counts["rejected"]) == (1, 2)
    assert [answer.fresh().text for answer in answers] == ["我改了。", "别人改了。", "旧。"]


def test_a_file_brought_again_changes_nothing_that_people_changed_since(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    other = Topic.select().where(Topic.id != topic().id).first()
    titles = ["写过的", "归过类的", "加过主题的", "合并了的", "归档了的", "没动过的"]
    text = table([["标题", "正文", "主题"], *([title, f"{title}原文。", topic().name] for title in titles)])
    run(client, bring(client, text))

    def article(title: str) -> Article:
        found: Article = Article.get(Article.title == title)
        return found

    article("写过的").edit(by=wang, body="写过的原文。我们自己加的一句。")
    article("归过类的").edit(by=wang, topics=[other])
    article("加过主题的").add_topic(other, by=wang)
    merging.merge(article("合并了的"), article("没动过的"), by=wang)
    article("归档了的").archive(by=wang)
    again = bring(client, text)
    assert again.report["counts"] == {"created": 2, "updated": 0, "unchanged": 4, "rejected": 0}
    assert again.report["left_out"] == 5, "each says why"
    run(client, again)
    assert article("写过的").body == "写过的原文。我们自己加的一句。"
    assert article("归过类的").topic_ids == [other.id]
    assert {*article("加过主题的").topic_ids} == {topic().id, other.id}
    back = Article.select().where(Article.title.in_(["合并了的", "归档了的"]))
    assert sorted(each.state for each in back) == ["archived", "archived", "draft", "draft"], (
        "nobody reads anew what was put away"
    )
    assert "put away here before" in Notice.of(wang).first().text
    newer = text.replace("写过的原文。", "写过的新文。")
    assert run(client, bring(client, newer)).counts["updated"] == 1, "what the file says anew counts"


def test_a_file_whose_import_was_taken_back_changes_again_what_it_changed(open_company: Company) -> None:
    wang, client = open_company.person("wang"), browser(open_company, "wang")
    other = Topic.select().where(Topic.id != topic().id).first()
    article = Article.add(by=wang, title="改来改去", body="旧。", topics=[topic()])
    text = table([["标题", "正文", "主题"], ["改来改去", "新。", other.name]])
    undone(client, run(client, bring(client, text)))
    assert (article.fresh().body, article.fresh().topic_ids) == ("旧。", [topic().id])
    run(client, bring(client, text))
    assert (article.fresh().body, article.fresh().topic_ids) == ("新。", [other.id])


@pytest.mark.parametrize(("length", "taken"), [(32_765, 1), (32_767, 0), (32_768, 1)])
def test_a_remark_that_a_spreadsheet_cut_is_refused_too(
    open_company: Company, length: int, taken: int
) -> None:
    text = table([["客户名称", "备注"], ["备注很长的公司", "字" * length]])
    assert bring(browser(open_company, "wang"), text).report["counts"]["created"] == taken
