"""What a page of the help site costs: its CPU time against a bare page with the same records, and its search.

    python -m benchmarks.help_site [PAGES]      PAGES: how many are public; 20000 when absent

The bare page asks for what the page shows and prints it, with Starlette, Jinja2 and peewee alone, in turn with it in this
process. Figures are medians of CPU milliseconds. The status is 1 where a budget is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.bare import ENVIRONMENT, NAV, Section, Twin, bare_app, cells
from benchmarks.pages import ask, compared, counted, cpu, median, tell
from portal import clock
from portal.app import create_app, settle
from portal.migrations import migrate
from portal.models.base import bulk, database
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.help.pages import HelpPage, HelpPageTopic, HelpWord
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.people.people import Person
from portal.settings import Settings
from portal.text.markdown import plain_text, render_markdown

MOST = 1.5
"""The budget: a help page's CPU time against the bare page's."""
TOPICS = 40
PARAGRAPH = (
    "先看学区范围，再看房龄和楼层；贷款要先算月供，税费要先算到手总价。Ask before you sign, and keep a copy. "
)


def fill(count: int) -> None:
    """So many public pages, of a screen or two each."""
    now = clock.now()
    author = Person.add(by=None, email="author@example.com", name="Author")
    second = Person.add(by=None, email="second@example.com", name="Second")
    topics = [Topic.create(name=f"主题 {n}", name_en=f"Topic {n}") for n in range(TOPICS)]
    body = "\n\n".join(f"## 第 {n} 节\n\n{PARAGRAPH * 4}" for n in range(6))
    html, plain = render_markdown(body), plain_text(body)
    common = {"body": body, "html": html, "language": "zh", "created_at": now}
    articles, pages, filed = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    confirmed = list[dict[str, Any]]()
    for n in range(1, count + 1):
        title = f"问题 {n}：{PARAGRAPH[n % 20 : n % 20 + 8]}"
        own = {"id": n, "title": title, "summary": PARAGRAPH, **common}
        articles.append(
            {**own, "slug": f"a-{n}", "author": author.id, "state": "published", "published_at": now}
        )
        shown = {
            "article": n,
            "state": "public",
            "slug": f"p-{n}",
            "number": 1,
            "plain": f"{title}\n{plain}",
            "files": [],
        }
        who = {"proposed_by": author.id, "agreed_by": second.id, "public_at": now, "changed_at": now}
        pages.append({**own, **shown, **who, "sections": [], "asked_sections": []})
        filed.append({"article": n, "topic": topics[n % TOPICS].id, "created_at": now})
        confirmed.append({"page": n, "topic": topics[n % TOPICS].id, "is_public": True, "created_at": now})
    filled = ((Article, articles), (HelpPage, pages), (ArticleTopic, filed), (HelpPageTopic, confirmed))
    for model, rows in filled:
        for first in range(0, count, 500):
            bulk.insert(model, rows[first : first + 500])
    for page in HelpPage.select().iterator():
        HelpWord.keep(page)
    Setting.choose("help.is_open", value=True, by=author)


def twins(topic: int) -> list[Twin]:
    """Bare pages of the same records."""
    brief = (HelpPage.id, HelpPage.slug, HelpPage.title, HelpPage.summary, HelpPage.changed_at)
    shown = HelpPage.select(*brief).where(HelpPage.state == "public")
    mine = ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topic)
    columns = ("slug", "title", "summary", "changed_at")
    filled = Topic.id.in_(HelpPageTopic.select(HelpPageTopic.topic).where(HelpPageTopic.is_public))
    tree = Section("Topics", ("id", "name"), Topic.select().where(filled).clone)
    newest = shown.order_by(HelpPage.changed_at.desc(), HelpPage.id.desc()).limit(8)
    beside = shown.where(HelpPage.article.in_(mine)).order_by(HelpPage.helped.desc(), HelpPage.id).limit(6)
    filed = shown.where(HelpPage.article.in_(mine)).order_by(HelpPage.title, HelpPage.id).limit(51)

    def page(path: str, *sections: Section, row: Any = None) -> Twin:
        def work() -> str:
            facts = {"nav": NAV, "cells": cells, "sections": [each.read() for each in sections]}
            if row is not None:
                return ENVIRONMENT.get_template("detail").render(row=row.get(), **facts)
            return ENVIRONMENT.get_template("list").render(columns=(), rows=(), **facts)

        return Twin(path, work)

    whole = HelpPage.select(HelpPage.id, HelpPage.title, HelpPage.html, HelpPage.changed_at)
    of_it = Section("Topics", ("id", "name"), Topic.select().where(Topic.id == topic).clone)
    return [
        page("/help", tree, Section("New", columns, newest.clone)),
        page(
            "/help/articles/p-40",
            of_it,
            Section("More", columns, beside.clone),
            row=whole.where(HelpPage.id == 40),
        ),
        page(f"/help/topics/{topic}", of_it, Section("Pages", columns, filed.clone)),
    ]


def measure(folder: Path, count: int) -> dict[str, bool]:
    """Print what each page costs; each budget with whether it is kept."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    migrate()
    database.transact(lambda: fill(count))
    settle(app)
    known = twins(1)
    bare, kept = bare_app(known), dict[str, bool]()
    for twin in known:
        status, _ = asyncio.run(ask(app, twin.path, ""))
        assert status == 200, twin.path
        with counted() as statements:
            asyncio.run(ask(app, twin.path, ""))
        mine, other = compared(cpu(app, twin.path, ""), cpu(bare, twin.path, ""))
        said = f"{twin.path} within {MOST}x of a bare page ({mine:.2f} ms, {mine / other:.2f}x)"
        kept[f"{said}, {len(statements)} queries"] = mine / other <= MOST
    for words in ("%E5%AD%A6%E5%8C%BA", "keep+a+copy", "nowhere"):
        print(f"search {words}: {median(cpu(app, f'/help/search?q={words}', '')):.1f} ms of {count} pages")
    return kept


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("pages", type=int, nargs="?", default=20_000)
    with tempfile.TemporaryDirectory() as folder:
        kept = measure(Path(folder), given.parse_args().pages)
    tell(kept)
    sys.exit(not all(kept.values()))


if __name__ == "__main__":
    main()
