"""What closing a month costs: its time against the bare SQL that reckons and keeps the same rows.

    python -m benchmarks.money [--scale 0.1] [--months 12]

At scale 1 the company has 10,000 people and 1,000,000 won deals, each paid once, two people sharing every
fifth; the payments spread over `--months` months, of which the last is closed. There are 30,000 lessons, none
to six of each. The most memory that the process held is printed beside: what generating and the bare SQL took,
and what it was once the month was closed.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.data import insert
from portal import clock
from portal.clock import Month
from portal.migrations import migrate
from portal.models.base import database
from portal.models.commission import closing
from portal.models.commission.periods import Period
from portal.models.commission.policies import Policy
from portal.models.company.customer_types import CustomerType
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Credit, Experience
from portal.models.experiences.reviews import Acceptance
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import WHOLE, Deal, DealShare
from portal.models.sales.lines import DealLine

MOST = 5.0
"""The budget: a close's time against the bare SQL's."""
MONTH = Month(2026, 5)
AT = datetime(2026, 5, 4, 4, tzinfo=UTC)
CUSTOMERS, PRODUCTS = 1000, 100
STAMP = "2026-06-05 04:00:00.000000"

COUNTED = """
WITH counted AS (
  SELECT credit.person_id AS person, SUM(credit.share) AS share
  FROM credit JOIN experience ON experience.id = credit.experience_id
  JOIN acceptance ON acceptance.experience_id = experience.id
  WHERE acceptance.counts = 1
    AND experience.first_submitted_at >= :start AND experience.first_submitted_at < :end
  GROUP BY credit.person_id
), parts AS (
  SELECT deal_line.id AS line, deal_line.amount AS whole, COALESCE(deal_share.person_id, deal.owner_id) AS person,
    COALESCE(deal_share.share, 1000000) AS share
  FROM deal_line JOIN deal ON deal.id = deal_line.deal_id
  LEFT JOIN deal_share ON deal_share.deal_id = deal.id
  WHERE deal_line."trigger" = 'payment' AND deal_line."on" >= :first AND deal_line."on" < :next
), earned AS (
  SELECT parts.*, parts.whole * parts.share / 1000000 AS base,
    20000 + CASE WHEN counted.share >= 2000000 THEN 500 ELSE 0 END AS rate, COALESCE(counted.share, 0) AS counted
  FROM parts LEFT JOIN counted ON counted.person = parts.person
)
"""
STATEMENTS = (
    COUNTED
    + """
INSERT INTO statement (created_at, period_id, month, person_id, payee_no, payee_name, policy_id, counted,
  threshold, bonus_rate, base, bonus, total, inputs, digest)
SELECT :at, :period, :month, person.id, person.employee_no, person.name, 1, MAX(earned.counted), 2000000,
  MAX(earned.rate) - 20000, SUM(earned.base), SUM(earned.base * (earned.rate - 20000) / 1000000),
  SUM(earned.base * earned.rate / 1000000), '{}', ''
FROM earned JOIN person ON person.id = earned.person GROUP BY person.id
"""
)
LINES = (
    COUNTED
    + """
INSERT INTO line (created_at, statement_id, person_id, position, kind, about, deal_line_id, base, share, rate,
  bonus_rate, bonus_mode, amount, bonus, policy_id, why, why_values, experiences, key)
SELECT :at, statement.id, earned.person, ROW_NUMBER() OVER (PARTITION BY earned.person ORDER BY earned.line),
  'deal', :month, earned.line, earned.base, earned.share, earned.rate, earned.rate - 20000,
  'percentage_points', earned.base * earned.rate / 1000000, earned.base * (earned.rate - 20000) / 1000000, 1,
  '', '{}', '[]', earned.line || '-' || earned.person
FROM earned JOIN statement ON statement.person_id = earned.person AND statement.period_id = :period
"""
)


def generate(folder: Path, scale: float, months: int) -> dict[str, int]:
    """Fill an empty portal with what a month's close reads; gives how many rows of each noun."""
    database.connect(f"sqlite:///{folder / 'portal.db'}")
    migrate()
    dice = random.Random(11)
    counts = {"people": max(20, int(10_000 * scale)), "deals": int(1_000_000 * scale)}
    with database.db.connection_context(), database.db.atomic():
        CustomerType.create(name="家庭")
        insert(Product, ({"code": f"P-{n}", "name": f"产品 {n}"} for n in range(PRODUCTS)))
        insert(Person, map(_person, range(counts["people"])))
        insert(Customer, map(_customer, range(CUSTOMERS)))
        insert(Deal, (_deal(dice, counts["people"]) for _ in range(counts["deals"])))
        insert(DealLine, (_payment(dice, n + 1, months) for n in range(counts["deals"])))
        insert(DealShare, _shares(dice, counts))
        lessons = [n for n in range(1, counts["people"] + 1) for _ in range(dice.randrange(7))]
        insert(Experience, map(_lesson, lessons))
        insert(Credit, map(_credit, range(1, len(lessons) + 1), lessons))
        insert(
            Acceptance,
            ({"experience": n + 1, "at": AT, "score": 8000} for n in range(len(lessons))),
        )
        one, two = Person.get_by_id(1), Person.get_by_id(2)
        policy = Policy.draft(by=one, name="2016", effective_from=Month(2016, 1))
        policy.propose(by=one)
        policy.approve(by=two)
    return counts | {"lessons": len(lessons)}


