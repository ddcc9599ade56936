"""A large made-up company: 1,000 people, 100,000 customers, 1,000,000 interactions, 20,000 articles, 50,000 deals.

    python -m benchmarks.data FOLDER [--scale 0.1] [--demo]

Deterministic: the same scale gives the same rows. With `--demo` the demo company is told first, and its people own
some of the rows: then there are records of every kind, also of those that never come by the thousand.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import peewee
from pypinyin import lazy_pinyin

from portal import demo
from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.expertise.expertise import WEIGHTS, Evidence, EvidenceSum
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.uses import Use
from portal.models.people.passwords import hash_password
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.settings import Settings

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
GIVEN = "明朗晓雨志强建国丽华思远子墨静怡海波文博雅婷俊杰欣然天宇梦琪浩然佳慧国栋雪梅永康春燕"
PLACES = ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "南京", "西安", "苏州")
TRADES = ("科技", "贸易", "制造", "物流", "医疗", "教育", "食品", "建材", "电子", "传媒")
WORDS = (
    "客户",
    "学区",
    "贷款",
    "首付",
    "带看",
    "谈价",
    "签约",
    "过户",
    "物业",
    "户型",
    "朝向",
    "噪音",
    "税费",
    "佣金",
    "合同",
)
OLD = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "benchmark password"  # noqa: S105 - of people who do not exist
BATCH = 5000
KNOWS = 20
"""So many topics are known to each person, of all that there are."""


class Pools:
    """What rows may point at: the ids there are of each noun, those of the demo company among them."""

    def __init__(self, dice: random.Random) -> None:
        self._dice, self._ids = dice, dict[type[peewee.Model], list[int]]()

    def one(self, model: Any) -> int:
        """Any of them."""
        return self._dice.choice(self.all(model))

    def some(self, model: Any, size: int) -> list[int]:
        """Different ones."""
        return self._dice.sample(self.all(model), size)

    def all(self, model: Any) -> list[int]:
        if model not in self._ids:
            self._ids[model] = [ident for (ident,) in model.select(model.id).order_by(model.id).tuples()]
        return self._ids[model]


def generate(folder: Path, scale: float = 1.0, *, with_demo: bool = False, url: str = "") -> dict[str, int]:
    """Fill an empty portal, in the folder's own database or the one of the URL; gives how many rows it made."""
    settings = Settings(data=folder, database_url=url, secret="benchmark")  # noqa: S106 - signs nothing
    database.connect(settings.database)
    migrate()
    dice = random.Random(7)
    pools = Pools(dice)
    counts = {
        "people": max(20, int(1000 * scale)),
        "topics": max(KNOWS, int(200 * scale)),
        "customers": int(100_000 * scale),
        "deals": int(50_000 * scale),
        "interactions": int(1_000_000 * scale),
        "articles": int(20_000 * scale),
        "questions": int(5000 * scale),
    }
    with database.db.connection_context(), database.db.atomic():
        if with_demo:
            demo.tell(settings)
        else:
            Department.create(name="销售部")
            CustomerType.insert_many([{"name": f"类型 {n}"} for n in range(6)]).execute()
            Topic.insert_many([{"name": word} for word in WORDS]).execute()
        Product.insert_many([{"code": f"P-{n:04d}", "name": f"产品 {n}"} for n in range(100)]).execute()
        _people(dice, counts["people"])
        insert(Topic, _more_topics(counts["topics"]))
        insert(Customer, _customers(dice, pools, counts["customers"]))
        insert(Deal, _deals(dice, pools, counts["deals"]))
        insert(Interaction, _interactions(dice, pools, counts["interactions"]))
        insert(Event, _events(dice, pools))
        insert(Article, _articles(dice, pools, counts["articles"]))
        insert(ArticleTopic, _topics(pools))
        insert(Use, _uses(dice, pools))
        insert(Question, _questions(dice, pools, counts["questions"]))
        insert(Answer, _answers(dice, pools))
        insert(Evidence, _evidence(dice, pools))
        known: Any = Evidence.select(Evidence.person, Evidence.topic).distinct().tuples()
        for places in peewee.chunked(sorted(known), 2000):
            EvidenceSum.renew(set(places))
    return counts


def insert(model: type[peewee.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Plain executemany: the portal's own verbs are measured elsewhere."""
    rows = iter(rows)
    missing = {
        n: f.default() if callable(f.default) else f.default
        for n, f in model._meta.fields.items()
        if f.default is not None
    }
    while batch := [missing | row for row in islice(rows, BATCH)]:
        fields = {name: getattr(model, name) for name in batch[0]}
        columns = {name: field.column_name for name, field in fields.items()}
        given = [tuple(_stored(fields[name], row[name]) for name in columns) for row in batch]
        names = ", ".join(f'"{column}"' for column in columns.values())
        marks = ", ".join([database.db.param] * len(columns))
        table = model._meta.table_name
        database.db.cursor().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', given)


def _stored(field: peewee.Field[Any], value: Any) -> Any:
    if isinstance(field, peewee.JSONField):
        return value if isinstance(value, str) else json.dumps(value)
    return field.db_value(value)


def _name(dice: random.Random) -> str:
    return dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, 2))


def _people(dice: random.Random, count: int) -> None:
    hashed = hash_password(PASSWORD)
    for n in range(count):
        Person.create(
            email=f"p{n}@bench.example",
            name=_name(dice),
            department=1,
            password_hash=hashed,
            employee_no=f"E{n:05d}",
        )


def _moment(dice: random.Random) -> datetime:
    return OLD - timedelta(minutes=dice.randrange(1_000_000))


