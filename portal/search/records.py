"""What is findable of each noun, and by whom: a document made of a record as it is now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from portal.models.base.record import Searchable
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import PARTS, Credit, Experience, ExperienceTopic
from portal.models.expertise.expertise import WEIGHTS, Evidence
from portal.models.knowledge.articles import Article, ArticleTopic
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.search.documents import Restricted, SearchDoc
from portal.search.text import alternates
from portal.text.markdown import plain_text
from portal.text.writing import written_in

KNOWN_FROM = 8
"""What all the evidence for a topic must once have weighed for a person to be found by the topic's name: one
accepted experience, or one best answer.
"""
STAFF = "staff"
"""The principal of everyone who works here."""


def principals(person: Person) -> frozenset[str]:
    """In whose name a person reads: as one of the staff and as oneself; nobody for who has left."""
    return frozenset({STAFF, only(person.id)}) if person.is_active else frozenset()


def only(person: int) -> str:
    """The principal of one person."""
    return f"user:{person}"


def _seconds(moment: Any) -> int:
    return int(moment.timestamp())


def _joined(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts if part and part.strip())


def _plain(markdown: str) -> str:
    return plain_text(markdown).replace("\n", "\n\n") if markdown else ""


def _topic_tags(topics: Iterable[int]) -> tuple[str, ...]:
    """A subject and all above it: who picks a subject finds what lies below."""
    return tuple(f"topic:{topic}" for topic in sorted(Topic.with_ancestors(topics)))


def _tag(name: str, ident: int | None) -> tuple[str, ...]:
    return (f"{name}:{ident}",) if ident else ()


def _grouped(rows: Any) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for ident, value in rows:
        grouped[ident].append(value)
    return grouped


# --- Knowledge -----------------------------------------------------------------------------------------


def articles(ids: Sequence[int]) -> list[SearchDoc]:
    """What is published is everyone's, a draft its author's; what was put away is not found."""
    topics = _grouped(
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
            *_topic_tags(topics),
            *_tag("product", article.product_id),
            *_tag("type", article.customer_type_id),
            "fresh:due" if article.is_overdue else "fresh:current",
        ),
        body=_plain(article.body),
        groups=frozenset({STAFF if article.state == "published" else only(article.author_id)}),
        lang=article.language,
        status=article.state,
        owner=str(article.author_id),
        updated=_seconds(article.updated_at),
    )


def questions(ids: Sequence[int]) -> list[SearchDoc]:
    """A question with all its answers, everyone's until it is put away."""
    answers = _grouped(
        Answer.select(Answer.question, Answer.text)
        .where(Answer.question.in_(ids))
        .order_by(Answer.id)
        .tuples()
    )
    found = Question.select().where(Question.id.in_(ids) & Question.archived_at.is_null())
    return [_question(question, answers[question.id]) for question in found]


def _question(question: Question, answers: list[str]) -> SearchDoc:
    body = "\n\n".join(_plain(text) for text in (question.detail, *answers) if text)
    return SearchDoc(
        id=str(question),
        kind="question",
        title=question.text,
        alt=alternates(question.text, "title"),
        tags=(
            *_topic_tags([question.topic_id] if question.topic_id else []),
            *_tag("product", question.product_id),
        ),
        body=body,
        groups=frozenset({STAFF}),
        lang=written_in(question.text),
        status=question.state,
        owner=str(question.asker_id),
        updated=_seconds(question.updated_at),
    )


def experiences(ids: Sequence[int]) -> list[SearchDoc]:
    """One's own on their way: for the author, and once handed in for those who share the credit.

    Accepted ones are found by everyone as the article that they became.
    """
    topics = _grouped(
        ExperienceTopic.select(ExperienceTopic.experience, ExperienceTopic.topic)
        .where(ExperienceTopic.experience.in_(ids))
        .tuples()
    )
    credited = _grouped(
        Credit.select(Credit.experience, Credit.person).where(Credit.experience.in_(ids)).tuples()
    )
    found = Experience.select().where(Experience.id.in_(ids))
    return [_experience(each, topics[each.id], credited[each.id]) for each in found]


