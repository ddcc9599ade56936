"""Articles and questions, as search finds them."""

from __future__ import annotations

from collections.abc import Sequence

from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Answer, Question
from portal.search.documents import SearchDoc
from portal.search.records.common import STAFF, grouped, only, plain, seconds, tag, topic_tags
from portal.search.text import alternates
from portal.text.writing import written_in


def articles(ids: Sequence[int]) -> list[SearchDoc]:
    """What is published is everyone's, a draft its author's; what was put away is not found."""
    topics = grouped(
        ArticleTopic.select(ArticleTopic.article, ArticleTopic.topic)
        .where(ArticleTopic.article.in_(ids))
        .tuples()
    )
    found = Article.select().where(Article.id.in_(ids) & (Article.state != "archived"))
    return [_article(article, topics[article.id]) for article in found]


def _article(article: Article, topics: list[int]) -> SearchDoc:
    return SearchDoc(
        id=str(article),
        kind="article",
        title=article.title,
        alt=alternates(article.title, "title"),
        tags=(
            *topic_tags(topics),
            *tag("product", article.product_id),
            *tag("type", article.customer_type_id),
            "fresh:due" if article.is_overdue else "fresh:current",
        ),
        body=plain(article.body),
        groups=frozenset({STAFF if article.state == "published" else only(article.author_id)}),
        lang=article.language,
        status=article.state,
        owner=str(article.author_id),
        updated=seconds(article.updated_at),
    )


def questions(ids: Sequence[int]) -> list[SearchDoc]:
    """A question with all its answers, everyone's until it is put away."""
    answers = grouped(
        Answer.select(Answer.question, Answer.text)
        .where(Answer.question.in_(ids))
        .order_by(Answer.id)
        .tuples()
    )
    found = Question.select().where(Question.id.in_(ids) & Question.archived_at.is_null())
    return [_question(question, answers[question.id]) for question in found]


def _question(question: Question, answers: list[str]) -> SearchDoc:
    answers = [plain(text) for text in answers if text]
    body = "\n\n".join((*([plain(question.detail)] if question.detail else ()), *answers))
    return SearchDoc(
        id=str(question),
        kind="question",
        title=question.text,
        alt=alternates(question.text, "title"),
        tags=(
            *topic_tags([question.topic_id] if question.topic_id else []),
            *tag("product", question.product_id),
        ),
        body=body,
        groups=frozenset({STAFF}),
        lang=written_in(question.text),
        status=question.state,
        owner=str(question.asker_id),
        updated=seconds(question.updated_at),
        answers=tuple(answers),
    )
