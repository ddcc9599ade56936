"""People, many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.models.base.intake import Intake
from portal.models.people.people import Person, RoleGrant, Transfer
from portal.text import pinyin

NO_ADDRESS = "@no-address.invalid"
"""The domain of the address given to people of whom none is known: nothing can be sent there (RFC 2606)."""


class PersonIntake(Intake[Person]):
    """People as a file brings or names them: they cannot sign in until someone sees to it."""

    model = Person
    parts = (RoleGrant.person, Transfer.person)

    def add_named(self, name: str, **facts: Any) -> Person:
        return Person.add(by=self.by, email=self._addresses([name])[0], name=name, **facts)

    def complete(self, rows: Sequence[dict[str, Any]]) -> None:
        lacking = [row for row in rows if not row.get("email")]
        for row, address in zip(lacking, self._addresses([row["name"] for row in lacking]), strict=True):
            row["email"] = address

    def take_in(self, rows: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        made = super().take_in(rows)
        for number, row in rows.items():
            for role in row.get("roles", ()):
                Person.get_by_id(made[number]).grant(role, by=self.by)
        return made

    def _addresses(self, names: Sequence[str]) -> list[str]:
        wanted = []
        for name in names:
            words = "".join(c if c.isalnum() else " " for c in " ".join(pinyin.syllables(name)))
            local = ".".join(word for word in words.lower().split() if word.isascii())[:60]
            wanted.append((local or "someone", NO_ADDRESS))
        return self.unused(Person.email, wanted)