def _experience(experience: Experience, topics: list[int], credited: list[int]) -> SearchDoc:
    body = "\n\n".join(_plain(getattr(experience, part)) for part in PARTS if getattr(experience, part))
    return SearchDoc(
        id=str(experience),
        kind="experience",
        title=experience.title,
        alt=alternates(experience.title, "title"),
        tags=(
            *_topic_tags(topics),
            *_tag("product", experience.product_id),
            *_tag("type", experience.customer_type_id),
        ),
        body=body,
        groups=frozenset(only(person) for person in (experience.author_id, *credited)),
        lang=written_in(experience.title + body),
        status=experience.state,
        owner=str(experience.author_id),
        updated=_seconds(experience.updated_at),
    )


# --- People, customers, products, deals ----------------------------------------------------------------


def people(ids: Sequence[int]) -> list[SearchDoc]:
    """Colleagues, with what they are known for; phone and e-mail at work are no secret inside."""
    rows: Any = (
        Evidence.select(
            Evidence.person, Evidence.kind_of, Evidence.quality, Topic.id, Topic.name, Topic.name_en
        )
        .join(Topic)
        .where(Evidence.person.in_(ids) & Evidence.withdrawn_at.is_null())
        .order_by(Topic.position, Topic.id)
        .tuples()
    )
    weights: dict[tuple[int, tuple[int, str, str]], float] = defaultdict(float)
    for person, kind, quality, *topic in rows:
        weights[person, tuple(topic)] += WEIGHTS[kind][0] * quality / 10_000
    known = _grouped(pair for pair, weight in weights.items() if weight >= KNOWN_FROM)
    found = (
        Person.select(Person, Department)
        .join(Department, JOIN.LEFT_OUTER, on=Person.department)
        .where(Person.id.in_(ids))
    )
    return [_person(each, known[each.id]) for each in found]


def _person(person: Person, known: list[tuple[int, str, str]]) -> SearchDoc:
    department = person.department if person.department_id else None
    own = [person.title, department.name if department else "", *(name for _, name, _ in known)]
    english = [person.title_en, department.name_en if department else "", *(name for _, _, name in known)]
    alt = (*alternates(person.name, "name"), *_english(person.name_en), *alternates(person.email, "email"))
    alt += (*alternates(person.phone, "phone"), *(alternates(person.employee_no or "", "code")))
    return SearchDoc(
        id=str(person),
        kind="person",
        title=person.name,
        alt=alt,
        tags=(*_topic_tags(topic[0] for topic in known), *_tag("department", person.department_id)),
        body=_joined(" · ".join(filter(None, own)), " · ".join(filter(None, english))),
        groups=frozenset({STAFF}),
        status="active" if person.is_active else "left",
        owner=str(person.id),
        # When they came: signing in and choosing a theme is no news of anybody.
        updated=_seconds(person.created_at),
    )


def _english(name: str) -> tuple[str, ...]:
    return (name, *alternates(name, "name")) if name else ()


def customers(ids: Sequence[int]) -> list[SearchDoc]:
    """Everyone finds a customer by name, code and the people there; by phone, e-mail and address only who
    reads them in the ordinary course of work (RULES 4.10): the owner.
    """
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in (
        Contact.select().where(Contact.customer.in_(ids) & Contact.archived_at.is_null()).order_by(Contact.id)
    ):
        contacts[contact.customer_id].append(contact)
    found = Customer.select().where(Customer.id.in_(ids))
    return [_customer(each, contacts[each.id]) for each in found]


def _customer(customer: Customer, contacts: list[Contact]) -> SearchDoc:
    named: list[str] = [*alternates(customer.name, "name" if customer.form == "person" else "company")]
    if customer.name_en:
        named += [customer.name_en, *alternates(customer.name_en, "company")]
    named += alternates(customer.code or "", "code")
    named += [customer.website] if customer.website else []
    for contact in contacts:
        named += [contact.name, *alternates(contact.name, "name")]
    return SearchDoc(
        id=str(customer),
        kind="customer",
        title=customer.name,
        alt=tuple(dict.fromkeys(named)),
        tags=_tag("type", customer.type_id),
        body=_joined(
            " · ".join(part for part in (customer.sector, customer.city) if part),
            " · ".join(f"{contact.name} {contact.title}".strip() for contact in contacts),
            _plain(customer.note),
            *(_plain(contact.note) for contact in contacts),
        ),
        groups=frozenset({STAFF}),
        status="archived" if customer.is_archived else "active",
        owner=str(customer.owner_id or ""),
        updated=_seconds(customer.updated_at),
        restricted=_private(customer, contacts),
    )


