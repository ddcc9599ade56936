"""What waits before the clocks, waits after: the migration on both databases, with one of each kind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any

from portal import clock
from portal.clock import Month
from portal.models.base.database import db
from portal.models.commission import closing
from portal.models.commission.adjustments import Adjustment
from portal.models.commission.disputes import Dispute
from portal.models.commission.policies import Policy
from portal.models.commission.statements import Statement
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.experiences import process
from portal.models.experiences.experiences import Experience
from portal.models.experiences.reviews import Review
from portal.models.experiences.rubric import NAMES
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.approvals import Approval
from portal.models.people.needs import needs
from portal.models.people.people import Person, Role
from portal.models.sales.deals import Deal
from portal.models.work.clocks import Clock, ClockStep
from tests.commission import MAY, approved, close, deal_of, lesson, noon, paid

MONDAY = noon(date(2026, 7, 6))
"""No holiday is near: working days are Monday to Friday."""


def hand_in(by: Person, topic: Topic, title: str) -> Experience:
    made = Experience.begin(by=by, kind="question")
    made.save_draft(by=by, topics=[topic], title=title, doubt=title * 9, action=title * 8)
    process.submit(made, by=by, duplicate_checked=True)
    return made.fresh()


def everything_waits(schools: Topic, ada: Person, ben: Person, fin: Person) -> None:
    hand_in(ada, schools, "学区房怎么看")
    asked = hand_in(ben, schools, "物业费谁来交")
    for review in Review.select().where(Review.experience == asked):
        scores = dict.fromkeys(NAMES, 3)
        process.complete(review, by=review.reviewer, scores=scores, verdict="revise", comment="再写。")
    family = Customer.create(name="刘家", owner=ada)
    Interaction.log(family, by=ada, kind_of="call", text="答应回电。", follow_up_on=clock.today())
    Question.ask(by=ada, text="谁付电梯费？", topic=schools)
    Policy.draft(by=fin, name="2027", effective_from=Month(2027, 1)).propose(by=fin)
    Adjustment.propose(ada, Month(2026, 6), 100, "算错了一笔。", by=fin)
    statement = Statement.of(ada, MAY)
    assert statement is not None
    with clock.moved(noon(date(2026, 6, 10))):
        Dispute.open(statement, None, "五月里少算了一笔成交，请核对。", by=ada)
    deal = deal_of(ben, "5000.00", closed_on=date(2026, 7, 1))
    Deal.await_debriefs({deal.id: deal.closed_on})
    Article.add(by=ben, title="先问什么", body="", published=False)


def in_numbers(text: str) -> str:
    """As months were told in those days."""
    return text.replace("May 2026", "2026-05").replace("June 2026", "2026-06")


def waiting(moment: datetime) -> tuple[Any, ...]:
    with clock.moved(moment):
        asked = {
            p.name: [
                vars(need) | {"id": 0, "text": in_numbers(need.text)}
                for need in needs(p)
                if need.kind != "panel"
            ]
            for p in Person.select().order_by(Person.id)
        }
    steps = ClockStep.select(ClockStep, Clock).join(Clock).where(Clock.what.in_(["review", "debrief"]))
    approvals = Approval.select().where(Approval.state == "asked").order_by(Approval.standing)
    return (
        asked,
        sorted((one.clock.running, one.name, one.due_at) for one in steps if one.clock.running),
        [(one.standing, one.asked_by_id, one.asked_at) for one in approvals],
    )


def test_what_was_open_goes_on_waiting(
    schools: Topic,
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    rob: Person,
    fin: Person,
    fiona: Person,
    adam: Person,
    audrey: Person,
) -> None:
    mona.grant(Role.FINANCE, by=None)
    approved(fin, fiona)
    paid(ada, "1000000.00", date(2026, 5, 10))
    lesson(ada, noon(date(2026, 5, 4)), noon(date(2026, 5, 6)))
    close(MAY, fin).pay(by=fiona)
    with clock.moved(MONDAY):
        closing.await_closing()
        everything_waits(schools, ada, ben, fin)
    before = waiting(MONDAY + timedelta(hours=1))
    kinds = {need["kind"] for found in before[0].values() for need in found}
    assert kinds >= {
        "review",
        "revision",
        "follow-up",
        "question",
        "approval",
        "adjustment",
        "dispute",
        "draft",
        "period",
    }
    assert [n["kind"] for n in before[0]["Mona"]].count("dispute") == 0  # she leads the payee
    for table in ("clock_step", "clock", "approval", "calendar_day"):
        db.execute_sql(f"DROP TABLE {table}")
    with clock.moved(MONDAY):
        import_module("portal.migrations.0003_clocks_and_approvals").up(None, db)
        import_module("portal.migrations.0023_debriefs_and_drafts").start(db)
        import_module("portal.migrations.0026_article_drafts").up(None, db)
    after = waiting(MONDAY + timedelta(hours=1))
    assert after == before
