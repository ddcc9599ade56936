"""What needs a person: every running clock that waits for an act of theirs, most urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Value, fn

from portal import clock
from portal.i18n import Phrase
from portal.models.base.nouns import NOUNS
from portal.models.base.prepared import Prepared
from portal.models.company.topics import Topic
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.work.clocks import Clock

MOST = 100
SECOND = "second person"
"""Whoever may be the second pair of eyes for money."""
PAYMENTS = "payments"
"""Whoever confirms that money came in (RULES 4.1)."""
DUTIES = {SECOND: {Role.FINANCE, Role.ADMINISTRATOR}, PAYMENTS: {Role.FINANCE}}
"""What several roles may do alike: a clock waits for a duty as for a role."""


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


def needs(person: Person) -> list[Need]:
    """All that waits for this person: what is due first, then what has waited longest."""
    roles = {role for role in Role if person.holds(role)}
    duties = [duty for duty, may in DUTIES.items() if roles & may]
    asked = _OF_A_REVIEWER if Role.REVIEWER in roles else _OF_ANYONE
    rows = asked(
        who=[str(person), *map(str, sorted(roles)), *duties],
        now=clock.now(),
        not_me=f"%,{person.id},%",
        me=person.id,
    )
    return [Need(row.what, row.phrase, row.url, row.due_at, row.since, _icon(row)) for row in rows]


def _icon(waiting: Clock) -> str:
    noun = NOUNS.get(waiting.subject_kind) or NOUNS.get(waiting.what)
    return (noun and (noun.icon_waiting or noun.icon)) or Need.icon


def _waiting(who: Any, now: Any, not_me: Any) -> Any:
    asked = Clock.stopped_at.is_null() & (Clock.shown_at <= now) & (Clock.text != "")
    return (
        Clock.select()
        .where(who & asked & ~(Clock.but**not_me))
        .order_by(Clock.due_at.is_null(), fn.COALESCE(Clock.due_at, Clock.since), Clock.id)
        .limit(MOST)
    )


def _of_a_reviewer(who: Any, now: Any, not_me: Any, me: Any) -> Any:
    """Also what waits for the reviewers of a topic: of theirs, and of all below."""
    granted = (RoleGrant.person == me) & (RoleGrant.role == Role.REVIEWER.value)
    mine = Topic.select(Topic.id).join(RoleGrant, on=(RoleGrant.topic == Topic.id)).where(granted)
    top, child = mine.cte("reviewed", recursive=True), Topic.alias()
    below = child.select(child.id).join(top, on=(child.parent == top.c.id))
    tree = top.union(below)
    topics = tree.select_from(Value("topic-").concat(tree.c.id.cast("TEXT")))
    return _waiting(Clock.who.in_(who) | Clock.who.in_(topics), now, not_me)


_OF_ANYONE = Prepared[Clock](lambda who, now, not_me, me: _waiting(Clock.who.in_(who), now, not_me))
_OF_A_REVIEWER = Prepared[Clock](_of_a_reviewer)
