"""The demo company's story as data: chapters of entries in TOML, and the moments at which things happen.

A chapter is a file of groups. A group's `fields` are what its entries may say: `title` is a plain value,
`hired:Moment` a moment, `owner:people` the key of an entry among the people, `topics*` a list; `note?` may be
left out, `by:people=sun` is sun when it is, `by:people=$owner` the owner. The first field is the key. `lists`
are the fields of entries within an entry. `rows` are entries as plain lists, `entries` are entries with the
names of their fields. `acts` say how each entry is played (see `replay`).
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CHAPTERS = [
    *"company products customers traits deals leads experiences".split(),
    *"articles questions learning outside money".split(),
]
"""In this order: of what happens at the same moment, what was said first happens first."""
DAYS = 28  # every month has them, so a story told in days 1 to 28 fits any month
OPENS = 9
HOURS = 11  # a shop day, 09:00 to 20:00
FIELD = re.compile(r"(\w+)(?::(\w+))?(\*?)(\?|=\S+)?")


class Mistake(Exception):
    """A chapter says what nobody understands; the message names the chapter and the entry."""


@dataclass(frozen=True, order=True)
class Moment:
    """A time in the story: month 2 is the current one, 0 two months before it; a month has days 1 to 28."""

    month: int
    day: int
    hour: int = 10
    minute: int = 0

    def later(self, days: int, hour: int | None = None) -> Moment:
        """The moment so many story days later, over the month's end if need be."""
        month, day = divmod(self.month * DAYS + self.day - 1 + days, DAYS)
        return Moment(month, day + 1, self.hour if hour is None else hour, self.minute)

    def at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The UTC time of this moment for a story told at `now`: never in the future, always in order."""
        local = now.astimezone(zone)
        months = local.year * 12 + local.month - 1 + self.month - 2
        start = datetime(months // 12, months % 12 + 1, 1, tzinfo=zone)
        if self.month < 2 or local.day > DAYS:
            return start.replace(day=self.day, hour=self.hour, minute=self.minute).astimezone(UTC)
        # The current month is not over: its days are squeezed into the shop hours that have passed.
        share = ((self.day - 1) * HOURS + self.hour - OPENS + self.minute / 60) / (DAYS * HOURS)
        passed = min(max(local.hour + local.minute / 60 - OPENS, 0.0), HOURS)
        worked = (local.day - 1) * HOURS + passed
        if worked == 0:  # the small hours of the first day: nothing but the night itself to squeeze into
            return (start + (local - start) * share).astimezone(UTC)
        day, hours = divmod(worked * share, HOURS)
        return (start + timedelta(days=day, hours=OPENS + hours)).astimezone(UTC)


@dataclass(frozen=True)
class StoryField:
    """What an entry may say under one name; without a default it must."""

    name: str
    of: str = ""
    many: bool = False
    default: str | None = None

    @property
    def nothing(self) -> Any:
        """What a field says that was left out."""
        return () if self.many else None if self.of else ""


def fields_of(place: str, text: str) -> dict[str, StoryField]:
    """The fields that a group's `fields` or `lists` declare. Raises Mistake."""
    fields = {}
    for word in text.split():
        if not (declared := FIELD.fullmatch(word)):
            raise Mistake(f"{place}: no field is declared by {word!r}")
        name, of, many, default = declared.groups()
        fields[name] = StoryField(
            name, of or "", bool(many), default.lstrip("?=") if default else many or None
        )
    return fields


class StoryEntry:
    """What one entry of a chapter says, by the names of its fields."""

    def __init__(self, place: str, fields: Mapping[str, StoryField], said: Mapping[str, Any]) -> None:
        self.place, self.fields = place, fields
        self.__dict__ |= said

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self.place}: nothing is said about {name!r}")


@dataclass(frozen=True)
class Group:
    """Entries of one sort, and the acts by which each of them is played."""

    fields: Mapping[str, StoryField]
    lists: Mapping[str, Mapping[str, StoryField]]
    acts: Sequence[Mapping[str, Any]]
    entries: Sequence[StoryEntry]

    @cached_property
    def by_key(self) -> dict[Any, StoryEntry]:
        """The entries by what they say in their first field."""
        return {getattr(entry, next(iter(self.fields))): entry for entry in self.entries}


def entry(
    place: str,
    said: Mapping[str, Any] | Sequence[Any],
    fields: Mapping[str, StoryField],
    lists: Mapping[str, Mapping[str, StoryField]],
) -> StoryEntry:
    """An entry as it is written down. Raises Mistake."""
    names = [*fields, *map(str, range(len(fields), len(said)))]
    named: dict[str, Any] = dict(said if isinstance(said, Mapping) else zip(names, said, strict=False))
    place = f"{place}, {named.get(names[0], 'an entry')}"
    if unknown := named.keys() - fields:
        raise Mistake(f"{place}: no field is called {', '.join(sorted(unknown))}")
    known: dict[str, Any] = {}
    for name, field in fields.items():
        if field.default is None and name not in named:
            raise Mistake(f"{place}: {name} is not said")
        value = named.get(name, "")
        if value == "" and field.default and not field.many:
            value = known[field.default[1:]] if field.default[0] == "$" else field.default
        if value == "":
            known[name] = field.nothing
        elif name in lists:
            known[name] = tuple(entry(place, each, lists[name], lists) for each in value)
        elif field.of == "Moment" and isinstance(value, list):
            if not (2 <= len(value) <= 4 and 1 <= value[1] <= DAYS):
                raise Mistake(f"{place}: {name} = {value} is no moment")
            known[name] = Moment(*value)
        else:
            known[name] = _fixed(value)
    return StoryEntry(place, fields, known)


