"""A company's first hour: what is there and what is not, told by the data alone, without ticks of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import fn

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.commission.policies import Policy
from portal.models.commission.words import PolicyState
from portal.models.company import trades
from portal.models.company.settings import DEFAULTS, Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.search.synonyms import OFFICE, Synonym

LATER = "setup.later"


@dataclass(frozen=True)
class SetUpStep:
    """One thing to see to; each is optional, and goes on where it always is."""

    key: str
    words: Phrase
    why: Phrase
    url: str
    act: Phrase
    is_done: bool
    """Whether it is there, or holds as it is."""
    state: Phrase
    """What there is."""


def is_due(person: Person) -> bool:
    """Whether an administrator is still led there: something lacks, and nobody said that it can wait."""
    return person.is_administrator and not Setting.read(LATER) and not is_finished()


def is_finished() -> bool:
    """Whether all of it is there."""
    return all(step.is_done for step in steps())


def plant(trade: str, *, by: Person) -> int:
    """Add a trade's topics, and the words for search of that trade and of every office; how many topics came.
    Twice is harmless. Raises Invalid.
    """
    with db.atomic():
        count = trades.plant(trade, by=by)
        for words in (OFFICE, trade):
            Synonym.plant(words, by=by)
    return count


def put_off(*, by: Person) -> None:
    """It goes out of the way, and stays in Admin; twice is harmless."""
    Setting.choose(LATER, True, by=by)


def steps() -> list[SetUpStep]:
    """All that a company sees to first, in the order in which one thing needs another."""
    there = _counts()
    named = any(Setting.read(name) != DEFAULTS[name] for name in ("company.name", "company.name_en"))
    calendar = any(
        Setting.read(f"calendar.{part}") != DEFAULTS[f"calendar.{part}"] for part in ("country", "weekend")
    )
    panel = Setting.read("review.panel")
    usual, own = Phrase("as usual"), Phrase("chosen by you")
    return [
        SetUpStep(
            "company",
            Phrase("Company name"),
            Phrase("It stands on every page, in letters and in files. A logo can stand beside it."),
            "/admin/company",
            Phrase("Name the company"),
            named,
            Phrase("named") if named else Phrase("not named yet"),
        ),
        SetUpStep(
            "topics",
            Phrase("Topics"),
            Phrase("Knowledge, experts and questions share one tree. Begin with that of your trade."),
            "/set-up/topics",
            Phrase("Choose topics"),
            there["topics"] > 0,
            Phrase("%(count)s topics", count=there["topics"]),
        ),
        SetUpStep(
            "calendar",
            Phrase("Holidays"),
            Phrase("Deadlines run on working days: China's public holidays, unless you say otherwise."),
            "/admin/company/working-days",
            Phrase("Look at the calendar"),
            True,
            own if calendar else usual,
        ),
        SetUpStep(
            "people",
            Phrase("People"),
            Phrase("From a file, or one by one. Then invite all of them in one go."),
            "/imports/new",
            Phrase("Bring people"),
            there["people"] > 1,
            Phrase("%(count)s people", count=there["people"]),
        ),
        SetUpStep(
            "reviewers",
            Phrase("Reviewers"),
            Phrase(
                "%(count)s people judge each experience. Give the role to those who know, topic by topic.",
                count=panel,
            ),
            "/admin/accounts",
            Phrase("Give roles"),
            there["reviewers"] >= panel,
            Phrase("%(count)s reviewers", count=there["reviewers"]),
        ),
        SetUpStep(
            "review",
            Phrase("Review rules"),
            Phrase("What each question weighs, and from which mark on something is accepted."),
            "/admin/review-rules",
            Phrase("Look at the rules"),
            True,
            own
            if _chosen("review.weights", "review.pass_mark", "review.gap", "review.panel_lead")
            else usual,
        ),
        SetUpStep(
            "policy",
            Phrase("Commission policy"),
            Phrase(
                "Someone in finance drafts it, a second person approves it. Until then nothing is earned."
            ),
            "/commission/policies",
            Phrase("To the policies"),
            there["policies"] > 0,
            Phrase("one is approved") if there["policies"] else Phrase("none approved yet"),
        ),
        SetUpStep(
            "customers",
            Phrase("Customers"),
            Phrase("From a list you have: nothing is written before you have seen what would happen."),
            "/imports/new",
            Phrase("Bring customers"),
            there["customers"] > 0,
            Phrase("%(count)s customers", count=there["customers"]),
        ),
    ]


def _chosen(*names: str) -> bool:
    return any(Setting.read(name) != DEFAULTS[name] for name in names)


def _counts() -> dict[str, int]:
    """How many there are of each, in one query."""
    active = Person.select(fn.COUNT(Person.id)).where(Person.deactivated_at.is_null())
    reviewers = (
        RoleGrant.select(fn.COUNT(RoleGrant.person.distinct()))
        .join(Person, on=(RoleGrant.person == Person.id))
        .where((RoleGrant.role == Role.REVIEWER) & Person.deactivated_at.is_null())
    )
    topics = Topic.select(fn.COUNT(Topic.id)).where(Topic.archived_at.is_null())
    policies = Policy.select(fn.COUNT(Policy.id)).where(Policy.state == PolicyState.APPROVED)
    customers = Customer.select(fn.COUNT(Customer.id)).where(Customer.archived_at.is_null())
    asked: Any = Person.select(
        active.alias("people"),
        reviewers.alias("reviewers"),
        topics.alias("topics"),
        policies.alias("policies"),
        customers.alias("customers"),
    )
    return dict(next(iter(asked.limit(1).dicts()), {}))
