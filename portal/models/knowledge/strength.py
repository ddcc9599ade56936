"""What somebody ever proved to know, and how strong they were in each topic month by month."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from portal import clock
from portal.clock import Month
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, EvidenceRow, Expertise, of_pieces, ranked
from portal.models.people.people import Person

MONTHS = 12


class History:
    """All evidence that a person ever had, and until when it stood: read once, told for several moments."""

    def __init__(self, person: Person):
        read = [getattr(Evidence, name) for name in EvidenceRow._fields]
        rows = Evidence.select(*read, Evidence.withdrawn_at).where(Evidence.person == person)
        newest_first: Any = rows.order_by(Evidence.at.desc(), Evidence.id.desc()).tuples()
        self.pieces = [(EvidenceRow._make(row[:-1]), row[-1]) for row in newest_first]
        self.person = person

    def known(self, at: datetime, *, but: Collection[int] = ()) -> list[Expertise]:
        """What they knew at a moment, best first, but for hidden topics; what was withdrawn later counts."""
        stood = (piece for piece, until in self.pieces if until is None or until > at)
        found = of_pieces([piece for piece in stood if piece.topic_id not in but], at)
        parents = Topic.parents()
        return ranked(found, parents, parents, {(self.person.id, topic) for topic in but})

    def strength(
        self, topics: Collection[int], *, but: Collection[int] = ()
    ) -> tuple[list[Month], dict[int, list[float]]]:
        """The last twelve months, and for each of these topics E at the end of each; of this one, now."""
        now, this = clock.now(), Month.of(clock.now())
        months = [this.plus(number - MONTHS + 1) for number in range(MONTHS)]
        told = {topic: list[float]() for topic in topics}
        for month in months:
            then = {one.topic_id: one.score for one in self.known(min(month.end, now), but=but)}
            for topic, scores in told.items():
                scores.append(then.get(topic, 0.0))
        return months, told
