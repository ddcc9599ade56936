"""Lists handed out as files: masked as on the page, marked with who took them, and logged (RULES 4.10)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from portal import clock, i18n
from portal.tables.cells import guarded
from portal.tables.watermark import watermark
from portal.web import Request, attachment, error_page

MOST = 20_000
"""Rows in one file: what one person can look through."""


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return guarded(text) if isinstance(value, str) else text


def sheet(
    request: Request,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    named: list[str] | None = None,
    *,
    cut: str = "",
) -> Response:
    """The rows as CSV (with BOM: Excel then reads Chinese); the last line says who took it when.

    `named`: what rows that were chosen by hand are called, known once they are read: the log names them.
    `cut`: what is said where these are not all, on a line of its own.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow([safe(value) for value in row])
        count += 1
    for said in filter(None, (cut, taken_by(request))):
        writer.writerow([safe(said)])
    note_taken(request, name, count, named)
    return Response(
        "\ufeff" + text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers=attachment(f"{name}-{clock.today().isoformat()}.csv"),
    )


def taken_by(request: Request) -> str:
    """The line that says who took a list, and when."""
    return i18n.gettext(watermark(who=request.user.name, email=request.user.email, when=clock.now()))


def note_taken(request: Request, name: str, count: int, named: list[str] | None, left_out: str = "") -> None:
    """Have it written down that so many rows of a list were taken, and what had no room."""
    changes = {
        "list": [None, name],
        "rows": [None, count],
        "asked": [None, str(request.http.url.query)[:300]],
    }
    if named is not None:
        changes["chosen"] = [None, ", ".join(named)]
    if left_out:
        changes["left out"] = [None, left_out]
    user = request.user
    request.leave(lambda: user.track("exported", by=user, changes=changes))


def refused_sheet(request: Request, name: str) -> Response:
    """Who may read a list and not take it away learns so; that they tried stays in the log (RULES 4.10)."""
    changes = {"list": [None, name], "asked": [None, str(request.http.url.query)[:300]]}
    user = request.user
    request.leave(lambda: user.track("export refused", by=user, changes=changes))
    return error_page(request, 403)
