"""What links an article, a question, a course or a person: texts, courses, paths, deals; each as far as its
reader may open that.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import Select, Value

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.links import TextLink
from portal.models.base.nouns import NOUNS
from portal.models.base.record import Record
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.learning.courses import Course, Lesson
from portal.models.learning.exams import Exam, ExamQuestion
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal

MOST = 50
"""So many of a sort are named."""
SORTS: dict[str, tuple[Phrase, str]] = {
    "article": (Phrase("Articles"), "book-2"),
    "question": (Phrase("Questions"), "help-circle"),
    "course": (Phrase("Courses"), "certificate"),
    "path_step": (Phrase("Onboarding paths"), "school"),
    "post_need": (Phrase("What a job needs"), "list-check"),
    "product": (Phrase("Products"), "package"),
    "deal": (Phrase("Deals"), "briefcase"),
    "customer_request": (Phrase("For requests"), "clipboard-check"),
    "customer": (Phrase("Customers"), "address-book"),
}
"""What links, with its words and icon, in this order."""


class Backlink(NamedTuple):
    """A page that links it: what it is called, and its address."""

    name: str
    url: str


class Backlinks(NamedTuple):
    """Those of one sort."""

    label: Phrase
    icon: str
    links: list[Backlink]


def backlinks(record: Article | Question | Course | Person, person: Person) -> list[Backlinks]:
    """What links a record, sort by sort; nothing that the person cannot open. All is asked for at once. What
    was merged into an article, and answers to a question, count for it.

    Texts that wait for their reviewers are not among it: who writes what is nobody's to see (RULES 4.2).
    """
    article = record if isinstance(record, Article) else None
    family = article.family if article is not None else []
    records = family or [record.id]
    texts = TextLink.to(record.kind(), records, but=Article.kind())

    def linking(model: Any) -> list[int]:
        return sorted(texts.get(model.kind(), ()))

    parts = [
        _questions(linking(Question), linking(Answer), family, person),
        _articles(TextLink.subjects(Article.kind(), record.kind(), records), person),
        _courses(linking(Lesson), family, person),
        *(_of_posts(noun, _named_in(noun, record, family)) for noun in (PathStep, PostNeed)),
        _seen(Product, linking(Product), person),
        _seen(Customer, linking(Customer), person),
    ]
    if article is not None:
        parts += [_deals(family, person), _requests(family, person)]
    found = dict[str, list[Backlink]]()
    rows: Any = reduce(or_, parts).tuples()
    for kind, ident, name, name_en in sorted(rows, key=lambda row: -row[1]):
        if (kind, ident) == (record.kind(), record.id):
            continue
        found.setdefault(kind, []).append(_link(kind, ident, name, name_en))
    return [
        Backlinks(*SORTS[kind], list(dict.fromkeys(found[kind]))[:MOST]) for kind in SORTS if kind in found
    ]


def _link(kind: str, ident: int, name: str, name_en: str) -> Backlink:
    if kind == PathStep.kind():
        return Backlink(name, PathStep(post=name).list_url)
    if kind == PostNeed.kind():
        return Backlink(name, PostNeed(post=name).url)
    words = name_en if name_en and i18n.current() == "en" else name
    return Backlink(words, NOUNS[kind].path.format(id=ident))


def _part(rows: Any, name: Any, name_en: Any = None) -> Any:
    """Of some records their kind, id and what they are called, in both languages where they have that."""
    model = rows.model
    english = Value("") if name_en is None else name_en
    kind = Value(model.kind()).alias("kind")
    return rows.select(kind, model.id.alias("id"), name.alias("name"), english.alias("name_en"))


def _any_of(*named: tuple[Any, Collection[int]]) -> Any:
    """The condition that one of these columns has one of its values. An empty list would be a condition that
    no index answers, and make of the others a look through everything.
    """
    held = [(column, values) for column, values in named if values] or named[:1]
    return reduce(or_, (column.in_(list(values)) for column, values in held))


def _seen(model: Any, ids: Collection[int], person: Person) -> Any:
    found = model.visible_to(person).where(model.id.in_(list(ids)) & model.archived_at.is_null())
    return _part(found, model.name, model.name_en)


def _articles(linking: Any, person: Person) -> Any:
    """The newest that are named: of what half the company links, not all is read."""
    others = Article.visible_to(person).where(Article.id.in_(linking))
    part = _part(others.where(Article.state != "archived"), Article.title)
    newest = part.order_by(Article.id.desc()).limit(MOST + 1).alias("newest")  # itself is left out
    return Select([newest], [newest.c.kind, newest.c.id, newest.c.name, newest.c.name_en])


def _questions(
    ids: Collection[int], answers: Collection[int], family: Collection[int], person: Person
) -> Any:
    """Which link it, or whose answers do or became it."""
    answered = Answer.select(Answer.question).where(_any_of((Answer.id, answers), (Answer.article, family)))
    asked = Question.id.in_(answered)
    if ids:
        asked |= Question.id.in_(list(ids))
    return _part(Question.visible_to(person).where(asked & Question.archived_at.is_null()), Question.text)


def _courses(lessons: Collection[int], family: Collection[int], person: Person) -> Any:
    """With a lesson that is made of it or links it; what exams ask about it, whoever makes them reads."""
    taught = _any_of((Lesson.article, family), (Lesson.id, lessons))
    teaching = Lesson.select(Lesson.course).where(taught & Lesson.removed_at.is_null())
    asked = ExamQuestion.select(Exam.course).join(Exam).where(ExamQuestion.article.in_(list(family)))
    theirs = Course.id.in_(asked) & Course.owner.in_([person.id, *sorted(person.team)])
    found = Course.visible_to(person).where(Course.id.in_(teaching) | theirs)
    return _part(found.where(Course.archived_at.is_null()), Course.title)


def _named_in(noun: Any, record: Record, family: Collection[int]) -> Any:
    """The condition that a step or a need is this record."""
    column = getattr(noun, record.kind(), None)
    return column.in_(list(family) or [record.id]) if column is not None else noun.id.is_null()


def _of_posts(noun: Any, names_it: Any) -> Any:
    """Of the posts whose newcomers read or take it, or for which it is said to be needed."""
    return _part(noun.select().where(names_it & noun.archived_at.is_null()), noun.post)


def _deals(family: Collection[int], person: Person) -> Any:
    """In which it, or an answer that became it, was used."""
    became = Answer.select(Answer.id).where(Answer.article.in_(list(family)))
    used = AnswerUse.select(AnswerUse.deal).where(AnswerUse.answer.in_(became))
    itself = ArticleUse.select(ArticleUse.deal).where(ArticleUse.article.in_(list(family)))
    there = Deal.id.in_(used) | Deal.id.in_(itself.where(ArticleUse.deal.is_null(False)))
    return _part(Deal.visible_to(person).where(there & Deal.archived_at.is_null()), Deal.title)


def _requests(family: Collection[int], person: Person) -> Any:
    """For which it was used."""
    used = ArticleUse.select(ArticleUse.request).where(ArticleUse.article.in_(list(family)))
    used = used.where(ArticleUse.request.is_null(False))
    found = CustomerRequest.visible_to(person).where(CustomerRequest.id.in_(used))
    return _part(found, CustomerRequest.text)
