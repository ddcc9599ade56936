"""A consistent copy of everything a portal keeps, in one file, and its way back."""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portal.settings import Settings

NOT_KEPT = {"portal.db", "portal.db-wal", "portal.db-shm", "search"}
"""The database is copied by itself; the index is made again from it."""


class Refused(Exception):
    """A backup that cannot be made or put back; says why and what to do."""


def write(settings: Settings, target: Path) -> int:
    """Write a .tar.gz while the portal runs; gives its size in bytes. Raises Refused."""
    source = _sqlite_file(settings)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "portal.db"
        with sqlite3.connect(source) as live, sqlite3.connect(copy) as kept:
            live.backup(kept)
        live.close()
        kept.close()
        partial = target.with_name(target.name + ".part")
        with tarfile.open(partial, "w:gz") as archive:
            archive.add(copy, "portal.db")
            for path in sorted(settings.data.iterdir()):
                if path.name not in NOT_KEPT and path.resolve() != partial.resolve():
                    archive.add(path, path.name)
        partial.replace(target)
    return target.stat().st_size


def restore(settings: Settings, archive: Path) -> None:
    """Unpack a backup into an empty data folder. Raises Refused when something is there already."""
    target = _sqlite_file(settings, must_exist=False)
    if target.exists():
        raise Refused(f"{target} is there already: set PORTAL_DATA to an empty folder and restore into that")
    settings.data.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as packed:
            if "portal.db" not in packed.getnames():
                raise Refused(f"{archive} is not a backup of a portal")
            packed.extractall(settings.data, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise Refused(f"{archive} cannot be read: {error}") from error
    if target != settings.data / "portal.db":
        (settings.data / "portal.db").replace(target)


def _sqlite_file(settings: Settings, must_exist: bool = True) -> Path:
    parts = urlsplit(settings.database)
    if parts.scheme != "sqlite":
        raise Refused(
            "this database is PostgreSQL: back it up with pg_dump, and copy the data folder beside it"
        )
    path = Path(unquote(parts.path[1:]))
    if must_exist and not path.exists():
        raise Refused(f"there is no database at {path}: run portal migrate first")
    return path
