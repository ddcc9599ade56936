"""What needs a person: every running clock that waits for an act of theirs, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.nouns import NOUNS
from portal.models.base.prepared import Prepared
from portal.models.company.topics import Topic
from portal.models.people.people import DUTIES, Person, Role, RoleGrant
from portal.models.work.clocks import Clock

MOST = 100
SECOND = "second person"
"""Whoever may be the second pair of eyes for money."""
SECONDS = {Role.FINANCE, Role.ADMINISTRATOR}
"""The roles of which that may be."""
WATCHERS = "who watches votes"
"""Whoever looks whether a vote counts that is held."""
WATCHING = {Role.AUDITOR, Role.ADMINISTRATOR}
"""The roles of which that may be."""
RULERS = "who agrees to rules"
"""Whoever may be the second person for other rules."""
URGENT = "urgent ask"
"""What waits for someone while a customer holds the line: it comes first."""
RULING = {Role.MANAGER, Role.ADMINISTRATOR}
"""The roles of which that may be."""


@dataclass(frozen=True)
class Need:
    """One thing that waits for a person."""

    kind: str
    """`review`, `revision`, `approval`, `adjustment`, ..."""
    text: Phrase
    url: str
    due_at: datetime | None = None
    since: datetime | None = None
    icon: str = "bell"
    """As the noun that waits says."""
    id: int = 0
    """Of the clock."""
    subject_kind: str = ""
    subject: int = 0
    """The record that waits."""


def needs(person: Person) -> list[Need]:
    """All that waits for this person: what is due first, then what has waited longest; after all that the
    votes of which somebody watches whether they count, so that many of them hide nothing.
    """
    roles = _roles(person)
    asked = _ASKED[Role.REVIEWER in roles, Role.FINANCE in roles]
    rows = asked(
        who=_names(person, roles),
        now=clock.now(),
        not_me=f"%,{person.id},%",
        me=person.id,
    )
    return [_need(row) for row in rows]


def settled(person: Person) -> ModelSelect[Clock]:
    """What waited for this person, and waits no longer."""
    roles = _roles(person)
    mine = Clock.who.in_(_names(person, roles))
    mine = mine | _of_a_reviewer(person.id) if Role.REVIEWER in roles else mine
    mine = mine | _of_finance() if Role.FINANCE in roles else mine
    return Clock.select().where(Clock.stopped_at.is_null(False) & mine & ~(Clock.but ** f"%,{person.id},%"))


def _roles(person: Person) -> set[Role]:
    return {role for role in Role if person.holds(role)}


def _names(person: Person, roles: set[Role]) -> list[str]:
    """Under which names a person is asked."""
    return [str(person), *map(str, sorted(roles)), *_together(roles)]


def _need(row: Clock) -> Need:
    return Need(
        row.what,
        row.phrase,
        row.url,
        row.due_at,
        row.since,
        _icon(row),
        id=row.id,
        subject_kind=row.subject_kind,
        subject=row.subject,
    )


def _together(roles: set[Role]) -> list[str]:
    """What is asked of several roles at once."""
    return [
        who for who, among in ((SECOND, SECONDS), (WATCHERS, WATCHING), (RULERS, RULING)) if roles & among
    ]


def _icon(waiting: Clock) -> str:
    noun = NOUNS.get(waiting.subject_kind) or NOUNS.get(waiting.what)
    return (noun and (noun.icon_waiting or noun.icon)) or Need.icon


def _waiting(who: Any, now: Any, not_me: Any) -> Any:
    asked = Clock.stopped_at.is_null() & (Clock.shown_at <= now) & (Clock.text != "")
    return (
        Clock.select()
        .where(who & asked & ~(Clock.but**not_me))
        .order_by(
            Clock.what != URGENT,
            Clock.who == WATCHERS,
            Clock.due_at.is_null(),
            fn.COALESCE(Clock.due_at, Clock.since),
            Clock.id,
        )
        .limit(MOST)
    )


def _of_a_reviewer(me: Any) -> Any:
    """What waits for the reviewers of a topic: of theirs, and of all below; of any where theirs is none."""
    granted = (RoleGrant.person == me) & (RoleGrant.role == Role.REVIEWER.value)
    theirs = (RoleGrant.topic == Topic.id) | RoleGrant.topic.is_null()
    mine = Topic.select(Topic.id).join(RoleGrant, on=theirs).where(granted)
    top, child = mine.cte("reviewed", recursive=True), Topic.alias()
    below = child.select(child.id).join(top, on=(child.parent == top.c.id))
    tree = top.union(below)
    topics = tree.select_from(Value("topic-").concat(tree.c.id.cast("TEXT")))
    return Clock.who.in_(topics)


def _of_finance() -> Any:
    """What waits for a duty that nobody holds: it is all of finance's."""
    held = RoleGrant.select(RoleGrant.role).join(Person, on=(RoleGrant.person == Person.id))
    held = held.where(RoleGrant.role.in_(list(DUTIES)) & Person.deactivated_at.is_null())
    return Clock.who.in_(list(DUTIES)) & Clock.who.not_in(held)


def _asked(reviews: bool, pays: bool) -> Prepared[Clock]:
    def write(who: Any, now: Any, not_me: Any, me: Any) -> Any:
        mine = Clock.who.in_(who)
        mine = mine | _of_a_reviewer(me) if reviews else mine
        return _waiting(mine | _of_finance() if pays else mine, now, not_me)

    return Prepared(write)


_ASKED = {(reviews, pays): _asked(reviews, pays) for reviews in (True, False) for pays in (True, False)}
"""By whether who asks reviews, and whether they are in finance."""
