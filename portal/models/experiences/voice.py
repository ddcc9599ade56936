"""What an author speaks before they write it: nobody else hears it, a voice tells who it is (RULES 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self

from peewee import ForeignKeyField, ModelSelect, fn

from portal import clock
from portal.i18n import Phrase
from portal.media.kinds import RECORDINGS
from portal.models.base.database import db
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.experiences.experiences import WRITABLE, Experience
from portal.models.experiences.words import VOICE_NOTE
from portal.models.files.attachments import Attachment, Enclosure, named_in
from portal.models.people.notices import Notice
from portal.models.people.people import Person

WARNED = timedelta(days=7)
"""So long before a recording goes, who has not written it down yet is told."""
TERM = "keep.recordings"
"""Where it is kept after how many days a recording goes."""
MOST = 10
"""So many recordings to one experience."""
TELLS = Phrase(
    "A recording tells reviewers who speaks: write down what it says, and take it out of the text."
)
EARLIER = Phrase(
    "Recordings that go for good on %(day)s: %(soon)s. Recordings that go earlier than now, each at its "
    "term: %(later)s. Their authors are told a week before."
)


class VoiceNote(Record):
    """A recording beside an experience, for its author to type up: in no text, search, export or notice."""

    called = VOICE_NOTE

    experience = ForeignKeyField(Experience, on_delete="CASCADE", index=False, backref="voice_notes")
    experience_id: int
    attachment = ForeignKeyField(Attachment, on_delete="CASCADE")
    attachment_id: int
    by = ForeignKeyField(Person, on_delete="RESTRICT", index=False)
    by_id: int

    class Meta:
        indexes = ((("experience", "attachment"), True), (("by", "id"), False))

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """One's own alone: no reviewer, co-author, manager or auditor hears it."""
        return cls.select().where(cls.by == person)

    @property
    def url(self) -> str:
        return f"/experiences/{self.experience_id}/voice"

    @classmethod
    def of(cls, experience: Experience, person: Person) -> list[Self]:
        """A person's recordings of an experience with their files, the oldest first."""
        mine = (cls.experience == experience) & (cls.by == person)
        return list(cls.select(cls, Attachment).join(Attachment).where(mine).order_by(cls.id))

    @classmethod
    def noted(cls, experiences: ModelSelect[Experience]) -> ModelSelect[Experience]:
        """The same experiences, each with whether its author spoke it: for most nobody did."""
        there = cls.select(1).where((cls.experience == Experience.id) & (cls.by == Experience.author))
        return experiences.select_extend(fn.EXISTS(there).alias("is_spoken"))

    @property
    def kept_until(self) -> date:
        """The day from which on it is gone: a voice is kept no longer than it serves (RULES 4.10)."""
        return clock.local(self.goes_at).date()

    @property
    def goes_at(self) -> datetime:
        """When it goes. By a term that was shortened since, not before its author had the week of warning."""
        goes = self._after(Setting.as_of(TERM, self.created_at))
        for at, days in Setting.choices(TERM):
            if at > self.created_at:
                goes = max(self._after(days), min(goes, at + WARNED))
        return goes

    @classmethod
    def going_by(cls, days: int) -> tuple[int, int]:
        """How many recordings a shorter term takes earlier: those over it within a week, and all others."""
        now = clock.now()
        longer = [note for note in cls.select() if note.goes_at > max(now + WARNED, note._after(days))]
        soon = sum(note._after(days) <= now + WARNED for note in longer)
        return soon, len(longer) - soon

    def _after(self, days: int) -> datetime:
        return self.created_at + timedelta(days=days)

    @classmethod
    def forget_old(cls) -> None:
        """What was spoken long ago goes for good, written down or not; its author is told a week before."""
        since, now = Setting.kept_since("recordings"), clock.now()
        for note in cls.select().where(cls.created_at < since):
            if note.goes_at < now:
                note.take_out(by=None)
        going = cls.select(cls, Experience).join(Experience).where(cls.created_at < since + WARNED)
        for note in going.where(Experience.state.in_(WRITABLE)).order_by(cls.id):
            if note.goes_at >= now + WARNED:
                continue
            told = Phrase(
                "Write down what you spoke: a recording of it goes on %(day)s. %(title)s",
                day=note.kept_until.isoformat(),
                title=note.experience.title,
            )
            Notice.tell(
                note.by_id, told, about=note.experience, url=note.url, key=f"{note} goes {note.kept_until}"
            )

    @staticmethod
    def addable_by(experience: Experience, person: Person) -> bool:
        """Its author, as long as they may write on it."""
        return person.is_active and person.id == experience.author_id and experience.is_writable

    @classmethod
    def add(cls, experience: Experience, attachment: Attachment, *, by: Person) -> VoiceNote:
        """Keep a recording beside it; the same once more is the same. Raises Invalid."""
        if attachment.media not in RECORDINGS or attachment.by_id != by.id:
            raise Invalid({"file": Phrase("Choose a recording of your own.")})
        with db.atomic():
            mine = (cls.experience == experience) & (cls.attachment == attachment)
            if (held := cls.get_or_none(mine)) is not None:
                return held
            if cls.select().where(cls.experience == experience).count() >= MOST:
                raise Invalid({"file": Phrase("There are %(n)s already: take one out first.", n=MOST)})
            made = cls.create(experience=experience, attachment=attachment, by=by, created_at=clock.now())
            Enclosure.hold(cls.kind(), made.id, attachment.markdown, among=[attachment.id])
            made.track("spoken", by=by)
        return made

    def take_out(self, *, by: Person | None) -> None:
        """Forget it, for good. Twice is harmless."""
        with db.atomic():
            Enclosure.take_out(self, self.attachment, by=by)
            VoiceNote.delete().where(VoiceNote.id == self.id).execute()


def keep_for(*, by: Person, known: bool = True, **days: int) -> bool:
    """Choose after how many days what is forgotten. Raises Invalid where recordings go earlier by it, and who
    chooses did not say that they know how many, and when.
    """
    soon, later = (0, 0) if known else VoiceNote.going_by(days["recordings"])
    if soon or later:
        day = clock.local(clock.now() + WARNED).date()
        facts: dict[str, Any] = {"soon": soon, "day": day.isoformat(), "later": later}
        raise Invalid({"known": Phrase(EARLIER.msgid, **facts)})
    return Setting.keep_for(by=by, **days)


def check_unspoken(texts: Mapping[str, str]) -> None:
    """No text that reviewers read names a recording: they would hear whose it is. Raises Invalid."""
    named = {name: named_in(text) for name, text in texts.items()}
    wanted = sorted(set[int]().union(*named.values()))
    if not wanted:
        return
    spoken = Attachment.select(Attachment.id).where(
        Attachment.id.in_(wanted) & Attachment.media.in_(sorted(RECORDINGS))
    )
    found = {attachment.id for attachment in spoken}
    if errors := {name: TELLS for name, ids in named.items() if ids & found}:
        raise Invalid(errors)