def _customers(dice: random.Random, pools: Pools, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        name = f"{dice.choice(PLACES)}{''.join(dice.sample(GIVEN, 2))}{dice.choice(TRADES)}有限公司"
        yield _edited(_moment(dice)) | {
            "name": name,
            "name_en": "",
            "sort_name": " ".join(lazy_pinyin(name)),
            "code": f"C-{n:06d}",
            "form": "organisation",
            "type": pools.one(CustomerType),
            "owner": pools.one(Person),
            "sector": dice.choice(TRADES),
            "source": "",
            "city": dice.choice(PLACES),
            "website": "",
            "phone": f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}",
            "email": "",
            "address": "",
            "note": "",
        }


def _deals(dice: random.Random, pools: Pools, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        at, stage = _moment(dice), dice.choice(("lead", "engaged", "viewing", "negotiation", "won", "lost"))
        yield _edited(at) | {
            "code": f"D-{n:06d}",
            "title": f"{dice.choice(PLACES)} {dice.choice(WORDS)} {n}",
            "customer": pools.one(Customer),
            "product": pools.one(Product),
            "owner": pools.one(Person),
            "stage": stage,
            "amount": dice.randrange(10**8),
            "engaged_on": at.date(),
            "expected_on": at.date() + timedelta(days=60),
            "closed_on": date(2026, 1, 1) - timedelta(days=dice.randrange(600))
            if stage in ("won", "lost")
            else None,
            "lost_reason": "",
            "competitor": "",
            "note": "",
        }


def _interactions(dice: random.Random, pools: Pools, count: int) -> Iterator[dict[str, Any]]:
    for _ in range(count):
        at = _moment(dice)
        yield {
            "created_at": at,
            "customer": pools.one(Customer),
            "person": pools.one(Person),
            "kind_of": dice.choice(("call", "visit", "message", "note")),
            "text": f"谈了{dice.choice(WORDS)}和{dice.choice(WORDS)}，下周再联系。",
            "at": at,
        }


def _events(dice: random.Random, pools: Pools) -> Iterator[dict[str, Any]]:
    for customer in pools.all(Customer):
        yield {
            "created_at": _moment(dice),
            "at": _moment(dice),
            "actor": pools.one(Person),
            "subject_kind": "customer",
            "subject": customer,
            "verb": "added",
            "customer": customer,
            "changes": "{}",
            "request": "",
        }


def _articles(dice: random.Random, pools: Pools, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        at = _moment(dice)
        body = "。".join("".join(dice.choices(WORDS, k=12)) for _ in range(12))
        yield _edited(at) | {
            "title": f"{dice.choice(WORDS)}与{dice.choice(WORDS)}的第 {n} 条经验",
            "slug": f"article-{n}",
            "kind_of": "guide",
            "state": "published",
            "author": pools.one(Person),
            "product": pools.one(Product),
            "customer_type": pools.one(CustomerType),
            "summary": body[:80],
            "body": body,
            "html": f"<p>{body}</p>",
            "language": "zh",
            "freshness": "evergreen",
            "published_at": at,
            "uses": max(0, int(dice.gauss(0, 6))),
        }


def _made() -> list[Article]:
    """The articles made here, not told by the demo company."""
    return list(Article.select(Article.id, Article.uses).where(Article.slug.startswith("article-")))


def _more_topics(count: int) -> Iterator[dict[str, Any]]:
    """So many in all, with those that are there."""
    for n in range(Topic.select().count(), count):
        yield _edited(OLD) | {"name": f"{WORDS[n % len(WORDS)]} {n}"}


def _topics(pools: Pools) -> Iterator[dict[str, Any]]:
    for article in _made():
        for topic in pools.some(Topic, 2):
            yield {"created_at": OLD, "article": article.id, "topic": topic}


def _uses(dice: random.Random, pools: Pools) -> Iterator[dict[str, Any]]:
    for article in _made():
        for person in pools.some(Person, min(article.uses, len(pools.all(Person)))):
            yield {"created_at": OLD, "article": article.id, "person": person, "at": _moment(dice)}


def _questions(dice: random.Random, pools: Pools, count: int) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield _edited(_moment(dice)) | {
            "text": f"{dice.choice(WORDS)}和{dice.choice(WORDS)}怎么说？（{n}）",
            "asker": pools.one(Person),
            "topic": pools.one(Topic),
            "product": pools.one(Product),
            "state": "answered",
        }


def _answers(dice: random.Random, pools: Pools) -> Iterator[dict[str, Any]]:
    for question in Question.select(Question.id).where(Question.text.contains("怎么说？（")):
        for _ in range(3):
            text = "，".join(dice.choices(WORDS, k=20)) + "。"
            facts = {"question": question.id, "author": pools.one(Person), "text": text, "article": None}
            yield _edited(_moment(dice)) | facts | {"html": f"<p>{text}</p>"}


def _evidence(dice: random.Random, pools: Pools) -> Iterator[dict[str, Any]]:
    kinds = [kind for kind in WEIGHTS if kind != "wrong answer"]
    for person in pools.all(Person):
        knows = pools.some(Topic, KNOWS)
        for n in range(100):
            at = _moment(dice)
            yield {
                "created_at": at,
                "at": at,
                "person": person,
                "topic": dice.choice(knows),
                "kind_of": dice.choice(kinds),
                "subject_kind": "article",
                "subject": pools.one(Article),
                "key": f"benchmark:{person}:{n}",
            }


def _edited(at: datetime) -> dict[str, Any]:
    return {"created_at": at, "updated_at": at, "version": 1}


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--scale", type=float, default=1.0)
    given.add_argument("--demo", action="store_true", help="tell the demo company first")
    args = given.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(generate(args.folder, args.scale, with_demo=args.demo))


if __name__ == "__main__":
    main()
