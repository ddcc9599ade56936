"""What someone has beside a password, all of it, and whether the company lets them in without."""

from __future__ import annotations

from typing import Any

from peewee import ModelSelect, fn

from portal.i18n import Phrase, names
from portal.models.base.database import db
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid
from portal.models.company.settings import Demand, Setting
from portal.models.people.notices import Notice
from portal.models.people.passkeys import Passkey
from portal.models.people.people import Person, Role
from portal.models.people.second_factor import SecondFactor, SpareCode

WATCHED = (Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR)
"""Who pays, gives rights, or reads all that others do. The duties are held by people in finance alone."""


def holds_one(person: Person) -> bool:
    """Whether a person has an app that shows codes, or a passkey."""
    return bool(_HELD.rows(person=person.id))


def held_by(person: Any) -> Any:
    """The condition that the person whose id stands in a column has one."""
    app = SecondFactor.select(SecondFactor.id).where(SecondFactor.person == person)
    passkey = Passkey.select(Passkey.id).where(Passkey.person == person)
    return fn.EXISTS(app) | fn.EXISTS(passkey)


def is_demanded() -> bool:
    """Whether the company asks for a second factor before pay, exports and roles."""
    return demand() != Demand.NEVER


def demand() -> Demand:
    """When the company asks for a second factor."""
    return Demand(Setting.read("company.second_factor"))


def must_hold_one(person: Person) -> bool:
    """Whether the company lets this person in with a second factor alone."""
    asked = demand()
    return asked == Demand.DOOR or (asked == Demand.ROLES and any(map(person.holds, WATCHED)))


def takes(person: Person, code: str) -> bool:
    """Whether a code is that of the person's app, or a spare one; each is taken once."""
    held = SecondFactor.of(person)
    return (held is not None and held.takes(code)) or SpareCode.spend(person, code)


def without() -> ModelSelect[Person]:
    """Everyone with an account who has no second factor."""
    return Person.select().where(Person.deactivated_at.is_null() & ~held_by(Person.id))


def remove(what: SecondFactor | Passkey, *, by: Person, **facts: Any) -> None:
    """A person takes off one of theirs. Raises Invalid for the last one of who must have one."""
    person = what.person
    with db.atomic():
        # Of two that are removed at one moment the second waits for the first.
        Person.update(version=Person.version).where(Person.id == person.id).execute()
        what.remove(by=by, **facts)
        if holds_one(person):
            return
        if must_hold_one(person):
            raise Invalid(Phrase("Your company asks for a second factor: add another one first."))
        SpareCode.drop(person)


def remove_all(person: Person, *, by: Person) -> bool:
    """The password alone opens the account again: phone, passkeys and spare codes are gone. Its person is
    told. Whether there was one; twice is harmless.
    """
    with db.atomic():
        held = [*Passkey.of(person), *SecondFactor.select().where(SecondFactor.person == person)]
        for each in held:
            each.remove(by=by)
        SpareCode.drop(person)
        if held:
            told = Phrase("%(name)s took the second factor off your account.", name=names(by))
            Notice.tell(person, told, about=person, url="/account/second-factor")
    return bool(held)


def choose_company(*, by: Person, second_factor: str, **names: str) -> bool:
    """Choose what the company is called and when it asks for a second factor. Who asks others for one has
    one. Raises Invalid.
    """
    wanted = Demand(second_factor)
    if wanted not in (Demand.NEVER, demand()) and not holds_one(by):
        raise Invalid({"second_factor": Phrase("Set up a second factor for yourself first.")})
    return Setting.choose_company(by=by, second_factor=wanted.value, **names)


_HELD = Prepared[Any](
    lambda person: (
        SecondFactor.select(SecondFactor.id)
        .where(SecondFactor.person == person)
        .union_all(Passkey.select(Passkey.id).where(Passkey.person == person))
    )
)
