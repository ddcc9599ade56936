"""What answers and articles did: in how many deals each was used, and how many of these were won."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import groupby
from typing import Any, NamedTuple

from peewee import SQL, fn

from portal import clock
from portal.clock import Month
from portal.models.customers.requests import CLOSED, WITHDRAWN, CustomerRequest
from portal.models.insights.leads import are_few_others
from portal.models.insights.proportions import Proportion
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.questions import Answer
from portal.models.people.people import Person
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from portal.models.sales.words import Stage

LEAST = 5
"""Of fewer closed deals no rate is told."""


class AnswerFigure(NamedTuple):
    """In how many deals an answer was used, and how those ended that are told."""

    uses: int
    won: Proportion | None
    """None where too few are closed, or it would tell how one or two colleagues did."""

    def and_also(self, other: AnswerFigure) -> AnswerFigure:
        """Both in one sum."""
        told = [each.won for each in (self, other) if each.won is not None]
        won = Proportion(sum(each.hits for each in told), sum(each.n for each in told)) if told else None
        return AnswerFigure(self.uses + other.uses, won)


class CaseFigure(NamedTuple):
    """For how many requests of customers an article was used, and how those ended that did."""

    uses: int
    solved: Proportion

    def and_also(self, other: CaseFigure) -> CaseFigure:
        """Both in one sum."""
        hits, n = self.solved.hits + other.solved.hits, self.solved.n + other.solved.n
        return CaseFigure(self.uses + other.uses, Proportion(hits, n))


def figures_of(answers: Collection[int], person: Person) -> dict[int, AnswerFigure]:
    """The figures of answers that were used, by id, as a person may read them.

    What whoever wrote the answer says of their own deals never counts, and put away a deal counts as before.
    A deal counts among the ended once its month is over, with those that ended in it: their difference must
    not tell how one or two colleagues did, else they wait for the next month's.
    """
    return _figures(AnswerUse.answer, AnswerUse.answer.in_(sorted(answers)), person) if answers else {}


def figures_by_article(articles: Collection[int], person: Person) -> dict[int, AnswerFigure]:
    """The same of articles that were used themselves, or that answers became, by the article's id: a deal in
    which both were counts once. What was merged counts for what it was merged into.
    """
    return _of_articles(sorted(articles), person) if articles else {}


def figures_by_topic(person: Person) -> dict[int, AnswerFigure]:
    """The sums of what is told of the articles under a topic, by the topic's id: never of what is not, which
    would be left once what is told is taken from the sum.
    """
    return sums_by_topic(person)[0]


def cases_by_article(articles: Collection[int]) -> dict[int, CaseFigure]:
    """For how many requests of customers each article was used, and how many of those that ended were done,
    by its id. What customers ask for everyone reads (RULES 4.10): nothing of it is held back.
    """
    return _cases(sorted(articles)) if articles else {}


def cases_by_topic(person: Person) -> dict[int, CaseFigure]:
    """The same of the articles under a topic, by the topic's id."""
    return sums_by_topic(person)[1]


def sums_by_topic(person: Person) -> tuple[dict[int, AnswerFigure], dict[int, CaseFigure]]:
    """Both: what stands under which topic is read once."""
    told, cases = _of_articles(None, person), _cases(None)
    deals = defaultdict[int, AnswerFigure](lambda: AnswerFigure(0, None))
    done = defaultdict[int, CaseFigure](lambda: CaseFigure(0, Proportion(0, 0)))
    under: Any = ArticleTopic.select(ArticleTopic.topic, ArticleTopic.article)
    known = sorted({*told, *cases})
    for topic, article in under.where(ArticleTopic.article.in_(known)).tuples() if known else ():
        if article in told:
            deals[topic] = deals[topic].and_also(told[article])
        if article in cases:
            done[topic] = done[topic].and_also(cases[article])
    return dict(deals), dict(done)


