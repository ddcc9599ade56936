"""The closed loop of what is asked: answered at once, put to experts, come back as knowledge (S39)."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from statistics import median
from typing import Any, TypeVar

from peewee import JOIN

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.company.contact_groups import groups_of_departments
from portal.models.company.words import CONTACT_GROUPS
from portal.models.insights.effect import CERTAIN, SHOWN, Conclusion
from portal.models.insights.leads import are_few
from portal.models.insights.proportions import Proportion, p_value
from portal.models.insights.worked import WorkedTime, minute_of
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.knowledge.routing import Routing
from portal.models.people.people import Person

AT_ONCE = 60
"""Minutes of working time."""
YOUNG = timedelta(days=7)
"""So long after its end a month's questions may still turn out not to have been settled."""
OTHERS, EVERYONE = "", "all"
"""The group of departments that are in none, and the one of all while no groups are chosen."""
GIVEN = ("given", "articles")
"""What a group gave, as the lists of it are called."""
K = TypeVar("K", bound=Hashable)


def readable_by(person: Person) -> bool:
    """Who answers for it: managers, reviewers, administrators and auditors."""
    return person.is_manager or person.is_reviewer or person.is_administrator or person.is_auditor


@dataclass(slots=True)
class LoopAnswer:
    """One answer."""

    author: int
    is_article: bool
    """Whether it is an article that everyone reads, or names one."""


@dataclass(slots=True)
class LoopQuestion:
    """One question, as the loop sees it. What follows from its answers is found once: there may be many."""

    question: int
    at: int
    """Its minute, as of `worked.minute_of`."""
    month: Month
    topic: int | None
    product: int | None
    asker: int | None
    """None where it stays unsaid."""
    is_routed: bool
    """Whether it was put to experts."""
    answers: list[LoopAnswer] = field(default_factory=list)
    """In the order they came."""
    first_after: int | None = None
    """Minutes of working time until the first answer."""
    best_after: int | None = None
    """The same until one was first chosen as the best."""
    best_given_after: int | None = None
    """The same until the first of those that are the best now was given."""
    authors: frozenset[int] = frozenset()
    is_settled: bool = False
    """Whether it has an answer, of a colleague or of those who were asked."""
    is_at_once: bool = False
    """Put to nobody, answered within the hour, and no later answer was made the best instead."""
    is_solved: bool = False
    """Put to experts, and answered."""
    is_returned: bool = False
    """Solved by experts, and an answer to it is an article that everyone reads, or names one."""

    def settle(self) -> None:
        """Find what follows from its answers, once they are all there.

        Who asked answered first, and nobody was put to it: it was written down, and is not settled.
        Of who stays unnamed that would tell who asked.
        """
        if not self.answers:
            return
        self.authors = frozenset(each.author for each in self.answers)
        self.is_solved = self.is_routed
        self.is_settled = self.is_routed or self.answers[0].author != self.asker
        self.is_returned = self.is_routed and any(each.is_article for each in self.answers)
        last = max(self.first_after or 0, self.best_given_after or 0)
        self.is_at_once = self.is_settled and not self.is_routed and last <= AT_ONCE


PARTS: dict[str, Callable[[LoopQuestion], bool]] = {
    "": lambda asked: True,
    "settled": lambda asked: asked.is_settled,
    "once": lambda asked: asked.is_at_once,
    "routed": lambda asked: asked.is_routed,
    "solved": lambda asked: asked.is_solved,
    "returned": lambda asked: asked.is_returned,
    "missing": lambda asked: asked.is_solved and not asked.is_returned,
}
"""Which questions each number counts, by its name in the address."""


@dataclass
class LoopCell:
    """Some questions together: a month's, a topic's, or all."""

    asked: list[LoopQuestion] = field(default_factory=list)

    def part(self, name: str) -> list[LoopQuestion]:
        """The questions that one of its numbers counts."""
        return [each for each in self.asked if PARTS[name](each)]

    @property
    def n(self) -> int:
        return len(self.asked)

    @cached_property
    def routed(self) -> int:
        return sum(each.is_routed for each in self.asked)

    @cached_property
    def at_once(self) -> Proportion:
        """Of those settled."""
        return Proportion(
            sum(each.is_at_once for each in self.asked), sum(each.is_settled for each in self.asked)
        )

    @cached_property
    def returned(self) -> Proportion:
        """Of those that experts solved."""
        return Proportion(
            sum(each.is_returned for each in self.asked), sum(each.is_solved for each in self.asked)
        )

    @cached_property
    def first_after(self) -> float | None:
        """The median of the hours worked until the first answer; None without one."""
        return _hours(each.first_after for each in self.asked if each.is_settled)

    @cached_property
    def best_after(self) -> float | None:
        """The same until the best was chosen."""
        return _hours(each.best_after for each in self.asked if each.is_settled)

    @cached_property
    def people(self) -> tuple[frozenset[int], ...]:
        """Who answered: what is told of these questions is told of them."""
        return (frozenset[int]().union(*{each.authors for each in self.asked}),)


