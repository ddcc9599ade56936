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
    also: tuple[Phrase, str] | None = None
    """Another way to the same: its words and its address."""


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
            "language",
            Phrase("Language"),
            Phrase("What new people read, their invitation too, until they choose their own."),
            "/admin/company#language",
            Phrase("Choose the language"),
            True,
            Phrase("English") if Setting.read("company.language") == "en" else Phrase("Chinese"),
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
            Phrase("From a file, or one by one. Then invite all of them in one go, by letter or by link."),
            "/imports/new?kind=people",
            Phrase("Bring people"),
            there["people"] > 1,
            Phrase("%(count)s people", count=there["people"]),
            (Phrase("Invite people"), "/admin/accounts?show=new"),
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
        _policy(there),
        SetUpStep(
            "customers",
            Phrase("Customers"),
            Phrase("From a list you have: nothing is written before you have seen what would happen."),
            "/imports/new?kind=customers",
            Phrase("Bring customers"),
            there["customers"] > 0,
            Phrase("%(count)s customers", count=there["customers"]),
        ),
    ]


def _policy(there: dict[str, int]) -> SetUpStep:
    """The policy, or what it still needs: it takes two people, one of them in finance."""
    why = Phrase("Someone in finance drafts it, a second person approves it. Until then nothing is earned.")
    url, act = "/commission/policies", Phrase("To the policies")
    if not there["policies"] and there["people"] < 2:
        why = Phrase(
            "It takes two: one in finance drafts it, another approves it. You are alone yet; it can wait."
        )
        url, act = "/admin/accounts/new", Phrase("Invite a second person")
    elif not there["policies"] and not there["finance"]:
        why = Phrase(
            "Someone in finance drafts it, and nobody is in finance yet. Give the role; it can wait."
        )
        url, act = "/admin/accounts", Phrase("Give the role Finance")
    state = Phrase("one is approved") if there["policies"] else Phrase("none approved yet")
    return SetUpStep("policy", Phrase("Commission policy"), why, url, act, there["policies"] > 0, state)


def _chosen(*names: str) -> bool:
    return any(Setting.read(name) != DEFAULTS[name] for name in names)


def _counts() -> dict[str, int]:
    """How many there are of each, in one query."""
    active = Person.select(fn.COUNT(Person.id)).where(Person.deactivated_at.is_null())
    topics = Topic.select(fn.COUNT(Topic.id)).where(Topic.archived_at.is_null())
    policies = Policy.select(fn.COUNT(Policy.id)).where(Policy.state == PolicyState.APPROVED)
    customers = Customer.select(fn.COUNT(Customer.id)).where(Customer.archived_at.is_null())
    asked: Any = Person.select(
        active.alias("people"),
        _holders(Role.REVIEWER).alias("reviewers"),
        _holders(Role.FINANCE).alias("finance"),
        topics.alias("topics"),
        policies.alias("policies"),
        customers.alias("customers"),
    )
    return dict(next(iter(asked.limit(1).dicts()), {}))


def _holders(role: Role) -> Any:
    """How many active people hold a role."""
    held = RoleGrant.select(fn.COUNT(RoleGrant.person.distinct())).join(
        Person, on=(RoleGrant.person == Person.id)
    )
    return held.where((RoleGrant.role == role) & Person.deactivated_at.is_null())
