"""Queries written once: the same answers as those written anew, whatever is given."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.models.base.prepared import Prepared
from portal.models.people.people import Person
from portal.models.people.sessions import Session

NAMED = Prepared[Person](lambda name: Person.select().where(Person.name == name))
AMONG = Prepared[Person](
    lambda ids, name: Person.select(Person.id).where(Person.id.in_(ids) & (Person.name != name))
)
BEGUN = Prepared[Session](lambda since: Session.select().where(Session.created_at > since))


def test_gives_the_records_for_the_values_of_each_asking(ada: Person, ben: Person) -> None:
    assert [person.id for person in NAMED(name=ada.name)] == [ada.id]
    assert [person.email for person in NAMED(name=ben.name)] == [ben.email]
    assert NAMED.first(name=ben.name) == ben
    assert NAMED.first(name="nobody") is None


def test_values_are_stored_as_their_column_stores_them(ada: Person) -> None:
    session, _ = Session.open(ada)
    assert BEGUN.first(since=session.created_at - timedelta(seconds=1)) == session
    assert BEGUN.first(since=session.created_at + timedelta(seconds=1)) is None
    assert BEGUN.first(since=datetime(2999, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_lists_of_any_length(
    ada: Person, ben: Person, mona: Person, rita: Person, rob: Person, count: int
) -> None:
    ids = [person.id for person in (ada, ben, mona, rita, rob)][:count]
    assert sorted(AMONG.rows(ids=ids, name="")) == [(ident,) for ident in sorted(ids)]
    assert sorted(AMONG.rows(ids=ids, name=ada.name)) == [
        (ident,) for ident in sorted(ids) if ident != ada.id
    ]


def test_an_empty_list_is_refused_rather_than_taken_for_everything(ada: Person) -> None:
    with pytest.raises(ValueError, match="nothing"):
        AMONG.rows(ids=[], name="")


def test_a_quote_in_a_value_stays_a_value(ada: Person) -> None:
    assert NAMED(name="' OR '1'='1") == []
