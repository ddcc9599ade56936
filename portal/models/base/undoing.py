"""What was done by a click is undone by another, for a day, by whoever did it (UX 4): once, for every noun.

A wing says how an act is taken back: `@undoes(Deal, "won", ...)`. Here stands when it may be: it was the
person's own, they may still do it, and nobody went on from there since. The act itself stays in the log; what
undoes it leaves an event of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from peewee import ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base import selection
from portal.models.base.database import db, is_sqlite
from portal.models.base.nouns import NOUNS
from portal.models.base.record import Archivable, Event, Invalid, Record, record_of, request_id
from portal.models.base.selection import Acted

UNDID = "undid"
"""The verb of the event that an undoing leaves."""
FOR = timedelta(days=1)
"""So long an act is undone by a click."""
LATEST = 50
"""Of so many events of a record, the latest, it is asked which can be undone."""
MEANWHILE = Phrase("It was changed meanwhile: look again.")
"""For who was overtaken."""
Back = Callable[[Any, Event, Any], None]
"""Takes an act back: given the record, the act's event and who undoes it. Raises Invalid."""
Right = Callable[[Any, Event, Any], bool]
"""Whether a person may undo it, as far as the record is concerned."""
Hindrance = Callable[[Any, Event], Phrase | None]
"""Why an act stands although nobody went on from there, and what to do instead."""


@dataclass(frozen=True)
class Undoing:
    """How an act is undone: `ends` are the verbs that go on from where it left the record."""

    back: Back
    right: Right
    seen: bool
    """Whether who undoes it must see the record still."""
    ends: frozenset[str]
    same: Callable[[Event, Event], bool]
    """Whether a later act is about the same: a vote of someone else is another one."""
    of_many: Back | None
    """What else goes when all that one click did is taken back: what was told of many at once."""
    goes_to_record: bool
    """Whether who undid it is led to the record: where they stood, what the act made, is out of use."""


_UNDOINGS: dict[tuple[type[Record], str], Undoing] = {}
_HINDRANCES: dict[tuple[type[Record], str], list[Hindrance]] = {}
INSTEAD: dict[tuple[str, str], Phrase] = {}
"""What to do about acts that no click undoes, by the noun's kind and the verb."""


def undoes(
    model: type[Record],
    *verbs: str,
    right: str | Right,
    ends: Iterable[str] = (),
    same: Callable[[Event, Event], bool] = lambda act, later: True,
    of_many: Back | None = None,
    goes_to_record: bool = False,
) -> Callable[[Back], Back]:
    """Register how acts of a noun, or of all nouns of a sort, are taken back.

    `right`: the predicate that let the person act, by its name; it must hold still. `ends`: the other verbs
    that go on from where these left the record. `of_many`: what goes with the last of many. `goes_to_record`:
    the page where it is undone may be of what the act made.
    """

    def may(record: Any, event: Event, by: Any) -> bool:
        return bool(getattr(record, str(right))(by))

    def register(back: Back) -> Back:
        asked, seen = (may, True) if isinstance(right, str) else (right, False)
        undoing = Undoing(back, asked, seen, frozenset([*verbs, *ends]), same, of_many, goes_to_record)
        _UNDOINGS.update({(model, verb): undoing for verb in verbs})
        return back

    return register


def hinders(model: type[Record], *verbs: str) -> Callable[[Hindrance], Hindrance]:
    """Let a wing say why an act of a noun stands: sales know no closed months."""

    def register(why: Hindrance) -> Hindrance:
        for verb in verbs:
            _HINDRANCES.setdefault((model, verb), []).append(why)
        return why

    return register


def undoable_verbs() -> list[tuple[type[Record], str]]:
    """Every act that a click undoes, by its noun or sort of nouns."""
    return list(_UNDOINGS)


def undoing_of(model: type[Record], verb: str) -> Undoing | None:
    """How an act of a noun is undone: as the noun itself says, else as all of its sort."""
    found = (_UNDOINGS.get((each, verb)) for each in model.__mro__)
    return next((undoing for undoing in found if undoing is not None), None)


def goes_to_record(event: Event) -> bool:
    """Whether who undid this act is led to what it was done to."""
    record = record_of(event.subject_kind, event.subject)
    undoing = undoing_of(type(record), event.verb) if record is not None else None
    return undoing is not None and undoing.goes_to_record


