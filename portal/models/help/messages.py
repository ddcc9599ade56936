"""What visitors of the help site write to the company: a manager takes it, and answers where they asked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Self

from peewee import Check, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, StateField, TextField, UtcDateTimeField
from portal.models.base.record import Invalid, Stateful
from portal.models.company.settings import Setting
from portal.models.help.knocks import OFTEN, Knock
from portal.models.help.pages import HelpPage
from portal.models.help.words import HELP_MESSAGE, MessageState
from portal.models.people.people import Person, Role
from portal.models.work.clocks import Clock, step
from portal.text.addresses import is_email

LONGEST, SHORTEST = 2000, 5
MOST_A_DAY = 200
"""From everywhere together: more is no conversation."""
KEPT = timedelta(days=180)
"""So long after it was closed it is kept."""
WAITS = "message"
OPEN, TAKEN, CLOSED = MessageState
_NUMBER = re.compile(r"\+?[\d\s()（）./-]{6,30}")


class HelpMessage(Stateful):
    """A message of a visitor. How they are reached is L3: managers alone read it (RULES 4.10)."""

    called = HELP_MESSAGE

    name = NameField(120, default="", verbose_name=Phrase("Full name"))
    reach = NameField(200, verbose_name=Phrase("Where to answer"))
    """An e-mail address or a phone number."""
    text = TextField(verbose_name=Phrase("Visitor’s message"))
    page = ForeignKeyField(HelpPage, null=True, on_delete="SET NULL")
    page_id: int | None
    language = NameField(10, default="zh")
    state = StateField(MessageState, max_length=20, default=OPEN, verbose_name=Phrase("State"))
    taken_by = ForeignKeyField(Person, null=True, on_delete="SET NULL", backref="help_messages")
    taken_by_id: int | None
    closed_at = UtcDateTimeField(null=True)

    class Meta:
        indexes = ((("state", "created_at", "id"), False),)
        constraints = [
            Check("state IN ('open', 'taken', 'closed')"),
            Check("(state = 'closed') = (closed_at IS NOT NULL)"),
        ]

    # -------------------------------------------------------------- who may

    @classmethod
    def visible_to(cls, person: Person) -> ModelSelect[Self]:
        """Managers: what strangers write, and where they are reached, is nobody else's."""
        return cls.select() if person.is_manager else cls.select().where(False)

    def tended_by(self, person: Person) -> bool:
        return person.is_active and person.is_manager

    # -------------------------------------------------------------- its life

    @classmethod
    def send(
        cls, *, name: str, reach: str, text: str, language: str, page: HelpPage | None, address: str, key: str
    ) -> None:
        """Write it down for the managers; the same again from there is the same. Raises Invalid, also when it
        is too often.
        """
        faults: dict[str, str] = {}
        if not (is_email(reach) or _NUMBER.fullmatch(reach)):
            faults["reach"] = Phrase("Write an e-mail address or a phone number.")
        if len(text.strip()) < SHORTEST:
            faults["text"] = Phrase("Write what it is about.")
        if faults:
            raise Invalid(faults)
        today = cls.created_at > clock.start_of(clock.today())
        with db.atomic():
            if cls.select().where(today).count() >= MOST_A_DAY:
                raise Invalid(OFTEN)
            if Knock.first("message", f"{reach} {text}", address=address, key=key):
                facts: dict[str, Any] = {"name": name, "reach": reach, "text": text[:LONGEST]}
                made = cls.create(**facts, language=language, page=page)
                made.track("came in")
                made._wait(Role.MANAGER.value)

    def _wait(self, who: str) -> None:
        """Until it is answered, within 12 hours by default (RULES 4.11)."""
        asked = Phrase("Somebody wrote on the help site and waits for an answer.")
        due = self.created_at + timedelta(hours=Setting.read("help.answer_hours"))
        Clock.stop(self, WAITS)
        Clock.start(self, WAITS, who=who, text=asked, url=self.url, since=self.created_at, due_at=due)

    def take(self, *, by: Person) -> None:
        """One manager answers; twice is harmless. Of two at once one takes it. Raises Invalid and Stale."""
        with db.atomic():
            if self.step(TAKEN, since=[OPEN], taken_by=by):
                self.track("taken", by=by)
                self._wait(str(by))
        if self.taken_by_id != by.id:
            raise Invalid(Phrase("Somebody else took it already."))

    def close(self, *, by: Person) -> None:
        """It is answered, or needs no answer; twice is harmless."""
        with db.atomic():
            if self.step(CLOSED, since=[OPEN, TAKEN], closed_at=clock.now()):
                self.track("closed", by=by)
                Clock.stop(self, WAITS)

    @classmethod
    def forget_old(cls) -> None:
        """What was closed long ago goes, with how its writer was reached."""
        cls.delete().where(cls.closed_at < clock.now() - KEPT).execute()


@step(WAITS, "left", "role")
def back_to_all(waiting: Clock) -> datetime | None:
    """Whoever took it has left, or leads no longer: it waits for all managers again."""
    message = HelpMessage.get_or_none(HelpMessage.id == waiting.subject)
    if message is not None and message.state == TAKEN:
        message.step(OPEN, since=[TAKEN], taken_by=None)
        message._wait(Role.MANAGER.value)
    return None
