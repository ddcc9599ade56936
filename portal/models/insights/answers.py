"""What answers of the question bank did: in how many deals each was used, and how many of these were won."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from portal import clock
from portal.clock import Month
from portal.models.insights.leads import are_few
from portal.models.insights.proportions import Proportion
from portal.models.knowledge.questions import Answer
from portal.models.people.people import Person
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.deals import Deal

LEAST = 5
"""Of fewer closed deals no rate is told."""


class AnswerFigure(NamedTuple):
    """In how many deals an answer was used, and how those ended that are told."""

    uses: int
    won: Proportion | None
    """None where too few are closed, or it would tell how one or two colleagues did."""


def figures_of(answers: Collection[int], person: Person) -> dict[int, AnswerFigure]:
    """The figures of answers that were used, by id, as a person may read them.

    The deals of whoever wrote the answer never count: nobody praises their own. A deal counts among the ended
    once its month is over: from one day to the next the rate would tell how the last one ended.
    """
    if not answers:
        return {}
    rows: Any = (
        AnswerUse.select(AnswerUse.answer, Deal.owner, Deal.stage, Deal.closed_on)
        .join(Deal)
        .join_from(AnswerUse, Answer, on=AnswerUse.answer)
        .where(AnswerUse.answer.in_(sorted(answers)) & Deal.archived_at.is_null())
        .where(Deal.owner != Answer.author)
        .tuples()
    )
    used = defaultdict[int, list[Any]](list)
    for answer, *deal in rows:
        used[answer].append(deal)
    begins = Month.of(clock.now()).first_day
    return {answer: _figure(deals, begins, person) for answer, deals in used.items()}


def _figure(deals: list[Any], begins: date, person: Person) -> AnswerFigure:
    ended = [(owner, stage) for owner, stage, closed_on in deals if closed_on and closed_on < begins]
    owners = {owner for owner, _ in ended}
    if len(ended) < LEAST or are_few(owners, person):
        return AnswerFigure(len(deals), None)
    return AnswerFigure(len(deals), Proportion(sum(stage == "won" for _, stage in ended), len(ended)))
