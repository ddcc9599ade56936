"""The file from which payroll pays a closed month."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase, month_in_each
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid
from portal.models.commission.checklist import nameless_of
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.company.settings import Setting
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock
from portal.tables.cells import FORMULA
from portal.tables.written import Cell, workbook

UNPAID = "unpaid"
"""What waits for the payer: that those whom a paid month's file left out are paid."""
COLUMNS, MOST_TITLE = "payroll.columns", 60
"""Where the company's own layout is kept, and how long a column's title may be."""
HEADER = ("employee_no", "name", "period", "currency", "amount", "checksum")


class PayrollFile(NamedTuple):
    """The payroll of a month as a file: the same month, columns and kind are the same bytes."""

    content: bytes
    checksum: str
    """SHA-256: of a CSV's lines but the last, which holds it; of a workbook's rows as such lines."""
    kind: str
    name: str
    """What it is called: one in other columns than the month's own is not taken for it."""


def columns(period: Period | None = None) -> list[tuple[str, str]]:
    """The file's columns as the company's payroll asks for them: title and field, in order. A closed month
    keeps those of its close, however they are laid out later.
    """
    chosen = Setting.as_of(COLUMNS, period.closed_at if period else None)
    return [(title, name) for title, name in chosen] or [(name, name) for name in HEADER]


def choose_columns(*, columns: str, by: Person) -> None:
    """Lay the file out otherwise: a line for each column, `title = field`. Raises Invalid."""
    chosen = []
    for line in filter(None, map(str.strip, columns.splitlines())):
        title, _, name = (part.strip() for part in line.rpartition("="))
        if name not in HEADER or not title or len(title) > MOST_TITLE or title != _harmless(title):
            words = Phrase("This line is not a title and one of the fields: %(line)s", line=line[:100])
            raise Invalid({"columns": words})
        chosen.append([title, name])
    titles, names = [title for title, _ in chosen], {name for _, name in chosen}
    if len(set(titles)) < len(titles):
        raise Invalid({"columns": Phrase("Each column needs a title of its own.")})
    if not {"employee_no", "amount"} <= names:
        raise Invalid({"columns": Phrase("Without employee_no and amount nobody can be paid by it.")})
    Setting.choose(COLUMNS, [] if chosen == [[name, name] for name in HEADER] else chosen, by=by)


def export(
    period: Period, *, by: Person, reason: str = "", kind: str = "csv", laid_out: str = "kept"
) -> PayrollFile:
    """The payroll file: same month, same bytes, but that numbers of employees are corrected, with a reason.
    Laid out as `now`, in the present columns instead of the month's own, it is another file.

    Once the month is paid, whom the file left out come alone into the next: nobody is paid twice by it. What
    it says counts, not how it is laid out. Leaves an event. Raises Invalid before the close, and without a
    reason where the file became another.
    """
    if not period.is_closed:
        raise Invalid(Phrase("Close the month first: only closed months are exported."))
    waited, still = unpaid_of(period), set(left_out(period))
    statements = Statement.select().where((Statement.period == period) & Statement.person.not_in(list(still)))
    if them := latecomers(period, waited - still):
        statements = statements.where(Statement.person.in_(list(them)))
    rows = payroll_rows(period.month, list(statements))
    kept, usual = columns(period), [(name, name) for name in HEADER]
    shown = columns() if laid_out == "now" else kept
    before, now = last_checksum(period), checksum(_csv(rows, usual))
    if before not in (None, now) and not reason.strip():
        raise Invalid(
            {
                "reason": Phrase(
                    "The file is another than the one exported before: say why it is exported again."
                )
            }
        )
    content = _csv(rows, shown)
    seal = checksum(content)
    if kind == "xlsx":
        content = workbook([*_cells(rows, shown), ["sha256", seal]])
    other = "" if shown == kept else f"-columns-{seal[:8]}"
    made = PayrollFile(content, seal, kind, f"commission-{period.month}{other}.{kind}")
    why: dict[str, Any] = {"reason": [None, reason.strip()]} if reason.strip() else {}
    if (seal, kind) != (now, "csv"):
        why["file"] = [None, f"{made.name} {seal}"]
    with db.atomic():
        why["left_out"] = [None, sorted(still)]
        if period.state == "paid" and waited - still:
            why["late"] = [None, sorted(waited - still)]
        period.track("exported", by=by, changes={"sha256": [before, now], **why})
        if not waited & still:
            Clock.stop(period.waiting, UNPAID)
    return made


def latecomers(period: Period, due: set[int]) -> set[int]:
    """Whom alone the file of a paid month names: who is not paid yet and has a number by now (`due`), else
    whom the last such file named; nobody where there was none.
    """
    if period.state != "paid" or due:
        return due if period.state == "paid" else set()
    exports = Event.about(period).where(Event.verb == "exported")
    return next((set(each.changes["late"][1]) for each in exports if "late" in each.changes), set())


