"""The file from which payroll pays a closed month."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Any

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.record import Event, Invalid
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.people.people import Person

HEADER = ("employee_no", "name", "period", "currency", "amount", "checksum")


def export(period: Period, *, by: Person, reason: str = "") -> bytes:
    """The payroll file: same month, same bytes, but that numbers of employees are corrected, with a reason.

    Leaves an event. Raises Invalid before the close, and without a reason where the file became another.
    """
    if not period.is_closed:
        raise Invalid(Phrase("Close the month first: only closed months are exported."))
    content = payroll_file(period.month, list(Statement.select().where(Statement.period == period)))
    before, now = last_checksum(period), checksum(content)
    if before not in (None, now) and not reason.strip():
        raise Invalid(
            {
                "reason": Phrase(
                    "The file is another than the one exported before: say why it is exported again."
                )
            }
        )
    why = {"reason": [None, reason.strip()]} if reason.strip() else {}
    period.track("exported", by=by, changes={"sha256": [before, now], **why})
    return content


def last_checksum(period: Period) -> str | None:
    """The checksum of the file that was exported last, if one was."""
    last = Event.about(period).where(Event.verb == "exported").first()
    return last.changes["sha256"][1] if last else None


def payroll_file(month: Month, statements: Sequence[Statement]) -> bytes:
    """Statements as CSV (UTF-8 with BOM, CRLF), by employee number; lines and file carry checksums.

    The numbers are those of today: a wrong one is corrected on the person. Who has none has no line.
    """
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n")
    write.writerow(HEADER)
    rows: Any = Person.select(Person.id, Person.employee_no).where(Person.employee_no.is_null(False)).tuples()
    numbers = dict(rows)
    payable = [one for one in statements if numbers.get(one.person_id)]
    for one in sorted(payable, key=lambda s: (numbers[s.person_id], s.person_id)):
        number, amount = numbers[one.person_id], str(i18n.major(one.total))
        facts = (number, one.payee_name, str(month), i18n.currency().code, amount)
        cells = list(map(_harmless, facts))  # what stands in the file is what is sealed
        write.writerow([*cells, hashlib.sha256("|".join(cells).encode()).hexdigest()[:16]])
    body = text.getvalue().encode("utf-8-sig")
    return body + f"sha256,{hashlib.sha256(body).hexdigest()}\r\n".encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def checksum(content: bytes) -> str:
    """The SHA-256 that a payroll file carries in its last line."""
    return content.decode("utf-8-sig").rstrip().rpartition(",")[2]
