"""A consistent copy of everything a portal keeps, in one file, and its way back."""

from __future__ import annotations

import gzip
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

from portal.models.files.stores import Bucket, StoreDown, store_of
from portal.settings import Settings

NOT_KEPT = {
    "portal.db",
    "portal.db-wal",
    "portal.db-shm",
    "portal.db-gate",
    "portal.db-turn",
    "search",
    "copies",
}
"""The database is copied by itself; the index is made again from it, the copies from the store of files."""
_UNPACKING = ".restoring-"
_PIECE = 1 << 20


class Refused(Exception):
    """A backup that cannot be made or put back; says why and what to do."""


def write(settings: Settings, target: Path) -> int:
    """Write a .tar.gz while the portal runs, readable by this user alone; gives its size in bytes. It holds
    the files too that lie in a store elsewhere. Raises Refused.
    """
    source = _sqlite_file(settings)
    if not source.exists():
        raise Refused(f"there is no database at {source}: run portal migrate first")
    beginning = f".{target.name}-"
    try:
        for left in target.parent.glob(f"{beginning}*"):  # of one that was ended from outside
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=beginning) as folder:
            copy = Path(folder) / "portal.db"
            _copy(source, copy)
            _pack(settings, copy, target)
    except StoreDown as down:
        raise Refused(f"the store of files cannot be read ({down}): nothing was written") from down
    except (OSError, sqlite3.DatabaseError) as error:
        raise Refused(f"{target} cannot be written: {_reason(error)}") from error
    return target.stat().st_size


def _copy(source: Path, copy: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(copy)) as kept:
        live.backup(kept)


def _pack(settings: Settings, database: Path, target: Path) -> None:
    data = settings.data
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            os.fchmod(file.fileno(), 0o600)
            archive.add(database, "portal.db")
            for path in sorted(data.iterdir()):
                beside = path.resolve() in (partial.resolve(), target.resolve(), database.parent.resolve())
                if path.name not in NOT_KEPT and not beside:
                    archive.add(path, path.name)
            held = store_of(data / "files", settings.files_url)
            if isinstance(held, Bucket):
                _pack_files(archive, held, database)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _pack_files(archive: tarfile.TarFile, held: Bucket, database: Path) -> None:
    """What the database names and the store holds; what was taken out meanwhile is there no more."""
    with closing(sqlite3.connect(database)) as copied:
        places = [place for (place,) in copied.execute("SELECT DISTINCT path FROM attachment ORDER BY path")]
    for place in places:
        coming = database.with_name("file")
        if held.bring(place, coming):
            archive.add(coming, f"files/{place}")
            coming.unlink()


def restore(settings: Settings, archive: Path) -> None:
    """Unpack a backup into an empty data folder, once all of it was read and its database is sound.

    Raises Refused, and then nothing is there that was not there before.
    """
    target = _sqlite_file(settings)
    _clear(settings.data)
    for taken in (target, *settings.data.glob("*")):
        if taken.exists():
            raise Refused(
                f"{taken} is there already: set PORTAL_DATA to an empty folder and restore into that"
            )
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.data, prefix=_UNPACKING) as folder:
            _unpack(archive, Path(folder))
            held = store_of(settings.data / "files", settings.files_url)
            if isinstance(held, Bucket):
                held.take_over(Path(folder) / "files")
            _move(Path(folder), settings.data, target)
    except StoreDown as down:
        raise Refused(f"the store of files cannot be written to ({down}): nothing was restored") from down
    except OSError as error:
        raise Refused(f"{archive} cannot be restored: {_reason(error)}") from error


def _clear(data: Path) -> None:
    """Take away what a restore left that was ended from outside."""
    for left in data.glob(f"{_UNPACKING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _unpack(archive: Path, folder: Path) -> None:
    try:
        with gzip.open(archive) as file, tarfile.open(fileobj=file, mode="r:") as packed:
            packed.extractall(folder, filter="data")
            while file.read(_PIECE):  # to its end, where the checksum is
                pass
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise Refused(f"{archive} cannot be read: {_reason(error)}") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Refused(f"{archive} is cut off or damaged, or is no backup: copy it once more") from error
    database = folder / "portal.db"
    if not database.exists():
        raise Refused(f"{archive} is not a backup of a portal")
    if not _is_sound(database):
        raise Refused(f"the database in {archive} is damaged: take an older backup")


def _is_sound(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as opened:
            tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
            return "person" in tables and opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    except sqlite3.DatabaseError:
        return False


def _move(unpacked: Path, data: Path, target: Path) -> None:
    """The database last: while it is missing, nobody takes the folder for a portal's."""
    for path in unpacked.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in sorted(unpacked.iterdir(), key=lambda path: path.name == "portal.db"):
        shutil.move(path, target if path.name == "portal.db" else data / path.name)


def _sqlite_file(settings: Settings) -> Path:
    path = settings.sqlite_file
    if path is None:
        raise Refused(
            "this database is PostgreSQL: back it up with pg_dump, and copy the data folder beside it"
        )
    return path


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
