"""Needs me: what is found at once is what each noun's own rule says, for everyone of the demo company."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from playhouse.test_utils import count_queries

from portal import clock, i18n
from portal.models.base.database import db
from portal.models.commission import closing, readers
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import OPEN_STATES, Dispute
from portal.models.commission.policies import Policy
from portal.models.commission.rulebook import Rulebook
from portal.models.customers.interactions import Interaction
from portal.models.experiences.debriefs import undebriefed
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.expertise.votes import HELD, held
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.knowledge.routing import Routing
from portal.models.people.needs import needs
from portal.models.people.people import Person, Role, RoleGrant
from portal.models.work.clocks import Clock
from tests.company import Company

RULES: dict[str, Callable[[Person], list[str]]] = {
    "approval": lambda person: [
        one.url for one in Policy.select().where(Policy.state == "proposed") if one.approvable_by(person)
    ],
    "adjustment": lambda person: [one.url for one in Adjustment.undecided() if one.decidable_by(person)],
    "dispute": lambda person: [
        one.url
        for one in Dispute.select().where(Dispute.state == "open")
        if person.is_finance and one.resolvable_by(person)
    ],
    "reading": lambda person: [
        one.url for one in readers.to_read(person, Rulebook.read(reader=person))[:1] if not person.is_auditor
    ],
    "dispute late": lambda person: [
        one.url
        for one in Dispute.select().where(Dispute.state.in_(OPEN_STATES) & (Dispute.due_at < clock.now()))
        if person.is_administrator and one.resolvable_by(person)
    ],
    "review": lambda person: [one.url for one in Review.waiting_for(person)],
    "revision": lambda person: [
        f"{one.url}/edit"
        for one in Experience.select().where((Experience.author == person) & (Experience.state == "revision"))
    ],
    "follow-up": lambda person: [
        one.url
        for one in Interaction.select().where(
            (Interaction.person == person)
            & Interaction.followed_up_at.is_null()
            & (Interaction.follow_up_on <= clock.today())
        )
    ],
    "question": lambda person: [
        one.url
        for one in Question.select().where((Question.state == "open") & Question.archived_at.is_null())
        if one.topic_id in person.review_topics and one.asker_id != person.id
    ],
    "debrief": lambda person: [
        f"/experiences/new?deal={deal.id}"
        for deal in undebriefed(person, size=1000)
        if deal.owner_id == person.id
        and deal.closed_on is not None
        and deal.closed_on >= clock.today() - timedelta(days=14)
    ],
    "draft": lambda person: [
        *(
            f"{one.url}/edit"
            for one in Experience.select().where(Experience.author == person)
            if one.state == "draft" and not one.is_untouched and any(getattr(one, name) for name in one.texts)
        ),
        *(one.url for one in Article.select().where((Article.author == person) & (Article.state == "draft"))),
    ],
    **{
        purpose: lambda person, why=purpose: [  # type: ignore[misc]
            one.vote.url for one in held() if one.purpose == why and one.vote.decidable_by(person)
        ]
        for purpose in ("vote in return", "vote in a ring")
    },
}


@pytest.fixture(scope="module", autouse=True)
def asked(company: Company) -> None:
    """The story leaves no question of a reviewed topic unanswered, and no worker forgot its old debriefs; whether
    a dispute is late in it depends on the day of the month.
    """
    for waiting in Clock.select().where((Clock.what == "debrief") & Clock.stopped_at.is_null()):
        waiting.advance()
    dispute, yesterday = Dispute.get(Dispute.state.in_(OPEN_STATES)), clock.now() - timedelta(days=1)
    Dispute.update(due_at=yesterday).where(Dispute.id == dispute.id).execute()
    mine = (Clock.what == "dispute") & (Clock.subject == dispute.id)
    Clock.update(due_at=yesterday).where(mine).execute()
    dispute.fresh().run_late()
    readers.await_reading()
    grant = RoleGrant.get((RoleGrant.role == Role.REVIEWER) & RoleGrant.topic.is_null(False))
    Question.ask(by=company.person("li"), text="Who pays for the lift?", topic=grant.topic)
    Article.add(by=company.person("chen"), title="What to ask first", body="", published=False)


def everyone() -> list[Person]:
    return list(Person.select().where(Person.deactivated_at.is_null()).order_by(Person.id))


@pytest.mark.parametrize("kind", RULES)
def test_what_is_asked_is_what_the_noun_s_own_rule_says(company: Company, kind: str) -> None:
    asked = {p.id: sorted(need.url for need in needs(p) if need.kind == kind) for p in everyone()}
    assert asked == {p.id: sorted(RULES[kind](p)) for p in everyone()}
    assert any(asked.values()), "nobody of the story shows this"


def test_it_is_one_question_to_the_database_for_every_role(company: Company) -> None:
    for person in everyone():
        assert person.grants is not None
        with count_queries() as counted:
            needs(person)
        assert counted.count == 1, person.name


def test_what_is_due_comes_first_then_what_waits_longest(company: Company) -> None:
    for person in everyone():
        found = needs(person)
        first = [need for need in found if need.kind not in HELD]
        assert first == sorted(first, key=lambda n: (n.due_at is None, n.due_at or n.since))
        if not person.is_auditor:  # for auditors some are theirs alone
            assert found[: len(first)] == first, "held votes hide nothing that somebody waits for"


def test_the_migration_starts_what_the_verbs_started(company: Company) -> None:
    """But for what was promised when working days were Monday to Friday, and since when a debrief waits. Read
    in Chinese: the verbs of today keep English names beside the Chinese ones, and months in words.
    """
    routed = {each.question.url for each in Routing.select()}  # nobody was asked for these in those days

    def asked() -> dict[int, list[Any]]:
        closing.await_closing()
        return {
            p.id: sorted(
                (
                    n.kind,
                    re.sub(r"(\d{4}) 年 (\d+) 月", lambda m: f"{m[1]}-{int(m[2]):02d}", i18n.gettext(n.text)),
                    n.url,
                    n.since if n.kind != "debrief" else None,
                    None if n.kind == "revision" else n.due_at,
                )
                for n in needs(p)
                if n.url.partition("#")[0] not in routed
                and n.kind
                not in (
                    "dispute late",
                    "payment",
                    "panel",
                    "merger",
                    "course",
                    "delta",
                    "outcome",
                    "late outcome",
                    "reading",
                    *HELD,
                )
            )
            for p in everyone()
        }

    with i18n.speaking("zh"):
        before = asked()
    for table in ("clock_step", "clock", "approval", "calendar_day"):
        db.execute_sql(f"DROP TABLE {table}")
    import_module("portal.migrations.0003_clocks_and_approvals").up(None, db)
    import_module("portal.migrations.0023_debriefs_and_drafts").start(db)
    import_module("portal.migrations.0026_article_drafts").up(None, db)
    with i18n.speaking("zh"):
        assert asked() == before
