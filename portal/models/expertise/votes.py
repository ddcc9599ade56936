"""Votes of colleagues for each other: what comes in a burst or in return waits for a look (RULES 4.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from peewee import ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.record import Record
from portal.models.company.settings import Setting
from portal.models.people.approvals import Approval
from portal.models.people.needs import WATCHERS
from portal.models.people.people import Person, Role

MOST = 100
HELD = {
    "burst vote": Phrase("Right after another for the same colleague"),
    "vote in return": Phrase("In return for one that was given lately"),
    "vote in return of one unnamed": Phrase("In return for one that was given lately"),
    "vote in a ring": Phrase("Given again, and so around to who gave it"),
}
"""Why a vote is held, by the purpose of the question whether it may count."""
FOR_AUDITORS = "vote in return of one unnamed"
"""That it is held says who stays unnamed: auditors alone look at it."""
RING = 4
"""So many people at most who give to each other in a circle are a ring."""


class OfColleagues:
    """A vote that names both itself: `by` says it of `person`."""

    by: Any
    by_id: int
    person: Any
    person_id: int

    @property
    def giver(self) -> int:
        return self.by_id

    @property
    def receiver(self) -> int:
        return self.person_id

    @classmethod
    def sides(cls) -> tuple[Any, Any, Any]:
        """The votes of this sort, with the columns that say who gave them and who got them."""
        votes: Any = cls
        return votes.select(), cls.by, cls.person


class Vote(Record):
    """One colleague's word for another: it declares `at`, and gives something once it counts.

    The first of a burst counts, each that follows another within 60 seconds is held; so is one in return for
    one of any sort, and one that is given again and goes around to who gave it through a few others. What is
    held gives neither points nor evidence until somebody lets it count.
    """

    at: Any
    sort: Phrase
    """What the vote says."""

    @property
    def giver(self) -> int:
        raise NotImplementedError

    @property
    def receiver(self) -> int:
        raise NotImplementedError

    @classmethod
    def sides(cls) -> tuple[ModelSelect[Self], Any, Any]:
        """The votes of this sort, with the columns that say who gave them and who got them."""
        raise NotImplementedError

    @classmethod
    def between(cls, giver: int, receiver: int) -> ModelSelect[Self]:
        """The votes of this sort that one gave another."""
        votes, gave, got = cls.sides()
        return votes.where((gave == giver) & (got == receiver))

    @classmethod
    def whole(cls) -> ModelSelect[Self]:
        """The votes of this sort, with what says who got them read along."""
        return cls.select()

    def says_the_same(self, other: Vote) -> bool:
        """Whether another is no further vote: itself, or one of the same."""
        return str(self) == str(other)

    @property
    def is_unnamed(self) -> bool:
        """Whether nobody who looks at it shall read who gave it."""
        return False

    @property
    def is_for_auditors(self) -> bool:
        """Whether that it is held, or why, names who stays unnamed."""
        asked = None if self.is_unnamed else self._question
        return self.is_unnamed or (asked is not None and asked.purpose == FOR_AUDITORS)

    def credit(self) -> None:
        """What it gives. Twice is harmless."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return "/admin/votes"

    def cast(self) -> None:
        """Let it count, or hold it. Two votes of one person at one moment are looked at in a row."""
        Person.update(version=Person.version).where(Person.id == self.giver).execute()
        why = self._why_held()
        if not why:
            self.credit()
            return
        both = Person.select().where(Person.id.in_([self.giver, self.receiver]))
        people = {person.id: person for person in both}
        told = Phrase(
            "A vote of %(giver)s for %(receiver)s is held: look whether it counts.",
            giver=names(people[self.giver]),
            receiver=names(people[self.receiver]),
        )
        if self.is_unnamed:
            told = Phrase(
                "A vote for %(receiver)s is held: look whether it counts.",
                receiver=names(people[self.receiver]),
            )
        who = Role.AUDITOR if self.is_unnamed or why == FOR_AUDITORS else WATCHERS
        Approval.ask(self, why, told, by=people[self.giver], who=str(who), but=[self.receiver])
        people[self.receiver].track(self._verb("vote held"), changes={"why": [None, why]})

    def _verb(self, verb: str) -> str:
        """What the log calls it: why one is held may point at who stays unnamed, for auditors alone."""
        return f"unnamed {verb}" if self.is_for_auditors else verb

    def _why_held(self) -> str:
        burst = timedelta(seconds=Setting.read("votes.burst"))
        lasts = timedelta(days=Setting.read("votes.return_days"))
        # Said again later, a vote is judged as it was: what came after it says nothing of it.
        until = self.at + burst if clock.now() - self.at < burst else self.at
        for sort in Vote.__subclasses__():
            near = (sort.at > self.at - burst) & (sort.at <= until)
            lately = sort.between(self.giver, self.receiver).where(near)
            if not all(self.says_the_same(other) for other in lately):
                return "burst vote"
        since, sorts = self.at - lasts, Vote.__subclasses__()
        returned = [
            vote
            for sort in sorts
            for vote in sort.between(self.receiver, self.giver).where((sort.at > since) & (sort.at <= until))
        ]
        if returned:
            return FOR_AUDITORS if all(vote.is_unnamed for vote in returned) else "vote in return"
        return "vote in a ring" if self._closes_a_ring(since, until) else ""

    def _closes_a_ring(self, since: datetime, until: datetime) -> bool:
        """Whether the same goes around once more: once, colleagues help each other in circles by chance."""
        sorts, before = Vote.__subclasses__(), self.at - timedelta(microseconds=1)
        if not any(_lately(s.between(self.giver, self.receiver), s, since, before) for s in sorts):
            return False
        reached = {self.receiver}
        for _ in range(RING - 1):
            reached = {who for sort in sorts for who in _given_by(sort, reached, since, until)}
            if self.giver in reached:
                return True
        return False

    @property
    def _question(self) -> Approval | None:
        mine = (Approval.subject_kind == self.kind()) & (Approval.subject == self.id)
        mine &= Approval.purpose.in_(list(HELD)) & (Approval.asked_at >= self.at)
        found: Approval | None = (
            Approval.select()
            .where(mine & (Approval.state != "withdrawn"))
            .order_by(Approval.id.desc())
            .first()
        )
        return found

    @property
    def is_held(self) -> bool:
        """Whether it gives nothing: nobody looked at it yet, or it was dropped."""
        asked = self._question
        return asked is not None and asked.state != "approved"

    @property
    def is_released(self) -> bool:
        asked = self._question
        return asked is not None and asked.state == "approved"

    @property
    def decided(self) -> Phrase | None:
        """That somebody looked at it, and so it stays as they said; None where nobody has."""
        asked = self._question
        if asked is None or asked.answered_by is None:
            return None
        return Phrase("%(who)s has looked at this vote: it stays.", who=names(asked.answered_by))

    def decidable_by(self, person: Person) -> bool:
        """An auditor or administrator who neither gave nor got it; what names an unnamed one is an auditor's
        alone.
        """
        return self.watched_by(person, auditors_only=self.is_for_auditors)

    def watched_by(self, person: Person, *, auditors_only: bool) -> bool:
        """The same where it is known already whether auditors alone look at it."""
        watches = person.is_auditor or (person.is_administrator and not auditors_only)
        return person.is_active and watches and person.id not in (self.giver, self.receiver)

    def release(self, *, by: Person) -> None:
        """It counts. Twice is harmless."""
        self._decide(by, release=True)

    def drop(self, *, by: Person) -> None:
        """It stays without effect. Twice is harmless."""
        self._decide(by, release=False)

    def _decide(self, by: Person, *, release: bool) -> None:
        asked = self._question
        if asked is None or asked.state != "asked":
            return
        with db.atomic():
            if Approval.settle(self, asked.purpose, by=by, approve=release):
                verb = self._verb("vote released" if release else "vote dropped")
                Person.get_by_id(self.receiver).track(verb, by=by, changes={"why": [None, asked.purpose]})
                if release:
                    self.credit()

    def forget(self) -> None:
        """It was taken back: nobody need look at it."""
        for why in HELD:
            Approval.withdraw(self, why)


