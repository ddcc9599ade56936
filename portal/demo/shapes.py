"""The shapes in which the demo story is written down: plain facts, no records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

DAYS = 28  # every month has them, so a story told in days 1 to 28 fits any month
OPENS = 9
HOURS = 11  # a shop day, 09:00 to 20:00

Role = Literal["member", "reviewer", "manager", "finance", "administrator", "auditor"]
CustomerKind = Literal["person", "family", "company"]
StageKey = Literal["lead", "contacted", "viewing", "negotiation", "signing", "won", "lost"]
InteractionKind = Literal["call", "visit", "note", "message", "viewing"]
ExperienceKind = Literal["won", "lost", "question", "suggestion"]
ExperienceState = Literal[
    "draft", "submitted", "in_review", "revision_asked", "accepted", "rejected", "merged", "withdrawn"
]
Freshness = Literal["policy", "product", "process", "evergreen"]
PeriodState = Literal["paid", "closed", "open"]


@dataclass(frozen=True, order=True)
class Moment:
    """A time in the story: month 0 is two months before the current one, 2 is the current one; day 1 to 28."""

    month: int
    day: int
    hour: int = 10
    minute: int = 0

    def later(self, days: int, hour: int | None = None, minute: int | None = None) -> Moment:
        """The moment so many story days later, over the month's end if need be."""
        month, day = divmod(self.month * DAYS + self.day - 1 + days, DAYS)
        return Moment(
            month,
            day + 1,
            self.hour if hour is None else hour,
            self.minute if minute is None else minute,
        )

    def at(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The UTC time of this moment for a story told at `now`: never in the future, always in story order."""
        local = now.astimezone(zone)
        months = local.year * 12 + local.month - 1 + self.month - 2
        start = datetime(months // 12, months % 12 + 1, 1, tzinfo=zone)
        if self.month < 2 or local.day > DAYS:
            return start.replace(day=self.day, hour=self.hour, minute=self.minute).astimezone(UTC)
        # The current month is not over: its days are squeezed into the shop hours that have passed.
        share = ((self.day - 1) * HOURS + self.hour - OPENS + self.minute / 60) / (DAYS * HOURS)
        passed = min(max(local.hour + local.minute / 60 - OPENS, 0.0), HOURS)
        worked = (local.day - 1) * HOURS + passed
        if worked == 0:  # the small hours of the first day: nothing but the night itself to squeeze into
            return (start + (local - start) * share).astimezone(UTC)
        day, hours = divmod(worked * share, HOURS)
        return (start + timedelta(days=day, hours=OPENS + hours)).astimezone(UTC)


@dataclass(frozen=True)
class Company:
    """The demo company itself; `currency` is an ISO code, `zone` an IANA time zone."""

    name: str
    name_en: str
    zone: str
    currency: str


@dataclass(frozen=True)
class Department:
    """A part of the company; `manager` is a person's key, `parent` a department's key."""

    key: str
    name: str
    name_en: str
    parent: str | None
    manager: str


@dataclass(frozen=True)
class Person:
    """Someone who works there; `topics` are those that a reviewer may judge."""

    key: str
    name: str
    name_en: str
    email: str
    department: str
    title: str
    title_en: str
    roles: tuple[Role, ...]
    employee_no: str
    hired: Moment
    phone: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topic:
    """A subject in the company's tree."""

    key: str
    name: str
    name_en: str
    parent: str | None


@dataclass(frozen=True)
class CustomerType:
    """A kind of buyer whose doubts are alike."""

    key: str
    name: str
    name_en: str
    looks_for: str


@dataclass(frozen=True)
class Product:
    """What is sold: the homes of one residential area, or a service."""

    key: str
    code: str
    name: str
    name_en: str
    kind: str
    kind_en: str
    price_note: str
    description: str
    environment: str = ""
    layout: str = ""
    schools: str = ""


@dataclass(frozen=True)
class Competitor:
    """Another agency that sells in the same streets."""

    key: str
    name: str
    name_en: str
    note: str


@dataclass(frozen=True)
class Stage:
    """A step of a deal; `probability` in percent."""

    key: StageKey
    name: str
    name_en: str
    probability: int


@dataclass(frozen=True)
class Policy:
    """The commission policy in force; rates in millionths (RULES 4.1)."""

    name: str
    name_en: str
    rate: int
    threshold: int
    bonus: int
    effective_month: int
    drafted_by: str
    approved_by: str


@dataclass(frozen=True)
class Period:
    """A commission month and how far it has come; `closed` and `paid` are when that happened."""

    month: int
    state: PeriodState
    closed: Moment | None = None
    paid: Moment | None = None


@dataclass(frozen=True)
class Customer:
    """A person, a family or a company that looks for homes; `area` and `owner` are keys."""

    kind: CustomerKind
    name: str
    name_en: str
    type: str
    source: str
    phone: str
    area: str
    owner: str
    since: Moment
    note: str


@dataclass(frozen=True)
class Interaction:
    """One call, message, viewing, visit or note with a customer."""

    kind: InteractionKind
    on: Moment
    text: str


@dataclass(frozen=True)
class Deal:
    """A chance to sell, from the first contact on; `commission` is the commissionable income in fen."""

    key: str
    title: str
    customer: int | None
    owner: str
    product: str
    stage: StageKey
    commission: int
    contacted: Moment
    closed: Moment | None
    doubt: str | None
    interactions: tuple[Interaction, ...]
    lost_reason: str = ""
    competitor: str | None = None


@dataclass(frozen=True)
class Payment:
    """Commission received for a deal; `amount` in fen."""

    deal: str
    on: Moment
    amount: int


@dataclass(frozen=True)
class Review:
    """One reviewer's judgement; scores 0 to 5: correct, reusable, new, clear, linked (RULES 4.2)."""

    reviewer: str
    scores: tuple[int, int, int, int, int]
    comment: str
    on: Moment


@dataclass(frozen=True)
class Experience:
    """A lesson from the field and how far it has come; all links are keys."""

    key: str
    kind: ExperienceKind
    state: ExperienceState
    author: str
    title: str
    situation: str
    doubt: str
    action: str
    outcome: str
    lesson: str
    customer_type: str | None
    product: str | None
    topics: tuple[str, ...]
    deal: str | None
    written: Moment
    submitted: Moment | None
    reviews: tuple[Review, ...] = ()
    decided: Moment | None = None
    decided_by: str | None = None
    reason: str = ""
    merged_into: str | None = None
    worked_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """A page of the company handbook, in Markdown; `lang` is that of the text."""

    key: str
    lang: Literal["zh", "en"]
    title: str
    summary: str
    body: str
    topics: tuple[str, ...]
    author: str
    verified_by: str
    published: Moment
    freshness: Freshness
    products: tuple[str, ...] = ()
    customer_types: tuple[str, ...] = ()
    public: bool = False


@dataclass(frozen=True)
class Answer:
    """One possible answer to a question."""

    author: str
    text: str
    on: Moment


@dataclass(frozen=True)
class Question:
    """A customer's typical doubt; `best` names the answer (by index) for a customer type, None for everyone."""

    key: str
    title: str
    detail: str
    topics: tuple[str, ...]
    product: str | None
    asked_by: str
    on: Moment
    answers: tuple[Answer, ...]
    best: tuple[tuple[str | None, int], ...] = ()


@dataclass(frozen=True)
class Endorsement:
    """A colleague's word that someone knows a topic."""

    by: str
    person: str
    topic: str
