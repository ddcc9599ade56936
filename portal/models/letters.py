"""Mail the portal sends: kept in the outbox page, and handed to a mail server where one is set up."""

from __future__ import annotations

from typing import Any

from peewee import CharField

from portal.models.base import NameField, Phrase, Record, TextField, UtcDateTimeField
from portal.models.jobs import Job
from portal.models.people import Person
from portal.models.sessions import reset_token


class Letter(Record):
    """One mail. Its text holds no secret: links are made when it is sent."""

    to = NameField(254)
    locale = CharField(10, default="zh")
    subject = NameField(200)
    """An English msgid."""
    purpose = CharField(40)
    sent_at = UtcDateTimeField(null=True)
    error = TextField(default="")

    @classmethod
    def password_reset(cls, email: str, settings: Any) -> bool:
        """Send a reset link if the address has an account; the answer is the same if not."""
        person = Person.get_or_none((Person.email == email.strip().lower()) & Person.deactivated_at.is_null())
        if person is not None:
            letter = cls.create(
                to=person.email,
                locale=person.locale,
                subject=Phrase("Set a new password").msgid,
                purpose="password reset",
            )
            Job.enqueue("send letter", letter=letter.id)
        return True

    def link(self, settings: Any) -> str:
        """The address that this letter leads to, made afresh."""
        person = Person.get(Person.email == self.to)
        return f"{settings.address}/sign-in/reset/{reset_token(person, settings.signing_secret)}"
