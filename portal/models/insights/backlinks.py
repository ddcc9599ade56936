"""What links an article: texts, courses, paths, deals; each as far as a person may open it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from peewee import ModelSelect

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.links import TextLink
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


class Backlink(NamedTuple):
    """A page that links it: what it is called, and its address."""

    name: str
    url: str


class Backlinks(NamedTuple):
    """Those of one sort."""

    label: Phrase
    icon: str
    links: list[Backlink]


def backlinks(article: Article, person: Person) -> list[Backlinks]:
    """What links an article, or what was merged into it, sort by sort; nothing that the person cannot open.

    Texts that wait for their reviewers are not among it: who writes what is nobody's to see (RULES 4.2).
    """
    family = article.family
    texts = TextLink.to(Article.kind(), family)

    def linking(model: Any) -> list[int]:
        return sorted(texts.get(model.kind(), ()))

    questions = _questions(linking(Question), linking(Answer), family, person)
    found = (
        (Phrase("Articles"), "book-2", _named(_articles(linking(Article), article, person))),
        (Phrase("Questions"), "help-circle", _named(questions)),
        (Phrase("Courses"), "certificate", _named(_courses(linking(Lesson), family, person))),
        (Phrase("Onboarding paths"), "school", list(_paths(family))),
        (Phrase("Products"), "package", _named(_seen(Product, linking(Product), person))),
        (Phrase("Deals"), "briefcase", _named(_deals(family, person))),
        (Phrase("For requests"), "clipboard-check", _named(_requests(family, person))),
        (Phrase("Customers"), "address-book", _named(_seen(Customer, linking(Customer), person))),
    )
    return [Backlinks(*group) for group in found if group[-1]]


def _named(records: ModelSelect[Any]) -> list[Backlink]:
    return [Backlink(_name(each), each.url) for each in records.limit(MOST)]


def _name(record: Any) -> str:
    return str(getattr(record, "title", "") or getattr(record, "text", "") or i18n.label(record))


def _seen(model: Any, ids: Collection[int], person: Person) -> ModelSelect[Any]:
    found: ModelSelect[Any] = model.visible_to(person).where(
        model.id.in_(sorted(ids)) & model.archived_at.is_null()
    )
    return found.order_by(model.id)


def _articles(ids: Collection[int], article: Article, person: Person) -> ModelSelect[Article]:
    others = Article.visible_to(person).where(Article.id.in_(sorted(set(ids) - {article.id})))
    return others.where(Article.state != "archived").order_by(Article.uses.desc(), Article.id)


def _questions(
    ids: Collection[int], answers: Collection[int], family: Collection[int], person: Person
) -> ModelSelect[Question]:
    """Which link it, or whose answers do or became it."""
    linking = Answer.id.in_(list(answers)) | Answer.article.in_(list(family))
    asked = Question.id.in_(list(ids)) | Question.id.in_(Answer.select(Answer.question).where(linking))
    found = Question.visible_to(person).where(asked & Question.archived_at.is_null())
    return found.order_by(Question.id.desc())


def _courses(lessons: Collection[int], family: Collection[int], person: Person) -> ModelSelect[Course]:
    """With a lesson that is made of it or links it; what exams ask about it, whoever makes them reads."""
    taught = Lesson.article.in_(list(family)) | Lesson.id.in_(sorted(lessons))
    teaching = Lesson.select(Lesson.course).where(taught & Lesson.removed_at.is_null())
    asked = ExamQuestion.select(Exam.course).join(Exam).where(ExamQuestion.article.in_(list(family)))
    theirs = Course.id.in_(asked) & Course.owner.in_([person.id, *sorted(person.team)])
    found = Course.visible_to(person).where(Course.id.in_(teaching) | theirs)
    return found.where(Course.archived_at.is_null()).order_by(Course.id.desc())


def _requests(family: Collection[int], person: Person) -> ModelSelect[CustomerRequest]:
    """For which it was used."""
    used = ArticleUse.select(ArticleUse.request).where(ArticleUse.article.in_(list(family)))
    used = used.where(ArticleUse.request.is_null(False))
    found = CustomerRequest.visible_to(person).where(CustomerRequest.id.in_(used))
    return found.order_by(CustomerRequest.id.desc())


def _paths(family: Collection[int]) -> Iterator[Backlink]:
    """Of the posts whose newcomers read it, or for which it is said to be needed."""
    posts = dict[str, str]()
    for noun in (PathStep, PostNeed):
        for one in noun.select().where(noun.article.in_(list(family)) & noun.archived_at.is_null()):
            posts.setdefault(one.post, one.list_url if noun is PathStep else one.url)
    yield from (Backlink(post, url) for post, url in sorted(posts.items()))


def _deals(family: Collection[int], person: Person) -> ModelSelect[Deal]:
    """In which it, or an answer that became it, was used."""
    became = Answer.select(Answer.id).where(Answer.article.in_(list(family)))
    used = AnswerUse.select(AnswerUse.deal).where(AnswerUse.answer.in_(became))
    itself = ArticleUse.select(ArticleUse.deal).where(ArticleUse.article.in_(list(family)))
    there = Deal.id.in_(used) | Deal.id.in_(itself.where(ArticleUse.deal.is_null(False)))
    found = Deal.visible_to(person).where(there & Deal.archived_at.is_null())
    return found.order_by(Deal.id.desc())
