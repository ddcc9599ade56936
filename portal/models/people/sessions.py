"""Signing in: passwords, sessions that can be listed and revoked, and the throttle."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer
from passlib.context import CryptContext
from peewee import JOIN, CharField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Invalid, Record
from portal.models.people.people import Person, RoleGrant

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=7)
RESET_SECONDS = 3600
WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_ADDRESS = 8, 40, 40
"""Failed tries within the window before an account waits at one address, or everywhere, or an address for
every account: who guesses at one place locks nobody out at another.
"""
SHORTEST = 10

_context = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)
WRONG = Phrase("This is not your current password.")
TOO_MANY = Phrase("Too many tries. Wait 15 minutes and try again.")
_NOBODY = _context.hash("nobody has this password")


class Throttled(Exception):
    """Too many failed tries: come back after `minutes`."""

    minutes = int(WINDOW.total_seconds() // 60)


def hash_password(password: str) -> str:
    """An argon2id hash. Raises Invalid for a password that is too short or everyone's first guess."""
    if len(password) < SHORTEST:
        raise Invalid({"password": Phrase("At least 10 characters, please.")})
    if len(password) > 1000:
        raise Invalid({"password": Phrase("At most 1,000 characters, please.")})
    if len(set(password)) < 4:
        raise Invalid({"password": Phrase("This password is too easy to guess.")})
    return str(_context.hash(password))


class SignInFailure(Record):
    """One failed try, counted per account and per address."""

    account = CharField(64, index=True)
    """A digest: what was typed may have been a password."""
    address = CharField(64, index=True)
    at = UtcDateTimeField(default=clock.now, index=True)

    @classmethod
    def refuse_too_many(cls, account: str, address: str) -> None:
        """Raise Throttled when an account, an address or the two together failed too often lately."""
        recent = cls.select().where(cls.at > clock.now() - WINDOW)
        same, here = cls.account == account, cls.address == address
        limits = ((same & here, PER_PAIR), (same, PER_ACCOUNT), (here, PER_ADDRESS))
        if any(recent.where(counted).count() >= most for counted, most in limits):
            raise Throttled

    @classmethod
    def forget_old(cls) -> None:
        """Drop tries that no longer count."""
        cls.delete().where(cls.at < clock.now() - 4 * WINDOW).execute()


class Session(Record):
    """A signed-in browser. The cookie holds a token; the row holds its digest."""

    digest = CharField(64, unique=True)
    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    seen_at = UtcDateTimeField(default=clock.now)
    address = CharField(64, default="")
    browser = CharField(200, default="")

    @classmethod
    def open(cls, person: Person, *, address: str = "", browser: str = "") -> tuple[Session, str]:
        """Start a session; gives it and the cookie's token."""
        token = secrets.token_urlsafe(32)
        session = cls.create(
            digest=_digest(token), person=person, address=address[:64], browser=browser[:200]
        )
        return session, token

    @classmethod
    def find(cls, token: str) -> Session | None:
        """The live session of a token."""
        if not token:
            return None
        at = clock.now()
        found = _LIVE(digest=_digest(token), born=at - LIFETIME, used=at - IDLE)
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


def check_password(email: str, password: str, address: str) -> str | None:
    """Whether the pair is right, in the same time for unknown accounts: gives the e-mail of the person.

    Meant to run outside a transaction: hashing takes a while and a failed try must be kept. Raises Throttled.
    """
    email = email.strip().lower()
    account = _digest(email)
    with db.connection_context():
        SignInFailure.refuse_too_many(account, address)
        person = Person.get_or_none((Person.email == email) & Person.deactivated_at.is_null())
        stored = person.password_hash if person else ""
    right = _context.verify(password[:1000], stored or _NOBODY)
    if person is not None and stored and right:
        return person.email
    with db.connection_context():
        SignInFailure.create(account=account, address=address)
    return None


def set_password(person: Person, password: str, *, by: Person | None, keep: Session | None = None) -> None:
    """Give a person a new password; all other sessions end. Raises Invalid."""
    hashed = hash_password(password)
    with db.atomic():
        Person.update(password_hash=hashed).where(Person.id == person.id).execute()
        person.password_hash = hashed
        Session.revoke_all(person, keep=keep)
        person.track("password changed", by=by)


def refusal(person: Person, password: str, address: str) -> Phrase | None:
    """Why someone signed in does not show to be this person; None with the right password. Meant to run
    outside a transaction, as `check_password`.
    """
    try:
        return None if check_password(person.email, password, address) else WRONG
    except Throttled:
        return TOO_MANY


def reset_token(person: Person, secret: str) -> str:
    """A signed token that lets its holder set a new password, for one hour, once."""
    return _signer(secret).dumps([person.id, _digest(person.password_hash)[:16]])


def person_of_token(token: str, secret: str) -> Person | None:
    """Whose reset token this is; None when it is old, used or forged."""
    try:
        ident, mark = _signer(secret).loads(token, max_age=RESET_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    person = Person.get_or_none((Person.id == ident) & Person.deactivated_at.is_null())
    if person is None or not secrets.compare_digest(_digest(person.password_hash)[:16], str(mark)):
        return None
    return person


class _Signer(TimestampSigner):
    """Stamps with the portal's clock."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _signer(secret: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="password-reset", signer=_Signer)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def change_password(
    person: Person, password: str, *, refused: Phrase | None, keep: Session | None = None
) -> None:
    """A person gives oneself a new password, having shown the present one. Raises Invalid."""
    if refused:
        raise Invalid({"current_password": refused})
    set_password(person, password, by=person, keep=keep)


def password_is(person: Person, password: str) -> bool:
    """Whether this is the person's password."""
    return bool(_context.verify(password[:1000], person.password_hash or _NOBODY))


_LIVE = Prepared[Session](
    lambda digest, born, used: (
        Session.select(Session, Person, RoleGrant)
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
