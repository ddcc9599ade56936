"""`portal import`: the same steps as the wizard, for the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from portal import i18n
from portal.models.base.database import transact
from portal.models.base.record import Invalid
from portal.models.imports import report
from portal.models.imports.imports import Import
from portal.models.imports.named import NOUNS
from portal.models.imports.names import REST
from portal.models.imports.run import run as write
from portal.models.people.people import Person, Role


def run(args: argparse.Namespace) -> int:
    """Import one file and print what came of it; gives the exit status."""
    try:
        columns, meanings = _pairs(args.column, whole=False), _pairs(args.same_as)
        imported = _begin(args, columns, meanings)
        report.check(imported)
        _tell_dry_run(imported)
        if args.rejected:
            with i18n.speaking("en"):
                Path(args.rejected).write_text(report.rejected_csv(imported), encoding="utf-8", newline="")
        refused = imported.report.get("counts", {}).get("rejected", 0)
        if not args.dry_run and imported.state == "checked":
            transact(partial(imported.start, by=imported.by, background=False))
            write(imported)
            print("Done: " + _counts(imported.counts))
            refused = imported.counts["rejected"]
    except (Invalid, ValueError) as problem:
        print(f"portal import: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"portal import: {args.file}: {problem.strerror}", file=sys.stderr)
        return 1
    return 1 if refused or imported.state == "failed" else 0


def _payer(email: str | None) -> int | None:
    """Who says that won deals were paid. Raises ValueError for whoever may not confirm payments."""
    if email is None:
        return None
    person = Person.get_or_none((Person.email == email.strip().lower()) & Person.deactivated_at.is_null())
    if person is None or not person.does(Role.PAYMENTS):
        raise ValueError(f"--paid {email}: nobody of this address may confirm payments")
    return int(person.id)


def _bringer(email: str | None) -> Person | None:
    """Who brings it, with the rights that they have. Raises ValueError for whoever may bring nothing."""
    if email is None:
        return None
    person = Person.get_or_none((Person.email == email.strip().lower()) & Person.deactivated_at.is_null())
    if person is None or not Import.creatable_by(person):
        raise ValueError(f"--by {email}: nobody of this address may import")
    return person


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A file, or a folder as an archive of what is in it; neither what is hidden nor what is linked."""
    if not path.is_dir():
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for each in sorted(path.rglob("*")):
                within = each.relative_to(path)
                hidden = any(part.startswith(".") for part in within.parts)
                linked = any((path / place).is_symlink() for place in (within, *within.parents[:-1]))
                if each.is_file() and not hidden and not linked:
                    archive.write(each, within.as_posix())
        packed.seek(0)
        yield packed


def _begin(args: argparse.Namespace, columns: dict[str, str], meanings: dict[str, str]) -> Import:
    path, payer = Path(args.file), transact(partial(_payer, args.paid), write=False)
    by = transact(partial(_bringer, args.by), write=False)
    kind = "" if args.kind == "guess" else args.kind
    name = f"{path.resolve().name}.zip" if path.is_dir() else path.name
    with _opened(path) as file:
        imported: Import = transact(
            partial(Import.begin, by=by, file=file, name=name, kind=kind, sheet=args.sheet)
        )
    unknown = [name for name in columns if name not in imported.schema.names]
    if unknown:
        raise ValueError(f"{unknown[0]} is no field of {kind}: {', '.join(imported.schema.names)}")
    missing = [header for header in columns.values() if header and header not in imported.table.headers]
    if missing:
        raise ValueError(f"no header {missing[0]!r}: {', '.join(imported.table.headers)}")
    chosen = {field: header for field, header in imported.columns.items() if header not in columns.values()}
    said = {text: f"same:{name}" for text, name in meanings.items()}
    rest = {REST: "add"} if args.add_names else {}
    transact(
        partial(
            imported.map,
            background=False,
            columns={field: header for field, header in (chosen | columns).items() if header},
            date_order=args.date_order or "",
            revenue_unit=args.revenue_unit,
            paid_on_close=payer is not None,
            paid_by=payer,
            bold=False,
            names={noun: {**rest, **said} for noun in NOUNS},
        )
    )
    return imported


def _pairs(given: Sequence[str], *, whole: bool = True) -> dict[str, str]:
    """What stands left and right of each equals sign; `whole`: neither is empty."""
    pairs = {}
    for text in given:
        left, equals, right = text.partition("=")
        if not (left and equals and (right or not whole)):
            raise ValueError(f"{text!r} should be written LEFT=RIGHT")
        pairs[left] = right
    return pairs


def _tell_dry_run(imported: Import) -> None:
    if imported.failure is not None:
        print(f"portal import: {imported.failure}", file=sys.stderr)
        return
    print(f"{imported.attachment.name}: {imported.rows:,} rows of {imported.holds}")
    for note in imported.notes:
        print(f"  {note}")
    for name in imported.report["names"]:
        print("  " + _name(name))
    with i18n.speaking("en"):
        for row, why in imported.problems:
            print(f"  row {row}: {i18n.gettext(why)}")
    print("Dry run: " + _counts(imported.report["counts"]))


def _name(name: dict[str, object]) -> str:
    text = f"“{name['text']}” ({name['count']} rows)"
    outcomes = {
        "same": f"is taken for “{name['meaning']}”",
        "add": "is added",
        "keep": "is kept as it stands",
        "refuse": "is not known",
        "none": "is left without owner",
    }
    outcome = outcomes[str(name["choice"])]
    if name["suggestion"] and name["choice"] in ("keep", "refuse"):
        outcome += f"; it may be “{name['suggestion']}”: --same-as '{name['text']}={name['suggestion']}'"
    return f"{text} {outcome}"


def _counts(counts: dict[str, int]) -> str:
    words = {**counts, "created": counts["created"]}
    return ", ".join(f"{number:,} {word}" for word, number in words.items() if isinstance(number, int))
