"""What a handbook costs: reading its archive, trying it out, writing it, taking it back.

    python -m benchmarks.handbooks FOLDER ... [--most 60]

Each folder of Markdown, pages, Word files and pictures is packed as a person would; CPU time, in one process,
with that of the readers of pictures and Word files that it starts, on SQLite. Making their search documents
is the worker's and left out.
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from portal.migrations import migrate
from portal.models.base import database
from portal.models.files import attachments
from portal.models.imports import report, run, undo
from portal.models.imports.imports import Import
from portal.models.imports.names import REST
from portal.models.people.people import Person, Role

MOST = 60.0
"""The budget: CPU seconds for all of them, in and written."""


def packed(folder: Path) -> io.BytesIO:
    """A folder as an archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    made.seek(0)
    return made


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds that some work takes, with that of what it starts."""
    started = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - started


def come_in(folder: Path, by: Person) -> tuple[int, list[float]]:
    """How many articles came of it, and the seconds of each step."""
    held, spent = list[Import](), list[float]()
    begin = partial(Import.begin, by=by, file=packed(folder), name=f"{folder.name}.zip", kind="articles")
    spent.append(cpu(lambda: held.append(begin())))
    made = held[0]
    made.map(
        columns=made.columns, names={"topic": {REST: "add"}, "person": {REST: "same:Admin"}}, background=False
    )
    spent.append(cpu(partial(report.check, made)))
    made.start(by=by, background=False)
    spent.append(cpu(partial(run.run, made)))
    made.undo(by=by)
    spent.append(cpu(partial(undo.take_back, made, by)))
    return made.counts["created"], spent


def measure(folders: list[Path], most: float = MOST) -> dict[str, bool]:
    """Print the table; gives the budget and whether it was kept."""
    count, total = 0, 0.0
    with tempfile.TemporaryDirectory() as place:
        database.connect(f"sqlite:///{place}/portal.db")
        migrate()
        attachments.keep_in(Path(place) / "files")
        with database.db.connection_context():
            by = Person.add(by=None, email="admin@bench.example", name="Admin")
            by.grant(Role.ADMINISTRATOR, by=None)
            print(f"{'':<32}{'articles':>9}{'read':>8}{'try out':>9}{'write':>8}{'undo':>8}  CPU s")
            for folder in folders:
                made, (read, tried, written, undone) = come_in(folder, by)
                count, total = count + made, total + read + tried + written
                print(f"{folder.name:<32}{made:>9}{read:>8.2f}{tried:>9.2f}{written:>8.2f}{undone:>8.2f}")
        database.db.close_all()
    print(f"{count} articles in {total:.1f} s")
    return {f"handbooks: {count} articles come in within {most:.0f} s": total <= most}


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("folders", nargs="+", type=Path)
    given.add_argument("--most", type=float, default=MOST)
    asked = given.parse_args()
    for said, kept in measure(asked.folders, asked.most).items():
        print(f"{'PASS' if kept else 'OVER'}  {said}")


if __name__ == "__main__":
    main()
