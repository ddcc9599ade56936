"""Files that people bring: kept under their own hash, where the store of files says. What an import brought
is never served; what stands in a text is, as what it was found to be, to whoever may read the text.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from peewee import BigIntegerField, CharField, ForeignKeyField, ModelSelect, chunked, fn

from portal import clock, settings
from portal.i18n import Phrase
from portal.media import kinds, pictures
from portal.media.kinds import KINDS, RECORDINGS, Kind
from portal.models.base.database import db, transact
from portal.models.base.fields import NameField
from portal.models.base.record import Invalid, Record, Row, noun_tables
from portal.models.files.stores import (
    ARRIVING,
    LEFT_SECONDS,
    NO_STORE,
    Bucket,
    Folder,
    StoreDown,
    store_of,
)
from portal.models.files.words import ATTACHMENT
from portal.models.people.people import Person

LARGEST, LARGEST_ENCLOSED, LARGEST_RECORDING = 50 << 20, 20 << 20, 48 << 20
"""Bytes of a file to import, of one in a text, and of a recording, which arrives with a form about it."""
MOST_A_DAY, BYTES_A_DAY = 300, 500 << 20
"""Files that one person may bring into texts, and so many bytes of them."""
WAITS = timedelta(days=30)
"""So long is a file kept that stands in no text: as long as a device keeps the text that was not sent."""
TAKEN = Phrase(
    "A text can hold pictures (PNG, JPEG, WebP, GIF), PDF, Word, Excel, PowerPoint and plain text files."
)
PLAYED = Phrase("Choose a video or sound: MP4, MOV, WebM, M4A, MP3, AAC, OGG or WAV.")
_NAMED = re.compile(r"(?<![\w/.:-])/files/(\d{1,18})(?![\w/])")
_PIECE = 1 << 20
MOST_LOOSE = 20
"""So many files that nobody knows are nothing to wonder at."""

_store: Folder | Bucket | None = None


def keep_in(folder: Path, url: str = "") -> None:
    """Set the folder that holds the files, or the bucket that does (PORTAL_FILES_URL)."""
    global _store
    _store = store_of(folder, url)


def store() -> Folder | Bucket:
    """Where the files lie."""
    if _store is None:
        config = settings.read()
        return store_of(config.data / "files", config.files_url)
    return _store


def folder() -> Path:
    """Where files lie while they are read."""
    return store().folder


def arrival() -> Path:
    """Where a file may lie while it is read: what is left there is swept away in time."""
    folder().mkdir(parents=True, exist_ok=True)
    return folder() / f"{ARRIVING}{secrets.token_hex(8)}"


def named_in(text: str) -> set[int]:
    """The numbers of the files that a text names."""
    return {int(number) for number in _NAMED.findall(text)}


def _named(name: str, kind: Kind) -> str:
    """A name that says what it is, and fits on a disk where a Chinese sign has three bytes."""
    short = Path(name.replace("\\", "/")).name
    stem = "".join(sign for sign in Path(short).stem if sign.isprintable())[:80].strip(". ") or "file"
    ending = Path(short).suffix.lower()
    return stem + (ending if ending in kind.endings else kind.endings[0])


def _drop(place: str) -> None:
    with suppress(StoreDown):  # the sweep drops it later
        store().drop(place)


def _place(digest: str) -> str:
    return f"{digest[:2]}/{digest}"


class Arrived(NamedTuple):
    """A file that may stand in a text, as it will be kept."""

    name: str
    kind: Kind
    data: bytes

    @classmethod
    def read(cls, file: BinaryIO | None, name: str) -> Arrived:
        """See what it is; of a picture, the picture alone. It may take a second. Raises Invalid."""
        data = file.read(LARGEST_ENCLOSED + 1) if file is not None else b""
        if not data:
            raise Invalid({"file": Phrase("Choose a file that holds something.")})
        if len(data) > LARGEST_ENCLOSED:
            raise Invalid({"file": Phrase("The file is larger than %(n)s MB.", n=LARGEST_ENCLOSED >> 20)})
        kind = kinds.kind_of(data, name)
        if kind is None:
            raise Invalid({"file": TAKEN})
        if kind.is_picture:
            try:
                data = pictures.cleaned(data, kind.media)
            except pictures.Broken:
                raise Invalid(
                    {"file": Phrase("This picture cannot be opened. Save it anew and try again.")}
                ) from None
        return cls(_named(name, kind), kind, data)

    @classmethod
    def recorded(cls, file: BinaryIO, name: str) -> Arrived:
        """A video or a sound, as it came. Raises Invalid."""
        data = file.read(LARGEST_RECORDING + 1)
        if len(data) > LARGEST_RECORDING:
            most = LARGEST_RECORDING >> 20
            raise Invalid({"file": Phrase("The file is larger than %(n)s MB.", n=most)})
        if (kind := kinds.recording_of(data)) is None:
            raise Invalid({"file": PLAYED})
        return cls(_named(name, kind), kind, data)

    def send_ahead(self) -> None:
        """Bring it to a store on another machine before it belongs to anything: nobody who writes waits for
        that. It is nobody's, and swept, unless somebody brings it after. Raises Invalid.
        """
        held = store()
        if not isinstance(held, Bucket):
            return
        coming = arrival()
        try:
            coming.write_bytes(self.data)
            held.put(coming, _place(hashlib.sha256(self.data).hexdigest()))
        except StoreDown:
            raise Invalid({"file": NO_STORE}) from None
        finally:
            coming.unlink(missing_ok=True)


class Attachment(Record):
    """A file as it was brought. Two files with the same bytes are one on disk."""

    called = ATTACHMENT

    name = NameField(200)
    size = BigIntegerField()
    """In bytes."""
    sha256 = CharField(64, index=True)
    path = CharField(120)
    """Its place in the store."""
    by = ForeignKeyField(Person, null=True, on_delete="SET NULL")
    by_id: int | None
    media: Any = CharField(100, default="")
    """What it is served as; empty for what an import brought."""

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Attachment]:
        """One's own, and what stands in a text that one may read."""
        seen = cls.by == person
        for kind in Enclosure.kinds():
            texts = noun_tables()[kind].visible_to(person)  # type: ignore[attr-defined]
            mine = (Enclosure.subject_kind == kind) & Enclosure.subject.in_(texts.select(texts.model.id))
            seen |= cls.id.in_(Enclosure.select(Enclosure.attachment).where(mine))
        return cls.select().where((cls.media != "") & seen)

    @classmethod
    def bring(cls, arrived: Arrived, *, by: Person | None, of_many: bool = False) -> Attachment:
        """Keep a file for a text that is being written; the same again is the same. `of_many`: it comes with
        an import, whose size has bounds of its own. Raises Invalid.
        """
        digest = hashlib.sha256(arrived.data).hexdigest()
        same = (cls.by == by) & (cls.sha256 == digest) & (cls.name == arrived.name) & (cls.media != "")
        if (made := cls.get_or_none(same)) is not None:
            return made
        lately = (cls.by == by) & (cls.media != "") & (cls.created_at > clock.now() - timedelta(days=1))
        count, room = (
            cls.select(fn.COUNT(cls.id), fn.COALESCE(fn.SUM(cls.size), 0)).where(lately).scalar(as_tuple=True)
        )
        if not of_many and (count >= MOST_A_DAY or room + len(arrived.data) > BYTES_A_DAY):
            told = Phrase("That is as much as one person brings in a day. Go on tomorrow.")
            raise Invalid({"file": told})
        attachment = cls.keep(io.BytesIO(arrived.data), arrived.name, by=by)
        attachment.media = arrived.kind.media
        attachment.save()
        return attachment

    @classmethod
    def keep(cls, file: BinaryIO, name: str, *, by: Person | None) -> Attachment:
        """Keep a file, piece by piece. Raises Invalid: it is empty, over 50 MiB, or the store is away."""
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
            path = _place(digest.hexdigest())
            store().put(arriving, path)
        except StoreDown:
            raise Invalid({"file": NO_STORE}) from None
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
                db.after_commit(partial(_drop, self.path))

    @classmethod
    def sweep(cls) -> None:
        """Forget what stands in no text, long after it was brought."""
        loose = (cls.media != "") & (cls.created_at < clock.now() - WAITS)
        for each in cls.select().where(loose & cls.id.not_in(Enclosure.select(Enclosure.attachment))):
            each.discard()

    @classmethod
    def sweep_bytes(cls) -> None:
        """Take away what a process left that ended while it copied a file, or before it dropped one. It is
        asked for outside of a transaction: a store on another machine takes its time. Raises StoreDown, also
        for a bucket of which the portal knows the lesser part: it is another one's, or its database is not
        back yet, and nothing is taken away.
        """
        held, old = store(), clock.now().timestamp() - LEFT_SECONDS
        for path in held.folder.glob(f"{ARRIVING}*"):
            if path.stat().st_mtime < old:
                path.unlink(missing_ok=True)
        if isinstance(held, Bucket):
            held.forget_copies()
        lying = sorted({place for place, since in held.places() if since < old})
        loose = list[str]()
        for places in chunked(lying, 500):
            known = transact(partial(cls._known, places), write=False)
            loose += [place for place in places if place not in known]
        if isinstance(held, Bucket) and len(loose) > max(MOST_LOOSE, len(lying) // 2):
            raise StoreDown(f"{len(loose)} of {len(lying)} files in the bucket are not this portal's")
        for place in loose:
            transact(partial(cls._drop_loose, place, old))

    @classmethod
    def _known(cls, places: list[str]) -> set[str]:
        rows: Any = cls.select(cls.path).where(cls.path.in_(places)).distinct().tuples()
        return {place for (place,) in rows}

    @classmethod
    def _drop_loose(cls, place: str, old: float) -> None:
        """Unless somebody brought it just now."""
        since = store().since(place)
        if (since is None or since < old) and not cls._known([place]):
            store().drop(place)

    @property
    def kind_of(self) -> Kind:
        return RECORDINGS.get(self.media) or KINDS[self.media]

    @property
    def markdown(self) -> str:
        """How it is written in a text."""
        shown = "!" if self.kind_of.is_picture else ""
        words = re.sub(r"[][\\]", " ", Path(self.name).stem if shown else self.name).strip()
        return f"{shown}[{words}](/files/{self.id})"

    @property
    def file(self) -> Path:
        """The file itself, not there when the store lost it. Raises StoreDown."""
        return store().fetch(self.path)

    @property
    def place(self) -> Path:
        """Beside which lies what is made of it."""
        return store().at(self.path)


class Enclosure(Row):
    """That a file stands in a record's text, or stood: whoever may read the record may open it."""

    attachment = ForeignKeyField(Attachment, on_delete="CASCADE", index=False)
    attachment_id: int
    subject_kind = CharField(40)
    subject = BigIntegerField()

    class Meta:
        indexes = (
            (("attachment", "subject_kind", "subject"), True),
            (("subject_kind", "subject"), False),
        )

    @classmethod
    def kinds(cls) -> list[str]:
        """The nouns whose texts hold files."""
        rows: Any = cls.select(cls.subject_kind).distinct().tuples()
        return [kind for (kind,) in rows]

    @classmethod
    def note(cls, record: Record, text: str, *, by: Any, before: Iterable[str] = ()) -> None:
        """What a text names that it did not name before belongs to its record, as far as its writer may open
        it: who names somebody else's file opens it to nobody, and nor does whoever changes that text after.
        """
        named = named_in(text)
        if not named or not isinstance(by, Person):
            return
        named = named.difference(*map(named_in, before))
        opened = Attachment.visible_to(by).where(Attachment.id.in_(sorted(named)))
        place = {"subject_kind": record.kind(), "subject": record.id, "created_at": clock.now()}
        for attachment in opened:
            cls.insert({"attachment": attachment.id, **place}).on_conflict_ignore().execute()

    @classmethod
    def held(cls, records: Collection[Record], texts: Iterable[str]) -> dict[str, Attachment]:
        """The files that these texts of records name, by their addresses, as far as they belong to them."""
        named = sorted({number for text in texts for number in named_in(text)})
        if not named:
            return {}
        mine = cls.subject_kind.in_([each.kind() for each in records])
        mine &= cls.subject.in_([each.id for each in records]) & cls.attachment.in_(named)
        held = Attachment.id.in_(cls.select(cls.attachment).where(mine))
        return {each.url: each for each in Attachment.select().where(held)}

    @classmethod
    def hold(cls, kind: str, subject: int, text: str, *, among: Collection[int]) -> None:
        """What a text names of some files belongs to its record: they were brought for it."""
        place = {"subject_kind": kind, "subject": subject, "created_at": clock.now()}
        for attachment in sorted(named_in(text).intersection(among)):
            cls.insert({"attachment": attachment, **place}).on_conflict_ignore().execute()

    @classmethod
    def forget(cls, kind: str, subjects: Collection[int]) -> None:
        """Let go of the files of records that are no more; those that no other text holds go too."""
        held = set[int]()
        for some in chunked(sorted(subjects), 500):
            mine = (cls.subject_kind == kind) & cls.subject.in_(some)
            held |= {each.attachment_id for each in cls.select(cls.attachment).where(mine)}
            cls.delete().where(mine).execute()
        for some in chunked(sorted(held), 500):
            loose = Attachment.id.not_in(cls.select(cls.attachment))
            for attachment in Attachment.select().where(Attachment.id.in_(some) & loose):
                attachment.discard()

    @classmethod
    def keep_only(cls, record: Record, text: str) -> None:
        """What a text does not name any more is its bringer's again: nobody has read what it was."""
        mine = (cls.subject_kind == record.kind()) & (cls.subject == record.id)
        cls.delete().where(mine & cls.attachment.not_in(sorted(named_in(text)))).execute()

    @classmethod
    def of(cls, record: Record) -> list[Attachment]:
        """The files of a record's text, as it is and as it was, the newest first."""
        mine = (cls.subject_kind == record.kind()) & (cls.subject == record.id)
        held = Attachment.id.in_(cls.select(cls.attachment).where(mine))
        return list(Attachment.select().where(held).order_by(Attachment.id.desc()))

    @classmethod
    def take_out(cls, record: Record, attachment: Attachment, *, by: Person | None) -> None:
        """Take a file from all texts of a record, for good; its bytes go where nothing else holds them."""
        mine = (cls.subject_kind == record.kind()) & (cls.subject == record.id)
        gone = cls.delete().where(mine & (cls.attachment == attachment)).execute()
        if not gone:
            return
        record.track("file taken out", by=by, changes={"file": [attachment.name, None]})
        if not cls.select().where(cls.attachment == attachment).exists():
            attachment.discard()