def _lately(votes: Any, sort: type[Vote], since: datetime, until: datetime) -> bool:
    return bool(votes.where((sort.at > since) & (sort.at <= until)).exists())


def _given_by(sort: type[Vote], givers: set[int], since: datetime, until: datetime) -> set[int]:
    """To whom these people gave votes of a sort, themselves left out."""
    votes, gave, got = sort.sides()
    lately = votes.where((sort.at > since) & (sort.at <= until) & gave.in_(sorted(givers)))
    rows: Any = lately.select(got).distinct().tuples()
    return {who for (who,) in rows} - givers


class HeldVote(NamedTuple):
    """A vote that waits for a look, as the one who watches reads it."""

    id: int
    vote: Vote
    giver: Person
    receiver: Person
    purpose: str

    @property
    def why(self) -> Phrase:
        return HELD[self.purpose]

    @property
    def is_for_auditors(self) -> bool:
        return self.purpose == FOR_AUDITORS or self.vote.is_unnamed

    def decidable_by(self, person: Person) -> bool:
        return self.vote.watched_by(person, auditors_only=self.is_for_auditors)


def held_for(person: Person) -> list[HeldVote]:
    """What waits for a look of theirs: what an unnamed asker gave, and why it is held, auditors alone see."""
    return [each for each in held() if person.is_auditor or not each.is_for_auditors]


def held() -> list[HeldVote]:
    """What waits for a look, the oldest first."""
    waiting = Approval.select().where((Approval.state == "asked") & Approval.purpose.in_(list(HELD)))
    asked = list(waiting.order_by(Approval.id).limit(MOST))
    votes: dict[tuple[str, int], Vote] = {}
    for sort in Vote.__subclasses__():
        if ids := [each.subject for each in asked if each.subject_kind == sort.kind()]:
            votes |= {(sort.kind(), vote.id): vote for vote in sort.whole().where(sort.id.in_(ids))}
    who = {ident for vote in votes.values() for ident in (vote.giver, vote.receiver)}
    people = {person.id: person for person in Person.select().where(Person.id.in_(who))}
    return [
        HeldVote(each.id, vote, people[vote.giver], people[vote.receiver], each.purpose)
        for each in asked
        if (vote := votes.get((each.subject_kind, each.subject)))
    ]
