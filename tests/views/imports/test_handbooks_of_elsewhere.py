"""Handbooks of Word files, with pictures in their texts, in several languages: they come in, go out as they
are, come back as the same, and leave nothing when they are taken back.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from portal.jobs import worker
from portal.models.base.record import Event
from portal.models.files.attachments import Attachment, Enclosure
from portal.models.imports import run as running
from portal.models.imports.rows import ImportRow
from portal.models.imports.schemas import IDENT
from portal.models.knowledge.articles import Article
from portal.models.knowledge.languages import LanguageVersion
from tests.company import Company
from tests.counting import queries
from tests.models.files.test_enclosures import SECRET, photo
from tests.tables.word import paragraph, picture, table, word
from tests.tables.word import run as words
from tests.views.imports.test_knowledge_round_trip import come_in, topic, undone, zip_of
from tests.views.imports.test_round_trip import browser, run


@pytest.fixture
def open_company(company: Company) -> Iterator[Company]:
    """The demo company, as it was before each test."""
    yield company
    company.restore()


def handbook() -> dict[str, str | bytes]:
    """A small one with all that the formats know."""
    place, inside = topic().name, base64.b64encode(photo()).decode()
    report = paragraph("先量后谈", style="1") + table(("项", "值"), ("厅", "20")) + paragraph(runs=picture())
    return {
        f"zh/{place}/看房.md": "# 看房怎么看\n\n![门口](../../img/door.png)和![里面](data:image/jpeg;base64,"
        + inside
        + ")",
        f"en/{place}/看房.md": "# How to look at a flat\n\nSee [the survey](../../量房.docx). ![Door](../../img/door.png)",
        f"zh-TW/{place}/看房.md": "# 看房怎麼看\n\n正文。",
        f"{place}/量房记.docx": word(report, media=photo(format="PNG")),
        f"{place}/坏的.docx": b"PK no file of Word",
        "量房.docx": word(paragraph("表")),
        "img/door.png": photo(format="PNG"),
    }


TITLES = ["How to look at a flat", "看房怎么看", "看房怎麼看", "量房记"]


def base() -> list[Any]:
    """What readers have of it, whatever its numbers are."""
    found = []
    for article in Article.select().where(Article.title.in_(TITLES)).order_by(Article.title):
        body = article.body
        for each in Enclosure.of(article):
            body = body.replace(f"(/files/{each.id})", f"({each.sha256})")
        mine = LanguageVersion.get_or_none(LanguageVersion.article == article)
        others = (
            [
                (each.language, each.article.title)
                for each in LanguageVersion.select().where(LanguageVersion.work == mine.work)
            ]
            if mine
            else []
        )
        topics = sorted(each.name for each in article.topics)
        found.append((article.title, body, article.summary, article.state, topics, sorted(others)))
    return found


def test_it_comes_in_goes_out_and_comes_back_as_the_same(open_company: Company) -> None:
    client, reader = browser(open_company, "zhao"), browser(open_company, "li")
    made = come_in(client, zip_of(handbook()))
    assert made.report["counts"] == {"created": 4, "updated": 0, "unchanged": 0, "rejected": 1}
    page = client.get(f"/imports/{made.id}/check").text
    assert "这个 Word 文件读不出来" in page
    assert "有多种语言版本的文字：1 篇" in page
    assert LanguageVersion.select().count() == 0
    assert run(client, made).counts["created"] == 4
    first = base()
    assert [row[0] for row in first] == sorted(TITLES)
    look, survey = (Article.get(Article.title == title) for title in ("看房怎么看", "量房记"))
    assert survey.body.startswith("# 先量后谈\n\n| 项 | 值 |\n| --- | --- |\n| 厅 | 20 |\n\n![门口](/files/")
    assert len(Enclosure.of(look)) == 2
    for each in Attachment.select().where(Attachment.media.startswith("image/")):
        assert SECRET not in each.file.read_bytes(), "where it was taken is nobody's business"
        assert reader.get(each.url).status_code == 200
    text = reader.get(look.url).text
    assert text.count('<img src="/files/') == 2
    for title, name in (("How to look at a flat", "English"), ("看房怎麼看", "繁體中文")):
        url = Article.get(Article.title == title).url
        assert re.search(rf'href="{url}" lang="[^"]+" hreflang="[^"]+"\s+title="{title}">{name}</a>', text)

    taken = client.post("/articles/handbook").content
    again = come_in(client, taken)
    assert again.report["counts"]["updated"] == again.report["counts"]["rejected"] == 0
    assert undone(client, made.fresh()).state == "undone"
    assert base() == []
    assert LanguageVersion.select().count() == Attachment.select().where(Attachment.media != "").count() == 0
    strange = come_in(client, taken)  # as a portal that never saw it, whose numbers are others
    strange.map(columns={field: header for field, header in strange.columns.items() if field != IDENT})
    worker.drain()
    assert run(client, strange.fresh()).counts["created"] == 4
    assert base() == first


def test_what_is_taken_back_leaves_what_was_there_alone(open_company: Company) -> None:
    place = topic().name
    client = browser(open_company, "zhao")
    run(client, come_in(client, zip_of({f"{place}/a.zh.md": "# 甲文\n\n正文。"})))
    old = Article.get(Article.title == "甲文")
    assert LanguageVersion.select().count() == 0
    both: dict[str, str | bytes] = {
        f"{place}/a.zh.md": "# 甲文\n\n正文。",
        f"{place}/a.en.md": "# A text\n\nWords.",
    }
    made = come_in(client, zip_of(both))
    assert run(client, made).counts["created"] == 1
    new = Article.get(Article.title == "A text")
    assert {row.article_id: row.language for row in LanguageVersion.select()} == {
        old.id: "zh-Hans",
        new.id: "en",
    }
    told = Event.select().where((Event.verb == "language added") & (Event.subject == old.id)).get()
    assert told.changes == {"language": [None, "简体中文"]}
    third: dict[str, str | bytes] = both | {
        f"{place}/a.en.md": "# A text\n\nWords.",
        f"{place}/a.fr.md": "# Un texte\n\nMots.",
    }
    later = come_in(client, zip_of(third))
    assert run(client, later).counts["created"] == 1
    assert len({row.work for row in LanguageVersion.select()}) == 1
    assert undone(client, later.fresh()).state == "undone"
    assert LanguageVersion.select().count() == 2
    assert undone(client, made.fresh()).state == "undone"
    assert LanguageVersion.select().count() == 0, "of one alone nothing is said"
    assert old.fresh().title == "甲文"


def test_nobody_ties_a_text_to_what_is_not_theirs_to_change(open_company: Company) -> None:
    """Whoever brings a second version of somebody else's much-read article leads nobody to their own."""
    li, chen, zheng = (open_company.person(key) for key in ("li", "chen", "zheng"))
    theirs = Article.add(by=chen, title="甲文", body="正文。", topics=[topic()])
    mine = Article.add(by=li, title="Mine", body="Words.", topics=[topic()])
    assert not theirs.editable_by(li)
    both = {"zh-Hans": theirs.id, "en": mine.id}
    LanguageVersion.tie(both, new=[mine.id], by=li)
    assert LanguageVersion.select().count() == 0
    LanguageVersion.tie(both, new=[mine.id], by=zheng)
    LanguageVersion.tie(both, new=[mine.id], by=zheng)
    assert LanguageVersion.select().count() == 2


