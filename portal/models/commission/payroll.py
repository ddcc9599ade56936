"""The file from which payroll pays a closed month."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence

from portal import i18n
from portal.clock import Month
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.commission.periods import Period
from portal.models.commission.statements import Statement
from portal.models.people.people import Person

HEADER = ("employee_no", "name", "period", "currency", "amount", "checksum")


def export(period: Period, *, by: Person) -> bytes:
    """The payroll file: same month, same bytes. Leaves an event. Raises Invalid before the close."""
    if not period.is_closed:
        raise Invalid(Phrase("Close the month first: only closed months are exported."))
    content = payroll_file(period.month, list(Statement.select().where(Statement.period == period)))
    period.track("exported", by=by, changes={"sha256": [None, checksum(content)]})
    return content


def payroll_file(month: Month, statements: Sequence[Statement]) -> bytes:
    """Statements as CSV (UTF-8 with BOM, CRLF), by employee number; lines and file carry checksums."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n")
    write.writerow(HEADER)
    for one in sorted(statements, key=lambda s: (s.payee_no, s.person_id)):
        facts = (one.payee_no, one.payee_name, str(month), i18n.currency().code, str(i18n.major(one.total)))
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
