"""Articles and questions, as search finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from portal.models.files.file_texts import FileText
from portal.models.knowledge.articles import Article, ArticleCredit, ArticleTopic
from portal.models.knowledge.merged import ArticleMerge
from portal.models.knowledge.questions import Answer, Question, QuestionTopic
from portal.models.learning.paths import PathStep
from portal.models.people.people import Person
from portal.search.documents import SearchDoc
from portal.search.rank import DUE, MOST_WORKED
from portal.search.records.common import STAFF, grouped, joined, only, plain, seconds, tag, topic_tags
from portal.search.records.learning import for_newcomers
from portal.search.text import alternates, pinyin
from portal.text.writing import written_in


def articles(ids: Sequence[int]) -> list[SearchDoc]:
    """What is published is everyone's, a draft its author's; what was put away is not found."""
    topics = grouped(
        ArticleTopic.select(ArticleTopic.article, ArticleTopic.topic)
        .where(ArticleTopic.article.in_(ids))
        .tuples()
    )
    credited = grouped(
        ArticleCredit.select(ArticleCredit.article, ArticleCredit.person)
        .where(ArticleCredit.article.in_(ids))
        .tuples()
    )
    found = list(Article.select().where(Article.id.in_(ids) & (Article.state != "archived")))
    enclosed = FileText.said_in(Article.kind(), [(article.id, article.body) for article in found])
    authors = {article.id: {article.author_id, *credited[article.id]} for article in found}
    merged = _merged(ids)
    for article in found:
        authors[article.id] |= {other.author_id for other in merged[article.id]}
    names, new = _names(authors), for_newcomers(PathStep.article, ids)
    for article in found:
        names[article.id] += [other.title for other in merged[article.id]]
    return [
        _article(
            article,
            topics[article.id],
            names[article.id],
            joined(enclosed.get(article.id, ""), *new[article.id]),
        )
        for article in found
    ]


def _merged(ids: Sequence[int]) -> dict[int, list[Article]]:
    """What was merged into each article: it is found by those titles, and by who wrote them, too."""
    rows = ArticleMerge.select(ArticleMerge.into, Article.id, Article.title, Article.author)
    rows = rows.join(Article, on=ArticleMerge.article).where(ArticleMerge.into.in_(ids))
    return grouped((row.into_id, row.article) for row in rows)


def _names(authors: Mapping[int, Iterable[int]]) -> dict[int, list[str]]:
    """For each record how those who wrote it are called: by their names it is found too."""
    wanted = {person for people in authors.values() for person in people}
    called = {
        person.id: [person.name, pinyin(person.name)[0], person.name_en]
        for person in Person.select(Person.id, Person.name, Person.name_en).where(Person.id.in_(wanted))
    }
    return {
        record: [name for person in sorted(people) for name in called.get(person, ()) if name]
        for record, people in authors.items()
    }


def written_by(people: Sequence[int]) -> dict[str, list[int]]:
    """What is found by the names of these people."""
    articles = Article.select(Article.id).where(Article.author.in_(people))
    credited = ArticleCredit.select(ArticleCredit.article).where(ArticleCredit.person.in_(people))
    asked = Question.select(Question.id).where(Question.asker.in_(people) & ~Question.is_anonymous)
    answered = Answer.select(Answer.question).where(Answer.author.in_(people))
    return {
        "article": sorted({*(each.id for each in articles), *(each.article_id for each in credited)}),
        "question": sorted({*(each.id for each in asked), *(each.question_id for each in answered)}),
    }


def _article(article: Article, topics: list[int], authors: list[str], beside: str) -> SearchDoc:
    return SearchDoc(
        id=str(article),
        kind="article",
        title=article.title,
        alt=(*alternates(article.title, "title"), *authors),
        tags=(
            *topic_tags(topics),
            *tag("product", article.product_id),
            *tag("type", article.customer_type_id),
            *((f"genre:{article.kind_of}",) if article.kind_of else ()),
            *(f"for:{group}" for group in article.audience),
            DUE if article.is_overdue else "fresh:current",
            *tag("worked", min(article.uses, MOST_WORKED)),
        ),
        body=f"{plain(article.body)}\n\n{beside}".rstrip(),
        groups=frozenset({STAFF if article.state == "published" else only(article.author_id)}),
        lang=article.language,
        status=article.state,
        owner=str(article.author_id),
        updated=seconds(article.updated_at),
    )


def questions(ids: Sequence[int]) -> list[SearchDoc]:
    """A question with all its answers, everyone's until it is put away."""
    answers = list(Answer.select().where(Answer.question.in_(ids)).order_by(Answer.id))
    found = list(Question.select().where(Question.id.in_(ids) & Question.archived_at.is_null()))
    texts = grouped((answer.question_id, answer.text) for answer in answers)
    said = FileText.said_in(Answer.kind(), [(answer.id, answer.text) for answer in answers])
    enclosed = grouped((answer.question_id, said[answer.id]) for answer in answers if answer.id in said)
    people = grouped((answer.question_id, answer.author_id) for answer in answers)
    names = _names({each.id: {*_asked_by(each), *people[each.id]} for each in found})
    topics = grouped(
        QuestionTopic.select(QuestionTopic.question, QuestionTopic.topic)
        .where(QuestionTopic.question.in_(ids))
        .order_by(QuestionTopic.id)
        .tuples()
    )
    return [
        _question(each, topics[each.id], texts[each.id], names[each.id], enclosed[each.id]) for each in found
    ]


def _asked_by(question: Question) -> list[int]:
    """Who asked, where that is said: by the others nothing is found."""
    return [] if question.is_anonymous else [question.asker_id]


def _question(
    question: Question, further: list[int], answers: list[str], authors: list[str], enclosed: list[str]
) -> SearchDoc:
    answers = [plain(text) for text in answers if text]
    body = "\n\n".join((*([plain(question.detail)] if question.detail else ()), *answers, *enclosed))
    return SearchDoc(
        id=str(question),
        kind="question",
        title=question.text,
        alt=(*alternates(question.text, "title"), *authors),
        tags=(
            *topic_tags([question.topic_id, *further] if question.topic_id else []),
            *tag("product", question.product_id),
        ),
        body=body,
        groups=frozenset({STAFF}),
        lang=written_in(question.text),
        status=question.state,
        owner="".join(map(str, _asked_by(question))),
        updated=seconds(question.updated_at),
        answers=tuple(answers),
    )
