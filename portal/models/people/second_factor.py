"""What someone has beside a password: a code that a phone makes anew every 30 seconds (RFC 6238)."""

from __future__ import annotations

import secrets
from typing import Any

import pyotp
from peewee import BigIntegerField, CharField, ForeignKeyField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person
from portal.models.people.signing import digest
from portal.text.naming import WIDE

SECONDS = 30
DRIFT = 1
"""So many codes before and after the present one hold too: phones' clocks differ."""
SPARE_CODES = 10
SIGNS, LENGTH = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 28
"""Of a spare code: 140 bits, so that its digest needs no salt and nobody guesses it (ASVS 6.5.2, 11.5.1)."""
WRONG_CODE = Phrase("This code does not hold. Take the one that the app shows now.")


def new_secret() -> str:
    """What an app makes its codes from."""
    return pyotp.random_base32()


def for_app(secret: str, person: Person, company: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name=company)


class SecondFactor(Record):
    """One person's."""

    person = ForeignKeyField(Person, unique=True, on_delete="CASCADE")
    person_id: int
    secret = CharField(64)
    last_step = BigIntegerField(default=0)
    """Of the last code that was taken: none is taken twice."""

    @classmethod
    def of(cls, person: Person) -> SecondFactor | None:
        """A person's, if they have one."""
        return _OF.first(person=person.id)

    @classmethod
    def add(cls, person: Person, secret: str, code: str) -> SecondFactor:
        """With a right code of its app it holds. Raises Invalid, also for who has one already."""
        with db.atomic():
            facts: dict[str, Any] = {"person": person, "secret": secret, "created_at": clock.now()}
            if not cls.insert(facts).on_conflict_ignore().execute():
                raise Invalid(Phrase("It holds already."))
            made: SecondFactor = cls.get(cls.person == person)
            if not made.takes(code):
                raise Invalid({"code": WRONG_CODE})
            person.track("second factor added", by=person)
        return made

    def takes(self, code: str) -> bool:
        """Whether a code is right; each is taken once."""
        typed = as_typed(code)
        now = int(clock.now().timestamp()) // SECONDS
        for step in range(now - DRIFT, now + DRIFT + 1):
            if secrets.compare_digest(pyotp.TOTP(self.secret).generate_otp(step).encode(), typed.encode()):
                unused = (SecondFactor.id == self.id) & (SecondFactor.last_step < step)
                return bool(SecondFactor.update(last_step=step).where(unused).execute())
        return False

    def remove(self, *, by: Person) -> None:
        """No code is asked for any more. Twice is harmless."""
        with db.atomic():
            if SecondFactor.delete().where(SecondFactor.id == self.id).execute():
                self.person.track("second factor removed", by=by)


class SpareCode(Record):
    """Opens an account once in place of its phone or passkeys, when they are gone. Its row holds a digest."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    digest = CharField(64)
    spent_at = UtcDateTimeField(null=True)

    @classmethod
    def make(cls, person: Person) -> list[str]:
        """New ones in place of all before."""
        codes = ["".join(secrets.choice(SIGNS) for _ in range(LENGTH)) for _ in range(SPARE_CODES)]
        at = clock.now()
        cls.drop(person)
        cls.insert_many([{"person": person, "digest": digest(c), "created_at": at} for c in codes]).execute()
        return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]

    @classmethod
    def drop(cls, person: Person) -> None:
        """None of them opens anything any more."""
        cls.delete().where(cls.person == person).execute()

    @classmethod
    def spend(cls, person: Person, code: str) -> bool:
        """Take one; each once."""
        unspent = (cls.person == person) & (cls.digest == digest(as_typed(code))) & cls.spent_at.is_null()
        return bool(cls.update(spent_at=clock.now()).where(unspent).execute())

    @classmethod
    def left(cls, person: Person) -> int:
        """How many are unspent."""
        return cls.select().where((cls.person == person) & cls.spent_at.is_null()).count()


def as_typed(code: str) -> str:
    """A code without what people put between its signs."""
    return "".join(sign for sign in code.translate(WIDE).upper() if sign.isalnum())


_OF = Prepared[SecondFactor](
    lambda person: SecondFactor.select().where(SecondFactor.person == person).limit(1)
)
