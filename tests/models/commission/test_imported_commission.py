"""The commission of an imported pipeline: every agent and month against sums made from the file itself."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from portal.clock import Month
from portal.jobs import worker
from portal.models.commission.periods import Period
from portal.models.commission.reckoning import reckon
from portal.models.commission.statements import Statement
from portal.models.imports.imports import Import
from portal.models.people.people import Person
from portal.models.sales.lines import DealLine
from tests.commission import approved, close, lesson, noon, reckoned
from tests.conftest import SignIn

CENT = Decimal("0.01")
FILES = ("products.csv", "sales_teams.csv", "accounts.csv", "sales_pipeline.csv")
MAY = Month(2017, 5)

Won = dict[tuple[str, str], list[Decimal]]


@pytest.fixture
def won(shared: Path, adam: Person, fin: Person, fiona: Person) -> Won:
    """The four files imported under a policy of 2 % from October 2016; won values by agent and month."""
    folder = shared / "data" / "crm_maven"
    for name in FILES:
        made = Import.begin(by=adam, file=io.BytesIO((folder / name).read_bytes()), name=name)
        made.map(columns=made.columns, paid_on_close=True)
        worker.drain()
        made.fresh().start(by=adam)
        worker.drain()
        assert made.fresh().counts["rejected"] == 0
    assert DealLine.confirm_many(list(DealLine.waiting()), by=fin) == 4238
    approved(fin, fiona, effective_from=Month(2016, 10), base_rate=20_000, earn_trigger="payment")
    found: Won = defaultdict(list)
    with (folder / "sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["deal_stage"] == "Won":
                found[row["sales_agent"], row["close_date"][:7]].append(Decimal(row["close_value"]))
    return found


def cents(values: Sequence[Decimal], rate: str) -> int:
    """Each line rounded half up to the cent, then summed."""
    return int(sum((v * Decimal(rate)).quantize(CENT, ROUND_HALF_UP) for v in values) * 100)


def test_imported_deals_pay_what_the_file_says(won: Won, fin: Person, sign_in: SignIn) -> None:
    names = {person.id: person.name for person in Person.select()}
    totals = {
        (names[one.person], str(month)): one.total
        for month in (Month.parse(text) for text in {month for _, month in won})
        for one in reckon(month)
    }
    assert totals == {key: cents(values, "0.02") for key, values in won.items()}
    # awk -F, '$2==agent && $5=="Won" && substr($7,1,7)==month {n++; s+=$8} END {print n, s, s*0.02}'
    for agent, month, deals, amount, pays in (
        ("Darcel Schlecht", "2017-05", 33, "95118", 1_902_36),
        ("Darcel Schlecht", "2017-12", 32, "119216", 2_384_32),
        ("Moses Frase", "2017-03", 15, "16112", 322_24),
        ("Anna Snelling", "2017-11", 22, "21008", 420_16),
    ):
        assert (len(won[agent, month]), sum(won[agent, month])) == (deals, Decimal(amount))
        assert totals[agent, month] == pays

    darcel = Person.get(Person.name == "Darcel Schlecht")
    finance = sign_in(fin)
    page = f"/commission/statements/2017-05/{darcel.id}"

    lesson(darcel, noon(date(2017, 5, 3)), noon(date(2017, 5, 9)))
    assert reckoned(darcel, MAY).total == 1_902_36
    text = finance.get(page).text
    assert "¥1,902.36" in text
    assert "1 of 2 experiences accepted</strong>: no bonus." in text
    assert "With 2 it would be ¥47.55 more." in text

    lesson(darcel, noon(date(2017, 5, 20)), noon(date(2017, 6, 2)))
    with_two = cents(won["Darcel Schlecht", "2017-05"], "0.0205")
    # awk: each of the 33 lines x 2.05 %, rounded half up
    assert reckoned(darcel, MAY).total == with_two == 1_949_91
    text = finance.get(page).text
    assert "¥1,949.91" in text
    assert "2 of 2 experiences accepted</strong>: the rate rose by 0.05 percentage points" in text
    assert "which adds ¥47.55." in text
    assert "Money received: ¥95,118.00, at 2.05%, line by line." in text

    period = close(MAY, fin)
    assert period.total == sum(cents(v, "0.02") for (_, m), v in won.items() if m == "2017-05") + 47_55
    assert period.bonus == 47_55
    statement = Statement.of(darcel, MAY)
    assert statement
    assert (statement.total, statement.bonus, statement.counted) == (1_949_91, 47_55, 2_000_000)
    assert Period.of(MAY).people == len({agent for agent, month in won if month == "2017-05"})
