"""What links an article, a question, a course or a person: texts, courses, paths, deals; each as far as its
reader may open that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import Select, Value, fn

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.links import TextLink
from portal.models.base.listing import LARGEST
from portal.models.base.nouns import NOUNS
from portal.models.base.prepared import Prepared
from portal.models.base.record import Record
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.knowledge.articles import Article
from portal.models.knowledge.merged import family_of
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

SHOWN, PIECE = 20, 50
"""So many of a sort are named beside others, and so many of one alone, a piece at a time."""
COUNTED = 50
"""So many articles are read at once: where there are more it is said so, not how many."""
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
    """Those of one sort, the newest first."""

    kind: str
    label: Phrase
    icon: str
    links: list[Backlink]
    more: Phrase | None
    """What leads to the others, if there are any."""
    last: int
    """The id of the last of these: the next piece begins before it."""


def backlinks(
    record: Article | Question | Course | Person, person: Person, *, of: str = "", before: int = 0
) -> list[Backlinks]:
    """What links a record, sort by sort; nothing that the person cannot open. All is asked for at once. What
    was merged into an article, and answers to a question, count for it. `of`: of one sort alone, and of that
    what is older than this id, if one is given.

    Texts that wait for their reviewers are not among it: who writes what is nobody's to see (RULES 4.2).
    """
    article = record if isinstance(record, Article) else None
    family = family_of(article) if article is not None else []
    records = family or [record.id]
    texts = TextLink.to(record.kind(), records, but=Article.kind())

    def linking(model: Any) -> list[int]:
        return sorted(texts.get(model.kind(), ()))

    before, used = before or LARGEST, _used(record.id, family) if article is not None else frozenset(SORTS)
    parts = [_articles(TextLink.subjects(Article.kind(), record.kind(), records), person, before)]
    if "question" in used or linking(Question) or linking(Answer):
        parts.append(_questions(linking(Question), linking(Answer), family, person))
    if "course" in used or linking(Lesson):
        parts.append(_courses(linking(Lesson), family, person))
    for post in (PathStep, PostNeed):
        if post.kind() in used and hasattr(post, record.kind()):
            parts.append(_of_posts(post, record, family))
    parts += [_seen(noun, linking(noun), person) for noun in (Product, Customer) if linking(noun)]
    if article is not None:
        parts += [part(family, person) for sort, part in _USES.items() if sort in used]
    found = dict[str, dict[Backlink, int]]()
    if len(parts) > 1:  # of several what is ordered and cut stands in a query of its own
        newest = parts[0].alias("newest")
        parts[0] = Select([newest], [newest.c.kind, newest.c.id, newest.c.name, newest.c.name_en])
    rows: Any = reduce(or_, parts).tuples().execute(db)
    for kind, ident, name, name_en in sorted(rows, key=lambda row: -row[1]):
        if (kind, ident) != (record.kind(), record.id) and ident < before:
            found.setdefault(kind, {}).setdefault(_link(kind, ident, name, name_en), ident)
    wanted = [kind for kind in SORTS if kind in found and of in ("", kind)]
    return [_first(kind, found[kind], PIECE if of else SHOWN) for kind in wanted]


def _used(article: int, family: list[int]) -> frozenset[str]:
    """The sorts of which something uses an article at all, whoever may open it: most use none, and what is
    not there is not asked for.
    """
    held = _HELD.rows(article=article, family=family)[0] if family else ()
    return frozenset(sort for sort, is_held in zip(_HOLDING, held, strict=True) if is_held)


def _first(kind: str, found: Mapping[Backlink, int], most: int) -> Backlinks:
    shown, more = list(found)[:most], None
    if len(found) > COUNTED:
        more = Phrase("More than %(n)s in all: show others", n=COUNTED)
    elif len(found) > most:
        more = Phrase("Show %(n)s more", n=len(found) - most)
    return Backlinks(kind, *SORTS[kind], shown, more, found[shown[-1]])


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


def _articles(linking: Any, person: Person, before: int) -> Any:
    """The newest: of what half the company links, not all is read."""
    others = Article.visible_to(person).where(Article.id.in_(linking) & (Article.id < before))
    part = _part(others.where(Article.state != "archived"), Article.title)
    return part.order_by(Article.id.desc()).limit(COUNTED + 2)  # itself is left out


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


def _of_posts(noun: Any, record: Record, family: Collection[int]) -> Any:
    """Of the posts whose newcomers read or take it, or for which it is said to be needed."""
    names_it = getattr(noun, record.kind()).in_(list(family) or [record.id])
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


_USES = {"deal": _deals, "customer_request": _requests}
_HOLDING: dict[str, Callable[[Any], list[Any]]] = {
    "question": lambda family: [Answer.article.in_(family)],
    "course": lambda family: [Lesson.article.in_(family), ExamQuestion.article.in_(family)],
    "path_step": lambda family: [PathStep.article.in_(family)],
    "post_need": lambda family: [PostNeed.article.in_(family)],
    "deal": lambda family: [
        ArticleUse.article.in_(family),
        AnswerUse.answer.in_(Answer.select(Answer.id).where(Answer.article.in_(family))),
    ],
    "customer_request": lambda family: [ArticleUse.article.in_(family)],
}
"""By sort, where it stands that an article is used there."""


def _held(article: Any, family: Any) -> Any:
    def there(sort: str) -> Any:
        return reduce(or_, [_exists(each) for each in _HOLDING[sort](family)])

    return Article.select(*map(there, _HOLDING)).where(Article.id == article)


def _exists(condition: Any) -> Any:
    return fn.EXISTS(condition.lhs.model.select(Value(1)).where(condition))


_HELD = Prepared[Article](_held)