def _private(customer: Customer, contacts: list[Contact]) -> tuple[Restricted, ...]:
    if customer.owner_id is None:
        return ()
    phones = [phone for phone in (customer.phone, *(contact.phone for contact in contacts)) if phone]
    emails = [email for email in (customer.email, *(contact.email for contact in contacts)) if email]
    text = " · ".join([*phones, *emails, *([customer.address] if customer.address else [])])
    if not text:
        return ()
    alt = [form for phone in phones for form in alternates(phone, "phone")]
    alt += [form for email in emails for form in alternates(email, "email")]
    return (Restricted(frozenset({only(customer.owner_id)}), text, tuple(dict.fromkeys(alt))),)


def products(ids: Sequence[int]) -> list[SearchDoc]:
    """What is sold, and what was."""
    return [_product(product) for product in Product.select().where(Product.id.in_(ids))]


def _product(product: Product) -> SearchDoc:
    return SearchDoc(
        id=str(product),
        kind="product",
        title=product.name,
        alt=tuple(
            dict.fromkeys(
                (
                    *([product.name_en] if product.name_en else []),
                    *alternates(product.code, "code"),
                    *alternates(product.name, "title"),
                )
            )
        ),
        tags=_tag("product", product.id),
        body=_joined(product.series, _plain(product.description)),
        groups=frozenset({STAFF}),
        status="archived" if product.archived_at else "active",
        updated=_seconds(product.updated_at),
    )


def deals(ids: Sequence[int]) -> list[SearchDoc]:
    """Chances to sell, with the names of customer and product."""
    found = (
        Deal.select(Deal, Customer, Product)
        .join(Customer, JOIN.LEFT_OUTER, on=Deal.customer)
        .switch(Deal)
        .join(Product, JOIN.LEFT_OUTER, on=Deal.product)
        .where(Deal.id.in_(ids) & Deal.archived_at.is_null())
    )
    return [_deal(deal) for deal in found]


def _deal(deal: Deal) -> SearchDoc:
    customer = deal.customer if deal.customer_id else None
    product = deal.product if deal.product_id else None
    names = [customer.name, customer.name_en] if customer else []
    names += [product.name, product.name_en, product.code] if product else []
    return SearchDoc(
        id=str(deal),
        kind="deal",
        title=deal.title,
        alt=(*alternates(deal.code or "", "code"), *alternates(deal.title, "title")),
        tags=(*_tag("product", deal.product_id), *_tag("type", customer.type_id if customer else None)),
        body=_joined(
            " · ".join(name for name in names if name), deal.competitor, deal.lost_reason, _plain(deal.note)
        ),
        groups=frozenset({STAFF}),
        status=deal.stage,
        owner=str(deal.owner_id),
        updated=_seconds(deal.updated_at),
    )


# --- The list ------------------------------------------------------------------------------------------


def _deals_of_customers(ids: Sequence[int]) -> dict[str, list[int]]:
    return {"deal": [deal.id for deal in Deal.select(Deal.id).where(Deal.customer.in_(ids))]}


def _deals_of_products(ids: Sequence[int]) -> dict[str, list[int]]:
    return {"deal": [deal.id for deal in Deal.select(Deal.id).where(Deal.product.in_(ids))]}


def _people_who_know(topics: Sequence[int]) -> dict[str, list[int]]:
    known = Evidence.select(Evidence.person).where(Evidence.topic.in_(topics)).distinct()
    return {"person": [row.person_id for row in known]}


def _members(departments: Sequence[int]) -> dict[str, list[int]]:
    return {"person": [p.id for p in Person.select(Person.id).where(Person.department.in_(departments))]}


MENTIONED_IN: dict[str, Callable[[Sequence[int]], dict[str, list[int]]]] = {
    "customer": _deals_of_customers,
    "product": _deals_of_products,
    "topic": _people_who_know,
    "department": _members,
}


def mentioned_in(noun: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """The records, by noun, whose documents hold the names of these."""
    return MENTIONED_IN[noun](ids) if noun in MENTIONED_IN else {}


@dataclass(frozen=True)
class Noun:
    """A searchable noun. `documents` makes those of existing records by id."""

    model: type[Searchable]
    documents: Callable[[Sequence[int]], list[SearchDoc]]


NOUNS: dict[str, Noun] = {
    "article": Noun(Article, articles),
    "question": Noun(Question, questions),
    "customer": Noun(Customer, customers),
    "product": Noun(Product, products),
    "person": Noun(Person, people),
    "deal": Noun(Deal, deals),
    "experience": Noun(Experience, experiences),
}
"""All that is searched, in the order of the tabs."""
