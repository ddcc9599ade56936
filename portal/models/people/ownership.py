"""Records that someone owns, and that go on to another owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Editable, Event, Invalid
from portal.models.base.undoing import hinders, undoes
from portal.models.people.notices import Notice, title_of
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

LOOKS = ("revealed", "exported")
"""Verbs that change nothing."""


class Owned(Editable):
    """A record with an owner. It declares `owner`, and says what a new one is told."""

    owner: Any
    owner_id: int | None

    def touch(self, values: Mapping[str, Any]) -> None:
        super().touch(values)
        if "owner" in values:
            Clock.hand_over(self)

    def hand_over(self, to: Person, *, by: Person, told: bool = True) -> bool:
        """Give it to a new owner, who is told unless it is one of many; false when it is theirs. Raises
        Invalid.
        """
        if not to.is_active:
            raise Invalid({"to": Phrase("This person no longer works here.")})
        if self.owner_id == to.id:
            return False
        before = self.owner_id
        with db.atomic():
            self.write(owner=to)
            self.track("handed over", by=by, changes={"owner": [before, to.id], "to": [None, names(to)]})
            if told and to.id != by.id:
                Notice.tell(to, self.handed_over(by), about=self, undoable=True)
            if before not in (None, by.id) and (told or to.id == by.id):
                self._tell_former(before, to, by)
        return True

    def _tell_former(self, owner: int, to: Person, by: Person) -> None:
        """Whose it was hears of it, also when it was taken but for a moment: an undoing leaves that word."""
        told = Phrase(
            "%(who)s handed %(what)s, which was yours, over to %(to)s.",
            who=names(by),
            what=names(self) if hasattr(self, "name") else title_of(self),
            to=names(to),
        )
        Notice.tell(owner, told, about=self)

    @classmethod
    def tell_of_many(cls, to: Person, count: int, *, by: Person) -> None:
        """Tell a new owner, once, of all that was handed over in one act."""
        if count and to.id != by.id:
            Notice.tell(
                to, cls.many_handed_over(count, by), about=to, url=f"{cls.called.list_path}?show=mine"
            )

    @classmethod
    def many_handed_over(cls, count: int, by: Person) -> Phrase:
        """What the new owner of many is told."""
        raise NotImplementedError

    def handed_over(self, by: Person) -> Phrase:
        """What the new owner is told."""
        raise NotImplementedError

    def editable_by(self, person: Person) -> bool:
        """Each noun says who may."""
        raise NotImplementedError(f"{type(self).__name__} has to say who may edit it")


def _was_theirs(record: Owned, event: Event, by: Person) -> bool:
    """Whether they might hand it over then, and might still: having given it away is no reason against."""
    before = type(record)(**{**record.__data__, "owner": event.changes["owner"][0]})
    return before.editable_by(by)


def _never_mind_the_many(record: Owned, event: Event, by: Person) -> None:
    """The new owner was told of all of them at once."""
    to = Person.get_by_id(event.changes["owner"][1])
    Notice.take_back_of_many(to, record.many_handed_over(0, by), since=event.at, by=by)


@undoes(Owned, "handed over", right=_was_theirs, of_many=_never_mind_the_many)
def take_over_again(record: Owned, event: Event, by: Person) -> None:
    """Back to who had it, unless they left; the new one need not hear of it, or hears that it is over."""
    before, to = event.changes["owner"]
    owner = Person.get_or_none(Person.id == before) if before is not None else None
    if record.owner_id != to:
        raise Invalid(Phrase("It has another owner by now: hand it over on its page."))
    if before is not None and (owner is None or not owner.is_active):
        raise Invalid(Phrase("Who had it no longer works here: hand it over to somebody else."))
    record.write(owner=owner)
    Notice.take_back(record, record.handed_over(by), since=event.at, by=by)


@hinders(Owned, "handed over")
def at_work_already(record: Owned, event: Event) -> Phrase | None:
    """Who got it works on it: it is not taken out of their hands by a click."""
    of_it = (Event.subject_kind == record.kind()) & (Event.subject == record.id)
    if record.kind() == "customer":  # what is said to it, and sold, is work on it too
        of_it |= (Event.customer == record.id) & (Event.actor == event.changes["owner"][1])
    others = Event.actor.is_null(False) & (Event.actor != event.actor) & Event.verb.not_in(LOOKS)
    later = Event.select().where((Event.id > event.id) & others & of_it).order_by(Event.id).first()
    if later is None:
        return None
    who = Person.get_by_id(later.actor)
    return Phrase(
        "%(who)s has worked on it since. Talk to them, and hand it over on its page.", who=names(who)
    )
