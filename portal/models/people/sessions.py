"""Signing in: whose password it is, and sessions that can be listed and revoked."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from peewee import JOIN, CharField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.company.settings import Setting
from portal.models.people import factors, passwords
from portal.models.people.passkeys import Passkey
from portal.models.people.people import Person, RoleGrant
from portal.models.people.second_factor import WRONG_CODE, SecondFactor, new_secret
from portal.models.people.signing import SIGNED, digest, signer
from portal.models.people.tries import SignInFailure, Throttled

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=7)
RESET, RESET_SECONDS = "password-reset", 3600
HALF, HALF_SECONDS = "half-signed-in", 300
OFFER, OFFER_SECONDS = "second-factor", 3600
CONFIRMED_FOR = timedelta(minutes=15)
MOST_ACCOUNTS = 5
"""So many accounts may share a browser and be known to it."""
WRONG = Phrase("This is not your current password.")
TOO_MANY = Phrase(
    "Too many tries. Wait 15 minutes, use a browser that you signed in with before, "
    "or ask for a new password."
)


class Session(Record):
    """A signed-in browser. The cookie holds a token; the row holds its digest."""

    digest = CharField(64, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    seen_at = UtcDateTimeField(default=clock.now)
    confirmed_at = UtcDateTimeField(default=clock.now)
    """When its person last showed to be who they are: what touches pay and roles asks again after a while."""
    address = CharField(64, default="")
    browser = CharField(200, default="")

    has_factor: bool
    """Whether its person has a second factor; read along for who asks for a page."""

    @classmethod
    def open(cls, person: Person, *, address: str = "", browser: str = "") -> tuple[Session, str]:
        """Start a session; gives it and the cookie's token."""
        token = secrets.token_urlsafe(32)
        session = cls.create(digest=digest(token), person=person, address=address[:64], browser=browser[:200])
        return session, token

    @classmethod
    def find(cls, token: str) -> Session | None:
        """The live session of a token."""
        if not token:
            return None
        at = clock.now()
        found = _LIVE(digest=digest(token), born=at - LIFETIME, used=at - IDLE)
        if not found:
            return None
        session = found[0]  # there is a row for each role: they are read along, every page asks for them
        held = (getattr(row.person, "held", None) for row in found)
        session.person.grants = [grant for grant in held if grant is not None]
        return session

    @classmethod
    def of(cls, person: Person) -> ModelSelect[Session]:
        """A person's live sessions, the latest used first."""
        at = clock.now()
        live = (cls.person == person) & (cls.created_at > at - LIFETIME) & (cls.seen_at > at - IDLE)
        return cls.select().where(live).order_by(cls.seen_at.desc())

    @classmethod
    def forget_old(cls) -> None:
        """What opens nothing any more is forgotten."""
        at = clock.now()
        cls.delete().where((cls.created_at < at - LIFETIME) | (cls.seen_at < at - IDLE)).execute()

    @classmethod
    def revoke_all(cls, person: Person, keep: Session | None = None) -> None:
        """End every session of a person, except perhaps this one."""
        ended = cls.delete().where(cls.person == person)
        if keep is not None:
            ended = ended.where(cls.id != keep.id)
        ended.execute()

    def revoke(self) -> None:
        """End this session; twice is harmless."""
        type(self).delete().where(Session.id == self.id).execute()

    @property
    def is_confirmed(self) -> bool:
        """Whether its person showed to be who they are a short while ago."""
        return clock.now() - self.confirmed_at < CONFIRMED_FOR

    def confirm(self) -> str:
        """Its person showed to be who they are just now: it goes on under another token, which this gives."""
        token = secrets.token_urlsafe(32)
        self.confirmed_at, self.digest = clock.now(), digest(token)
        renewed = {"confirmed_at": self.confirmed_at, "digest": self.digest}
        type(self).update(renewed).where(Session.id == self.id).execute()
        return token

    @property
    def seconds_left(self) -> int:
        """How long it lasts at most from now on."""
        return int((self.created_at + LIFETIME - clock.now()).total_seconds())

    @property
    def is_due_for_a_look(self) -> bool:
        """Whether `seen_at` is old enough to be worth a write."""
        return clock.now() - self.seen_at > timedelta(minutes=10)

    def see(self) -> None:
        """Note that the session was used just now."""
        type(self).update(seen_at=clock.now()).where(Session.id == self.id).execute()


