"""A large made-up company: 1,000 people, 100,000 customers, 1,000,000 interactions, 20,000 articles, 50,000 deals.

    python -m benchmarks.data FOLDER [--scale 0.1]

Deterministic: the same scale gives the same rows.
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

from portal.migrations import migrate
from portal.models.base import database
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.people.people import Person
from portal.models.people.sessions import hash_password
from portal.models.products.products import Product
from portal.models.sales.deals import Deal

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
PASSWORD = "benchmark password"  # noqa: S105 - of people who do not exist
BATCH = 5000


def generate(folder: Path, scale: float = 1.0) -> dict[str, int]:
    """Fill an empty portal; gives how many rows of each noun."""
    database.connect(f"sqlite:///{folder / 'portal.db'}")
    migrate()
    dice = random.Random(7)
    counts = {
        "people": max(20, int(1000 * scale)),
        "customers": int(100_000 * scale),
        "deals": int(50_000 * scale),
        "interactions": int(1_000_000 * scale),
        "articles": int(20_000 * scale),
    }
    with database.db.connection_context(), database.db.atomic():
        Department.create(name="销售部")
        CustomerType.insert_many([{"name": f"类型 {n}"} for n in range(6)]).execute()
        Topic.insert_many([{"name": word} for word in WORDS]).execute()
        Product.insert_many([{"code": f"P-{n:04d}", "name": f"产品 {n}"} for n in range(100)]).execute()
        _people(dice, counts["people"])
        insert(Customer, _customers(dice, counts))
        insert(Deal, _deals(dice, counts))
        insert(Interaction, _interactions(dice, counts))
        insert(Event, _events(dice, counts))
        insert(Article, _articles(dice, counts))
        insert(ArticleTopic, _topics(dice, counts))
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
        marks = ", ".join("?" * len(columns))
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
    return datetime(2026, 1, 1, tzinfo=UTC) - timedelta(minutes=dice.randrange(1_000_000))


def _customers(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for n in range(counts["customers"]):
        name = f"{dice.choice(PLACES)}{''.join(dice.sample(GIVEN, 2))}{dice.choice(TRADES)}有限公司"
        at = _moment(dice)
        yield {
            "created_at": at,
            "updated_at": at,
            "version": 1,
            "name": name,
            "name_en": "",
            "sort_name": " ".join(lazy_pinyin(name)),
            "code": f"C-{n:06d}",
            "form": "organisation",
            "type": dice.randrange(1, 7),
            "owner": dice.randrange(1, counts["people"] + 1),
            "sector": dice.choice(TRADES),
            "source": "",
            "city": dice.choice(PLACES),
            "website": "",
            "phone": f"1{dice.randrange(3, 10)}{dice.randrange(10**9):09d}",
            "email": "",
            "address": "",
            "note": "",
        }


def _deals(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for n in range(counts["deals"]):
        at, stage = _moment(dice), dice.choice(("lead", "engaged", "viewing", "negotiation", "won", "lost"))
        yield {
            "created_at": at,
            "updated_at": at,
            "version": 1,
            "code": f"D-{n:06d}",
            "title": f"{dice.choice(PLACES)} {dice.choice(WORDS)} {n}",
            "customer": dice.randrange(1, counts["customers"] + 1),
            "product": dice.randrange(1, 101),
            "owner": dice.randrange(1, counts["people"] + 1),
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


def _interactions(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for _ in range(counts["interactions"]):
        at = _moment(dice)
        yield {
            "created_at": at,
            "customer": dice.randrange(1, counts["customers"] + 1),
            "person": dice.randrange(1, counts["people"] + 1),
            "kind_of": dice.choice(("call", "visit", "message", "note")),
            "text": f"谈了{dice.choice(WORDS)}和{dice.choice(WORDS)}，下周再联系。",
            "at": at,
        }


def _events(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for n in range(1, counts["customers"] + 1):
        yield {
            "created_at": _moment(dice),
            "at": _moment(dice),
            "actor": dice.randrange(1, counts["people"] + 1),
            "subject_kind": "customer",
            "subject": n,
            "verb": "added",
            "customer": n,
            "changes": "{}",
            "request": "",
        }


def _articles(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for n in range(counts["articles"]):
        at = _moment(dice)
        body = "。".join("".join(dice.choices(WORDS, k=12)) for _ in range(12))
        yield {
            "created_at": at,
            "updated_at": at,
            "version": 1,
            "title": f"{dice.choice(WORDS)}与{dice.choice(WORDS)}的第 {n} 条经验",
            "slug": f"article-{n}",
            "kind_of": "guide",
            "state": "published",
            "author": dice.randrange(1, counts["people"] + 1),
            "product": dice.randrange(1, 101),
            "customer_type": dice.randrange(1, 7),
            "summary": body[:80],
            "body": body,
            "html": f"<p>{body}</p>",
            "language": "zh",
            "freshness": "evergreen",
            "published_at": at,
            "uses": max(0, int(dice.gauss(0, 6))),
        }


def _topics(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for n in range(1, counts["articles"] + 1):
        for topic in dice.sample(range(1, len(WORDS) + 1), 2):
            yield {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "article": n, "topic": topic}


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--scale", type=float, default=1.0)
    args = given.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(generate(args.folder, args.scale))


if __name__ == "__main__":
    main()
