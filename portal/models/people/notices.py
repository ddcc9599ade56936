"""Who was told what."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from peewee import BigIntegerField, CharField, ForeignKeyField, JSONField, ModelSelect

from portal import clock
from portal.i18n import Phrase, names
from portal.models.base.fields import TextField, UtcDateTimeField
from portal.models.base.record import Record, each_text, record_of
from portal.models.company.settings import Setting
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

AT_ONCE = timedelta(seconds=10)
"""People are told within this time of what was done: both are of one transaction."""


class Notice(Record):
    """Something a person should know. What asks for an act goes when that is done."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    text = TextField()
    """An English msgid, translated when shown."""
    values = JSONField(default=dict)
    url = CharField(300, default="")
    key = CharField(160, null=True, unique=True)
    """Set where telling twice would be noise."""
    at = UtcDateTimeField(default=clock.now)
    read_at = UtcDateTimeField(null=True)
    subject_kind = CharField(40, default="")
    subject = BigIntegerField(null=True)
    waits = CharField(90, default="")
    """The clock that it speaks of, `review-7 review`: once that has stopped, by whomever, it is stale."""

    class Meta:
        indexes = ((("person", "read_at", "id"), False),)

    @classmethod
    def tell(
        cls,
        person: Person | int,
        text: Phrase,
        *,
        about: Record,
        url: str = "",
        key: str | None = None,
        waits: str = "",
        undoable: bool = False,
    ) -> bool:
        """Tell someone of a record, with the address of its page or the `url` where there is something to do.

        With a key, only the first time; `waits`: the clock without which it is stale; `undoable`: of an act
        whose undoing takes it back, so that they may know it already. Whether they are told now.

        All telling goes through here: how and when a person hears of something is decided in this one place.
        """
        if undoable and cls._forget_undoing(about, person, text):
            return False  # they know it from before it was undone
        values: dict[str, Any] = {
            "person": person,
            "text": text.msgid,
            "values": text.values,
            "url": url or about.url,
            "key": key,
            "at": clock.now(),
            "subject_kind": about.kind(),
            "subject": about.id,
            "waits": waits,
        }
        return bool(cls.insert(values).on_conflict_ignore().execute())

    @classmethod
    def take_back(cls, about: Record, text: Phrase, *, since: datetime, by: Person) -> None:
        """What people were told by an act is undone: who has not read it never will, who has is told.

        Done and undone again and again, nobody is told twice what they know.
        """
        latest = {each.person_id: each for each in cls._told(about, text, since=since)}
        for notice in latest.values():
            notice._take_back(about, by)

    @classmethod
    def take_back_of_many(cls, about: Record, text: Phrase, *, since: datetime, by: Person) -> None:
        """The same of what was told in one word of many: of each who was told the first since then, in the
        same person's name.
        """
        first, who = dict[int, Notice](), text.values["who"]
        for each in cls._told(about, text, since=since):
            if each.values["who"] == who:
                first.setdefault(each.person_id, each)
        for notice in first.values():
            notice._take_back(about, by)

    @classmethod
    def _told(cls, about: Record, text: Phrase, *, since: datetime) -> ModelSelect[Notice]:
        mine = (cls.subject_kind == about.kind()) & (cls.subject == about.id) & (cls.text == text.msgid)
        return cls.select().where(mine & (cls.at > since - AT_ONCE)).order_by(cls.id)

    def _take_back(self, about: Record, by: Person) -> None:
        undone = Phrase(
            "%(who)s undid what you were told of “%(what)s”: it is as it was.",
            who=names(by),
            what=title_of(about),
        )
        if self.read_at is None:
            Notice.delete().where(Notice.id == self.id).execute()
        elif self.person_id != by.id:
            key = _undoing_key(about, self.person_id, self.phrase)
            Notice.delete().where(Notice.key == key).execute()
            Notice.update(key=None).where(Notice.id == self.id).execute()  # done again, it is told again
            Notice.tell(self.person_id, undone, about=about, key=key)

    @classmethod
    def _forget_undoing(cls, about: Record, person: Person | int, text: Phrase) -> bool:
        key = _undoing_key(about, getattr(person, "id", person), text)
        return bool(cls.delete().where((cls.key == key) & cls.read_at.is_null()).execute())

    @classmethod
    def unread_by(cls, person: Person) -> ModelSelect[Notice]:
        """What a person has not seen yet, newest first."""
        mine = (cls.person == person) & cls.read_at.is_null() & cls.is_current()
        return cls.select().where(mine).order_by(cls.id.desc())

    @classmethod
    def of(cls, person: Person) -> ModelSelect[Notice]:
        """All that a person was told: the unread first, then the newest."""
        unread = cls.read_at.is_null()
        return cls.select().where(cls.person == person).order_by(unread.desc(), cls.id.desc())

    @classmethod
    def current_of(cls, person: Person) -> ModelSelect[Notice]:
        """The same without what asked for an act that nobody waits for any more."""
        return cls.of(person).where(cls.is_current())

    @classmethod
    def is_current(cls) -> Any:
        """The condition that its matter is not settled."""
        return (cls.waits == "") | Clock.is_running(cls.waits)

    @classmethod
    def read_all(cls, person: Person) -> None:
        """The person has seen everything; twice is harmless."""
        cls.update(read_at=clock.now()).where((cls.person == person) & cls.read_at.is_null()).execute()

    @classmethod
    def forget_old(cls) -> None:
        """What was read long ago is forgotten; what was never seen stays."""
        cls.delete().where(cls.read_at < Setting.kept_since("notices")).execute()

    @classmethod
    def erase_words(cls, record: Record, cleaned: Callable[[str], str]) -> None:
        """Take personal data out of what people were told of a record."""
        for told in cls.select().where((cls.subject_kind == record.kind()) & (cls.subject == record.id)):
            values = each_text(told.values, cleaned)
            if values != told.values:
                cls.update(values=values).where(cls.id == told.id).execute()

    @property
    def phrase(self) -> Phrase:
        return Phrase(self.text, **self.values)

    def what_became(self) -> Phrase:
        """Why it leads nowhere any more, for who was told: what they were told of may have gone on since."""
        told = record_of(self.subject_kind, self.subject)
        if told is None:
            return Phrase("What this notice told of is gone: it was deleted or taken back.")
        if told.is_put_away:
            return Phrase("What this notice told of has been archived.")
        return Phrase(
            "What this notice told of is not open to you any more: it is over, it passed to someone else, "
            "or your duties have changed."
        )

    def read(self) -> None:
        """The person has seen it; twice is harmless."""
        Notice.update(read_at=clock.now()).where((Notice.id == self.id) & Notice.read_at.is_null()).execute()


def title_of(about: Record) -> str:
    """What a record is called, or how it begins where it has no name."""
    called = getattr(about, "name", "") or getattr(about, "title", "") or getattr(about, "text", "")
    return str(called)[:80]


def _undoing_key(about: Record, person: Any, text: Phrase) -> str:
    told = json.dumps([text.msgid, text.values], sort_keys=True, default=str)
    return f"undone:{about}:{person}:{crc32(told.encode())}"