def close_account(person: Person, *, by: Person) -> None:
    """Someone no longer works here: their account and every session of theirs end. Twice is harmless."""
    with db.atomic():
        person.deactivate(by=by)
        Session.revoke_all(person)


def end_sessions(person: Person, *, by: Person) -> None:
    """Someone's computer or phone is lost: whoever has it is signed out, and its owner may sign in anew."""
    with db.atomic():
        if Session.of(person).exists():
            Session.revoke_all(person)
            person.track("sessions ended", by=by)


def take_off_factors(person: Person, *, by: Person) -> None:
    """The password alone opens the account again, to who signs in anew. Twice is harmless."""
    with db.atomic():
        if factors.remove_all(person, by=by):
            Session.revoke_all(person)


def take_off(what: SecondFactor | Passkey, *, by: Person, keep: Session | None, **facts: Any) -> bool:
    """A person takes off one of the second factors; all other sessions end. Raises Invalid."""
    with db.atomic():
        factors.remove(what, by=by, **facts)
        Session.revoke_all(what.person, keep=keep)
    return True


def check_password(email: str, password: str, *, address: str, device: str = "") -> Person | None:
    """The person to whom the pair belongs, in the same time for unknown accounts.

    `device`: the browser, where this account signed in with it before. Meant to run outside a transaction:
    hashing takes a while, and a try must be kept while it lasts. Raises Throttled.
    """
    email = email.strip().lower()
    with db.connection_context():
        person: Person | None = Person.get_or_none((Person.email == email) & Person.deactivated_at.is_null())
        tried = SignInFailure.begin(digest(email), address=address, device=device, person=person)
    if passwords.verify(password, person.password_hash if person else ""):
        with db.connection_context():
            tried.delete_instance()
        return person
    if person is not None:
        with db.connection_context():
            person.track("sign-in failed", changes={"from": [None, address]})
    return None


def set_password(person: Person, password: str, *, by: Person | None, keep: Session | None = None) -> None:
    """Give a person a new password; all other sessions end. Raises Invalid."""
    company = [Setting.read("company.name"), Setting.read("company.name_en")]
    hashed = passwords.hash_password(password, [*person.known_words, *company])
    with db.atomic():
        Person.update(password_hash=hashed).where(Person.id == person.id).execute()
        person.password_hash = hashed
        Session.revoke_all(person, keep=keep)
        person.track("password changed", by=by)


def code_refusal(person: Person, code: str, *, address: str, device: str = "") -> Phrase | None:
    """Why a code is not taken; None when it is the second factor's, or a spare one. Meant to run outside a
    transaction, as `check_password`.
    """
    try:
        with db.connection_context():
            account = digest(f"code {person.email}")
            tried = SignInFailure.begin(account, address=address, device=device, person=person)
            if not factors.takes(person, code):
                person.track("sign-in failed", changes={"from": [None, address]})
                return WRONG_CODE
            tried.delete_instance()
    except Throttled:
        return TOO_MANY
    return None


def disproof(person: Person, typed: str, *, address: str, device: str = "") -> Phrase | None:
    """Why someone signed in does not show to be this person: with a code where they have a second factor,
    else with the password. None when they do. Meant to run outside a transaction.
    """
    with db.connection_context():
        held = factors.holds_one(person)
    if not held:
        return refusal(person, typed, address=address, device=device)
    return code_refusal(person, typed, address=address, device=device)


def refusal(person: Person, password: str, *, address: str, device: str = "") -> Phrase | None:
    """Why someone signed in does not show to be this person; None with the right password. Meant to run
    outside a transaction, as `check_password`.
    """
    try:
        return None if check_password(person.email, password, address=address, device=device) else WRONG
    except Throttled:
        return TOO_MANY


