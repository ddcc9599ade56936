"""Files that people bring: kept in the data folder under their own hash, never served as they are."""

from __future__ import annotations

import hashlib
import os
import secrets
from functools import partial
from pathlib import Path
from typing import BinaryIO

from peewee import BigIntegerField, CharField, ForeignKeyField

from portal import clock, settings
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person

LARGEST = 50 << 20  # bytes
_PIECE = 1 << 20
_ARRIVING = "arriving-"
LEFT_SECONDS = 86_400
"""A file that nobody knows after a day is nobody's."""

_folder: Path | None = None


def keep_in(folder: Path) -> None:
    """Set the folder that holds the files."""
    global _folder
    _folder = folder


def folder() -> Path:
    """The folder that holds the files."""
    return _folder or settings.read().data / "files"


def arrival() -> Path:
    """Where a file may lie while it is read: what is left there is swept away in time."""
    folder().mkdir(parents=True, exist_ok=True)
    return folder() / f"{_ARRIVING}{secrets.token_hex(8)}"


def _drop(file: Path) -> None:
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink(missing_ok=True)


class Attachment(Record):
    """A file as it was brought. Two files with the same bytes are one on disk."""

    name = NameField(200)
    size = BigIntegerField()
    """In bytes."""
    sha256 = CharField(64, index=True)
    path = CharField(120)
    """Below the folder of files."""
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    by_id: int | None

    @classmethod
    def keep(cls, file: BinaryIO, name: str, *, by: Person | None) -> Attachment:
        """Copy a file into the folder, piece by piece. Raises Invalid when it is empty or over 50 MiB."""
        digest, size = hashlib.sha256(), 0
        arriving = arrival()
        try:
            with arriving.open("xb") as copy:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    if size > LARGEST:
                        raise Invalid({"file": Phrase("The file is larger than 50 MB.")})
                    digest.update(piece)
                    copy.write(piece)
                copy.flush()
                os.fsync(copy.fileno())
            if not size:
                raise Invalid({"file": Phrase("The file is empty.")})
            path = f"{digest.hexdigest()[:2]}/{digest.hexdigest()}"
            (folder() / path).parent.mkdir(exist_ok=True)
            arriving.replace(folder() / path)
        finally:
            arriving.unlink(missing_ok=True)
        short = Path(name.replace("\\", "/")).name[-200:] or "file"
        return cls.create(name=short, size=size, sha256=digest.hexdigest(), path=path, by=by)

    def discard(self) -> None:
        """Forget it; the bytes and what was made of them go, once that is for good, unless another attachment
        has the same.
        """
        with db.atomic():
            self.delete_instance()
            if not Attachment.select().where(Attachment.path == self.path).exists():
                db.after_commit(partial(_drop, self.file))

    @classmethod
    def sweep(cls) -> None:
        """Take away what a process left that ended while it copied a file, or before it dropped one."""
        old = clock.now().timestamp() - LEFT_SECONDS
        left = [path for path in folder().glob(f"{_ARRIVING}*") if path.stat().st_mtime < old]
        for path in folder().glob("??/*"):
            known = cls.path == f"{path.parent.name}/{path.name[:64]}"
            if path.stat().st_mtime < old and not cls.select().where(known).exists():
                left.append(path)
        for path in left:
            path.unlink(missing_ok=True)

    @property
    def file(self) -> Path:
        """Where it lies."""
        return folder() / self.path
