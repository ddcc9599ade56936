"""What happened, told in sentences: events and contacts with a customer, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from peewee import JOIN

from portal import clock, i18n
from portal.i18n import Phrase
from portal.models.base.listing import moment_of, packed, unpacked
from portal.models.base.nouns import NOUNS, Said
from portal.models.base.prepared import Prepared
from portal.models.base.record import Event, Record, labels_of, names_of
from portal.models.base.undoing import FOR, among
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import KINDS, Interaction
from portal.models.customers.requests import CustomerRequest
from portal.models.customers.traits import TraitSource
from portal.models.customers.words import FORMS
from portal.models.people.people import Person
from portal.models.sales.deals import Deal
from portal.models.sales.lines import TAKEN_BACK
from portal.models.sales.words import Stage
from portal.views.base.audit import AMOUNTS
from portal.views.base.lists import ListState
from portal.web import Request

SIZE = 20

LINKS = {"type", "owner", "parent", "reports_to", "customer", "product"}
ICONS = {"call": "phone", "visit": "building", "message": "message", "mail": "mail", "viewing": "map-pin"}
SHOWS = {"talk": Phrase("Conversations"), "deals": Phrase("Deals"), "changes": Phrase("Changes")}
TALKED_OF: dict[str, Any] = {Customer.kind(): Interaction.customer, Deal.kind(): Interaction.deal}
"""The field of a conversation that names a record of a kind."""
UNDONE_HERE: dict[str, type[Record]] = {
    noun.kind(): noun for noun in (Customer, Contact, CustomerRequest, Deal, Interaction, TraitSource)
}
"""Nouns whose acts are undone on a timeline."""
QUIET = ("recorded",)
"""Verbs told already by another event of the same act."""


@dataclass(frozen=True)
class Item:
    """One thing that happened."""

    at: datetime
    source: int
    id: int
    title: str
    icon: str
    tone: str
    who: Person | None = None
    text: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    about: tuple[str, str] | None = None
    """Words and address of the record it happened to, where that is not the page's own."""
    said: Interaction | None = None
    """The conversation that it is, whose writer may say it better."""
    act: int = 0
    """The event, where who looks may undo it by a click."""

    @property
    def place(self) -> tuple[datetime, int, int]:
        return self.at, self.source, self.id


@dataclass(frozen=True)
class Timeline:
    """A piece of a timeline, with the cursor of the next."""

    items: list[Item] = field(default_factory=list)
    more: str = ""
    show: str = ""


def timeline_of(
    request: Request, record: Record, shows: Mapping[str, Phrase] | None = None
) -> dict[str, Any]:
    """What `_timeline.html` needs of a record; `shows`: the parts of it that can be picked out."""
    state = ListState(request, "show", sort="", path=record.url)
    return {
        "timeline": timeline(record, show=state["show"] if shows else "", after=state.after, by=request.user),
        "timeline_state": state,
        "timeline_shows": [(name, i18n.gettext(words), None) for name, words in (shows or {}).items()],
    }


def timeline(
    record: Record, *, show: str = "", after: str = "", size: int = SIZE, by: Person | None = None
) -> Timeline:
    """What happened to a record, newest first: for customers and deals merged with the contacts.

    `show`: '' for all, or a key of SHOWS. `by`: who looks, and may undo for a day what they did.
    """
    place, items, kind = _unpack(after), list[Item](), record.kind()
    if show in ("", "deals", "changes"):
        events: Any = (
            _before(_events(kind, record.id, show), Event, 0, place).limit(size + 1)
            if place
            else _newest_events(kind, show, size + 1)(record=record.id)
        )
        items += _event_items(list(events), record, by)
    if show in ("", "talk") and kind in TALKED_OF:
        talk: Any = (
            _before(_talk(kind, record.id), Interaction, 1, place).limit(size + 1)
            if place
            else _newest_talk(kind, size + 1)(record=record.id)
        )
        items += _said(list(talk), by)
    items.sort(key=lambda item: item.place, reverse=True)
    more = _pack(items[size - 1]) if len(items) > size else ""
    return Timeline(items[:size], more, show if show in SHOWS else "")


@cache
def _newest_events(kind: str, show: str, size: int) -> Prepared[Any]:
    return Prepared(lambda record: _before(_events(kind, record, show), Event, 0, None).limit(size))


@cache
def _newest_talk(kind: str, size: int) -> Prepared[Interaction]:
    return Prepared(lambda record: _before(_talk(kind, record), Interaction, 1, None).limit(size))


def _events(kind: str, record: Any, show: str) -> Any:
    found = (
        Event.select(Event, *names_of(Person), Deal.id, Deal.title)
        .join(Person, JOIN.LEFT_OUTER, on=(Event.actor == Person.id), attr="who")
        .join_from(
            Event,
            Deal,
            JOIN.LEFT_OUTER,
            on=((Event.subject_kind == "deal") & (Event.subject == Deal.id)),
            attr="deal",
        )
    )
    if kind == Customer.kind():
        found = found.where((Event.customer == record) & (Event.subject_kind != "interaction"))
    else:
        found = found.where((Event.subject_kind == kind) & (Event.subject == record))
    if show == "deals":
        found = found.where(Event.subject_kind == "deal")
    elif show == "changes":
        found = found.where(Event.verb == "edited")
    return found.where(Event.verb.not_in(QUIET))


