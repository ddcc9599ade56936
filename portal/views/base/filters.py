"""What a list can be narrowed by: a filter has a name in the address, and options, each with a condition."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.listing import day_of, number_of
from portal.models.people.people import Person

Where = Any
"""A condition over the columns of the list's noun; None for all of it."""


@dataclass(frozen=True)
class Option:
    """One choice: its value in the address, and what it is called, words or a record."""

    value: str
    called: Any

    @property
    def words(self) -> str:
        """What it is called in the language in use; what people wrote stays as it is."""
        return self.called if type(self.called) is str else i18n.label(self.called)


@dataclass(frozen=True, kw_only=True)
class Filter(ABC):
    """One way to narrow a list."""

    name: str
    label: Phrase | None = None
    """What its options are together: filters of one label stand in one row, without a label none is shown."""
    look: str = "chips"
    """`chips`, in a row of their own, `tools`, beside the search, or `segmented`."""
    counted: bool = True
    """Whether each option says how many rows it leaves."""
    filled: bool = False
    """Whether options that leave nothing are left out."""
    passing: bool = False
    """Whether another page led there with it: it is of that moment, as a search is, and not remembered."""

    @abstractmethod
    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        """What can be chosen by this person."""

    @abstractmethod
    def where(self, chosen: str, person: Person) -> Where:
        """The condition that a value in the address sets; None for one that is unknown."""


@dataclass(frozen=True)
class Part:
    """A part of a list under its words, such as what is mine."""

    words: Phrase
    where: Callable[[Person], Where]
    offered: Callable[[Person], bool] = lambda person: True


def owned_by(owner: Any, within: Where) -> dict[str, Part]:
    """The parts of a list that are mine, and my team's where there is one."""
    return {
        "mine": Part(Phrase("Mine"), lambda me: within & (owner == me)),
        "team": Part(
            Phrase("My team"),
            lambda me: within & owner.in_(list(me.team) or [0]),
            offered=lambda me: bool(me.team),
        ),
    }


@dataclass(frozen=True, kw_only=True)
class Parts(Filter):
    """A list in named parts, of which one is shown; '' is the usual one, where there is one."""

    parts: Mapping[str, Part]

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        return [Option(name, part.words) for name, part in self.parts.items() if part.offered(person)]

    def where(self, chosen: str, person: Person) -> Where:
        part = self.parts.get(chosen) or self.parts.get("")
        return part.where(person) if part else None


@dataclass(frozen=True, kw_only=True)
class Values(Filter):
    """The values of a field, by the words for each; `every` is called what takes the filter away."""

    field: Any
    words: Callable[[], Mapping[str, Any]]
    every: Phrase | None = None

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        found = [Option(value, words) for value, words in self.words().items()]
        return [Option("", self.every), *found] if self.every else found

    def where(self, chosen: str, person: Person) -> Where:
        states = getattr(self.field, "states", None)
        known = chosen in set(states) if states else chosen
        return self.field == chosen if known else None


def only_chosen(noun: Any) -> Callable[[Person, int], Iterable[Any]]:
    """Offers the record that is chosen and no other: there are too many, and its own page led here."""
    return lambda person, chosen: noun.visible_to(person).where(noun.id == chosen) if chosen else ()


@dataclass(frozen=True, kw_only=True)
class Links(Filter):
    """The records that a field points at, or, with `about`, the condition that a record's id sets."""

    offers: Callable[[Person, int], Iterable[Any]]
    """The records to choose from, for a person; the one chosen now is given by its id, 0 for none."""
    field: Any = None
    about: Callable[[int], Where] | None = None
    every: Phrase | None = None

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        records = self.offers(person, number_of(chosen))
        found = [Option(str(record.id), record) for record in records]
        return [Option("", self.every), *found] if self.every and found else found

    def where(self, chosen: str, person: Person) -> Where:
        ident = number_of(chosen)
        if not ident:
            return None
        return self.about(ident) if self.about else self.field == ident


@dataclass(frozen=True, kw_only=True)
class Days(Filter):
    """What happened from a day on, or until its end, in the company's time zone."""

    field: Any
    until: bool = False

    def options(self, person: Person, chosen: str) -> Iterable[Option]:
        return ()

    def where(self, chosen: str, person: Person) -> Where:
        day = day_of(chosen)
        if day is None:
            return None
        return (
            self.field < clock.start_of(day + timedelta(days=1))
            if self.until
            else self.field >= clock.start_of(day)
        )
