"""From whose hand somebody has a role: nobody appoints, or takes away, their own second person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Event
from portal.models.people.needs import SECONDS
from portal.models.people.people import Person, Role, RoleGrant, active_with

LATELY = timedelta(days=30)
"""A role that is older than this before a proposal counts, whoever gave it."""
FROM_ONE_HAND = Phrase(
    "Someone else has to decide this: one of you has that role from the other, or both from one hand, for "
    "less than a month."
)


def seconds_for(duty: Role) -> set[int]:
    """Who may be the second person for a duty of finance: whose it is, and administrators."""
    doing = {person.id for person in active_with(Role.FINANCE) if person.does(duty)}
    return doing | {person.id for person in active_with(Role.ADMINISTRATOR)}


class Hands:
    """Who had one of some roles from whom in the 30 days before a moment, and since."""

    def __init__(self, roles: Collection[Role], at: datetime) -> None:
        self.roles, self.since = roles, at - LATELY
        self._stripped: dict[int, set[int]] = {}
        self.holders, self.givers = set[int](), dict[int, set[int]]()
        settled = set[int]()
        for grant in RoleGrant.select().where(RoleGrant.role.in_([role.value for role in roles])):
            self.holders.add(grant.person_id)
            if grant.created_at <= self.since:
                settled.add(grant.person_id)
            elif (giver := grant.__data__["granted_by"]) is not None:
                self.givers.setdefault(grant.person_id, set()).add(giver)
        for person in settled:
            self.givers.pop(person, None)

    def behind(self, person: int) -> set[int]:
        """Them, and whoever gave them the role lately, and whoever gave it to these."""
        found, further = set[int](), {person}
        while further:
            found |= further
            further = {giver for one in further for giver in self.givers.get(one, ())} - found
        return found

    def apart(self, person: int, other: int) -> bool:
        """Whether neither has the role from the other, nor both from one hand."""
        return self.behind(person).isdisjoint(self.behind(other))

    def stripped_by(self, person: int) -> set[int]:
        """Who held the role, not from their hand, until they took it away or closed the account lately."""
        if person not in self._stripped:
            self._stripped[person] = self._read_stripped(person)
        return self._stripped[person]

    def _read_stripped(self, person: int) -> set[int]:
        named, stripped = {role.value for role in self.roles}, set[int]()
        others: dict[int, set[tuple[str, str]]] = {}  # what each held that was not from this hand
        hands = self.behind(person) | {one for one in self.givers if not self.apart(person, one)}
        verbs = Event.verb.in_(["granted", "withdrawn", "deactivated"])
        for event in Event.select().where((Event.subject_kind == Person.kind()) & verbs).order_by(Event.id):
            one, held = event.subject, others.setdefault(event.subject, set())
            is_ours = event.at > self.since and event.actor in hands
            gone = held
            if event.verb == "granted":
                (_, role), (_, scope) = event.changes["role"], event.changes["scope"]
                if role in named and is_ours:
                    hands.add(one)
                elif role in named:
                    held.add((role, scope))
                continue
            if event.verb == "withdrawn":
                (role, _), (scope, _) = event.changes["role"], event.changes["scope"]
                gone = {each for each in held if each[0] == role and scope in (None, each[1])}
                others[one] = held - gone
            if gone and is_ours and one != person:
                stripped.add(one)
        return stripped

    def seconds(self, person: int) -> set[int]:
        """Who holds the role and may be their second person."""
        held = self.holders - {person}
        apart = {one for one in held if self.apart(person, one)}
        return apart if apart == held else apart | (held & self.stripped_by(person))

    def bars(self, asker: int, one: int, able: Collection[int]) -> bool:
        """Whether one must leave to others what the asker asked: one of those `able` to decide it is their
        second person, or somebody was until one of the two took that away.
        """
        if self.is_second(asker, one):
            return False
        others = any(each != one and self.is_second(asker, each) for each in able)
        return others or bool(self.stripped_by(asker) | self.stripped_by(one))

    def is_second(self, person: int, one: int) -> bool:
        """Whether one of them may be their second person."""
        if one == person or one not in self.holders:
            return False
        return self.apart(person, one) or one in self.stripped_by(person)


def are_one_hand(theirs: Collection[int], one: int, *, duty: Role) -> bool:
    """Whether someone and one of those whose it is, who asked or gain by it, are one second person too few
    for a duty of finance.
    """
    hands, able = Hands({*SECONDS, duty}, clock.now()), seconds_for(duty) - {*theirs}
    return any(hands.bars(each, one, able) for each in theirs)