def _talk(kind: str, record: Any) -> Any:
    spoken = Interaction.select(Interaction, *names_of(Person)).join(Person, on=Interaction.person)
    return spoken.where(TALKED_OF[kind] == record)


def _before(query: Any, model: Any, source: int, place: tuple[datetime, int, int] | None) -> Any:
    if place is not None:
        at, last_source, ident = place
        tie = model.id < ident if source == last_source else source < last_source
        query = query.where((model.at < at) | ((model.at == at) & tie))
    return query.order_by(model.at.desc(), model.id.desc())


def _event_items(events: list[Any], record: Record, by: Person | None) -> list[Item]:
    found = among(events, by=by, models=UNDONE_HERE, shown=[record]) if by is not None else []
    mine = {act.id for act in found}
    return [replace(_item(event, record), act=event.id if event.id in mine else 0) for event in events]


def _item(event: Any, record: Record) -> Item:
    said = NOUNS[event.subject_kind].said(event.verb)
    words = said.words
    deal = getattr(event, "deal", None) if record.kind() != "deal" else None
    return Item(
        at=event.at,
        source=0,
        id=event.id,
        title=i18n.gettext(words.msgid, **_values(event)) if "%(" in words else i18n.gettext(words),
        icon=said.icon,
        tone=said.tone,
        who=getattr(event, "who", None),
        text=_quoted(event, said),
        changes=tuple(_changes(event)),
        about=(deal.title, deal.url) if deal else None,
    )


def _values(event: Event) -> dict[str, str]:
    changes, labels = event.changes, labels_of(event.subject_kind)
    before, after = changes.get("stage", ["", ""])
    facts = {name: _fact(change[1]) for name, change in changes.items() if isinstance(change, list)}
    return facts | {
        "act": _act(event),
        "fields": i18n.join(i18n.gettext(labels.get(name, Phrase(name))) for name in changes),
        "to": facts.get("to", ""),
        "before": _stage(before),
        "after": _stage(after),
        "amount": i18n.money(changes["amount"][1]) if "amount" in changes else "",
        "taken": i18n.money(changes["amount"][0]) if "amount" in changes else "",
    }


def _fact(value: Any) -> str:
    """As stored; a name that was kept in both languages, in the reader's."""
    return str(i18n.translated(value)) if isinstance(value, dict) else str(value)


def _act(event: Event) -> str:
    """What was undone, in words."""
    said = NOUNS[event.subject_kind].said(str(event.changes.get("act", [""])[0]))
    return i18n.gettext(said.brief or said.words)


def _stage(name: str) -> str:
    return i18n.gettext(Stage.of(name).label) if name in set(Stage) else str(name)


def _quoted(event: Event, said: Said) -> str:
    named = str(i18n.translated(event.changes.get("reasons", [[], []])[1]))
    if event.verb == "won" and "amount" in event.changes:
        return " · ".join(filter(None, [i18n.money(event.changes["amount"][1]), named]))
    if event.verb == "lost" and named:
        return " · ".join(filter(None, [named, str(event.changes.get("lost_reason", [None, ""])[1] or "")]))
    if event.verb == "said why":
        return named
    if event.verb == "reversed" and (why := TAKEN_BACK.get(str(event.changes.get("reason", [None, ""])[1]))):
        return i18n.gettext(why)
    for name in ("lost_reason", "reason", said.quotes):
        if event.changes.get(name, [None, None])[1]:
            return str(event.changes[name][1])
    return ""


def _changes(event: Event) -> Iterable[tuple[str, str, str]]:
    if event.verb != "edited":
        return
    labels = labels_of(event.subject_kind)
    for name, (before, after) in event.changes.items():
        if name in labels and name not in LINKS and name not in ("note", "description"):
            words = i18n.gettext(labels[name])
            yield words, _plain(name, before), _plain(name, after)


def _plain(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if name == "form" and value in FORMS:
        return i18n.gettext(FORMS[value])
    return i18n.money(value) if name in AMOUNTS and isinstance(value, int) else str(value)


def _said(interactions: list[Interaction], by: Person | None) -> list[Item]:
    mine = _promises(interactions, by)
    return [
        Item(
            at=said.at,
            source=1,
            id=said.id,
            title=i18n.gettext(KINDS[said.kind_of]),
            icon=ICONS.get(said.kind_of, "notebook"),
            tone="accent",
            who=said.person,
            text="" if said.is_archived else said.text,
            said=said,
            act=mine.get(said.id, 0),
        )
        for said in interactions
    ]


def _promises(interactions: list[Interaction], by: Person | None) -> dict[int, int]:
    """The event that said what became of a promise, by the conversation: where who looks may undo it."""
    since = clock.now() - FOR
    lately = [said.id for said in interactions if said.followed_up_at and said.followed_up_at > since]
    if by is None or not lately:
        return {}
    said_of = (Event.subject_kind == Interaction.kind()) & Event.subject.in_(lately)
    events = list(Event.select().where(said_of & (Event.at > since)).order_by(Event.id.desc()))
    return {act.subject: act.id for act in among(events, by=by, models=UNDONE_HERE)}


def _pack(item: Item) -> str:
    return packed(item.at.isoformat(), item.source, item.id)


def _unpack(cursor: str) -> tuple[datetime, int, int] | None:
    at, source, ident = unpacked(cursor, 3) or (None, None, None)
    moment = moment_of(at) if isinstance(at, str) else None
    return (moment, source, ident) if moment and type(source) is int and type(ident) is int else None
