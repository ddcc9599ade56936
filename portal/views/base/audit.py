"""The audit log in words: who did what to which record, and what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from peewee import Value

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.listing import number_of
from portal.models.base.nouns import NOUNS, Noun
from portal.models.base.record import Event, labels_of, names_of, nouns_called
from portal.models.company.calendar import WEEKENDS
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.company.words import DEMANDS
from portal.models.customers.interactions import KINDS
from portal.models.customers.words import FORMS
from portal.models.expertise.votes import HELD
from portal.models.knowledge.audience import ReaderGroup
from portal.models.knowledge.templates import kinds
from portal.models.people.people import Person
from portal.models.people.words import ROLES
from portal.models.sales.lines import TRIGGERS
from portal.models.sales.words import Stage

SPOKEN = {"zh": Phrase("Chinese"), "en": Phrase("English")}
VALUES: dict[str, dict[str, Phrase]] = {
    "calendar.weekend": WEEKENDS,
    "company.language": SPOKEN,
    "company.second_factor": DEMANDS,
    "form": FORMS,
    "kind": KINDS,
    "role": ROLES,
    "locale": SPOKEN,
    "theme": {"auto": Phrase("Auto"), "light": Phrase("Light"), "dark": Phrase("Dark")},
    "stage": {stage.value: stage.label for stage in Stage},
    "trigger": TRIGGERS,
    "verdict": {
        "accept": Phrase("Accepted"),
        "revise": Phrase("Revision asked"),
        "merge": Phrase("Merged"),
        "reject": Phrase("Rejected"),
    },
    "why": {
        "asked": Phrase("At their own request"),
        "request": Phrase("For a request they took"),
        "late": Phrase("Overdue"),
        "conflict": Phrase("Conflict of interest"),
        **HELD,
    },
}
"""What the stored words of a field are called."""

AMOUNTS = {"amount", "revenue", "list_price", "total", "pending_amount"}
PEOPLE = {"owner", "manager", "review.panel_lead", "agreed_by", "noted_by"}
SCOPES = {"scope", "topic", "department"}

RecordNames = dict[tuple[str, int], str]
"""What records are called, by their kind and id."""


@dataclass(frozen=True)
class AuditEntry:
    """One event in words."""

    event: Event
    verb: str
    noun: str
    page: str
    """The address of the record, empty for one without a page."""
    name: str
    """What the record is called; its number where it has no name, or not for an auditor."""
    changes: list[tuple[str, str, str]]
    """Field, before and after."""


def entries(events: Iterable[Event], people: dict[int, Person]) -> list[AuditEntry]:
    """Events in the language in use. `people`: by id, whoever acted or is named."""
    events = list(events)
    names = _scopes(events) | _records(events)
    names |= {("person", ident): i18n.label(person) for ident, person in people.items()}
    return [
        AuditEntry(
            event,
            _verb(event),
            i18n.label(_noun(event).one),
            _noun(event).path.format(id=event.subject) if _noun(event).open_to_auditors else "",
            names.get((event.subject_kind, event.subject), str(event.subject)),
            [_change(event.subject_kind, name, change, names) for name, change in event.changes.items()],
        )
        for event in events
    ]


def named(events: Iterable[Event]) -> set[int]:
    """The ids of everyone who acted in these events or whom their changes name."""
    found = {event.actor for event in events if event.actor}
    for event in events:
        for name in PEOPLE & event.changes.keys():
            found |= {one for one in event.changes[name] if isinstance(one, int)}
    return found


def _noun(event: Event) -> Noun:
    return NOUNS.get(event.subject_kind) or Noun(event.subject_kind, Phrase(event.subject_kind))


def _verb(event: Event) -> str:
    said = _noun(event).said(event.verb)
    return i18n.label(said.brief or said.words)


def _scopes(events: list[Event]) -> RecordNames:
    """The names of the topics and departments that changes speak of."""
    wanted: dict[str, set[int]] = {"topic": set(), "department": set()}
    for event in events:
        for name in SCOPES & event.changes.keys():
            for one in event.changes[name]:
                kind, ident = _scope(name, one)
                if kind in wanted:
                    wanted[kind].add(ident)
    found: RecordNames = {}
    for model in (Topic, Department):
        if idents := wanted[model.kind()]:
            rows = model.select(*names_of(model)).where(model.id.in_(idents))
            found |= {(model.kind(), row.id): i18n.label(row) for row in rows}
    return found


def _records(events: Iterable[Event]) -> RecordNames:
    """What the records are called that these events are about, all read in one go."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        if event.subject_kind in nouns_called() and _noun(event).open_to_auditors:
            wanted.setdefault(event.subject_kind, set()).add(event.subject)
    asked = []
    for kind, idents in wanted.items():
        model, column = nouns_called()[kind]
        asked.append(model.select(Value(kind), model.id, column).where(model.id.in_(sorted(idents))))
    found: Any = reduce(or_, asked).tuples() if asked else ()
    return {(kind, ident): name for kind, ident, name in found if name}


def _scope(name: str, value: Any) -> tuple[str, int]:
    """The kind and id in `topic-12` of a role, or in the id of a field named after its kind."""
    if isinstance(value, int):
        return name, value
    kind, _, ident = str(value).partition("-")
    return (kind, number_of(ident)) if number_of(ident) else ("", 0)


def in_one_line(entry: AuditEntry) -> str:
    """What changed, as one cell of a file says it."""
    told = (
        f"{name}: {f'{before} → ' if before != '—' else ''}{after}" for name, before, after in entry.changes
    )
    return i18n.join(told)


def _change(kind: str, name: str, change: Any, names: RecordNames) -> tuple[str, str, str]:
    label = i18n.label(labels_of(kind).get(name, Phrase(name)))
    before, after = change if isinstance(change, list) and len(change) == 2 else (None, change)
    if name == "act":
        return label, _act(kind, before), _act(kind, after)
    return label, _value(name, before, names), _value(name, after, names)


def _act(kind: str, verb: Any) -> str:
    said = NOUNS[kind].said(verb) if verb else None
    return i18n.label(said.brief or said.words) if said else "—"


def _value(name: str, value: Any, names: RecordNames) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return i18n.gettext("Yes") if value else i18n.gettext("No")
    if isinstance(value, int) and name in AMOUNTS:
        return i18n.money(value)
    if isinstance(value, int) and name in PEOPLE:
        return names.get(("person", value), str(value)) if value else "—"
    if name in SCOPES:
        return names.get(_scope(name, value), str(value))
    if isinstance(value, int) and name == "score":
        return i18n.number(value / 100, 1)
    if isinstance(value, list) and name == "audience":
        value = i18n.join(ReaderGroup(one).label for one in value) or i18n.gettext("Everybody")
    if isinstance(value, list) and name == "reasons":
        value = i18n.translated(value)
    if isinstance(value, dict):
        named = i18n.translated(value)
        return named if isinstance(named, str) else i18n.join(f"{key}: {each}" for key, each in value.items())
    called = kinds() if name == "kind_of" else VALUES.get(name, {})
    words = called.get(value) if isinstance(value, str) else None
    return i18n.label(words) if words else str(value) or "—"
