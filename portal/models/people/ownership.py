"""Records that someone owns, and that go on to another owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Editable, Invalid
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock


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
            self.track("handed over", by=by, changes={"owner": [before, to.id], "to": [None, to.name]})
            if told and to.id != by.id:
                Notice.tell(to, self.handed_over(by), about=self)
        return True

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
