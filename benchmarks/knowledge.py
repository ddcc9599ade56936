"""What the pages of knowledge cost in a company that has much of it: each page's CPU time against a bare page with the same
records, at most 2x, of the help site at most 1.5x; its queries, at most 12.

    python -m benchmarks.knowledge [ARTICLES] [--folder FOLDER]      ARTICLES: published ones, at least 400; 20000 when absent

Each article has 20 versions, two topics, a page on the help site and five colleagues for whom it worked, and links another;
a fourth as many questions have three answers each. FOLDER keeps the company for another run. The figures are CPU milliseconds
of this process, the least of some rounds: what else the machine does only adds to them. There is no search index, so that
lists are searched by the database, as the bare page does. The status is 1 where a budget is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import quote

import peewee
from peewee import fn

from benchmarks import bare, help_site
from benchmarks.bare import Section, Twin, detailed, listed
from benchmarks.pages import ask, counted, cpu, tell
from portal import clock
from portal.app import create_app, settle
from portal.migrations import migrate
from portal.models.base import bulk, database
from portal.models.base.fields import days_between
from portal.models.base.links import TextLink
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, EvidenceSum
from portal.models.help.pages import HelpPage, HelpPageTopic
from portal.models.knowledge import history
from portal.models.knowledge.articles import Article, ArticleTopic, ArticleVersion
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person, Role
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.settings import Settings
from portal.text.markdown import plain_text, render_markdown
from portal.text.writing import side_by_side

VERSIONS, PEOPLE, TOPICS, PRODUCTS, TYPES, USES = 20, 200, 60, 40, 6, 5
BARE, HELP, QUERIES, ROUNDS = 2.0, 1.5, 12, 15
KINDS = ("guide", "faq", "case", "script")
POST = "顾问"
LINES = [
    f"第 {n} 条：先看学区范围，再看房龄和楼层；贷款要先算月供，税费要先算到手总价。" for n in range(VERSIONS)
]
RARE = "冷门"
"""What one article in a thousand has in its title."""
PIECE = 1_000


def _was(version: int) -> str:
    """The text of one version, a short one."""
    return "\n\n".join([*LINES[:3], f"第 {version} 版：{LINES[version % VERSIONS]}"])


def fill(count: int) -> None:
    """The company: its first person reviews and leads, all others write."""
    now = clock.now()
    office = Department.create(name="Office")
    head = Person.add(by=None, email="p0@bench.example", name="店长", title=POST, department=office)
    who = [
        {
            "email": f"p{n}@bench.example",
            "name": f"员工 {n}",
            "sort_name": f"{n:04d}",
            "department": office.id,
        }
        for n in range(1, PEOPLE)
    ]
    people = bulk.insert(Person, [each | {"title": POST, "title_en": "Advisor"} for each in who])
    topics = bulk.insert(Topic, [{"name": f"主题 {n}", "name_en": f"Topic {n}"} for n in range(TOPICS)])
    Topic.update(parent=topics[0]).where(Topic.id.in_(topics[1:6])).execute()
    products = bulk.insert(Product, [{"code": f"P-{n}", "name": f"楼盘 {n}"} for n in range(PRODUCTS)])
    types = bulk.insert(CustomerType, [{"name": f"类型 {n}"} for n in range(TYPES)])
    head.grant(Role.MANAGER, by=None, department=office)
    head.grant(Role.REVIEWER, by=None, topic=Topic.get(Topic.id == topics[0]))
    for first in range(1, count + 1, PIECE):
        _shelve(
            range(first, min(first + PIECE, count + 1)), Company(head.id, people, topics, products, types)
        )
    _ask(count // 4, people, topics)
    known = [
        {
            "person": person,
            "topic": topics[(n + k) % TOPICS],
            "kind_of": "helpful use",
            "subject_kind": "article",
        }
        | {"subject": 1 + n, "key": f"bench:{n}:{k}", "at": now}
        for n, person in enumerate(people)
        for k in range(40)
    ]
    bulk.insert(Evidence, known)
    EvidenceSum.renew({(row.person_id, row.topic_id) for row in Evidence.select()})
    Setting.choose("help.is_open", value=True, by=head)


class Company(NamedTuple):
    """Whom and what articles belong to, by id."""

    head: int
    people: list[int]
    topics: list[int]
    products: list[int]
    types: list[int]


def _shelve(numbers: range, company: Company) -> None:
    """Articles of these ids, with all that belongs to them."""
    head, people, topics, products, types = company
    now, body = clock.now(), "\n\n".join(LINES)
    html, plain = render_markdown(body), plain_text(body)
    rows: dict[type[peewee.Model], list[dict[str, Any]]] = {
        each: [] for each in (Article, ArticleVersion, ArticleTopic, Use, HelpPage, HelpPageTopic, TextLink)
    }
    for n in numbers:
        at = now - timedelta(minutes=n * 79)  # twenty thousand in three years
        title = f"{RARE if n % 1_000 == 40 else '常见'}问题 {n}：{LINES[n % VERSIONS][:12]}"
        freshness = ("evergreen", "price", "process", "product")[n % 4]
        text = {"title": title, "summary": LINES[n % VERSIONS], "body": body}
        rows[Article].append(
            {"id": n, "slug": f"a-{n}", "kind_of": KINDS[n % 4], "state": "published", "html": html, **text}
            | {"author": people[n % len(people)], "product": products[n % PRODUCTS], "language": "zh"}
            | {"customer_type": types[n % TYPES], "published_at": at, "checked_at": at, "uses": USES}
            | {"audience": [f"job-{POST}"] if n % 50 == 0 else [], "text_number": VERSIONS}
            | {"freshness": freshness, "review_by": clock.today() + timedelta(days=n % 400 + 1)}
        )
        rows[ArticleVersion] += [
            {"article": n, "number": k, "title": title, "summary": text["summary"], "body": _was(k)}
            | {"by": people[(n + k) % len(people)], "at": at + timedelta(minutes=k * 3), "note": f"第 {k} 次"}
            for k in range(1, VERSIONS + 1)
        ]
        about = [topics[n % TOPICS], topics[(n * 7 + 1) % TOPICS]]
        rows[ArticleTopic] += [{"article": n, "topic": topic} for topic in dict.fromkeys(about)]
        rows[Use] += [{"article": n, "person": people[(n + k) % len(people)]} for k in range(1, USES + 1)]
        page = {"id": n, "article": n, "state": "public", "slug": f"p-{n}", "number": VERSIONS - 2}
        rows[HelpPage].append(
            {**page, **text, "html": html, "plain": f"{title}\n{plain}", "language": "zh", "files": []}
            | {"proposed_by": people[0], "agreed_by": head, "public_at": at, "changed_at": at}
            | {"sections": [], "asked_sections": [], "freshness": freshness}
        )
        rows[HelpPageTopic].append({"page": n, "topic": about[0], "is_public": True})
        link = {"subject_kind": "article", "subject": n, "field": "body", "target_kind": "article"}
        rows[TextLink].append({**link, "target": max(1, n - 1) if n % 20 else 40})
    for model, held in rows.items():
        bulk.insert(model, held)


def _ask(count: int, people: list[int], topics: list[int]) -> None:
    now = clock.now()
    asked = bulk.insert(
        Question,
        [
            {
                "text": f"{RARE if n % 1_000 == 7 else '常见'}疑问 {n}怎么说？",
                "asker": people[n % len(people)],
            }
            | {"topic": topics[n % TOPICS], "state": "answered", "created_at": now - timedelta(minutes=n)}
            for n in range(count)
        ],
    )
    said = [
        {"question": each, "author": people[(each + k) % len(people)], "text": LINES[k], "html": LINES[k]}
        | {"article": each if k == 2 else None}
        for each in asked
        for k in range(3)
    ]
    answers = bulk.insert(Answer, said)
    best = [
        {"question": each, "answer": answers[n * 3], "chosen_by": people[n % len(people)]}
        for n, each in enumerate(asked)
    ]
    bulk.insert(BestAnswer, best)


class Page(NamedTuple):
    """A page of the portal, its bare twin, who asks for it ('' for a stranger), and how it must answer."""

    path: str
    twin: Twin
    who: str
    most: float = BARE
    status: int = 200


def lists() -> list[Page]:
    """The lists of articles, as they stand and narrowed, and what is new."""
    topics = ArticleTopic.select(ArticleTopic, Topic).join(Topic, on=ArticleTopic.topic)
    topic, kind = Topic.get(Topic.name == "主题 9"), bare.offered(CustomerType)
    shown = ("title", "author.name", "kind_of", "summary", "published_at", "uses")
    newest, used = (Article.published_at.desc(), Article.id.desc()), (Article.uses.desc(), Article.id.desc())
    entitled = (Article.title, Article.id)
    mine = Article.audience.contains(f"\njob-{POST}\n")
    lately = Article.published_at > clock.now() - timedelta(days=90)
    evident = Evidence.select(Evidence.topic).where(
        Evidence.person.in_(Person.select(Person.id).where(Person.title == POST))
    )
    filed = Article.id.in_(ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic.in_(evident)))

    def page(
        query: str, where: Any = None, order: Any = newest, size: int = 20, path: str = "/articles"
    ) -> Page:
        found = bare.articles() if where is None else bare.articles().where(where)
        found = found.order_by(*order).limit(size)
        ids = Article.select(Article.id).where(Article.state == "published")
        ids = (ids if where is None else ids.where(where)).order_by(*order).limit(size)
        about = Section(
            "Topics", ("topic.name",), lambda: topics.where(ArticleTopic.article.in_(ids.clone()))
        )
        twin = listed(path, found.clone, shown, about, bare.offered(Topic), kind)
        return Page(f"{path}?{query}" if query else path, twin, "reader")

    def holding(words: str) -> Any:
        return Article.title.contains(words) | Article.summary.contains(words)

    return [
        page(""),
        page(f"topic={topic.id}", Article.on_topic(topic.id)),
        page("kind=faq", Article.kind_of == "faq"),
        page("type=2", Article.customer_type == 2),
        page("for=me", mine),
        page("sort=-uses", None, used),
        page("sort=title", None, entitled),
        page(f"q={quote('学区')}", holding("学区")),
        page(f"q={quote(RARE)}", holding(RARE)),
        page("q=nowhere", holding("nowhere")),
        page("", lately & (mine | filed), size=31, path="/articles/news"),
    ]


def _beside(kept: Any, number: int) -> Section:
    """A version beside the one before, line by line."""

    def read() -> list[Any]:
        new, old = kept.where(ArticleVersion.number.in_((number - 1, number))).clone()
        return [SimpleNamespace(old=left, new=right) for left, right in side_by_side(old.body, new.body)]

    return Section("Changes", ("old", "new"), read)


def details() -> list[Page]:
    """An article, how it once stood, and what links it."""
    article = Article.get(Article.id == 40)
    assert article.published_at is not None
    day = clock.local(article.published_at).date()
    topics = ArticleTopic.select(ArticleTopic, Topic).join(Topic).where(ArticleTopic.article == article)
    used = Use.select(Use, Person).join(Person).where(Use.article == article)
    about = Article.id.in_(
        ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topics.get().topic_id)
    )
    kept = history.versions(article).clone
    told = ("number", "title", "body", "by.name", "at", "note")
    of = [
        Section("Topics", ("topic.name",), topics.clone),
        Section("Worked for", ("person.name",), used.clone),
    ]
    others = Article.select(Article.id, Article.title).where(
        Article.id.in_(
            TextLink.select(TextLink.subject).where(
                (TextLink.target_kind == "article") & (TextLink.target == article.id)
            )
        )
    )

    def tenth() -> list[Any]:
        row: Any = kept().where(ArticleVersion.number == 10).get()
        row.html = render_markdown(row.body)
        return [row]

    over = clock.start_of(day + timedelta(days=1))

    def page(tail: str, *sections: Section, who: str = "reader", status: int = 200) -> Page:
        twin = detailed(article, bare.articles(), *sections)
        return Page(article.url + tail, twin, who, BARE, status)

    return [
        page("", *of, bare.most_used(about)),
        page("", *of, bare.most_used(about), who="head"),
        page("/versions", Section("Versions", told, kept().limit(21).clone), _beside(kept(), 20)),
        page("/versions/10", Section("Version", ("number", "html", "at", "by.name"), tenth)),
        page("/versions/10/changes", _beside(kept(), 10)),
        page(
            f"/version-on-a-day?day={day}",
            Section("Version", told, kept().where(ArticleVersion.at < over).limit(1).clone),
            status=303,
        ),
        page("/links", Section("Links", ("title",), others.order_by(Article.id.desc()).limit(20).clone)),
    ]


def around() -> list[Page]:
    """Questions, topics, and what waits for whom looks after knowledge."""
    question = Question.get(Question.id == 78)
    topic = Topic.get(Topic.id == question.topic_id)
    about = Article.id.in_(ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topic))
    answers = Answer.select(Answer, Person).join(Person).where(Answer.question == question)
    asked = ("text", "asker.name", "topic.name", "product.name", "created_at", "state")
    newest = (Question.created_at.desc(), Question.id.desc())
    due = fn.SUM(peewee.Case(None, [(Article.review_by >= clock.today(), 1)], 0)).alias("in_date")
    fresh = (
        ArticleTopic.select(ArticleTopic.topic, fn.COUNT(Article.id).alias("published"), due)
        .join(Article)
        .where(Article.state == "published")
        .group_by(ArticleTopic.topic)
    )
    every = Section("Topics", ("id", "name", "name_en"), Topic.select().clone)
    last = clock.Month.of(clock.today()).previous
    said = ArticleTopic.select(ArticleTopic.topic, fn.COUNT(Use.id).alias("times"))
    said = said.join(Use, on=(Use.article == ArticleTopic.article))
    said = said.where((Use.at >= last.start) & (Use.at < last.end)).group_by(ArticleTopic.topic)
    took = fn.AVG(days_between(Article.created_at, Article.published_at)).alias("days")
    lately = (Article.state == "published") & (Article.published_at > clock.now() - timedelta(days=365))
    days = ArticleTopic.select(ArticleTopic.topic, took).join(Article).where(lately)
    worked = Section("Worked", ("topic_id", "times"), said.clone)
    to_publish = Section("Days", ("topic_id", "days"), days.group_by(ArticleTopic.topic).clone)

    def page(query: str, where: Any = None) -> Page:
        found = bare.questions() if where is None else bare.questions().where(where)
        ids = found.order_by(*newest).limit(30)
        said = Answer.select(Answer.question, fn.COUNT(Answer.id).alias("many")).group_by(Answer.question)
        beside = said.where(Answer.question.in_([each.id for each in ids.clone()]))
        twin = listed(
            "/questions", ids.clone, asked, bare.offered(Topic), Section("Answers", ("many",), beside.clone)
        )
        return Page(f"/questions?{query}" if query else "/questions", twin, "reader")

    return [
        page(""),
        page(f"topic={topic.id}", Question.on_topic(topic.id)),
        page("state=answered", Question.state == "answered"),
        page(f"q={quote(RARE)}", Question.text.contains(RARE)),
        Page(
            question.url,
            detailed(
                question,
                bare.questions(),
                Section("Answers", ("html", "author.name", "created_at"), answers.clone),
                bare.most_used(about, 4),
                bare.evidence(Evidence.topic == topic, 3),
                bare.offered(CustomerType),
            ),
            "reader",
        ),
        Page(
            topic.url,
            detailed(
                topic,
                Topic.select(),
                bare.most_used(about, 8),
                Section(
                    "Questions",
                    asked,
                    bare.questions().where(Question.topic == topic).order_by(*newest).limit(10).clone,
                ),
                bare.evidence(Evidence.topic == topic, 10),
                every,
            ),
            "reader",
        ),
        Page(
            "/people/map",
            listed("/people/map", bare.known_topics, ("name", "pieces", "people"), every),
            "reader",
        ),
        Page(
            "/topics/map",
            listed("/topics/map", fresh.clone, ("topic_id", "published", "in_date"), every),
            "reader",
        ),
        Page(
            "/articles/usage",
            listed(
                "/articles/usage",
                fresh.clone,
                ("topic_id", "published", "in_date"),
                every,
                worked,
                to_publish,
            ),
            "head",
        ),
    ]


def helping() -> list[Page]:
    """The help site, as a stranger reads it."""
    known = help_site.twins(Topic.get(Topic.name == "主题 40").id)
    return [Page(twin.path, twin, "", HELP) for twin in known]


class Cost(NamedTuple):
    """What one page costs: CPU milliseconds, those of a bare page, and queries."""

    mine: float
    bare: float
    queries: int


def measure(folder: Path, count: int) -> dict[str, bool]:
    """Print what each page costs; each budget with whether it is kept."""
    app = create_app(Settings(data=folder, secret="benchmark", worker=False))  # noqa: S106 - signs nothing
    migrate()
    with database.db.connection_context():
        if not Article.select().exists():
            database.transact(lambda: fill(count))
            database.db.execute_sql("ANALYZE")
    settle(app)

    def begin() -> tuple[list[Page], dict[str, str]]:
        head, reader = (Person.get(Person.email == f"p{n}@bench.example") for n in (0, 150))
        tokens = {"head": Session.open(head)[1], "reader": Session.open(reader)[1], "": ""}
        return [*lists(), *details(), *around(), *helping()], tokens

    pages, tokens = database.transact(begin)
    works, least = list[tuple[Callable[[], float], Callable[[], float]]](), list[Cost]()
    for path, twin, who, _, wanted in pages:
        alone = bare.bare_app([Twin(path.partition("?")[0], twin.page)])
        for one, status in ((app, wanted), (alone, 200)):
            answered, _ = asyncio.run(ask(one, path, tokens[who]))
            assert answered == status, (path, answered)
        with counted() as statements:
            asyncio.run(ask(app, path, tokens[who]))
        works.append((cpu(app, path, tokens[who]), cpu(alone, path, tokens[who])))
        least.append(Cost(math.inf, math.inf, len(statements)))
    for _ in range(ROUNDS):  # a round of all pages at a time: no page has the machine's worst minute alone
        least = [
            Cost(min(known.mine, mine()), min(known.bare, other()), known.queries)
            for known, (mine, other) in zip(least, works, strict=True)
        ]
    kept = {}
    for (path, _, who, most, _), (mine, other, queries) in zip(pages, least, strict=True):
        said = f"{path} ({who or 'stranger'}) within {most}x of a bare page"
        ratio = mine / other
        kept[f"{said} ({mine:.1f} ms, {ratio:.2f}x), {queries} queries"] = (
            ratio <= most and queries <= QUERIES
        )
    return kept


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("articles", type=int, nargs="?", default=20_000)
    given.add_argument("--folder", type=Path)
    args = given.parse_args()
    with tempfile.TemporaryDirectory() as made:
        kept = measure(args.folder or Path(made), args.articles)
    tell(kept)
    sys.exit(not all(kept.values()))


if __name__ == "__main__":
    main()
