"""The last statement of who left, given to them on paper: when, how, and which are still to be given."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from peewee import CharField, Check, DateField, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.people.people import Person

HOWS = {"hand": Phrase("by hand"), "post": Phrase("by post"), "mail": Phrase("by e-mail")}


class Handout(Record):
    """A statement was given to its payee, whose account is closed. One for each statement."""

    statement = ForeignKeyField(Statement, unique=True, on_delete="RESTRICT")
    statement_id: int
    on = DateField()
    how = CharField(10)
    by = ForeignKeyField(Person, on_delete="RESTRICT")
    """Who noted it."""
    by_id: int

    class Meta:
        constraints = [Check("how IN ('hand', 'post', 'mail')")]

    @classmethod
    def of(cls, statement: Statement) -> Self | None:
        """The one of a statement, with who noted it."""
        found: Self | None = cls.select(cls, Person).join(Person).where(cls.statement == statement).first()
        return found

    @property
    def how_label(self) -> Phrase:
        return HOWS[self.how]

    @classmethod
    def outstanding(cls, period: Period) -> Any:
        """The condition that a person's account was closed before their statement of a closed month was paid,
        and that nobody has noted yet that they were given it: they cannot open it themselves.
        """
        given = cls.select(cls.statement)
        payees = Statement.select(Statement.person).where(
            (Statement.period == period.id) & Statement.id.not_in(given)
        )
        return (Person.deactivated_at <= (period.paid_at or clock.now())) & Person.id.in_(payees)

    @staticmethod
    def notable_by(statement: Statement, person: Person) -> bool:
        """Finance, of others' statements."""
        return person.is_finance and person.id != statement.person_id

    @classmethod
    def note(cls, statement: Statement, on: date, how: str, *, by: Person) -> bool:
        """A closed month's statement was handed over; what was noted first stands. Raises Invalid."""
        closed_at = statement.period.closed_at
        if closed_at is None or statement.person.is_active:
            raise Invalid(Phrase("Only who left is handed their statement: others open it themselves."))
        if not clock.local(closed_at).date() <= on <= clock.today():
            raise Invalid({"on": Phrase("A day between the close of the month and today, please.")})
        row = {"statement": statement, "on": on, "how": how, "by": by, "created_at": clock.now()}
        with db.atomic():
            made = bool(cls.insert(row).on_conflict_ignore().execute())
            if made:
                changes = {"on": [None, on.isoformat()], "how": [None, how]}
                statement.track("handed_out", by=by, changes=changes)
        return made


def _may(statement: Statement, event: Event, by: Person) -> bool:
    return Handout.notable_by(statement, by)


@undoes(Statement, "handed_out", right=_may)
def take_back(statement: Statement, event: Event, by: Person) -> None:
    """It is to be handed over still."""
    if not Handout.delete().where((Handout.statement == statement) & (Handout.by == by)).execute():
        raise Invalid(MEANWHILE)