def _of_articles(articles: list[int] | None, person: Person) -> dict[int, AnswerFigure]:
    owner = person.or_led(Deal.owner)
    ended = (_in_month().alias("month"), owner.alias("owner"), Deal.stage.alias("stage"))
    of_answer, of_article = (
        ArticleMerge.stands_for(Answer.article),
        ArticleMerge.stands_for(ArticleUse.article),
    )
    answers: Any = AnswerUse.select(of_answer.alias("key"), Deal.id.alias("deal"), *ended).join(Deal)
    answers = answers.join_from(AnswerUse, Answer, on=AnswerUse.answer)
    answers = answers.where(Answer.article.is_null(False) & AnswerUse.counts())
    own: Any = ArticleUse.select(of_article.alias("key"), Deal.id.alias("deal"), *ended).join(Deal)
    own = own.join_from(ArticleUse, Article, on=ArticleUse.article).where(ArticleUse.counts())
    if articles is not None:
        answers, own = answers.where(of_answer.in_(articles)), own.where(of_article.in_(articles))
    each = (answers | own).alias("each_use")
    by = (each.c.key, each.c.month, each.c.owner, each.c.stage)
    rows = AnswerUse.select(*by, fn.COUNT(SQL("1"))).from_(each).group_by(*by)
    return _told_of(rows.tuples(), person)


def _cases(articles: list[int] | None) -> dict[int, CaseFigure]:
    of_article, state = ArticleMerge.stands_for(ArticleUse.article), CustomerRequest.state
    rows: Any = ArticleUse.select(
        of_article.alias("stands_for"), state, fn.COUNT(fn.DISTINCT(CustomerRequest.id))
    )
    rows = rows.join(CustomerRequest).join_from(ArticleUse, Article, on=ArticleUse.article)
    rows = rows.where(ArticleUse.counts_in_requests())
    if articles is not None:
        rows = rows.where(of_article.in_(articles))
    found = defaultdict[int, CaseFigure](lambda: CaseFigure(0, Proportion(0, 0)))
    for article, how, count in rows.group_by(SQL("stands_for"), state).tuples():
        ended = Proportion(count * (how == CLOSED), count * (how in (CLOSED, WITHDRAWN)))
        found[article] = found[article].and_also(CaseFigure(count, ended))
    return dict(found)


def _figures(key: Any, which: Any, person: Person) -> dict[int, AnswerFigure]:
    in_month, deals = _in_month().alias("in_month"), fn.COUNT(fn.DISTINCT(AnswerUse.deal))
    whose = person.or_led(Deal.owner).alias("whose")
    rows: Any = AnswerUse.select(key, in_month, whose, Deal.stage, deals).join(Deal)
    rows = rows.join_from(AnswerUse, Answer, on=AnswerUse.answer)
    rows = rows.where(which & AnswerUse.counts()).group_by(key, SQL("in_month"), SQL("whose"), Deal.stage)
    return _told_of(rows.tuples(), person)


def _in_month() -> Any:
    return fn.SUBSTR(Deal.closed_on.cast("TEXT"), SQL("1"), SQL("7"))


def _told_of(rows: Any, person: Person) -> dict[int, AnswerFigure]:
    used = defaultdict[int, list[Any]](list)
    for of, *told in rows:
        used[of].append(told)
    return {of: _figure(told, person) for of, told in used.items()}


def _figure(deals: list[Any], person: Person) -> AnswerFigure:
    """Of what stands in groups: month, owner (oneself for whom one leads), stage and how many."""
    uses, won, ended = sum(n for *_, n in deals), 0, 0
    over = sorted((deal for deal in deals if deal[0] and deal[0] < str(Month.of(clock.now()))), key=_month)
    waiting = list[Any]()
    for _, of_month in groupby(over, key=_month):
        waiting += of_month
        if not are_few_others({owner for _, owner, _, _ in waiting} - {person.id}):
            ended += sum(n for *_, n in waiting)
            won += sum(n for _, _, stage, n in waiting if stage == Stage.WON)
            waiting = []
    return AnswerFigure(uses, Proportion(won, ended) if ended >= LEAST else None)


def _month(deal: list[Any]) -> str:
    return str(deal[0])