def test_versions_that_not_everyone_reads_are_not_shown(open_company: Company) -> None:
    place = topic().name
    client, reader = browser(open_company, "zhao"), browser(open_company, "li")
    files: dict[str, str | bytes] = {
        f"{place}/a.zh.md": "# 甲文\n\n正文。",
        f"{place}/a.en.md": "---\ndraft: true\n---\n# A secret\n\nWords.",
    }
    assert run(client, come_in(client, zip_of(files))).counts["created"] == 2
    assert LanguageVersion.select().count() == 2
    article = Article.get(Article.title == "甲文")
    assert "A secret" not in reader.get(article.url).text
    Article.update(state="published").where(Article.title == "A secret").execute()
    assert "A secret" in reader.get(article.url).text
    with queries() as asked:
        reader.get(article.url)
    assert len(asked) <= 12


def test_a_worker_that_dies_in_the_middle_leaves_no_version_alone(
    open_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(open_company, "zhao")
    made = come_in(client, zip_of(handbook()))
    with monkeypatch.context() as dies:
        dies.setattr(running.ImportRun, "_tie", lambda self: (_ for _ in ()).throw(SystemExit))
        client.post(f"/imports/{made.id}/run")
        with pytest.raises(SystemExit):
            worker.drain()
    assert ImportRow.select().where(ImportRow.imported == made).count() == 5
    assert LanguageVersion.select().count() == 0
    running.run(made.fresh())
    assert made.fresh().state == "finished"
    assert LanguageVersion.select().count() == 3


def test_a_file_that_opens_as_word_in_a_zip_bomb_is_named(open_company: Company) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (60 << 20))
    place = topic().name
    files: dict[str, str | bytes] = {
        f"{place}/炸.docx": inner.getvalue(),
        f"{place}/好.docx": word(paragraph(runs=words("好"))),
    }
    client = browser(open_company, "zhao")
    made = come_in(client, zip_of(files))
    assert made.report["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    listed = client.get(f"/imports/{made.id}/rejected").text
    assert "炸.docx" in listed
    assert "好.docx" not in listed
