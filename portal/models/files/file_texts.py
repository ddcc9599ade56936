"""What the files in texts say: read once by the worker, so that the texts are found by it too."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from peewee import Check, ForeignKeyField, TextField

from portal import clock
from portal.i18n import Phrase
from portal.media import texts
from portal.models.base.database import transact
from portal.models.base.fields import StateField
from portal.models.base.record import Indexed, Row, noun_tables
from portal.models.files.attachments import Attachment, Enclosure, named_in
from portal.models.files.words import Reading
from portal.models.people.notices import Notice
from portal.text import personal_data


class FileText(Row):
    """The words of one file. What would tell who a person is is kept out of search (RULES 4.10)."""

    attachment = ForeignKeyField(Attachment, on_delete="CASCADE", unique=True)
    attachment_id: int
    state = StateField(Reading, max_length=10)
    text: Any = TextField(default="")

    class Meta:
        constraints = [Check("state IN ('read', 'pictures', 'broken', 'personal')")]

    @classmethod
    def read_next(cls) -> bool:
        """Read one file that stands in a text and was not read yet; false when there is none."""
        attachment = transact(cls._unread, write=False)
        if attachment is None:
            return False
        try:
            data = attachment.file.read_bytes()
        except OSError:
            words = None
        else:
            words = texts.words_of(data, attachment.media)
        transact(lambda: cls._keep(attachment, words))
        return True

    @classmethod
    def _unread(cls) -> Attachment | None:
        readable = Attachment.media.in_([kind.media for kind in texts.READABLE])
        stands = Attachment.id.in_(Enclosure.select(Enclosure.attachment))
        unread = Attachment.id.not_in(cls.select(cls.attachment))
        query = Attachment.select().where(readable & stands & unread)
        found: Attachment | None = query.order_by(Attachment.id).first()
        return found

    @classmethod
    def _keep(cls, attachment: Attachment, words: str | None) -> None:
        if not Attachment.select().where(Attachment.id == attachment.id).exists():
            return
        state = Reading.READ if words else Reading.BROKEN if words is None else Reading.PICTURES
        if words and personal_data.find(words):
            state = Reading.PERSONAL
        facts = {"attachment": attachment, "state": state, "created_at": clock.now()}
        facts["text"] = words if state is Reading.READ else ""
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
            if state is Reading.PERSONAL and attachment.by_id is not None:
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
        read = cls.select(cls.attachment, cls.state).where(cls.attachment.in_(list(attachments)))
        return {each.attachment_id: each.state.label for each in read}
