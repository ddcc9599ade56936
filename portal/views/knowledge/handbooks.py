"""Knowledge handed out as a handbook: a Markdown file for each article, front matter first, and the files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import peewee
import yaml
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from portal import clock, i18n
from portal.models.files import attachments
from portal.models.files.attachments import Attachment
from portal.tables.handbook import FILES
from portal.views.base.export import note_taken, taken_by
from portal.views.knowledge.articles import ArticleList
from portal.web import Request, attachment, view

MOST_OF_FILES = 1 << 30
"""Bytes of pictures and files in one handbook."""
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@view(confirmed=True, reading=True)
def export(request: Request) -> Response:
    return ArticleList(request, path="/articles").sheet(handbook)


def handbook(
    request: Request,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    named: list[str] | None = None,
    *,
    cut: str = "",
) -> Response:
    """The rows as a zip of Markdown, in folders by their first topic; it comes back as it went (Imports)."""
    made = attachments.arrival()
    try:
        count, left_out = _write(made, request, header, rows, cut)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
    note_taken(request, name, count, named, left_out)
    filename = f"{name}-{clock.today().isoformat()}.zip"
    gone = BackgroundTask(made.unlink, missing_ok=True)
    return FileResponse(made, media_type="application/zip", headers=attachment(filename), background=gone)


def _write(
    made: Path, request: Request, header: Sequence[str], rows: Iterable[Sequence[object]], cut: str
) -> tuple[int, str]:
    """How many rows, and what files had no room."""
    title, topics, text = (header.index(i18n.gettext(word)) for word in ("Title", "Topics", "Text"))
    told, known = set[int](), set[str]()
    count = 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            body = str(row[text] or "")
            facts = {
                head: _plain(cell) for head, cell in zip(header, row, strict=True) if cell not in (None, "")
            }
            facts.pop(header[text], None)
            front = yaml.dump(facts, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=10_000)
            place = _free(f"{_called(str(row[topics]).split('; ')[0])}/{_called(str(row[title]))}", known)
            archive.writestr(place, f"---\n{front}---\n\n{body}\n")
            told |= attachments.named_in(body)
            count += 1
        lines, left_out = [*filter(None, (cut, taken_by(request)))], _enclose(archive, request, told)
        if left_out:
            lines.append(i18n.gettext("Files that had no room here: %(files)s", files=left_out))
        archive.writestr("TAKEN.txt", "\n".join(lines) + "\n")
    return count, left_out


def _enclose(archive: zipfile.ZipFile, request: Request, named: set[int]) -> str:
    """The files that the texts name, as far as whoever takes them may open them; gives those without room."""
    room, left_out = MOST_OF_FILES, list[str]()
    visible = Attachment.visible_to(request.user).order_by(Attachment.id)
    for numbers in peewee.chunked(sorted(named), 500):  # a database takes so many values at once, not any
        for each in visible.where(Attachment.id.in_(numbers)):
            if not each.file.exists():
                continue
            if each.size > room:
                left_out.append(f"{each.name} (/files/{each.id})")
            else:
                room -= each.size
                archive.write(each.file, f"{FILES}/{each.id}-{each.name}", zipfile.ZIP_STORED)
    return ", ".join(left_out)


def _plain(cell: object) -> object:
    """A cell as front matter holds it."""
    return cell if isinstance(cell, int | float | bool) else str(cell)


def _called(words: str) -> str:
    """A name for a file or folder on any system."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', " ", words).strip(" .")[:60].strip() or "-"


def _free(place: str, known: set[str]) -> str:
    """A path that no other has, as systems compare them that see no case."""
    stem, number = place, 1
    while place.casefold() in known:
        number += 1
        place = f"{stem} {number}"
    known.add(place.casefold())
    return f"{Path(place)}.md"
