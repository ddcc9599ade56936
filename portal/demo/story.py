"""The demo company's whole story, ready to be told with model verbs.

Times are `Moment`s: month 0 is two months before the current one, 2 the current one, so that the story is
always fresh. Links are keys; a deal's customer is an index into CUSTOMERS. Money is in fen.
"""

from __future__ import annotations

from dataclasses import replace

from portal.demo.articles_english_text import ARTICLES_EN
from portal.demo.articles_text import ARTICLES_ZH
from portal.demo.company import (
    COMPANY,
    COMPETITORS,
    CUSTOMER_TYPES,
    DEPARTMENTS,
    ENDORSEMENTS,
    LOGINS,
    PEOPLE,
    PERIODS,
    POLICY,
    PRODUCTS,
    SELLERS,
    STAGES,
    TOPICS,
)
from portal.demo.customers_text import CUSTOMERS as KNOWN_CUSTOMERS
from portal.demo.customers_text import SOURCES
from portal.demo.deals_text import PAYMENTS, TOLD_DEALS
from portal.demo.leads import DEALS, LEADS_PER_MONTH, LOST_PER_MONTH, STORY_AREA, WON_PER_MONTH
from portal.demo.lessons_text import OTHER_EXPERIENCES
from portal.demo.questions_text import QUESTIONS
from portal.demo.shapes import Customer, Deal
from portal.demo.won_text import WON_EXPERIENCES

__all__ = [
    "ARTICLES",
    "COMPANY",
    "COMPETITORS",
    "CUSTOMERS",
    "CUSTOMER_TYPES",
    "DEALS",
    "DEPARTMENTS",
    "ENDORSEMENTS",
    "EXPERIENCES",
    "LEADS_PER_MONTH",
    "LOGINS",
    "LOST_PER_MONTH",
    "PAYMENTS",
    "PEOPLE",
    "PERIODS",
    "POLICY",
    "PRODUCTS",
    "QUESTIONS",
    "SELLERS",
    "SOURCES",
    "STAGES",
    "STORY_AREA",
    "TOLD_DEALS",
    "TOPICS",
    "WON_PER_MONTH",
]


def _since_first_contact(customer: Customer, deals: list[Deal]) -> Customer:
    return replace(customer, since=min(deal.contacted for deal in deals)) if deals else customer


CUSTOMERS = tuple(
    _since_first_contact(customer, [deal for deal in DEALS if deal.customer == index])
    for index, customer in enumerate(KNOWN_CUSTOMERS)
)
EXPERIENCES = (*WON_EXPERIENCES, *OTHER_EXPERIENCES)
ARTICLES = (*ARTICLES_ZH, *ARTICLES_EN)
