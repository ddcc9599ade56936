"""Passkeys: keys that people's devices keep, and use when their owner unlocks them (WebAuthn).

The device signs a challenge together with the place that asks. So a passkey cannot be told to anybody, and a
page that only looks like the portal gets nothing out of it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    RegistrationResponse,
)
from itsdangerous import BadSignature
from peewee import BigIntegerField, CharField, ForeignKeyField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.fields import NameField, TextField, UtcDateTimeField
from portal.models.base.record import Invalid, Record
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.people.signing import digest, signer

SECONDS = 300
"""So long may an answer to a challenge take."""
MOST, LONGEST = 20, 65_536
"""So many passkeys has a person at most, and so many characters an answer of a browser."""
ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA, RS256: what devices offer of what is strong."""
NOT_MADE = Phrase("This passkey could not be added. Try once more.")
logging.getLogger("fido2").setLevel(logging.WARNING)  # it would log which passkey was used


class Purpose(StrEnum):
    """What a passkey is asked for; a challenge holds for one of them."""

    NEW = "new"
    DOOR = "door"
    """In place of password and code: the device must have made sure of its owner."""
    STEP = "step"
    """After the password."""
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Place:
    """Where the portal's passkeys hold: the origin of its pages, and the host that devices know them by."""

    origin: str
    host: str

    @classmethod
    def of(cls, address: str) -> Place | None:
        """That of the portal's public address; None where browsers allow no passkeys: without HTTPS, or
        without a name. On one's own machine they do, under the name of localhost.
        """
        parts = urlsplit(address)
        try:
            host = (parts.hostname or "").encode("idna").decode()
        except UnicodeError:  # what no name can be
            return None
        if host in ("127.0.0.1", "::1"):
            host = "localhost"
        if not host or _is_number(host) or not (parts.scheme == "https" or _is_own_machine(host)):
            return None
        usual = {"https": 443, "http": 80}[parts.scheme]
        port = f":{parts.port}" if parts.port not in (None, usual) else ""
        return cls(f"{parts.scheme}://{host}{port}", host)


