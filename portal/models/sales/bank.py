"""A bank's file beside the payments that wait: which of its rows speaks of which payment."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.files.attachments import arrival
from portal.models.sales.lines import DealLine
from portal.tables.cells import BadCell, parse_money, parse_text
from portal.tables.days import guess_date_order, parse_date
from portal.tables.names import key
from portal.tables.table import Table, TableRow, Unreadable, guess_columns, read_table

COLUMNS = {
    "on": "交易日期,记账日期,入账日期,交易时间,日期,transaction date,value date,booking date,date,day",
    "amount": "收入金额,贷方发生额,贷方金额,转入金额,存入金额,收入,贷方,交易金额,金额,credit amount,credit,"
    "money in,paid in,deposit,amount",
}
"""What banks call the day and the money that came in; what went out and what is left over never counts."""
LONGEST = 160
MOST_PAIRS = 200_000
"""Rows and payments of one amount that are compared at once."""
_STYLES = re.compile(r"(?<=..)(?:先生|女士|小姐|太太|夫妇|一家)$")
"""What a bank does not write behind a name."""


@dataclass(frozen=True)
class Match:
    """A payment and the row of the bank's file that speaks of it."""

    line: DealLine
    row: int
    """The line of the file."""
    says: str
    """What stands in the row beside the amount."""
    on: date | None
    """The bank's day; None where the file has none."""
    certain: bool
    """Whether the row names the deal or its customer, and no other row or payment could be meant."""

    @property
    def other_day(self) -> date | None:
        """The bank's day, where the payment was written down under another."""
        return self.on if self.on != self.line.on else None


def read_bank_file(file: BinaryIO | None, name: str) -> Table:
    """The bank's file as a table; nothing of it is kept. Raises Invalid."""
    if file is None or not name:
        raise Invalid({"file": Phrase("Choose a file.")})
    copy = arrival().with_suffix(Path(name).suffix)
    try:
        copy.write_bytes(file.read())
        return read_table(copy)
    except Unreadable as unreadable:
        raise Invalid({"file": unreadable.message}) from unreadable
    finally:
        copy.unlink(missing_ok=True)


def matches(table: Table, lines: Sequence[DealLine]) -> list[Match]:
    """For each payment the rows with its amount, those that are certain first. Raises Invalid.

    A likeness is shown and decides nothing: only a row that names the deal's code, its title or its customer,
    and that no other payment claims, is certain.
    """
    columns = guess_columns(table.headers, COLUMNS)
    if "amount" not in columns:
        raise Invalid({"file": Phrase("No column of this file says which money came in.")})
    by_amount: dict[int, list[TableRow]] = {}
    for row in table.rows:
        with suppress(BadCell):
            by_amount.setdefault(parse_money(row.values[columns["amount"]]), []).append(row)
    pairs = [(line, row) for line in lines for row in by_amount.get(line.amount, ())]
    if len(pairs) > MOST_PAIRS:
        raise Invalid({"file": Phrase("Too many rows have the same amounts: bring fewer days at once.")})
    texts = {row.number: _text(row) for _, row in pairs}
    known = {line.id: _known(line) for line, _ in pairs}
    named = {
        (line.id, row.number)
        for line, row in pairs
        if any(name in texts[row.number] for name in known[line.id])
    }
    by_line, by_row = Counter(line for line, _ in named), Counter(row for _, row in named)
    days, found = _days(table, columns.get("on")), list[Match]()
    for line, row in pairs:
        names = (line.id, row.number) in named
        if names or not by_line[line.id]:
            alone = names and by_line[line.id] == by_row[row.number] == 1
            says = _says(row, columns["amount"])
            found.append(Match(line, row.number, says, days.get(row.number), alone))
    return sorted(found, key=lambda match: (not match.certain, match.line.id, match.row))


def _text(row: TableRow) -> str:
    """All that stands in a row, as names are compared."""
    return key(" ".join(parse_text(value) for value in row.values))


def _known(line: DealLine) -> list[str]:
    """By what a row may name a payment, as names are compared."""
    customer = line.deal.customer
    names = [line.deal.code or "", line.deal.title, _STYLES.sub("", customer.name) if customer else ""]
    return [key(name) for name in names if len(key(name)) > 1]


def _says(row: TableRow, amount: int) -> str:
    cells = [parse_text(value) for at, value in enumerate(row.values) if at != amount]
    return " · ".join(filter(None, cells))[:LONGEST]


def _days(table: Table, column: int | None) -> Mapping[int, date]:
    """The bank's day by row; none where it cannot be told which number is the month."""
    if column is None:
        return {}
    order = guess_date_order(row.values[column] for row in table.rows[:500])
    found: dict[int, date] = {}
    for row in table.rows:
        if order != "ambiguous":
            with suppress(BadCell):
                found[row.number] = parse_date(row.values[column], order)
    return found