def own_acts(person: Any) -> ModelSelect[Event]:
    """What a person did: nobody undoes for another."""
    return Event.select().where(Event.actor == person.id)


def why_not(event: Event, record: Record, *, by: Any) -> Phrase | None:
    """Why an act of one's own is not undone by a click, and what to do instead; None when it can be."""
    undoing = undoing_of(type(record), event.verb)
    if undoing is None:
        return INSTEAD.get((event.subject_kind, event.verb)) or Phrase("This is not undone by a click.")
    if event.at <= clock.now() - FOR:
        return Phrase("A click is undone for a day. This was done before: change it on its page.")
    later = list(Event.about(record).where(Event.id > event.id).order_by(Event.id))
    if event.id in _undone(later):
        return Phrase("This was undone already.")
    if gone_on := next(_gone_on(undoing, event, later), None):
        return _told(gone_on)
    return _hindrance(record, event)


def _hindrance(record: Record, event: Event) -> Phrase | None:
    asked = (why for each in type(record).__mro__ for why in _HINDRANCES.get((each, event.verb), ()))
    return next((found for why in asked if (found := why(record, event))), None)


def may_undo(event: Event, *, by: Any) -> bool:
    """Whether it was the person's own act, on a record that they may still change so."""
    record = record_of(event.subject_kind, event.subject)
    undoing = undoing_of(type(record), event.verb) if record is not None else None
    if event.actor != by.id or not by.is_active:
        return False
    if undoing is None or record is None:
        return True
    return (not undoing.seen or _is_seen(record, by)) and undoing.right(record, event, by)


def _is_seen(record: Any, by: Any) -> bool:
    return bool(type(record).visible_to(by).where(type(record).id == record.id).exists())


def undo(event: Event, *, by: Any) -> Record:
    """Take an act of one's own back, with all that came of it; gives the record. Raises Invalid.

    Of two presses at one moment the second finds what the first left.
    """
    with db.atomic():
        _alone(event)
        record = record_of(event.subject_kind, event.subject)
        if record is None:
            raise Invalid(Phrase("What this was done to is gone."))
        if not may_undo(event, by=by):
            raise Invalid(Phrase("You may no longer change this: ask whoever looks after it now."))
        if why := why_not(event, record, by=by):
            raise Invalid(why)
        undoing = undoing_of(type(record), event.verb)
        assert undoing is not None
        undoing.back(record, event, by)
        record.track(UNDID, by=by, customer=event.customer, changes=_named(event))
        for more in _beside(event):
            told = record_of(more.subject_kind, more.subject)
            if told is not None and why_not(more, told, by=by) is None and may_undo(more, by=by):
                undo(more, by=by)
    return record


def undo_click(event: Event, *, by: Any) -> Acted:
    """Take back all that the click of this act did, to however many records: as much of it as can be."""
    alike = (Event.subject_kind == event.subject_kind) & (Event.verb == event.verb) & (Event.id >= event.id)
    here = own_acts(by).where(alike & (Event.request == event.request)).order_by(Event.id)
    acts = list(here) if event.request else [event]

    def once(act: Event) -> None:
        about = (Event.subject_kind == act.subject_kind) & (Event.subject == act.subject)
        if act.id not in _undone(Event.select().where(about & (Event.id > act.id))):
            undo(act, by=by)

    outcome = selection.each(acts, once, may=lambda act: True)
    record = record_of(event.subject_kind, event.subject)
    undoing = undoing_of(type(record), event.verb) if record is not None else None
    if record is not None and undoing is not None and undoing.of_many and not outcome.refused:
        undoing.of_many(record, event, by)
    return outcome


def _alone(event: Event) -> None:
    """Wait for whoever undoes this act at the same moment. SQLite has one writer at a time by itself."""
    if not is_sqlite():
        Event.select(Event.id).where(Event.id == event.id).for_update().execute()


