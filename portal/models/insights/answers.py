"""What answers and articles did: in how many deals each was used, and how many of these were won."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import groupby
from typing import Any, NamedTuple

from peewee import SQL, fn

from portal import clock
from portal.clock import Month
from portal.models.insights.leads import are_few
from portal.models.insights.proportions import Proportion
from portal.models.knowledge.articles import Article, ArticleTopic
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


def figures_of(answers: Collection[int], person: Person) -> dict[int, AnswerFigure]:
    """The figures of answers that were used, by id, as a person may read them.

    What whoever wrote the answer says of their own deals never counts, and put away a deal counts as before.
    A deal counts among the ended once its month is over, with those that ended in it: their difference must
    not tell how one or two colleagues did, else they wait for the next month's.
    """
    return _figures(AnswerUse.answer, AnswerUse.answer.in_(sorted(answers)), person) if answers else {}


def figures_by_article(articles: Collection[int], person: Person) -> dict[int, AnswerFigure]:
    """The same of articles, by id: of those that were used, and of those that used answers became."""
    return _figures_of_articles(sorted(articles), person) if articles else {}


def figures_by_topic(person: Person) -> dict[int, AnswerFigure]:
    """The sums of what is told of the articles under a topic, by the topic's id: never of what is not, which
    would be left once what is told is taken from the sum.
    """
    told = _figures_of_articles(None, person)
    became = Answer.select(Answer.article).where(Answer.article.is_null(False))
    used = ArticleUse.select(ArticleUse.article).where(ArticleUse.deal.is_null(False))
    under: Any = ArticleTopic.select(ArticleTopic.topic, ArticleTopic.article)
    found = defaultdict[int, AnswerFigure](lambda: AnswerFigure(0, None))
    those = ArticleTopic.article.in_(became) | ArticleTopic.article.in_(used)
    for topic, article in under.where(those).tuples():
        if article in told:
            found[topic] = found[topic].and_also(told[article])
    return dict(found)


def _figures(key: Any, which: Any, person: Person) -> dict[int, AnswerFigure]:
    in_month = fn.SUBSTR(Deal.closed_on.cast("TEXT"), SQL("1"), SQL("7")).alias("in_month")
    deals = fn.COUNT(fn.DISTINCT(AnswerUse.deal))
    rows: Any = AnswerUse.select(key, in_month, Deal.owner, Deal.stage, deals).join(Deal)
    rows = rows.join_from(AnswerUse, Answer, on=AnswerUse.answer)
    rows = rows.where(which & AnswerUse.counts()).group_by(key, SQL("in_month"), Deal.owner, Deal.stage)
    return _told(rows, person)


def _figures_of_articles(articles: Collection[int] | None, person: Person) -> dict[int, AnswerFigure]:
    """Of these, or of all. A deal in which an article and the answer that it was were used counts once."""
    answers: Any = AnswerUse.select(Answer.article.alias("article_id"), AnswerUse.deal.alias("deal_id"))
    answers = answers.join(Deal).join_from(AnswerUse, Answer, on=AnswerUse.answer)
    answers = answers.where(AnswerUse.counts() & Answer.article.is_null(False))
    itself: Any = ArticleUse.select(ArticleUse.article.alias("article_id"), ArticleUse.deal.alias("deal_id"))
    itself = (
        itself.join(Deal).join_from(ArticleUse, Article, on=ArticleUse.article).where(ArticleUse.counts())
    )
    if articles is not None:
        answers = answers.where(Answer.article.in_(articles))
        itself = itself.where(ArticleUse.article.in_(articles))
    pairs = answers.union(itself).alias("pairs")
    in_month = fn.SUBSTR(Deal.closed_on.cast("TEXT"), SQL("1"), SQL("7")).alias("in_month")
    rows: Any = Deal.select(pairs.c.article_id, in_month, Deal.owner, Deal.stage, fn.COUNT(Deal.id))
    rows = rows.join(pairs, on=(pairs.c.deal_id == Deal.id))
    return _told(rows.group_by(pairs.c.article_id, SQL("in_month"), Deal.owner, Deal.stage), person)


def _told(rows: Any, person: Person) -> dict[int, AnswerFigure]:
    used = defaultdict[int, list[Any]](list)
    for of, *told in rows.tuples():
        used[of].append(told)
    return {of: _figure(told, person) for of, told in used.items()}


def _figure(deals: list[Any], person: Person) -> AnswerFigure:
    """Of what stands in groups: month, owner, stage and how many."""
    uses, won, ended = sum(n for *_, n in deals), 0, 0
    over = sorted((deal for deal in deals if deal[0] and deal[0] < str(Month.of(clock.now()))), key=_month)
    waiting = list[Any]()
    for _, of_month in groupby(over, key=_month):
        waiting += of_month
        if not are_few({owner for _, owner, _, _ in waiting}, person):
            ended += sum(n for *_, n in waiting)
            won += sum(n for _, _, stage, n in waiting if stage == Stage.WON)
            waiting = []
    return AnswerFigure(uses, Proportion(won, ended) if ended >= LEAST else None)


def _month(deal: list[Any]) -> str:
    return str(deal[0])
