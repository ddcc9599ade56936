"""What is findable of each noun, and by whom: a document made of a record as it is now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.models.base.record import Searchable
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.learning.courses import Course
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.search.documents import SearchDoc
from portal.search.records.customers import customers, requests, requests_of_customers
from portal.search.records.experiences import born_as, experiences
from portal.search.records.knowledge import articles, questions, written_by
from portal.search.records.learning import courses, taught_in
from portal.search.records.people import members, people, people_who_know
from portal.search.records.products import products
from portal.search.records.sales import deals, deals_of_customers, deals_of_products


@dataclass(frozen=True)
class Findable:
    """A searchable noun. `documents` makes those of existing records by id."""

    model: type[Searchable]
    documents: Callable[[Sequence[int]], list[SearchDoc]]
    words: str
    """What people call it as a value in the search box: `类型:客户`."""


FINDABLE: dict[str, Findable] = {
    "article": Findable(Article, articles, "article articles knowledge 知识 文章 经验库"),
    "question": Findable(Question, questions, "question questions 问题 问答"),
    "customer": Findable(Customer, customers, "customer customers 客户"),
    "product": Findable(Product, products, "product products 产品 商品 房源 小区"),
    "person": Findable(Person, people, "person people colleague 员工 同事 人员 人"),
    "deal": Findable(Deal, deals, "deal deals 商机 成交"),
    "customer_request": Findable(CustomerRequest, requests, "request requests 要求 客户要求"),
    "course": Findable(Course, courses, "course courses training 课程 培训"),
    "experience": Findable(Experience, experiences, "experience experiences 经验 案例"),
}
"""All that is searched, in the order of the tabs."""

MENTIONED_IN: dict[str, Callable[[Sequence[int]], dict[str, list[int]]]] = {
    "customer": lambda ids: {**deals_of_customers(ids), "customer_request": requests_of_customers(ids)},
    "person": written_by,
    "product": deals_of_products,
    "topic": people_who_know,
    "department": members,
}


def mentioned_in(noun: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """The records, by noun, whose documents hold the names of these."""
    return MENTIONED_IN[noun](ids) if noun in MENTIONED_IN else {}


def made_of(noun: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """The records, by noun, whose documents tell of these while they are read."""
    if noun == "article":
        return taught_in(articles=ids)
    return taught_in(questions=ids) if noun == "question" else {}


def stand_ins(noun: str, ids: Sequence[int]) -> dict[str, list[int]]:
    """The records, by noun, that are found as long as these are not."""
    return born_as(ids) if noun == "article" else {}
