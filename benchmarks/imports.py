"""What importing costs: trying a file out, writing it, taking it back, against the bare inserts of the rows.

    python -m benchmarks.imports [--rows 8800]

Deals like those of the real pipeline, two of three closed and half of them won and paid, all with codes of
their own; CPU time, in one process, on SQLite. Making their search documents is the worker's and left out.
"""

from __future__ import annotations

import argparse
import io
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from portal.migrations import migrate
from portal.models.base import database
from portal.models.customers.customers import Customer
from portal.models.files import attachments
from portal.models.imports import report, run, undo
from portal.models.imports.imports import Import
from portal.models.people.people import Person, Role
from portal.models.products.products import Product

MOST = {"check": 1.0, "write": 3.5, "take back": 5.0}
"""The budgets: CPU time against that of the bare inserts."""
TABLES = ("deal", "deal_line", "deal_share", "event", "search_outbox", "import_row")
HEADERS = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value"


def pipeline(rows: int) -> str:
    """A file of deals."""
    dice = random.Random(5)
    return "\n".join([HEADERS, *(_deal(dice, number) for number in range(rows))])


def _deal(dice: random.Random, number: int) -> str:
    begun = date(2016, 10, 20) + timedelta(days=dice.randrange(400))
    closed = begun + timedelta(days=dice.randrange(1, 140))
    stage = dice.choices(("Won", "Lost", "Engaging", "Prospecting"), (48, 28, 18, 6))[0]
    days = {"Engaging": f"{begun},,", "Prospecting": ",,", "Lost": f"{begun},{closed},0"}
    money = days.get(stage, f"{begun},{closed},{dice.randrange(50, 30_000)}")
    names = f"Seller {dice.randrange(35)},Product {dice.randrange(7)},Account {dice.randrange(85)}"
    return f"D{number:07d},{names},{stage},{money}"


def prepare() -> Person:
    """What the file names; gives who imports."""
    made = [Person.add(by=None, email=f"s{n}@bench.example", name=f"Seller {n}") for n in range(35)]
    made[0].grant(Role.ADMINISTRATOR, by=None)
    for n in range(7):
        Product.add(by=made[0], code=f"P{n}", name=f"Product {n}")
    for n in range(85):
        Customer.add(by=made[0], name=f"Account {n}")
    return made[0]


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds that some work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def bare(before: dict[str, int]) -> float:
    """The CPU seconds for the same rows in bare inserts, into the same tables; nothing stays of them."""
    cursor, rows = database.db.cursor(), dict[str, list[Any]]()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("BEGIN")
    for table in TABLES:
        fresh = f'FROM "{table}" WHERE rowid > {before[table]}'
        rows[table] = cursor.execute(f"SELECT * {fresh}").fetchall()
        cursor.execute(f"DELETE {fresh}")
    started = time.process_time()
    for table, stored in rows.items():
        marks = ", ".join("?" * len(stored[0]))
        cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', stored)
    spent = time.process_time() - started
    cursor.execute("ROLLBACK")
    cursor.execute("PRAGMA foreign_keys = ON")
    return spent


def measure(rows: int = 8800) -> dict[str, bool]:
    """Print the table; gives each budget and whether it was kept."""
    spent = dict[str, float]()
    with tempfile.TemporaryDirectory() as folder:
        database.connect(f"sqlite:///{folder}/portal.db")
        migrate()
        attachments.keep_in(Path(folder) / "files")
        with database.db.connection_context():
            by, file = prepare(), io.BytesIO(pipeline(rows).encode())
            made = Import.begin(by=by, file=file, name="pipeline.csv")
            made.map(columns=made.columns, background=False)
            spent["check"] = cpu(partial(report.check, made))
            made.start(by=by, background=False)
            query = 'SELECT COALESCE(MAX(rowid), 0) FROM "{}"'
            before = {t: database.db.execute_sql(query.format(t)).fetchone()[0] for t in TABLES}
            spent["write"] = cpu(partial(run.run, made))
            assert made.counts["created"] == rows, made.counts
            inserts = bare(before)
            made.undo(by=by)
            spent["take back"] = cpu(partial(undo.take_back, made, by))
        database.db.close_all()
    print(f"import of {rows:,} deals, {inserts:.2f} s for the bare inserts")
    for name, seconds in spent.items():
        print(f"{name:<24}{seconds:>8.2f} s{seconds / inserts:>9.2f}x")
    return {
        f"import: {name} within {most}x of the bare inserts": spent[name] <= most * inserts
        for name, most in MOST.items()
    }


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--rows", type=int, default=8800)
    for said, kept in measure(given.parse_args().rows).items():
        print(f"{'PASS' if kept else 'OVER'}  {said}")


if __name__ == "__main__":
    main()
