"""Answers that came back as articles: whoever asked hears of it, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peewee import ModelSelect, Value, fn

from portal import clock
from portal.i18n import Phrase, names
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.notices import Notice
from portal.models.people.people import Person

LATELY = timedelta(days=7)
"""What was published longer ago is told nobody any more."""
_KEY = "article of answer:"


def _untold() -> ModelSelect[Answer]:
    """Answers whose article is read by everyone now, and whose asker, who is here, was not told."""
    lately = (Article.state == "published") & (Article.published_at > clock.now() - LATELY)
    told = Notice.select(1).where(Notice.key == Value(_KEY).concat(Answer.id.cast("TEXT")))
    here = Person.deactivated_at.is_null() & (Person.id != Answer.author)
    query: Any = Answer.select(Answer, Question, Article).join(Article, on=(Answer.article == Article.id))
    query = query.switch(Answer).join(Question).join(Person, on=Question.asker)
    found: ModelSelect[Answer] = query.where(lately & here & ~fn.EXISTS(told)).order_by(Answer.id)
    return found


def is_anyone_untold() -> bool:
    """Whether somebody is to be told."""
    return bool(_untold().exists())


def tell_askers() -> int:
    """Tell who asked that the answer is an article now; gives how many."""
    found = list(_untold())
    for answer in found:
        article: Any = answer.article
        said = Phrase(
            "The answer to your question “%(question)s” is an article now: “%(article)s”, by %(who)s.",
            question=answer.question.text,
            article=article.title,
            who=names(Person.get_by_id(answer.author_id)),
        )
        Notice.tell(answer.question.asker_id, said, about=article, key=f"{_KEY}{answer.id}")
    return len(found)
