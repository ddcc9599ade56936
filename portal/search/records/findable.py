"""What is findable of each noun, and by whom: a document made of a record as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.models.base.record import Searchable
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.search.documents import SearchDoc
from portal.search.records.customers import customers
from portal.search.records.experiences import experiences
from portal.search.records.knowledge import articles, questions
from portal.search.records.people import members, people, people_who_know
from portal.search.records.products import products
from portal.search.records.sales import deals, deals_of_customers, deals_of_products


@dataclass(frozen=True)
class Findable:
    """A searchable noun. `documents` makes those of existing records by id."""

    model: type[Searchable]
    documents: Callable[[Sequence[int]], list[SearchDoc]]


FINDABLE: dict[str, Findable] = {
    "article": Findable(Article, articles),
    "question": Findable(Question, questions),
    "customer": Findable(Customer, customers),
    "product": Findable(Product, products),
    "person": Findable(Person, people),
    "deal": Findable(Deal, deals),
    "experience": Findable(Experience, experiences),
}
"""All that is searched, in the order of the tabs."""

MENTIONED_IN: dict[str, Callable[[Sequence[int]], dict[str, list[int]]]] = {
    "customer": deals_of_customers,
    "product": deals_of_products,
    "topic": people_who_know,
    "department": members,
}


def mentioned_in(noun: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """The records, by noun, whose documents hold the names of these."""
    return MENTIONED_IN[noun](ids) if noun in MENTIONED_IN else {}
