"""Words that colleagues found to mean the same: one found nothing, the next one did (no one is named)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peewee import Check, ForeignKeyField, IntegerField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, StateField, UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person
from portal.models.search.synonyms import MOST_WORDS, Synonym
from portal.models.search.words import WORD_PROPOSAL, WordProposalState


class WordProposal(Record):
    """That two words may mean the same, told by the searches of at least two people and by nobody's name."""

    called = WORD_PROPOSAL

    sought = NameField(40)
    """What found nothing."""
    helped = NameField(40)
    """What was looked for instead, and opened."""
    people = IntegerField()
    """How many did so lately."""
    state = StateField(
        WordProposalState, max_length=20, default=WordProposalState.OPEN, verbose_name=Phrase("State")
    )
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    by_id: int | None
    decided_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("sought", "helped"), True),)
        constraints = [Check("state IN ('open', 'accepted', 'dropped')"), Check("people >= 2")]

    LEAST = 2
    """So many people must have gone the same way."""

    @classmethod
    def open(cls) -> list[WordProposal]:
        """Those that wait for an administrator, most people first."""
        waiting = cls.select().where(cls.state == WordProposalState.OPEN)
        return list(waiting.order_by(cls.people.desc(), cls.sought, cls.id).limit(50))

    @classmethod
    def gather(cls, seen: Mapping[tuple[str, str], int]) -> None:
        """Propose the pairs of words that enough people went through lately, by how many; what they no longer
        do is proposed no longer, and what was decided stays so.
        """
        said = {frozenset(pair) for group in Synonym.groups() for pair in _pairs(group)}
        wanted = {
            pair: people
            for pair, people in seen.items()
            if people >= cls.LEAST and frozenset(word.casefold() for word in pair) not in said
        }
        with db.atomic():
            for row in cls.select().where(cls.state == WordProposalState.OPEN):
                if (row.sought, row.helped) not in wanted:
                    row.delete_instance()
            for (sought, helped), people in wanted.items():
                facts = {"sought": sought, "helped": helped, "people": people, "created_at": clock.now()}
                cls.insert(facts).on_conflict(
                    conflict_target=[cls.sought, cls.helped], preserve=[cls.people]
                ).execute()

    def accept(self, *, by: Person) -> None:
        """From now on both find what either does: in a group that has one of them, else in one of their own.
        Twice is harmless. Raises Invalid where the group is full, and when it was dropped.
        """
        with db.atomic():
            if not self._decide(WordProposalState.ACCEPTED, by):
                return
            words = [self.sought, self.helped]
            known = Synonym.holding(words)
            if known is None:
                Synonym.add(by=by, words=", ".join(words))
            else:
                missing = [word for word in words if word.casefold() not in known.folded]
                if len(known.group) + len(missing) > MOST_WORDS:
                    raise Invalid(Phrase("The group of “%(words)s” is full.", words=known.group[0]))
                known.edit(by=by, words=", ".join([*known.group, *missing]))

    def drop(self, *, by: Person) -> None:
        """They do not mean the same: it is not proposed again. Twice is harmless."""
        self._decide(WordProposalState.DROPPED, by)

    def _decide(self, state: WordProposalState, by: Person) -> bool:
        decided: dict[Any, Any] = {"state": state, "by": by, "decided_at": clock.now()}
        mine = (WordProposal.id == self.id) & (WordProposal.state == WordProposalState.OPEN)
        if WordProposal.update(decided).where(mine).execute():
            self.track(str(state), by=by, changes={"words": [self.sought, self.helped]})
            return True
        now = self.fresh()
        if now.state != state:
            raise Invalid(Phrase("Somebody decided about this already."))
        return False


def _pairs(group: list[str]) -> list[tuple[str, str]]:
    folded = [word.casefold() for word in group]
    return [(one, other) for one in folded for other in folded if one < other]