def left_out(period: Period) -> dict[int, int]:
    """Whom the file of a month leaves out, as they have no employee number, and how much each is owed."""
    nameless = nameless_of(period).select(Person.id).order_by()
    rows = Statement.select(Statement.person, Statement.total).where(
        (Statement.period == period) & Statement.person.in_(nameless)
    )
    return {one.person_id: one.total for one in rows}


def not_going_out(period: Period) -> dict[int, int]:
    """Whom the file that went out left out, whatever was filled in since, and how much each is owed; before
    any was exported, whom it would leave out now.
    """
    last = _last_export(period)
    if last is None or "left_out" not in last.changes:
        return left_out(period)
    if not (them := last.changes["left_out"][1]):
        return {}
    theirs = (Statement.period == period) & Statement.person.in_(them)
    return {one.person_id: one.total for one in Statement.select().where(theirs)}


def pay(period: Period, *, by: Person) -> None:
    """The money has gone out; twice is harmless. Whom the file left out is not paid by it: the payer is asked
    for them until they are exported as well. Raises Invalid before the month is closed.
    """
    with db.atomic():
        period.pay(by=by, unpaid=not_going_out(period))
        if unpaid := unpaid_of(period):
            text = Phrase(
                "Of %(month)s, so many are not paid yet, as they have no employee number: %(count)s.",
                month=month_in_each(period.month),
                count=len(unpaid),
            )
            but = [period.closed_by_id or 0]
            Clock.start(period.waiting, UNPAID, who=Role.PAYER, but=but, text=text, url=period.url)


def unpaid_of(period: Period) -> set[int]:
    """Who is not paid for a month that is: left out of its file, and of every one since."""
    return unpaid_among([period]).get(period.id, set())


def unpaid_among(periods: Iterable[Period]) -> dict[int, set[int]]:
    """By month, as a period's id: who is not paid for it although it is."""
    paid = [period.id for period in periods if period.state == "paid"]
    found: dict[int, set[int]] = {}
    told = (Event.subject_kind == Period.kind()) & Event.subject.in_(paid)
    told &= Event.verb.in_(["paid", "exported"])
    for event in Event.select().where(told).order_by(Event.id) if paid else ():
        unpaid = found.setdefault(event.subject, set())
        unpaid |= set(event.changes.get("unpaid", (None, []))[1])
        unpaid -= set(event.changes.get("late", (None, []))[1])
    return found


def last_checksum(period: Period) -> str | None:
    """The checksum of the file that was exported last, if one was."""
    last = _last_export(period)
    return last.changes["sha256"][1] if last else None


def _last_export(period: Period) -> Event | None:
    last: Event | None = Event.about(period).where(Event.verb == "exported").first()
    return last


def payroll_rows(month: Month, statements: Sequence[Statement]) -> list[dict[str, str]]:
    """What the file says, a row for each payee by employee number; each is sealed with a checksum.

    The numbers are those of today: a wrong one is corrected on the person. Who has none has no row.
    """
    known: Any = (
        Person.select(Person.id, Person.employee_no).where(Person.employee_no.is_null(False)).tuples()
    )
    numbers, found = dict(known), []
    payable = [one for one in statements if numbers.get(one.person_id)]
    for one in sorted(payable, key=lambda s: (numbers[s.person_id], s.person_id)):
        number, amount = numbers[one.person_id], str(i18n.major(one.total))
        facts = (number, one.payee_name, str(month), i18n.currency().code, amount)
        cells = list(map(_harmless, facts))  # what stands in the file is what is sealed
        seal = hashlib.sha256("|".join(cells).encode()).hexdigest()[:16]
        found.append(dict(zip(HEADER, [*cells, seal], strict=True)))
    return found


def _cells(rows: Sequence[dict[str, str]], laid_out: Sequence[tuple[str, str]]) -> list[list[Cell]]:
    """Titles and rows in the order of the columns; in a workbook amounts are numbers."""
    titles: list[Cell] = [title for title, _ in laid_out]
    said: list[list[Cell]] = [
        [Decimal(row[name]) if name == "amount" else row[name] for _, name in laid_out] for row in rows
    ]
    return [titles, *said]


def _csv(rows: Sequence[dict[str, str]], laid_out: Sequence[tuple[str, str]]) -> bytes:
    """UTF-8 with BOM and CRLF; the last line holds the checksum of those before it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(_cells(rows, laid_out))
    body = text.getvalue().encode("utf-8-sig")
    return body + f"sha256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula, nor an employee's number for a sum."""
    return f"'{cell}" if FORMULA.match(cell.lstrip()) else cell


def checksum(content: bytes) -> str:
    """The SHA-256 that a payroll file carries in its last line."""
    return content.decode("utf-8-sig").rstrip().rpartition(",")[2]