def reset_token(person: Person, secret: str) -> str:
    """A signed token that lets its holder set a new password, for one hour, once."""
    return signer(secret, RESET).dumps([person.id, digest(person.password_hash)[:16]])


def person_of_token(token: str, secret: str) -> Person | None:
    """Whose reset token this is; None when it is old, used or forged."""
    return _person_of(token, secret, RESET, RESET_SECONDS)


def half_signed_in(person: Person, secret: str) -> str:
    """A signed token of who gave the right password, and has to give a code as well within five minutes."""
    return signer(secret, HALF).dumps([person.id, digest(person.password_hash)[:16]])


def person_half_signed_in(token: str, secret: str) -> Person | None:
    """Who has to give a code; None when the token is old or forged."""
    return _person_of(token, secret, HALF, HALF_SECONDS)


def offer_secret(person: Person, secret: str, signing_secret: str) -> str:
    """A secret for the person's app as its form carries it: nothing is kept before a code of it was typed."""
    return signer(signing_secret, OFFER).dumps([person.id, secret])


def offered_secret(person: Person, token: str, signing_secret: str) -> str:
    """The secret that a form was given for this person; a new one where the form is old or forged."""
    try:
        ident, secret = signer(signing_secret, OFFER).loads(token, max_age=OFFER_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return new_secret()
    return str(secret) if ident == person.id else new_secret()


def _person_of(token: str, secret: str, salt: str, seconds: int) -> Person | None:
    try:
        ident, mark = signer(secret, salt).loads(token, max_age=seconds)
    except (BadSignature, ValueError, TypeError):
        return None
    person = Person.get_or_none((Person.id == ident) & Person.deactivated_at.is_null())
    if person is None or not secrets.compare_digest(digest(person.password_hash)[:16], str(mark)):
        return None
    return person


def known_device(cookie: str, email: str, secret: str) -> str:
    """A browser by what it keeps since this account signed in with it; '' for one that did not."""
    return (
        digest(nonce) if (nonce := _devices(cookie, secret).get(digest(email.strip().lower())[:16])) else ""
    )


def remember_device(cookie: str, person: Person, secret: str) -> str:
    """What a browser keeps for the accounts that signed in with it, the latest ones: it opens nothing, but
    who guesses elsewhere cannot lock it out.
    """
    mine = digest(person.email)[:16]
    known = _devices(cookie, secret)
    nonce = known.pop(mine, "") or secrets.token_urlsafe(16)
    kept = [[mine, nonce], *([account, other] for account, other in known.items())]
    return str(_device_signer(secret).dumps(kept[:MOST_ACCOUNTS]))


def is_known(cookie: str, secret: str) -> bool:
    """Whether anyone ever signed in with a browser that keeps this."""
    return bool(_devices(cookie, secret))


def _devices(cookie: str, secret: str) -> dict[str, str]:
    try:
        return {str(account): str(nonce) for account, nonce in _device_signer(secret).loads(cookie)}
    except (BadSignature, ValueError, TypeError):
        return {}


def _device_signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="known-device", signer_kwargs=SIGNED)


def change_password(
    person: Person, password: str, *, refused: Phrase | None, keep: Session | None = None
) -> None:
    """A person gives oneself a new password, having shown the present one. Raises Invalid."""
    if refused:
        raise Invalid({"current_password": refused})
    set_password(person, password, by=person, keep=keep)


def password_is(person: Person, password: str) -> bool:
    """Whether this is the person's password."""
    return passwords.verify(password, person.password_hash)


_LIVE = Prepared[Session](
    lambda digest, born, used: (
        Session.select(Session, Person, RoleGrant, factors.held_by(Session.person).alias("has_factor"))
        .join(Person)
        .join(RoleGrant, JOIN.LEFT_OUTER, on=(RoleGrant.person == Person.id), attr="held")
        .where(
            (Session.digest == digest)
            & (Session.created_at > born)
            & (Session.seen_at > used)
            & Person.deactivated_at.is_null()
        )
    )
)