def just_done(by: Any) -> Event | None:
    """What a person did in this request, if a click undoes it: the first of what it set going."""
    here = request_id.get()
    if not here:
        return None
    latest = own_acts(by).order_by(Event.id.desc()).limit(LATEST)
    for event in sorted((each for each in latest if each.request == here), key=lambda each: each.id):
        record = record_of(event.subject_kind, event.subject)
        if record is not None and undoing_of(type(record), event.verb) is not None:
            stands = why_not(event, record, by=by) is not None or not may_undo(event, by=by)
            return None if stands else event
    return None


def undoable(record: Record, *, by: Any) -> list[Event]:
    """What a person did to a record that a click still undoes, newest first."""
    recent = Event.about(record).where(Event.at > clock.now() - FOR).limit(LATEST)
    return among(list(recent), by=by, models={record.kind(): type(record)}, shown=[record])


def among(
    events: list[Event], *, by: Any, models: dict[str, type[Record]], shown: Iterable[Record] = ()
) -> list[Event]:
    """Those of the events, newest first, that a person did and that a click still undoes: what would be
    refused is not offered. Who went on since is asked of these events alone; whether it is theirs to change,
    of the records that are `shown` already, and of acts that something beside them may hinder.
    """
    since, found, undone = clock.now() - FOR, list[Event](), _undone(events)
    subjects: dict[tuple[str, int], Record | None] = {(each.kind(), each.id): each for each in shown}
    for place, event in enumerate(events):
        model = models.get(event.subject_kind)
        undoing = undoing_of(model, event.verb) if model is not None else None
        if undoing is None or event.actor != by.id or event.at <= since or event.id in undone:
            continue
        later = [each for each in events[:place] if _subject(each) == _subject(event)]
        if next(_gone_on(undoing, event, reversed(later)), None) is not None:
            continue
        record = subjects.get(_subject(event))
        if record is None and model is not None and _may_be_hindered(model, event.verb):
            record = subjects[_subject(event)] = record_of(*_subject(event))
        if record is None or (undoing.right(record, event, by) and _hindrance(record, event) is None):
            found.append(event)
    return found


def _may_be_hindered(model: type[Record], verb: str) -> bool:
    return any((each, verb) in _HINDRANCES for each in model.__mro__)


def _gone_on(undoing: Undoing, event: Event, later: Iterable[Event]) -> Iterator[Event]:
    """The later acts that went on from where this one left the record, and were not undone themselves."""
    listed = list(later)
    undone = _undone(listed)
    return (
        each
        for each in listed
        if each.verb in undoing.ends and each.id not in undone and undoing.same(event, each)
    )


def _undone(events: Iterable[Event]) -> set[int]:
    return {each.changes["event"][0] for each in events if each.verb == UNDID}


def _subject(event: Event) -> tuple[str, int]:
    return event.subject_kind, event.subject


def _named(event: Event) -> dict[str, list[Any]]:
    return {"act": [event.verb, None], "event": [event.id, None]}


def _beside(event: Event) -> list[Event]:
    """The same act on other nouns of the customer, set going by the same click: deals that went along."""
    if not event.request or event.customer is None:
        return []
    same = (Event.verb == event.verb) & (Event.request == event.request) & (Event.actor == event.actor)
    others = (Event.customer == event.customer) & (Event.subject_kind != event.subject_kind)
    return list(Event.select().where(same & others & (Event.id > event.id)))


def _told(later: Event) -> Phrase:
    """Who went on since: nobody's later change is lost unseen."""
    noun, who = NOUNS[later.subject_kind], record_of("person", later.actor)
    said = noun.said(later.verb)
    act = said.brief or said.words
    if who is None:
        return Phrase("It has gone on since: %(act)s. Change it on its page.", act=act)
    return Phrase("%(who)s has gone on since: %(act)s. Change it on its page.", who=names(who), act=act)


@undoes(Archivable, "archived", ends=["restored"], right="restorable_by")
def bring_back(record: Archivable, event: Event, by: Any) -> None:
    """Back into the lists."""
    if not record.is_archived:
        raise Invalid(MEANWHILE)
    record.bring_back(by=by)


@undoes(Archivable, "restored", ends=["archived"], right="archivable_by")
def put_away_again(record: Archivable, event: Event, by: Any) -> None:
    """Out of the lists again."""
    if record.is_archived:
        raise Invalid(MEANWHILE)
    record.write(archived_at=clock.now())
