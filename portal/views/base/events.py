"""The auditor's place: who did what to which record, when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any

from peewee import ModelSelect
from starlette.responses import Response

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.nouns import COMMON, NOUNS
from portal.models.base.record import Event
from portal.models.base.undoing import UNDID
from portal.models.customers.customers import Customer
from portal.models.customers.rights import by_need
from portal.models.experiences.reviews import told_of
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.text.pinyin import sort_key
from portal.views.base import audit
from portal.views.base.export import MOST, sheet
from portal.views.base.filters import Days, Option, Values
from portal.views.base.lists import ListPage
from portal.web import Request, permit, view

WHEN, WHO, WHAT, RECORD, CHANGES = map(Phrase, ("When", "Who", "What", "Record", "Changes"))


def nouns() -> Mapping[str, Phrase]:
    """Whatever leaves events, by its kind."""
    return {kind: noun.one for kind, noun in NOUNS.items() if noun.events}


def acts() -> Mapping[str, Phrase]:
    """What can be done to records, by the verb that is kept."""
    said = dict(COMMON)
    for noun in NOUNS.values():
        said = {**noun.events, **said}
    return {verb: each.brief or each.words for verb, each in said.items()}


class EventList(ListPage[Any]):
    """Everything that happened."""

    noun, template = Event, "base/events/index.html"
    title = Phrase("Events")
    subtitle = Phrase("Who did what, when. Nothing here is ever changed or deleted.")
    search = Phrase("Who did it: a name")
    sorts = {"newest": Event.id}
    usual = "-newest"
    filters = (
        Values(name="about", field=Event.subject_kind, words=nouns),
        Values(name="act", field=Event.verb, words=acts),
        Days(name="from", field=Event.at),
        Days(name="to", field=Event.at, until=True),
    )
    columns = (WHEN, WHO, WHAT, RECORD, CHANGES)

    def everything(self) -> ModelSelect[Event]:
        return Event.select().where(told_of(self.person), _opening(self.person), _open_to(self.person))

    def matching(self, text: str) -> Any:
        return Event.actor.in_(Person.select(Person.id).where(Person.matching(text)))

    def choices(self, name: str) -> list[Option]:
        """What a filter offers, in the order of the language in use."""
        words = {"about": nouns, "act": acts}[name]()
        return sorted(
            (Option(value, said) for value, said in words.items()), key=lambda one: sort_key(one.words)
        )

    def told(self, rows: list[Event]) -> tuple[list[audit.AuditEntry], dict[int, Person]]:
        """The events in words, and the people whom they name."""
        people = {p.id: p for p in Person.select().where(Person.id.in_(audit.named(rows)))}
        return audit.entries(rows, people), people


def _opening(person: Person) -> Any:
    """The condition that reading an event opens no customer or deal: an auditor reads the whole log, who
    administers sees what is configured (RULES 4.10).
    """
    if person.is_auditor or not by_need():
        return Event.id.is_null(False)
    customers = Event.customer.in_(Customer.visible_to(person).select(Customer.id))
    deals = (Event.subject_kind == Deal.kind()) & Event.subject.in_(Deal.visible_to(person).select(Deal.id))
    return (Event.customer.is_null() & (Event.subject_kind != Deal.kind())) | customers | deals


def _open_to(person: Person) -> Any:
    """The condition on events that they are not for auditors alone, nor the undoing of such."""
    if person.is_auditor:
        return Event.id.is_null(False)
    shut: Any = Event.id.is_null()
    for kind, noun in NOUNS.items():
        if verbs := [verb for verb, said in noun.events.items() if said.auditors_only]:
            undone = (Event.verb == UNDID) & reduce(or_, [_acts_as(verb) for verb in verbs])
            shut |= (Event.subject_kind == kind) & (Event.verb.in_(verbs) | undone)
    return ~shut


def _acts_as(verb: str) -> Any:
    return Event.changes.cast("TEXT").contains(f'"{verb}"')


def _permitted(person: Person) -> bool:
    return person.is_auditor or person.is_administrator


@view
def index(request: Request) -> Response:
    permit(_permitted(request.user))
    events = EventList(request)
    entries, people = events.told(events.rows)
    return events.page(events=entries, people=people)


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    permit(request.user.is_auditor)
    events = EventList(request, path="/admin/events")
    entries, people = events.told(list(events.query().order_by(Event.id.desc()).limit(MOST)))
    header = [i18n.gettext(words) for words in events.columns]
    return sheet(request, "events", header, (_row(entry, people) for entry in entries))


def _row(entry: audit.AuditEntry, people: Mapping[int, Person]) -> list[object]:
    event = entry.event
    who = i18n.label(people.get(event.actor or 0)) or i18n.gettext("the portal")
    return [i18n.moment(event.at), who, entry.verb, f"{entry.noun} {entry.name}", audit.in_one_line(entry)]