@dataclass
class GroupCell(LoopCell):
    """What a contact group asked, and what it gave."""

    given: list[LoopQuestion] = field(default_factory=list)
    """The questions that someone of it answered."""
    articles: list[LoopQuestion] = field(default_factory=list)
    """Those of them where that answer is an article that everyone reads, or names one."""
    answered: int = 0
    """How many questions have an answer, whoever gave it."""
    givers: frozenset[int] = frozenset()

    @property
    def contribution(self) -> Proportion:
        """Of all that was answered, what its people answered."""
        return Proportion(len(self.given), self.answered)

    @cached_property
    def people(self) -> tuple[frozenset[int], ...]:
        """Who answered for it, and who asked: neither may be one or two."""
        return self.givers, frozenset(each.asker for each in self.asked if each.asker is not None)


class Loop:
    """What was asked in some months up to this one, as a person may see it."""

    def __init__(self, person: Person) -> None:
        self.person = person
        last = Month.of(clock.today())
        self._months = [last.plus(-n) for n in reversed(range(SHOWN))]

    @cached_property
    def whole(self) -> LoopCell:
        """All of it."""
        return LoopCell(self._asked())

    @cached_property
    def by_month(self) -> dict[Month, LoopCell]:
        """From the first month with a question on, oldest first."""
        found = _sorted_out(self.whole.asked, lambda each: each.month)
        first = min(found, default=self._months[-1])
        return {month: found.get(month, LoopCell()) for month in self._months if month >= first}

    @cached_property
    def by_topic(self) -> dict[int | None, LoopCell]:
        """By the first topic of each question, the most asked first."""
        return _most_first(_sorted_out(self.whole.asked, lambda each: each.topic))

    @cached_property
    def by_product(self) -> dict[int | None, LoopCell]:
        return _most_first(_sorted_out(self.whole.asked, lambda each: each.product))

    @cached_property
    def by_group(self) -> dict[str, GroupCell]:
        """What each contact group asked and gave; whose department is in none are the last. Where it stays
        unsaid who asked, it is of no group: that would narrow down who it was.
        """
        rows: Any = Person.select(Person.id, Person.department).tuples()
        groups = groups_of_departments()
        usual = OTHERS if groups else EVERYONE
        group_of = {person: groups.get(department, usual) for person, department in rows}
        cells = {name: GroupCell() for name in ([*CONTACT_GROUPS, OTHERS] if groups else [EVERYONE])}
        given = defaultdict[str, set[int]](set)
        for each in self.whole.asked:
            if each.asker is not None:
                cells[group_of[each.asker]].asked.append(each)
            for name in {group_of[author] for author in each.authors}:
                cells[name].given.append(each)
            for name in {group_of[one.author] for one in each.answers if one.is_article}:
                cells[name].articles.append(each)
            for author in each.authors:
                given[group_of[author]].add(author)
        answered = sum(bool(each.answers) for each in self.whole.asked)
        for name, cell in cells.items():
            cell.answered, cell.givers = answered, frozenset(given[name])
        return {name: cell for name, cell in cells.items() if name != OTHERS or cell.n or cell.given}

    # -------------------------------------------------------------- what may be told

    @cached_property
    def is_hidden(self) -> bool:
        """Whether all of it together would tell how one or two others did."""
        return self._names([self.whole])

    def hidden(self, cells: Mapping[K, LoopCell]) -> frozenset[K]:
        """Which of these cells are not told: of too few people, and so many others that what is taken from
        the sum leaves nobody alone.
        """
        out = {key for key, cell in cells.items() if self.is_hidden or self._names([cell])}
        rest = sorted((key for key in cells if key not in out), key=lambda key: cells[key].n)
        while rest and self._names([cells[key] for key in out]):
            out.add(rest.pop(0))
        return frozenset(out)

    def _names(self, cells: Sequence[LoopCell]) -> bool:
        """Whether they would tell together how one or two others did."""
        sides = zip(*(cell.people for cell in cells), strict=True)
        return any(are_few(frozenset[int]().union(*side), self.person) for side in sides)

    def _lines(self, kind: str) -> Mapping[str, LoopCell]:
        """A table's lines by their names in the address: those of one kind alone, a list asks for no more."""
        if kind == "all":
            return {"all": self.whole}
        if kind == "month":
            return {str(month): cell for month, cell in self.by_month.items()}
        if kind == "topic":
            return {str(key or 0): cell for key, cell in self.by_topic.items()}
        if kind == "product":
            return {str(key or 0): cell for key, cell in self.by_product.items()}
        if kind == "group" or kind in GIVEN:
            return {key or "others": cell for key, cell in self.by_group.items()}
        return {}

    def cell(self, kind: str, key: str) -> LoopCell | None:
        """The questions behind a line of a table; None for what is no line."""
        found = self._lines(kind).get(key)
        return LoopCell(getattr(found, kind)) if found is not None and kind in GIVEN else found

    def tells(self, kind: str, key: str) -> bool:
        """Whether that line is told."""
        return key not in self.hidden(self._lines(kind))

    # -------------------------------------------------------------- whether it changed

    @cached_property
    def compared(self) -> list[tuple[Month, LoopCell]]:
        """The months that have a rate that is told, oldest first."""
        out = self.hidden(self.by_month)
        return [(month, c) for month, c in self.by_month.items() if month not in out and c.at_once.n]

    @staticmethod
    def is_maturing(month: Month) -> bool:
        """Whether its last questions may still turn out not to have been settled."""
        return clock.today() <= month.last_day + YOUNG

    @property
    def p(self) -> float | None:
        """How likely the difference of the first and the latest month is by chance; None without two."""
        if len(self.compared) < 2:
            return None
        before, after = self.compared[0][1].at_once, self.compared[-1][1].at_once
        return p_value(before.hits, before.n, after.hits, after.n)

    @property
    def finding(self) -> Conclusion | None:
        """What the first and the latest month say of each other; None without two."""
        if self.p is None:
            return None
        before, after = self.compared[0][1].at_once, self.compared[-1][1].at_once
        if before.rate == after.rate:
            return Conclusion.SAME
        if self.p >= CERTAIN:
            return Conclusion.UNCERTAIN
        if self.is_maturing(self.compared[-1][0]):
            return Conclusion.EARLY
        return Conclusion.RISE if after.rate > before.rate else Conclusion.FALL

    # -------------------------------------------------------------- reading

    def _asked(self) -> list[LoopQuestion]:
        within = (Question.created_at >= self._months[0].start) & (Question.created_at < self._months[-1].end)
        worked = WorkedTime(self._months[0].first_day, clock.today())
        found = {each.question: each for each in self._questions(within)}
        for question, author, at, state in _answers(within):
            asked = found[question]
            asked.answers.append(LoopAnswer(author, state == "published"))
            if asked.first_after is None:
                asked.first_after = worked.between(asked.at, minute_of(at))
        for question, chosen_at, given_at in _chosen(within):
            asked = found[question]
            if asked.best_after is None:
                asked.best_after = worked.between(asked.at, minute_of(chosen_at))
            after = worked.between(asked.at, minute_of(given_at))
            before = asked.best_given_after
            asked.best_given_after = after if before is None else min(after, before)
        for asked in found.values():
            asked.settle()
        return list(found.values())

    def _questions(self, within: Any) -> Iterable[LoopQuestion]:
        columns = (Question.topic, Question.product, Question.asker, Question.is_anonymous, Routing.id)
        query = (
            Question.select(Question.id, Question.created_at, *columns)
            .join(Routing, JOIN.LEFT_OUTER, on=(Routing.question == Question.id))
            .where(within)
            .order_by(Question.id)
        )
        begins = [minute_of(month.start) for month in self._months]
        for ident, asked_at, topic, product, asker, is_unnamed, routing in _rows(query):
            at = minute_of(asked_at)
            month = self._months[bisect_right(begins, at) - 1]
            yield LoopQuestion(
                ident, at, month, topic, product, None if is_unnamed else asker, routing is not None
            )


