"""Lists of questions, and a question's answers in the order to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import JOIN, ModelSelect, Value, fn

from portal.models.base.record import names_of
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import (
    Answer,
    BestAnswer,
    Question,
    QuestionTopic,
    answer_counts,
    list_topics,
)
from portal.models.people.people import Person
from portal.models.products.products import Product


def whole(questions: ModelSelect[Question]) -> ModelSelect[Question]:
    """The same questions with the names of asker, topic and product."""
    return (
        questions.select(Question, *names_of(Person), *names_of(Topic), *names_of(Product))
        .join(Person, on=Question.asker)
        .switch(Question)
        .join(Topic, JOIN.LEFT_OUTER, on=Question.topic)
        .switch(Question)
        .join(Product, JOIN.LEFT_OUTER, on=Question.product)
    )


def with_topics(questions: Iterable[Question]) -> list[Question]:
    """The same questions with all their topics read along."""
    listed = list(questions)
    list_topics(listed)
    return listed


def in_use() -> ModelSelect[Question]:
    """Questions that were not put away."""
    return Question.select().where(Question.archived_at.is_null())


def counts(questions: Iterable[Question]) -> dict[int, int]:
    """How many answers each question has; 0 where it has none."""
    listed = list(questions)
    found = answer_counts(listed)
    return {question.id: found.get(question.id, 0) for question in listed}


def counts_and_topics(questions: Iterable[Question], known: Mapping[int, Topic]) -> dict[int, int]:
    """How many answers each question has, by its id; all its topics, of those known, are kept with it. Both
    are asked for at once.
    """
    listed = list(questions)
    ids = [question.id for question in listed]
    answers = Answer.select(Answer.question, fn.COUNT(Answer.id), Value(0)).where(Answer.question.in_(ids))
    topics: Any = QuestionTopic.select(QuestionTopic.question, QuestionTopic.id, QuestionTopic.topic)
    together = answers.group_by(Answer.question).union_all(topics.where(QuestionTopic.question.in_(ids)))
    found, further = dict.fromkeys(ids, 0), dict[int, list[Topic]]()
    for question, number, topic in sorted(together.tuples()) if ids else ():
        if topic:
            further.setdefault(question, []).append(known[topic])
        else:
            found[question] = number
    for each in listed:
        each.listed_topics = [known[each.topic_id], *further.get(each.id, ())] if each.topic_id else []
    return found


def chosen_of(questions: Collection[int], customer_type: int | None = None) -> dict[int, BestAnswer]:
    """The answer to give for each question, by its id: the best for the customer type, else for everyone,
    else for the first type.
    """
    place = (BestAnswer.customer_type.is_null(False), CustomerType.position, BestAnswer.id)
    rows = (
        BestAnswer.select(BestAnswer, Answer, *names_of(Person), *names_of(CustomerType))
        .join(Answer)
        .join(Person, on=Answer.author)
        .join_from(BestAnswer, CustomerType, JOIN.LEFT_OUTER)
        .where(BestAnswer.question.in_(list(questions)))
        .order_by(*place)
    )
    found: dict[int, BestAnswer] = {}
    for one in rows:
        if customer_type is not None and one.customer_type_id == customer_type:
            found[one.question_id] = one
        found.setdefault(one.question_id, one)
    return found


_OF_ARTICLE = (Article.id, Article.title, Article.state)
"""What is read of the article that an answer became."""


@dataclass
class RankedAnswer:
    """An answer as its question's page shows it."""

    answer: Answer
    best_for: list[CustomerType] = field(default_factory=list)
    best_for_all: bool = False
    chosen_at: datetime | None = None
    """When it was chosen last."""
    leads: bool = False
    """Whether it is the one to give to the customers asked for."""


def ranked(question: Question, customer_type: CustomerType | None = None) -> list[RankedAnswer]:
    """A question's answers: the best for the customer type first, then the best for everyone, the best for
    other types, the rest as they came.
    """
    rows: Any = (
        Answer.select(Answer, *names_of(Person), *_OF_ARTICLE, BestAnswer, CustomerType)
        .join(Person, on=Answer.author)
        .switch(Answer)
        .join(Article, JOIN.LEFT_OUTER, on=Answer.article)
        .switch(Answer)
        .join(BestAnswer, JOIN.LEFT_OUTER, on=(BestAnswer.answer == Answer.id), attr="choice")
        .join(CustomerType, JOIN.LEFT_OUTER, on=BestAnswer.customer_type)
        .where(Answer.question == question)
        .order_by(Answer.id, CustomerType.position, CustomerType.id)
    )
    answers: dict[int, RankedAnswer] = {}
    wanted = f"type-{customer_type.id}" if customer_type else ""
    lead: dict[str, int] = {}
    for answer in rows:  # one that is the best for several types comes once for each
        known = answers.setdefault(answer.id, RankedAnswer(answer))
        choice: BestAnswer | None = getattr(answer, "choice", None)
        if choice is None:
            continue
        lead[choice.scope] = answer.id
        known.chosen_at = max(choice.at, known.chosen_at or choice.at)
        if choice.customer_type is None:
            known.best_for_all = True
        else:
            known.best_for.append(choice.customer_type)
    first = lead.get(wanted, lead.get(""))
    if first is not None:
        answers[first].leads = True

    def place(each: RankedAnswer) -> tuple[bool, bool, bool, int]:
        return (not each.leads, not each.best_for_all, not each.best_for, each.answer.id)

    for each in answers.values():
        each.answer.question = question
    return sorted(answers.values(), key=place)
