"""Bare pages: Starlette, Jinja2 and peewee alone, with the records and cells of a page of the portal.

They read and show the same records as plainly as the libraries let it, whole rows by joins, and nothing around them:
no words in two languages, no icons, no forms, no counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
import peewee
from jinja2 import DictLoader, Environment
from peewee import fn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal import demo
from portal.models.base import database
from portal.models.base.record import Event
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences.experiences import Credit, Experience, ExperienceTopic
from portal.models.experiences.reviews import Review
from portal.models.experiences.rubric import CRITERIA
from portal.models.expertise.expertise import Evidence, EvidenceSum
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.people.sessions import Session
from portal.models.products.products import Product
from portal.models.sales.deals import Deal

ENVIRONMENT = Environment(
    autoescape=True,
    loader=DictLoader(
        {
            "base": "<!doctype html><html lang=en><head><meta charset=utf-8><title>{% block title %}{% endblock %}</title>"
            "<link rel=stylesheet href=/static/a.css></head><body><nav><ul>{% for n in nav %}<li><a href='/{{ n }}'>{{ n }}"
            "</a></li>{% endfor %}</ul></nav><main>{% block main %}{% endblock %}{% for title, columns, rows in sections %}"
            "<h2>{{ title }}</h2><ul>{% for row in rows %}<li>{% for cell in cells(row, columns) %}<span>{{ cell }}</span>"
            "{% endfor %}</li>{% endfor %}</ul>{% endfor %}</main></body></html>",
            "list": "{% extends 'base' %}{% block title %}List{% endblock %}{% block main %}<h1>List</h1><table><thead><tr>"
            "{% for c in columns %}<th><a href='?sort={{ c }}'>{{ c }}</a></th>{% endfor %}</tr></thead><tbody>{% for row in rows %}<tr>"
            "{% for cell in cells(row, columns) %}<td data-label='x'>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>{% endblock %}",
            "detail": "{% extends 'base' %}{% block title %}{{ row.id }}{% endblock %}{% block main %}<h1>{{ row.id }}</h1><dl>"
            "{% for name, value in row.__data__.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>{% endblock %}",
        }
    ),
)
NAV = tuple(f"entry-{n}" for n in range(11))
LEFT = peewee.JOIN.LEFT_OUTER


@dataclass(frozen=True)
class Section:
    """Rows shown in a list of their own: the cells of each, and their query."""

    title: str
    columns: tuple[str, ...]
    query: Callable[[], Any]

    def read(self) -> tuple[str, tuple[str, ...], list[Any]]:
        return self.title, self.columns, list(self.query())


@dataclass(frozen=True)
class Twin:
    """A page of the portal, and the bare page with the same records."""

    path: str
    page: Callable[[], str]


def cells(row: Any, columns: tuple[str, ...]) -> Iterator[Any]:
    """The values of a row; `owner.name` follows what was joined."""
    for column in columns:
        value = row
        for part in column.split("."):
            value = getattr(value, part, None)
        yield value


def listed(path: str, query: Callable[[], Any], columns: tuple[str, ...], *sections: Section) -> Twin:
    """A list page: its rows as a table, and whatever else it shows."""

    def page() -> str:
        rows, beside = list(query()), [section.read() for section in sections]
        return _page("list", columns=columns, rows=rows, sections=beside)

    return Twin(path, page)


def detailed(record: Any, query: Any, *sections: Section) -> Twin:
    """A record's page: all its fields, and whatever else it shows."""

    def page() -> str:
        row = query.where(type(record).id == record.id).get()
        return _page("detail", row=row, sections=[section.read() for section in sections])

    return Twin(record.url, page)


def _page(template: str, **context: Any) -> str:
    return ENVIRONMENT.get_template(template).render(nav=NAV, cells=cells, **context)


def bare_app(twins: list[Twin]) -> Starlette:
    """The pages as a bare application: one thread hop, one connection, one session look-up."""

    def endpoint(page: Callable[[], str]) -> Any:
        def work(token: str) -> str:
            with database.db.connection_context():
                Session.find(token)
                return page()

        async def answer(request: Request) -> Response:
            return HTMLResponse(await anyio.to_thread.run_sync(work, request.cookies.get("session", "")))

        return answer

    return Starlette(routes=[Route(twin.path, endpoint(twin.page)) for twin in twins])


def customers() -> Any:
    """Customers with the records that their list names."""
    read = Customer.select(Customer, Person, CustomerType).join(Person, LEFT, on=Customer.owner)
    return read.join_from(Customer, CustomerType, LEFT)


