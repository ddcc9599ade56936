"""Queries are put into words as peewee puts them, to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from peewee import (
    EXCLUDED,
    SQL,
    Case,
    CharField,
    Context,
    Database,
    Field,
    FieldAlias,
    PostgresqlDatabase,
    SqliteDatabase,
    Value,
    fn,
)

from portal import clock
from portal.migrations import models
from portal.models.base.database import db
from portal.models.base.record import Row
from portal.models.base.wording import Wording
from portal.models.company.topics import Topic
from portal.models.people.people import Person

MODELS: list[Any] = list(models())
ASKED = {"sqlite": SqliteDatabase, "postgres": PostgresqlDatabase}


@pytest.fixture(params=ASKED)
def asked(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Who would be asked: nobody connects to it."""
    made = ASKED[request.param](":memory:")
    with made.bind_ctx(MODELS):
        yield made


def words(database: Database, query: Any, *, by: type[Context] = Wording) -> tuple[str, list[Any]]:
    database.context_class = by
    told: tuple[str, list[Any]] = database.get_sql_context().sql(query).query()
    return told


def shapes(model: Any) -> Iterator[Any]:
    """Queries of the shapes that the portal asks and tells in."""
    other, named, key = model.alias(), model.alias("named"), model._meta.primary_key
    their, last = getattr(other, key.name), model._meta.sorted_fields[-1]
    yield model.select()
    yield model.select(key)
    yield model.select(1)
    yield model.select(key, "text", 7, None)
    yield model.select(fn.EXISTS(other.select(1).where(their == key)), key == 3)
    yield model.select(model, other)
    yield model.select(other, key, their, named)
    yield model.select(model, fn.COUNT(key).over(order_by=[last]), Value(7), SQL("1"), key.alias("again"))
    yield model.select(fn.COUNT(their), last, other).join(other, on=their == key)
    yield model.select().where((key == 3) & (last.is_null() | ~(key > 5))).order_by(last.desc(), key).limit(2)
    yield model.select().where(key.in_(other.select(their).where(their != key)))
    yield model.select().where(key.in_(other.select()) & key.not_in([1, 2]) & key.in_([]))
    yield model.select(key, model.select(fn.MAX(key)).where(key == their).alias("last"), other)
    yield model.select(Case(None, [(key == 1, last)], their), fn.COUNT(last.distinct()).filter(key < 4))
    yield model.select().select_extend(fn.COUNT(key)).group_by(model).having(fn.COUNT(key) > 1)
    inner = model.select(key, last).alias("inner")
    yield model.select(model, inner.c.one).join(inner, on=inner.c.one == key)
    cte = model.select(key.alias("one")).cte("some", columns=("one",))
    yield model.select(model, cte.c.one).join(cte, on=cte.c.one == key).with_cte(cte)
    yield model.select().distinct()
    yield model.select(key) | model.select(last).where(key == 2)
    yield model.update({last: last, key: key + 1}).where(key.in_(other.select(their).where(last == key)))
    yield model.update({key: model.select(fn.MAX(key))}).where(key == 3).returning(model)
    yield model.delete().where(key.not_in(other.select(their)) | (last == key))
    yield model.insert_from(other.select(their), [key])


def test_tables_are_spoken_of_as_peewee_does(asked: Database) -> None:
    for query in (query for model in MODELS[::6] for query in shapes(model)):
        assert words(asked, query) == words(asked, query, by=Context)


def test_what_is_new_is_told_as_peewee_tells_it(asked: Database) -> None:
    plain = Topic.insert(name="学区", position=Topic.position + 1)
    upsert = Topic.insert(name="学区").on_conflict(
        conflict_target=[Topic.name], update={Topic.name_en: Topic.name, Topic.position: EXCLUDED.position}
    )
    with clock.moved(datetime(2026, 5, 18, tzinfo=UTC)):  # it says when
        for query in (plain, plain.on_conflict_ignore(), upsert, upsert.returning(Topic.id, Topic.name)):
            assert words(asked, query) == words(asked, query, by=Context)


def test_rows_of_many_tables_read_along(asked: Database) -> None:
    for model in MODELS:
        for key, owner in model._meta.refs.items():
            alias = owner.alias()
            query = model.select(model, alias, owner).join(alias, on=key == alias.id).switch(model)
            query = query.join(owner, on=key).where(key == 3).order_by(alias.id)
            assert words(asked, query) == words(asked, query, by=Context)


def test_each_column_is_named_with_its_own_table(asked: Database) -> None:
    other: Any = Person.alias()
    query = Person.select(Person.id, other.name).join(other, on=Person.manager == other.id)
    query = query.where(other.name == "Ada").order_by(Person.id)
    assert words(asked, query) == (
        'SELECT "t1"."id", "t2"."name" FROM "person" AS "t1" INNER JOIN "person" AS "t2" '
        f'ON ("t1"."manager_id" = "t2"."id") WHERE ("t2"."name" = {asked.param}) ORDER BY "t1"."id"',
        ["Ada"],
    )


def test_an_odd_name_stays_a_name(asked: Database) -> None:
    class Odd(Row):
        value = CharField(column_name='a"b', null=True)

        class Meta:
            table_name = "odd"

    assert '."a""b"' in words(asked, Odd.select())[0]
    assert words(asked, Odd.select()) == words(asked, Odd.select(), by=Context)
    assert words(asked, Odd.update(value=1)) == words(asked, Odd.update(value=1), by=Context)


def test_the_portal_speaks_so_and_peewee_has_not_changed_the_ways_it_shortens(ada: Person) -> None:
    assert type(db.get_sql_context()) is Wording
    kinds = {type(field).__sql__ for model in MODELS for field in model._meta.sorted_fields}
    kinds |= {type(Person.alias().name).__sql__}
    assert {Field.__sql__, FieldAlias.__sql__} <= kinds
