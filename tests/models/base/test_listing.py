"""Lists read in pieces: whole, in order, and by index at any size."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from peewee import JOIN

from portal import clock
from portal.models.base.database import db, is_sqlite
from portal.models.base.listing import counted, counted_among, listing
from portal.models.base.record import Event
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from tests.counting import queries


@pytest.fixture
def deals(ada: Person, ben: Person) -> list[Deal]:
    """Forty deals: every fourth without amount, amounts repeating, half of them won."""
    rows = [
        {
            "title": f"Deal {i}",
            "owner": (ada, ben)[i % 2],
            "amount": None if i % 4 == 0 else (i % 5) * 100,
            "stage": "won" if i % 2 else "lead",
            "closed_on": date(2026, 1, 1) + timedelta(days=i % 7) if i % 2 else None,
            "updated_at": clock.now() - timedelta(hours=i % 9),
        }
        for i in range(40)
    ]
    return [Deal.create(**row) for row in rows]


SORTS: dict[str, Any] = {"updated": Deal.updated_at, "amount": Deal.amount, "closed": Deal.closed_on}


@pytest.mark.parametrize("sort", ["updated", "-updated", "amount", "-amount", "closed", "-closed"])
@pytest.mark.parametrize("size", [1, 7, 40, 50])
def test_pieces_make_the_whole_list_in_order_with_empty_values_last(
    deals: list[Deal], sort: str, size: int
) -> None:
    rows, after = list[Deal](), ""
    while True:
        piece = listing(Deal.select(), sorts=SORTS, sort=sort, after=after, size=size)
        rows += piece.rows
        after = piece.more
        if not after:
            break
    assert sorted(row.id for row in rows) == sorted(deal.id for deal in deals)
    column = SORTS[sort.lstrip("-")].name
    keys = [(getattr(row, column), row.id) for row in rows]
    filled = [key for key in keys if key[0] is not None]
    assert filled == sorted(filled, reverse=sort.startswith("-"))
    empty = [key[1] for key in keys if key[0] is None]
    assert keys[: len(filled)] == filled
    assert empty == sorted(empty, reverse=sort.startswith("-"))


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WzFd", "//", "🙂"])
def test_a_cursor_that_cannot_be_read_starts_from_the_top(deals: list[Deal], cursor: str) -> None:
    piece = listing(Deal.select(), sorts=SORTS, sort="updated", after=cursor, size=5)
    assert piece.rows == listing(Deal.select(), sorts=SORTS, sort="updated", size=5).rows


def test_counts_are_bounded(deals: list[Deal]) -> None:
    every, won = Deal.select(), Deal.select().where(Deal.stage == "won")
    assert counted({"all": every, "won": won}) == {"all": 40, "won": 20}
    assert counted({"all": every, "won": won}, most=39) == {"all": None, "won": 20}
    assert counted({}) == {}
    with queries() as asked:
        assert counted_among(every, {}) == {}
    assert asked == [], "where nothing is counted, nothing is looked through"


def plan(query: Any) -> str:
    sql, params = query.sql()
    return "\n".join(str(row[-1]) for row in db.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())


ACTIVE = Deal.archived_at.is_null()
LISTS: list[tuple[str, Any, Any]] = [
    ("open by change", Deal.select().where(Deal.closed_on.is_null() & ACTIVE), Deal.updated_at),
    ("open by amount", Deal.select().where(Deal.closed_on.is_null() & ACTIVE), Deal.amount),
    ("open by day", Deal.select().where(Deal.closed_on.is_null() & ACTIVE), Deal.expected_on),
    ("mine", Deal.select().where((Deal.owner == 1) & Deal.closed_on.is_null() & ACTIVE), Deal.updated_at),
    ("won by change", Deal.select().where((Deal.stage == "won") & ACTIVE), Deal.updated_at),
    ("won by amount", Deal.select().where((Deal.stage == "won") & ACTIVE), Deal.amount),
    ("won by day", Deal.select().where((Deal.stage == "won") & ACTIVE), Deal.closed_on),
    ("all by change", Deal.select().where(ACTIVE), Deal.updated_at),
    ("all by amount", Deal.select().where(ACTIVE), Deal.amount),
    ("all by closing", Deal.select().where(ACTIVE), Deal.closed_on),
    ("customers by name", Customer.select().where(Customer.archived_at.is_null()), Customer.sort_name),
    ("customers by change", Customer.select().where(Customer.archived_at.is_null()), Customer.updated_at),
    ("my customers", Customer.select().where(Customer.owner == 1), Customer.sort_name),
    ("a type by name", Customer.select().where(Customer.type == 1), Customer.sort_name),
    ("a type by change", Customer.select().where(Customer.type == 1), Customer.updated_at),
    ("archived by name", Customer.select().where(Customer.archived_at.is_null(False)), Customer.sort_name),
]


@pytest.mark.parametrize(("name", "query", "column"), LISTS, ids=[name for name, _, _ in LISTS])
def test_a_list_is_read_in_the_order_of_an_index(app: object, name: str, query: Any, column: Any) -> None:
    """SQLite neither sorts nor reads a whole table: a list costs the same at 100 and at 1,000,000 rows."""
    if not is_sqlite():
        pytest.skip("plans of an empty PostgreSQL table say nothing: its planner reads small tables whole")
    if column.null:
        query = query.where(column.is_null(False))
    value = "2026-01-01" if "_" in column.name else 1
    for direction in ("asc", "desc"):
        ordered = query.order_by(getattr(column, direction)(), getattr(query.model.id, direction)()).limit(51)
        later = (column >= value) & ((column > value) | (query.model.id > 7))
        for piece in (ordered, ordered.where(later)) if direction == "asc" else (ordered,):
            told = plan(piece)
            assert "TEMP B-TREE" not in told, told
            assert re.search(r"USING (COVERING )?INDEX", told), told


def test_a_timeline_is_read_by_index(ada: Person) -> None:
    if not is_sqlite():
        pytest.skip("plans of an empty PostgreSQL table say nothing: its planner reads small tables whole")
    said = Interaction.select(Interaction, Person).join(Person, on=Interaction.person)
    happened = Event.select(Event, Person).join(
        Person, JOIN.LEFT_OUTER, on=(Event.actor == Person.id), attr="who"
    )
    for query, model in (
        (said.where(Interaction.customer == 1), Interaction),
        (said.where(Interaction.deal == 1), Interaction),
        (happened.where(Event.customer == 1), Event),
    ):
        told = plan(query.order_by(model.at.desc(), model.id.desc()).limit(21))
        assert "TEMP B-TREE" not in told, told
        assert "SCAN" not in told, told