def _person(n: int) -> dict[str, Any]:
    return {"email": f"p{n}@bench.example", "name": f"员工 {n}", "employee_no": f"E{n:05d}"}


def _customer(n: int) -> dict[str, Any]:
    return {"name": f"客户 {n}", "sort_name": f"{n:05d}", "type": 1}


def _deal(dice: random.Random, people: int) -> dict[str, Any]:
    return {
        "title": "带看",
        "customer": dice.randrange(1, CUSTOMERS + 1),
        "product": dice.randrange(1, PRODUCTS + 1),
        "owner": dice.randrange(1, people + 1),
        "stage": "won",
        "closed_on": date(2025, 1, 1),
    }


def _payment(dice: random.Random, deal: int, months: int) -> dict[str, Any]:
    day = MONTH.last_day - timedelta(days=int(dice.random() * months * 30.4))
    return {
        "deal": deal,
        "trigger": "payment",
        "on": day,
        "amount": dice.randrange(1, 10**7) * 100,
        "confirmed_at": datetime.combine(day, datetime.min.time(), UTC),
    }


def _shares(dice: random.Random, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    for deal in range(1, counts["deals"] + 1, 5):
        for person in dice.sample(range(1, counts["people"] + 1), 2):
            yield {"deal": deal, "person": person, "share": WHOLE // 2}


def _lesson(author: int) -> dict[str, Any]:
    at: dict[str, Any] = dict.fromkeys(("first_submitted_at", "submitted_at", "decided_at"), AT)
    return at | {
        "author": author,
        "kind_of": "debrief",
        "state": "accepted",
        "title": "经验",
    }


def _credit(experience: int, person: int) -> dict[str, Any]:
    return {"experience": experience, "person": person, "share": WHOLE}


def bare(period: int) -> int:
    """Reckon and keep the month in two statements; gives the total in minor units."""
    facts = {
        "at": STAMP,
        "period": period,
        "month": str(MONTH),
        "start": MONTH.start.strftime("%Y-%m-%d %H:%M:%S.000000"),
        "end": MONTH.end.strftime("%Y-%m-%d %H:%M:%S.000000"),
        "first": MONTH.first_day.isoformat(),
        "next": MONTH.next.first_day.isoformat(),
    }
    cursor = database.db.cursor()
    cursor.execute(STATEMENTS, facts)
    cursor.execute(LINES, facts)
    return int(cursor.execute("SELECT SUM(total) FROM statement").fetchone()[0])


def measure(scale: float, months: int) -> bool:
    """Print the table; whether the close keeps the budget."""
    with tempfile.TemporaryDirectory() as folder:
        counts = generate(Path(folder), scale, months)
        with database.db.connection_context():
            with database.db.atomic() as undone:
                started = time.process_time()
                total = bare(Period.begun(MONTH).id)
                theirs = time.process_time() - started
                undone.rollback()
            before = _peak()
            with clock.moved(datetime(2026, 6, 5, 4, tzinfo=UTC)):
                started = time.process_time()
                closing.close(MONTH, by=1)
                ours = time.process_time() - started
            period = Period.of(MONTH)
            lines = database.db.execute_sql("SELECT COUNT(*) FROM line").fetchone()[0]
        database.db.close_all()
    print(
        ", ".join(f"{number:,} {noun}" for noun, number in counts.items()), f"({lines:,} lines in the month)"
    )
    print(f"{'close':<24}{ours:>8.2f} s{theirs:>9.2f} s bare SQL{ours / theirs:>7.2f}x")
    print(f"{'total':<24}{period.total / 100:>18,.2f}{total / 100:>20,.2f} bare SQL, rounding down")
    print(f"{'most memory':<24}{_peak():>8.0f} MB{before:>9.0f} MB before the close")
    # rounded down and by the largest remainder: within a cent for each line
    same = lines > 0 and abs(period.total - total) <= lines
    return same and ours <= MOST * theirs


def _peak() -> float:
    """The most memory that this process held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--scale", type=float, default=0.1)
    given.add_argument("--months", type=int, default=12)
    args = given.parse_args()
    kept = measure(args.scale, args.months)
    print(f"{'PASS' if kept else 'OVER'}  month close within {MOST}x of the bare SQL")


if __name__ == "__main__":
    main()
