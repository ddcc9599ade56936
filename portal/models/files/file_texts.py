"""What the files in texts say: read once by the worker, so that the texts are found by it too."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from peewee import Check, ForeignKeyField, TextField

from portal import clock
from portal.i18n import Phrase
from portal.media import texts
from portal.models.base.database import transact
from portal.models.base.fields import StateField
from portal.models.base.record import Indexed, Row, noun_tables
from portal.models.files.attachments import Attachment, Enclosure, named_in
from portal.models.files.stores import StoreDown
from portal.models.files.words import FileReading
from portal.models.people.notices import Notice
from portal.text import personal_data
from portal.text.personal_data import Find

AGAIN = timedelta(minutes=10)
"""When a file is tried again that could not be got at, or took too long just then."""
TRIES = 3


class FileText(Row):
    """The words of one file, without what would tell who a person is (RULES 4.10)."""

    attachment = ForeignKeyField(Attachment, on_delete="CASCADE", unique=True)
    attachment_id: int
    state = StateField(FileReading, max_length=10)
    text: Any = TextField(default="")

    class Meta:
        constraints = [Check("state IN ('read', 'pictures', 'broken', 'personal')")]

    _put_off: ClassVar[dict[int, tuple[int, datetime]]] = {}
    """How often a file was tried in vain, and when it is tried again: this process alone needs to know."""

    @classmethod
    def read_next(cls) -> bool:
        """Read one file that stands in a text and was not read yet; false when there is none."""
        attachment = transact(cls._unread, write=False)
        if attachment is None:
            return False
        began, words = time.monotonic(), None
        try:
            words = texts.words_of(attachment.file.read_bytes(), attachment.media)
        except StoreDown:  # that is nothing of the file's
            cls._put_off[attachment.id] = (cls._put_off.get(attachment.id, (0,))[0], clock.now() + AGAIN)
            return True
        except OSError:
            is_passing = True
        else:
            is_passing = words is None and time.monotonic() - began >= texts.SECONDS
        tried = cls._put_off.pop(attachment.id, (0, clock.now()))[0] + 1
        if is_passing and tried < TRIES:
            cls._put_off[attachment.id] = (tried, clock.now() + AGAIN)
        else:
            finds = personal_data.find(words or "")  # looked for while nobody waits to write
            transact(lambda: cls._keep(attachment, words, finds))
        return True

    @classmethod
    def _unread(cls) -> Attachment | None:
        readable = Attachment.media.in_([kind.media for kind in texts.READABLE])
        stands = Attachment.id.in_(Enclosure.select(Enclosure.attachment))
        unread = Attachment.id.not_in(cls.select(cls.attachment))
        later = [ident for ident, (_, at) in cls._put_off.items() if at > clock.now()]
        query = Attachment.select().where(readable & stands & unread & Attachment.id.not_in(later))
        found: Attachment | None = query.order_by(Attachment.id).first()
        return found

    @classmethod
    def _keep(cls, attachment: Attachment, words: str | None, finds: list[Find]) -> None:
        if not Attachment.select().where(Attachment.id == attachment.id).exists():
            return
        state = FileReading.READ if words else FileReading.BROKEN if words is None else FileReading.PICTURES
        if finds:
            state = FileReading.PERSONAL
        text = personal_data.without(words or "", finds)
        facts = {"attachment": attachment, "state": state, "text": text, "created_at": clock.now()}
        if not cls.insert(facts).on_conflict_ignore().execute():
            return
        told = Phrase(
            "Your file %(name)s holds what tells who a person is, such as a phone number. Take it out of the "
            "text, or bring one without.",
            name=attachment.name,
        )
        for place in Enclosure.select().where(Enclosure.attachment == attachment):
            noun: Any = noun_tables()[place.subject_kind]
            if (record := noun.get_or_none(noun.id == place.subject)) is None:
                continue
            if isinstance(record, Indexed):  # what waits to be approved is found by nobody
                record.reindex()
            if attachment.by_id is not None and not all(map(_may_be_a_company_s, finds)):
                Notice.tell(attachment.by_id, told, about=record)

    @classmethod
    def said_in(cls, kind: str, bodies: Iterable[tuple[int, str]]) -> dict[int, str]:
        """For each record of a kind, given with its text as it is: what the files say that stand in it."""
        named = {record: found for record, body in bodies if (found := named_in(body))}
        if not named:
            return {}
        here = (Enclosure.subject_kind == kind) & Enclosure.subject.in_(sorted(named))
        rows: Any = (
            Enclosure.select(Enclosure.subject, Attachment.id, Attachment.name, cls.text)
            .join(Attachment)
            .left_outer_join(cls, on=(cls.attachment == Attachment.id))
            .where(here)
            .order_by(Attachment.id)
            .tuples()
        )
        said: dict[int, list[str]] = {}
        for record, ident, name, text in rows:
            if ident in named[record]:
                said.setdefault(record, []).append(f"{name}\n{text or ''}".strip())
        return {record: "\n\n".join(each) for record, each in said.items()}

    @classmethod
    def states(cls, attachments: Collection[Attachment]) -> dict[int, Phrase]:
        """By the files' ids, how each is found; those not read yet are left out."""
        if not attachments:
            return {}
        read = cls.select(cls.attachment, cls.state).where(cls.attachment.in_(list(attachments)))
        return {each.attachment_id: each.state.label for each in read}


def _may_be_a_company_s(find: Find) -> bool:
    """An address or a number of a company, as every leaflet has: what is not a mobile phone."""
    digits = "".join(sign for sign in find.text if sign.isdecimal())
    return find.kind == "e-mail" or (find.kind == "phone" and not re.search(r"(?:^|86)1[3-9]\d{9}$", digits))