def deals() -> Any:
    """Deals with the records that their list names."""
    read = Deal.select(Deal, Person, Customer, Product).join(Person, on=Deal.owner)
    return read.join_from(Deal, Customer, LEFT).join_from(Deal, Product, LEFT)


def articles() -> Any:
    """Published articles with their authors, products and customer types."""
    read = Article.select(Article, Person, Product, CustomerType).join(Person, on=Article.author)
    read = read.join_from(Article, Product, LEFT).join_from(Article, CustomerType, LEFT)
    return read.where(Article.state == "published")


def questions() -> Any:
    """Questions with their askers, topics and products."""
    read = Question.select(Question, Person, Topic, Product).join(Person, on=Question.asker)
    return read.join_from(Question, Topic, LEFT).join_from(Question, Product, LEFT)


def people() -> Any:
    """People with their departments."""
    return Person.select(Person, Department).join(Department, LEFT, on=Person.department)


def known_topics() -> Any:
    """Topics, with how much evidence there is and of how many people."""
    counted = (
        fn.SUM(EvidenceSum.pieces).alias("pieces"),
        fn.COUNT(EvidenceSum.person.distinct()).alias("people"),
    )
    return (
        Topic.select(Topic, *counted).join(EvidenceSum, LEFT).group_by(Topic.id).order_by(counted[0].desc())
    )


def experiences() -> Any:
    """Experiences with their authors, products and customer types."""
    read = Experience.select(Experience, Person, Product, CustomerType, Deal).join(
        Person, on=Experience.author
    )
    read = read.join_from(Experience, Product, LEFT).join_from(Experience, CustomerType, LEFT)
    return read.join_from(Experience, Deal, LEFT, on=Experience.deal)


def happened(where: Any) -> Section:
    """The last 20 events of a record."""
    read = Event.select(Event, Person).join(Person, LEFT, on=(Event.actor == Person.id), attr="who")
    return Section(
        "Events", ("at", "verb", "who.name"), read.where(where).order_by(Event.at.desc()).limit(20).clone
    )


def contacts(where: Any) -> Section:
    """The last 20 contacts."""
    read = Interaction.select(Interaction, Person).join(Person, on=Interaction.person).where(where)
    return Section(
        "Contacts",
        ("at", "kind_of", "text", "person.name"),
        read.order_by(Interaction.at.desc()).limit(20).clone,
    )


def most_used(where: Any, size: int = 5) -> Section:
    """The most used articles about something."""
    best = articles().where(where).order_by(Article.uses.desc()).limit(size)
    return Section("Articles", ("title", "summary", "author.name", "published_at", "uses"), best.clone)


def evidence(where: Any, size: int) -> Section:
    """What shows that people know something."""
    read = Evidence.select(Evidence, Person, Topic).join(Person, on=Evidence.person)
    read = read.join_from(Evidence, Topic, on=Evidence.topic).where(where).limit(size)
    return Section("Knows", ("topic.name", "person.name", "kind_of", "at", "quality"), read.clone)


def offered(model: Any) -> Section:
    """What a list can be narrowed by."""
    return Section("Filter", ("id", "name"), model.select)


def lists() -> dict[str, Twin]:
    """The pages of many records."""
    topics = ArticleTopic.select(ArticleTopic, Topic).join(Topic, on=ArticleTopic.topic)
    newest = (
        Article.select(Article.id).where(Article.state == "published").order_by(Article.published_at.desc())
    )
    here = Person.select(Person.id).order_by(Person.sort_name).limit(30)
    return {
        "customers": listed(
            "/customers",
            lambda: customers().order_by(Customer.sort_name).limit(50),
            ("name", "code", "type.name", "city", "owner.name", "updated_at"),
            offered(CustomerType),
        ),
        "deals": listed(
            "/deals",
            lambda: deals().where(Deal.closed_on.is_null()).order_by(Deal.updated_at.desc()).limit(50),
            (
                "title",
                "product.name",
                "customer.name",
                "stage",
                "owner.name",
                "amount",
                "expected_on",
                "closed_on",
                "updated_at",
            ),
        ),
        "products": listed(
            "/products",
            lambda: Product.select().order_by(Product.name).limit(50),
            ("name", "code", "series", "list_price"),
            Section("Filter", ("series",), Product.select(Product.series).distinct().clone),
        ),
        "articles": listed(
            "/articles",
            lambda: articles().order_by(Article.published_at.desc()).limit(20),
            ("title", "author.name", "kind_of", "summary", "published_at", "uses"),
            Section(
                "Topics", ("topic.name",), lambda: topics.where(ArticleTopic.article.in_(newest.limit(20)))
            ),
            offered(Topic),
            offered(CustomerType),
        ),
        "people": listed(
            "/people",
            lambda: people().order_by(Person.sort_name).limit(30),
            ("name", "title", "department.name"),
            evidence(Evidence.person.in_(here), 90),
            offered(Topic),
            offered(Department),
        ),
        "topic_map": listed(
            "/people/map",
            known_topics,
            ("name", "pieces", "people"),
            Section("Map", ("name", "name_en"), Topic.select(Topic.id, Topic.name, Topic.name_en).clone),
        ),
        "questions": listed(
            "/questions",
            lambda: questions().order_by(Question.created_at.desc()).limit(30),
            ("text", "asker.name", "topic.name", "product.name", "created_at", "state"),
            offered(Topic),
        ),
    }