def _is_number(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _is_own_machine(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


class Passkey(Record):
    """One key of a person's: the portal holds its public half alone."""

    person = ForeignKeyField(Person, on_delete="CASCADE")
    person_id: int
    name = NameField(60)
    ident = CharField(64, unique=True)
    """A digest of the number that the device gave it: that may be long."""
    data = TextField()
    """Its number and public key, as the device gave them."""
    handle = CharField(64)
    """What devices know its person by: random, and the same for all passkeys of one person."""
    counter = BigIntegerField(default=0)
    """How often it was used, by its own count; devices that copy passkeys to each other leave it at 0."""
    used_at = UtcDateTimeField(null=True)

    @classmethod
    def of(cls, person: Person) -> ModelSelect[Passkey]:
        """A person's, the oldest first."""
        return cls.select().where(cls.person == person).order_by(cls.id)

    @classmethod
    def known(cls, answer: Reply) -> Passkey | None:
        """The one with which someone answers, while its person's account is open."""
        found = cls.select(cls, Person).join(Person)
        open_now = (cls.ident == answer.ident) & Person.deactivated_at.is_null()
        return next(iter(found.where(open_now)), None)

    @classmethod
    def handle_of(cls, person: Person) -> str:
        """What devices know a person by; a new one for who has no passkey yet."""
        held = cls.of(person).first()
        return held.handle if held else secrets.token_urlsafe(32)

    @classmethod
    def add(
        cls,
        person: Person,
        answer: Reply | None,
        challenge: Challenge | None,
        *,
        name: str,
        place: Place,
        address: str,
    ) -> Passkey:
        """Take what a device made. Raises Invalid."""
        made = _made(answer, place, challenge) if answer and challenge else None
        if made is None or answer is None or challenge is None:
            raise Invalid(NOT_MADE)
        with db.atomic():
            # Of two that are added at one moment the second waits for the first: both have one handle.
            Person.update(version=Person.version).where(Person.id == person.id).execute()
            held = list(cls.of(person))
            if len(held) >= MOST:
                raise Invalid(Phrase("You have 20 passkeys. Remove one first."))
            known = all(each.handle == challenge.handle for each in held)
            if not known or not UsedChallenge.spend(challenge):
                raise Invalid(NOT_MADE)
            row: dict[str, Any] = {
                "person": person,
                "name": name,
                "ident": answer.ident,
                "data": _written(made.key),
                "handle": challenge.handle,
                "counter": made.counter,
                "created_at": clock.now(),
            }
            if not cls.insert(row).on_conflict_ignore().execute():
                raise Invalid(Phrase("This passkey is there already."))
            person.track("passkey added", by=person, changes=_facts(address, name))
            told = Phrase(
                "A passkey was added to your account: %(name)s. Remove it if it is not yours.", name=name
            )
            Notice.tell(person, told, about=person, url="/account/second-factor")
        return cls.get(cls.ident == answer.ident)

    def answers(self, answer: Reply, *, place: Place, challenge: Challenge, address: str) -> bool:
        """Whether this passkey gave the answer, now and here. Once; what is refused leaves an event."""
        counter = self._signed(answer, place, challenge)
        if counter is None or not UsedChallenge.spend(challenge):
            self.person.track("passkey refused", changes=_facts(address, self.name))
            return False
        on = (Passkey.counter < counter) | ((Passkey.counter == 0) & (counter == 0))
        used = Passkey.update(counter=counter, used_at=clock.now()).where((Passkey.id == self.id) & on)
        if not used.execute():
            self._went_back(counter, address)
            return False
        self.person.track("passkey used", by=self.person, changes=_facts(address, self.name))
        return True

    def _signed(self, answer: Reply, place: Place, challenge: Challenge) -> int | None:
        """The count that came with a right answer; None for any other."""
        wanted = "required" if challenge.use == Purpose.DOOR else "preferred"
        state = {"challenge": challenge.text, "user_verification": wanted}
        try:
            given = AuthenticationResponse.from_dict(answer.facts)
            _server(place).authenticate_complete(state, [AttestedCredentialData(_read(self.data))], given)
            handle = given.response.user_handle
            named = handle is not None or challenge.use == Purpose.DOOR
            if given.response.client_data.cross_origin or (named and _written(handle or b"") != self.handle):
                return None
            return int(given.response.authenticator_data.counter)
        except Exception:  # whatever the bytes that anyone may send do to a parser of them
            return None

    def _went_back(self, counter: int, address: str) -> None:
        """Two devices count: one of them has a copy that nobody may make."""
        changes = {**_facts(address, self.name), "counter": [self.fresh().counter, counter]}
        self.person.track("passkey refused", changes=changes)
        words = Phrase(
            "Your passkey %(name)s was refused: it may have been copied. Remove it, and add a new one.",
            name=self.name,
        )
        Notice.tell(self.person, words, about=self.person, url="/account/second-factor")

    def remove(self, *, by: Person, address: str = "") -> None:
        """It opens nothing any more. Twice is harmless."""
        with db.atomic():
            if Passkey.delete().where(Passkey.id == self.id).execute():
                self.person.track("passkey removed", by=by, changes=_facts(address, self.name))


class UsedChallenge(Record):
    """A challenge that was answered, until it would have run out: none is answered twice."""

    digest = CharField(64, unique=True)

    @classmethod
    def spend(cls, challenge: Challenge) -> bool:
        """Whether it was not used before."""
        row = {"digest": digest(challenge.text), "created_at": clock.now()}
        return bool(cls.insert(row).on_conflict_ignore().execute())

    @classmethod
    def forget_old(cls) -> None:
        """Those that ran out hold for nothing by themselves."""
        cls.delete().where(cls.created_at < clock.now() - timedelta(seconds=2 * SECONDS)).execute()


@dataclass(frozen=True)
class Challenge:
    """What a device is asked to sign. Nothing is kept of it: the form brings it back as it was signed."""

    token: str
    use: Purpose
    handle: str = ""
    """Of a passkey that is to be made."""

    @property
    def text(self) -> str:
        return _written(hashlib.sha256(self.token.encode()).digest())

    @classmethod
    def put(cls, use: Purpose, who: int, secret: str, handle: str = "") -> Challenge:
        """A new one. `who`: for whom alone it holds, a person or a session by their number; 0 for anyone."""
        facts = [who, secrets.token_urlsafe(24), handle]
        return cls(str(signer(secret, f"passkey-{use}").dumps(facts)), use, handle)

    @classmethod
    def back(cls, token: str, use: Purpose, who: int, secret: str) -> Challenge | None:
        """The one that a form brings back; None when it is old, forged, or was put for something else."""
        try:
            meant, _, handle = signer(secret, f"passkey-{use}").loads(token, max_age=SECONDS)
        except (BadSignature, ValueError, TypeError):
            return None
        return cls(token, use, handle) if meant == who else None

    def to_make(self, place: Place, company: str, person: Person) -> dict[str, Any]:
        """What a browser needs to have a passkey made."""
        user = {"id": self.handle, "name": person.email, "displayName": person.name}
        kinds = [{"type": "public-key", "alg": alg} for alg in ALGORITHMS]
        wishes = {"residentKey": "preferred", "userVerification": "preferred"}
        options = {
            "challenge": self.text,
            "rp": {"id": place.host, "name": company},
            "user": user,
            "pubKeyCredParams": kinds,
            "timeout": SECONDS * 1000,
            "attestation": "none",
            "authenticatorSelection": wishes,
            "excludeCredentials": _described(Passkey.of(person)),
        }
        return {"token": self.token, "create": options}

    def to_show(self, place: Place, passkeys: Iterable[Passkey] = ()) -> dict[str, Any]:
        """What a browser needs to have a passkey shown: one of these, or any that the device has."""
        options = {
            "challenge": self.text,
            "rpId": place.host,
            "timeout": SECONDS * 1000,
            "userVerification": "required" if self.use == Purpose.DOOR else "preferred",
            "allowCredentials": _described(passkeys),
        }
        return {"token": self.token, "get": options}


@dataclass(frozen=True)
class Reply:
    """What a browser sends of a passkey."""

    facts: dict[str, Any]
    ident: str

    @classmethod
    def read(cls, text: str) -> Reply | None:
        """None where it is none at all."""
        try:
            facts: Any = json.loads(text) if len(text) <= LONGEST else {}
            return cls(facts, hashlib.sha256(_read(facts["rawId"])).hexdigest())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


class _Made(NamedTuple):
    key: bytes
    counter: int


def _made(answer: Reply, place: Place, challenge: Challenge) -> _Made | None:
    """The passkey that a device made; None for what is none."""
    try:
        given = RegistrationResponse.from_dict(answer.facts)
        state = {"challenge": challenge.text, "user_verification": "preferred"}
        facts = _server(place).register_complete(state, given)
        key = facts.credential_data
        if key is None or given.response.client_data.cross_origin:
            return None
        number = hashlib.sha256(key.credential_id).hexdigest()
        right = number == answer.ident and key.public_key.ALGORITHM in ALGORITHMS
        return _Made(bytes(key), int(facts.counter)) if right else None
    except Exception:  # as above
        return None


def _server(place: Place) -> Fido2Server:
    """What checks answers: the origin must be the portal's own to the letter."""
    rp = PublicKeyCredentialRpEntity(name=place.host, id=place.host)
    return Fido2Server(rp, verify_origin=lambda origin: origin == place.origin)


def _described(passkeys: Iterable[Passkey]) -> list[dict[str, str]]:
    return [
        {"type": "public-key", "id": _written(AttestedCredentialData(_read(key.data)).credential_id)}
        for key in passkeys
    ]


def _facts(address: str, name: str) -> dict[str, Any]:
    return {"from": [None, address], "passkey": [None, name]}


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
