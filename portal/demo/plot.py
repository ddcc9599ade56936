"""Telling a story in the order in which it happened, each act at its own moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from portal import clock
from portal.demo.shapes import DAYS, Moment
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal

LAST = Moment(2, DAYS, 19, 50)
"""The story ends here: what would come later is told as the last thing that happened."""


class Plot:
    """The acts of a story told at `now`, and the records that they made, by the story's keys."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people: dict[str, Person] = {}
        self.departments: dict[str, Department] = {}
        self.topics: dict[str, Topic] = {}
        self.types: dict[str, CustomerType] = {}
        self.products: dict[str, Product] = {}
        self.customers: dict[int, Customer] = {}
        self.deals: dict[str, Deal] = {}
        self.articles: dict[str, Article] = {}
        self.experiences: dict[str, int] = {}
        self._acts: list[tuple[Moment, int, Callable[[], None]]] = []

    def at(self, moment: Moment, act: Callable[[], None]) -> None:
        """Let something happen at a moment; of the same moment, what was said first happens first."""
        self._acts.append((min(moment, LAST), len(self._acts), act))

    def play(self) -> None:
        """Let everything happen, in its order, by a clock that shows its time."""
        for moment, _, act in sorted(self._acts, key=lambda each: each[:2]):
            with clock.moved(moment.at(self.now, clock.zone())):
                act()

    def day(self, moment: Moment) -> date:
        """The company's day on which a moment falls."""
        return clock.local(moment.at(self.now, clock.zone())).date()

    def month(self, number: int) -> clock.Month:
        """The calendar month of the story's month: 2 is the current one."""
        return clock.Month.of(self.now).plus(number - 2)

    def experience(self, key: str) -> Experience:
        """An experience as it is now."""
        return Experience.get_by_id(self.experiences[key])