def details() -> dict[str, Twin]:
    """The pages of one record."""
    customer, deal = Customer.get(Customer.code == "C-000077"), Deal.get(Deal.code == "D-000077")
    article, product = Article.get(Article.slug == "article-77"), Product.get(Product.code == "P-0007")
    question, person = (
        Question.get(Question.text.endswith("（77）")),
        Person.get(Person.employee_no == "E00007"),
    )
    topic = Topic.get(Topic.id == question.topic_id)
    member = dict(demo.logins())["member"]  # an experience is its author's to read
    told = Experience.get((Experience.state == "accepted") & (Experience.author == member))
    about_it = (
        ExperienceTopic.select(ExperienceTopic, Topic).join(Topic).where(ExperienceTopic.experience == told)
    )
    credits = Credit.select(Credit, Person).join(Person).where(Credit.experience == told)
    reviews = Review.select().where(Review.experience == told)
    topics = ArticleTopic.select(ArticleTopic, Topic).join(Topic, on=ArticleTopic.topic)
    used = Use.select(Use, Person).join(Person, on=Use.person).where(Use.article == article)
    answers = Answer.select(Answer, Person).join(Person, on=Answer.author).where(Answer.question == question)
    about = Article.id.in_(ArticleTopic.select(ArticleTopic.article).where(ArticleTopic.topic == topic.id))
    mine = deals().where(Deal.customer == customer)
    return {
        "customer": detailed(
            customer,
            customers(),
            happened(Event.customer == customer.id),
            contacts(Interaction.customer == customer.id),
            Section("Deals", ("title", "stage", "amount", "owner.name"), mine.clone),
            most_used(Article.customer_type == customer.type_id),
            evidence(Evidence.topic == topic.id, 3),
        ),
        "deal": detailed(
            deal,
            deals(),
            happened((Event.subject_kind == "deal") & (Event.subject == deal.id)),
            contacts(Interaction.deal == deal.id),
            most_used(Article.product == deal.product_id),
            evidence(Evidence.topic == topic.id, 3),
        ),
        "article": detailed(
            article,
            articles(),
            Section("Topics", ("topic.name",), lambda: topics.where(ArticleTopic.article == article.id)),
            Section("Worked for", ("person.name",), used.clone),
            most_used(Article.product == article.product_id),
        ),
        "product": detailed(
            product,
            Product.select(),
            most_used(Article.product == product.id, 20),
            evidence(Evidence.topic == topic.id, 3),
        ),
        "question": detailed(
            question,
            questions(),
            Section("Answers", ("html", "author.name", "created_at"), answers.clone),
            most_used(about, 4),
            evidence(Evidence.topic == topic.id, 3),
            offered(CustomerType),
        ),
        "topic": detailed(
            topic,
            Topic.select(),
            most_used(about, 8),
            Section(
                "Questions",
                ("text", "asker.name", "topic.name", "product.name", "created_at", "state"),
                questions()
                .where(Question.topic == topic)
                .order_by(Question.created_at.desc())
                .limit(10)
                .clone,
            ),
            evidence(Evidence.topic == topic.id, 10),
        ),
        "person": detailed(
            person,
            people(),
            evidence(Evidence.person == person.id, 30),
            Section(
                "Rests on",
                ("title", "url"),
                Article.select()
                .where(Article.id.in_(Evidence.select(Evidence.subject).where(Evidence.person == person)))
                .clone,
            ),
            most_used(Article.author == person, 12),
            offered(Topic),
        ),
        "experience": detailed(
            told,
            experiences(),
            happened((Event.subject_kind == "experience") & (Event.subject == told.id)),
            Section("Topics", ("topic.name",), about_it.clone),
            Section("Credit", ("person.name", "share"), credits.clone),
            Section("Scores", ("round", *(each.name for each in CRITERIA)), reviews.clone),
        ),
    }


def twins() -> dict[tuple[str, str], Twin]:
    """The bare pages by the kind of page that they are the twin of: its route's name and its section, the first."""
    return {(name, ""): twin for name, twin in (lists() | details()).items()}
