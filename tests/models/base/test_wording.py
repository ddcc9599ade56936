"""What the portal asks is worded as peewee words it, on either database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from peewee import JOIN, SQL, Case, Context, Value, fn
from starlette.applications import Starlette

from portal import clock
from portal.models.base.database import among, db
from portal.models.base.wording import Wording
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.people.people import Person, RoleGrant

Chief: Any = Person.alias("chief")
Other: Any = Person.alias()


def _statements() -> dict[str, Any]:
    granted = RoleGrant.select(RoleGrant.person).where(RoleGrant.role == "reviewer")
    numbers = Person.select(Person.department, fn.COUNT(Person.id).alias("n")).group_by(Person.department)
    counted: Any = numbers.alias("counted")
    both: Any = Person.select(Person.id).where(Person.id > 3) | RoleGrant.select(RoleGrant.person)
    chain: Any = Department.select(Department.id).where(Department.id == 1).cte("chain", recursive=True)
    return {
        "all": Person.select(),
        "a quoted name": Person.select(SQL("1").alias('o"dd')).order_by(SQL('"o""dd"')),
        "joined": Person.select(Person, Department.name).join(Department, JOIN.LEFT_OUTER).where(Department.id == 2),
        "to itself": Person.select(Person.id, Chief.name).join(Chief, on=Person.manager == Chief.id).order_by(Chief.name),
        "alias without name": Person.select().where(
            fn.EXISTS(Other.select(SQL("1")).where(Other.manager == Person.id, Other.name != Person.name))
        ),
        "in a query": Person.select(Person.id).where(Person.id.in_(granted) | ~(Person.name.startswith("%_"))),
        "in a list": Person.select().where(Person.id.in_([1, 2]), Person.id.not_in([]), Person.id.in_(among([3]))),
        "of a query": Person.select(Person.name, counted.c.n).join(counted, on=Person.department == counted.c.department_id),
        "both": both.order_by(SQL("1")).limit(3),
        "one after another": Topic.select().with_cte(chain).where(Topic.id.in_(chain.select(chain.c.id))),
        "a case": Person.select(Case(None, [(Person.id == 1, Person.name)], Value("x")).alias("shown")).offset(2),
        "nothing": Person.select().where(Person.manager.is_null(), Person.department >> None).distinct(),
        "reckoned": Person.select((Person.id + 1) * 2, fn.COALESCE(fn.MAX(Person.id), 0)).having(fn.COUNT(1) > 1),
        "inserted": Topic.insert(name="学区", name_en="Schools").returning(Topic.id),
        "many inserted": Topic.insert_many([{"name": "a", "name_en": "b"}, {"name": "c", "name_en": "d"}]),
        "or left": Topic.insert(name="a", name_en="b").on_conflict_ignore(),
        "or changed": Topic.insert(name="a").on_conflict(conflict_target=[Topic.id], update={Topic.name_en: "b"}),
        "changed": Person.update({Person.name: Person.name.concat("x")}).where(Person.id.in_(granted)),
        "deleted": Person.delete().where((Person.id < 1) & (Person.name == None)),  # noqa: E711 - as SQL
    }  # fmt: skip


@pytest.mark.parametrize("name", _statements())
def test_every_sort_of_statement_is_worded_as_peewee_does(app: Starlette, name: str) -> None:
    here, theirs = db.get_sql_context(), Context(**db.obj.get_context_options())
    assert type(here) is Wording
    query = _statements()[name]
    with clock.moved(datetime(2026, 5, 12, 4, tzinfo=UTC)):  # a row is stamped as it is worded
        assert here.sql(query).query() == theirs.sql(query).query()
    assert here.query()[0], "something was said"


def test_a_setting_holds_within_its_block_alone(app: Starlette) -> None:
    context: Any = db.get_sql_context()
    with context(in_expr=True, parentheses=False):
        assert context.state.in_expr
        with context(scope=8):
            assert (context.state.in_expr, context.scope) == (True, 8)
        assert context.scope != 8
    assert context.state.in_expr is None
    assert context.state.never_made is None
    assert context.as_new().parse(Value(1)) == context.sql(Value(1)).query()