def _fixed(value: Any) -> Any:
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


def read(chapter: str, text: str) -> dict[str, Group]:
    """The groups of a chapter. Raises Mistake, which names the chapter and the entry."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Mistake(f"{chapter}.toml: {error}") from None
    return {name: _group(f"{chapter}.toml, {name}", said) for name, said in written.items()}


def _group(place: str, said: Mapping[str, Any]) -> Group:
    if unknown := said.keys() - {"fields", "lists", "acts", "rows", "entries"}:
        raise Mistake(f"{place}: a group has no {', '.join(sorted(unknown))}")
    fields, acts = fields_of(place, said["fields"]), said.get("acts", ())
    lists = {name: fields_of(place, declared) for name, declared in said.get("lists", {}).items()}
    for act in acts:
        if not {"at", "do"} <= act.keys() or act.get("each") not in (None, *fields):
            raise Mistake(f"{place}: an act needs `at`, `do` and, with `each`, a list of the entry: {act}")
    entries = (*said.get("rows", ()), *said.get("entries", ()))
    return Group(fields, lists, acts, [entry(place, each, fields, lists) for each in entries])


@cache
def chapter(name: str) -> dict[str, Group]:
    """The groups of one of the chapters."""
    return read(name, Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


@cache
def story() -> dict[str, Group]:
    """All groups of all chapters, in the story's order."""
    groups = {name: group for each in CHAPTERS for name, group in chapter(each).items()}
    told = groups["deals"]
    drawn = [entry("leads.toml", lead, told.fields, told.lists) for lead in _leads(groups)]
    return groups | {"deals": replace(told, entries=[*told.entries, *drawn])}


def entries(group: str) -> Sequence[StoryEntry]:
    """All entries of one group."""
    return story()[group].entries


# ---------------------------------------------------------------- the leads that came to little


def _places(groups: Mapping[str, Group]) -> Iterator[tuple[Moment, StoryEntry, int, bool]]:
    """As many leads as each area had each month, less those told: when, where, which of them, if lost."""
    for month in range(3):
        for area in groups["areas"].entries:
            here = [deal for deal in groups["deals"].entries if deal.product == area.area]
            stages = [deal.stage for deal in here if deal.contacted.month == month]
            lost = area.lost[month] - stages.count("lost")
            for place in range(area.leads - len(stages)):
                days = place * 5 % (14 if place < lost else 24)
                yield Moment(month, 1 + days), area, place, place < lost


def _leads(groups: Mapping[str, Group]) -> Iterator[dict[str, Any]]:
    """One talk each, with customers who have no deal yet and with people whose name is all that is known."""
    draws = {draw.name: draw.values for draw in groups["draws"].entries}
    served, promises = {deal.customer for deal in groups["deals"].entries}, Counter[str]()
    waiting = [customer for customer in groups["customers"].entries if customer.name not in served]
    for serial, (on, area, place, lost) in enumerate(_places(groups), 1):
        here = (customer for customer in waiting if customer.area == area.area)
        known = next(here, None) if place % area.known_every == 0 else None
        if known:
            waiting.remove(known)
        doubts = groups["minds"].by_key[known.type].doubts if known else draws["doubts"]
        talks = [talk for talk in groups["talks"].entries if talk.doubt == _turn(doubts, serial)]
        talk = _turn(talks, sum(divmod(serial, len(draws["doubts"]))))
        home, price = _turn(area.homes, serial)
        stage = "lost" if lost else _turn(draws["stages"], serial)
        owner = known.owner if known else _turn(draws["sellers"], serial)
        called = _turn(draws["surnames"], serial * 5) + _turn(draws["called"], serial // 3)
        contacted = replace(on, hour=9 + serial % 9, minute=serial * 7 % 60)
        where = groups["products"].by_key[area.area].name
        yield {
            "key": f"d{serial:03}",
            "title": f"{known.name if known else called} · {where} {home}",
            "customer": known.name if known else "",
            "owner": owner,
            "product": area.area,
            "stage": stage,
            "begins": "engaged" if lost else stage,
            "commission": price * 2 * 100 * 100,  # 2 % of the price, in fen
            "contacted": contacted,
            "closed": contacted.later(6 + serial % 8, 19) if lost else "",
            "interactions": [[_turn(draws["kinds"], serial), contacted, talk.text]],
            "lost_reason": talk.reason if lost else "",
            "reasons": talk.reasons if lost else "",
            "note": "" if known else talk.text,
            "promised": promises[owner] if known and not lost else "",
        }
        if known and not lost:  # every seller has something to come back to today, then every other day
            promises[owner] += 2


def _turn(choices: Sequence[Any], number: int) -> Any:
    return choices[number % len(choices)]
