"""Who may say that money is there (RULES 4.1)."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from portal import clock
from portal.models.people.hands import Hands
from portal.models.people.people import Person, Role, active_with


class Confirmer:
    """Somebody who confirms payments: not what pays them, nor, as long as any other could, what pays those
    from whose hand they have that role lately, or was written down by these.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self._hands = Hands({Role.FINANCE, Role.PAYMENTS}, clock.now())
        self.givers = self._hands.behind(person.id) - {person.id}

    def may(self, payees: Collection[int], recorded_by: int | None) -> bool:
        """Whether a payment that pays these, and was written down by that one, is theirs to confirm."""
        if not self.person.does(Role.PAYMENTS) or self.person.id in payees:
            return False
        able = self._able - set(payees) if self.givers else set()
        involved = self.givers & {recorded_by, *payees}
        return not any(self._hands.bars(giver, self.person.id, able) for giver in involved)

    @cached_property
    def _able(self) -> set[int]:
        return {person.id for person in active_with(Role.FINANCE) if person.does(Role.PAYMENTS)}
