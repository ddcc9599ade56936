"""The company's logo: a small picture, told by what is in it, kept in the database with all else."""

from __future__ import annotations

import hashlib
import struct
from typing import Any, NamedTuple

from peewee import BlobField, CharField, Check, IntegerField, ModelSelect

from portal.i18n import Phrase
from portal.media import pictures
from portal.models.base.database import db
from portal.models.base.record import Event, Invalid, Record
from portal.models.base.undoing import MEANWHILE, undoes
from portal.models.company.settings import Setting
from portal.models.company.words import LOGO

SHOWN = "company.logo"
"""The setting that names the one that is shown, by its SHA-256; '' for none."""
LARGEST = 256 * 1024
"""Bytes."""
MOST = 1024
"""Pixels a side."""
ACCEPTED = Phrase("A PNG, JPEG or WebP picture of at most 256 KB and 1024 pixels a side is accepted.")

_BROKEN = Phrase("This is no such picture, or a broken one. %(accepted)s", accepted=ACCEPTED)


class Picture(NamedTuple):
    """What a file's own header says."""

    media_type: str
    width: int
    height: int


class Logo(Record):
    """A picture that is shown, or was, beside the company's name. Never changed: another one is another."""

    called = LOGO

    sha256 = CharField(64, unique=True)
    media_type = CharField(20)
    width = IntegerField()
    height = IntegerField()
    content = BlobField()

    class Meta:
        constraints = [Check("media_type IN ('image/png', 'image/jpeg', 'image/webp')")]

    @classmethod
    def visible_to(cls, person: Any) -> ModelSelect[Logo]:
        """Everyone sees the one that is shown; those that were, administrators."""
        return (
            cls.select() if person.is_administrator else cls.select().where(cls.sha256 == Setting.read(SHOWN))
        )

    def choosable_by(self, person: Any) -> bool:
        return bool(person.is_active and person.is_administrator)

    @classmethod
    def shown(cls) -> Logo | None:
        """The one that is shown, if any."""
        chosen = Setting.read(SHOWN)
        return cls.get_or_none(cls.sha256 == chosen) if chosen else None

    @classmethod
    def choose(cls, content: bytes, *, by: Any) -> Logo:
        """Show this picture from now on; the same again is harmless. Raises Invalid for what is none.

        It is what `bare` made of what was sent.
        """
        picture, sha256 = told_by(content), hashlib.sha256(content).hexdigest()
        with db.atomic():
            facts = {"sha256": sha256, "content": content, **picture._asdict()}
            cls.insert(facts).on_conflict_ignore().execute()
            found: Logo = cls.get(cls.sha256 == sha256)
            found._show(sha256, "put up", by=by)
        return found

    def take_off(self, *, by: Any) -> None:
        """The company's name alone is shown again; twice is harmless."""
        if Setting.read(SHOWN) == self.sha256:
            with db.atomic():
                self._show("", "taken off", by=by)

    def _show(self, sha256: str, verb: str, *, by: Any) -> None:
        before = Setting.read(SHOWN)
        if before != sha256:
            Setting.choose(SHOWN, sha256, by=by)
            self.track(verb, by=by, changes={SHOWN: [before, sha256]})


@undoes(Logo, "put up", "taken off", right="choosable_by")
def as_it_was(logo: Logo, event: Event, by: Any) -> None:
    """What was shown before is shown again."""
    before, after = event.changes[SHOWN]
    if Setting.read(SHOWN) != after:
        raise Invalid(MEANWHILE)
    Setting.choose(SHOWN, before, by=by)


def bare(content: bytes) -> bytes:
    """The picture alone of what was sent: where it was taken, by whose device, is left out. Takes up to a
    second, in a process of its own. Raises Invalid, saying what would be accepted.
    """
    picture = read(content)
    try:
        return pictures.cleaned(content, picture.media_type)
    except pictures.Broken:
        raise Invalid({"file": _BROKEN}) from None


def read(content: bytes) -> Picture:
    """What the header of a picture that was sent says. Raises Invalid, saying what would be accepted."""
    if len(content) > LARGEST:
        said = Phrase(
            "This file has %(size)s KB. %(accepted)s", size=-(-len(content) // 1024), accepted=ACCEPTED
        )
        raise Invalid({"file": said})
    return told_by(content)


def told_by(content: bytes) -> Picture:
    """What a picture's header says of it, however many bytes it has. Raises Invalid."""
    try:
        picture = _png(content) or _jpeg(content) or _webp(content)
    except (struct.error, IndexError):
        picture = None
    if picture is None or not (picture.width and picture.height):
        raise Invalid({"file": _BROKEN})
    if max(picture.width, picture.height) > MOST:
        said = Phrase(
            "This picture is %(width)s × %(height)s pixels. %(accepted)s",
            width=picture.width,
            height=picture.height,
            accepted=ACCEPTED,
        )
        raise Invalid({"file": said})
    return picture


def _png(content: bytes) -> Picture | None:
    if (
        not content.startswith(b"\x89PNG\r\n\x1a\n")
        or content[12:16] != b"IHDR"
        or b"IEND" not in content[-12:]
    ):
        return None
    return Picture("image/png", *struct.unpack(">II", content[16:24]))


_NO_FRAMES = {0xC4, 0xC8, 0xCC}
"""Markers among those of JPEG's frames that begin none."""


def _jpeg(content: bytes) -> Picture | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Picture("image/jpeg", width, height)
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _webp(content: bytes) -> Picture | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    if len(content) < struct.unpack("<I", content[4:8])[0] + 8:
        return None
    form = content[12:16]
    if form == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return Picture("image/webp", width, height)
    if form == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if form == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