def _rows(query: Any) -> Any:
    """As they are stored: there may be many."""
    return db.execute(query).fetchall()


def _answers(within: Any) -> Any:
    """Of these questions every answer, in order: question, author, when, the state of its article."""
    query: Any = (
        Answer.select(Answer.question, Answer.author, Answer.created_at, Article.state)
        .join(Question)
        .join_from(Answer, Article, JOIN.LEFT_OUTER, on=(Answer.article == Article.id))
        .where(within)
        .order_by(Answer.created_at, Answer.id)
    )
    return _rows(query)


def _chosen(within: Any) -> Any:
    """Of these questions every best answer, in the order chosen: question, when chosen, when given."""
    query: Any = (
        BestAnswer.select(BestAnswer.question, BestAnswer.created_at, Answer.created_at)
        .join(Answer)
        .join_from(BestAnswer, Question)
        .where(within)
        .order_by(BestAnswer.created_at, BestAnswer.id)
    )
    return _rows(query)


def _sorted_out(asked: Iterable[LoopQuestion], by: Any) -> dict[Any, LoopCell]:
    found = defaultdict[Any, LoopCell](LoopCell)
    for each in asked:
        found[by(each)].asked.append(each)
    return dict(found)


def _most_first(cells: Mapping[K, LoopCell]) -> dict[K, LoopCell]:
    return dict(sorted(cells.items(), key=lambda item: -item[1].n))


def _hours(minutes: Iterable[int | None]) -> float | None:
    found: Sequence[int] = [each for each in minutes if each is not None]
    return median(found) / 60 if found else None


def ids_of(asked: Collection[LoopQuestion]) -> list[int]:
    """The ids of their questions."""
    return [each.question for each in asked]
