"""Coming in with a passkey, and showing with one who one is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.people.passkeys import Challenge, Passkey, Place, Purpose, Reply
from portal.models.people.people import Person
from portal.models.people.sessions import TOO_MANY, known_device
from portal.models.people.signing import digest
from portal.models.people.tries import SignInFailure, Throttled

REFUSED = Phrase("This passkey was not taken. Try once more, or come in another way.")
"""The same for an account that is closed, one that never was, and a passkey that was removed."""


@dataclass(frozen=True)
class Shown:
    """What someone sends to show who they are: a passkey's answer, and the challenge that it answers."""

    use: Purpose
    who: int
    """For whom the challenge was put, as `Challenge.put` says."""
    answer: str
    token: str
    place: Place | None
    address: str
    devices: str = ""
    """What the browser keeps of the accounts that it is known for."""


def came_in(shown: Shown, secret: str) -> tuple[Person | None, Phrase | None]:
    """Whose passkey it is, and else why it is not taken. Meant to run outside a transaction, as
    `sessions.check_password`.
    """
    return _checked(shown, secret, None)


def refusal(person: Person, shown: Shown, secret: str) -> Phrase | None:
    """Why a passkey does not show someone to be this person; None when it does. Meant to run outside a
    transaction.
    """
    return _checked(shown, secret, person)[1]


def _checked(shown: Shown, secret: str, person: Person | None) -> tuple[Person | None, Phrase | None]:
    answer = Reply.read(shown.answer)
    challenge = Challenge.back(shown.token, shown.use, shown.who, secret)
    with db.connection_context():
        key = Passkey.known(answer) if answer else None
        meant = person or (key.person if key else None)
        account = digest(f"passkey {meant.email if meant else secrets.token_hex(8)}")
        device = known_device(shown.devices, meant.email, secret) if meant else ""
        try:
            tried = SignInFailure.begin(account, address=shown.address, device=device, person=meant)
        except Throttled:
            return None, TOO_MANY
        if not _opens(key, meant, answer, challenge, shown):
            return None, REFUSED
        tried.delete_instance()
        return meant, None


def _opens(
    key: Passkey | None,
    meant: Person | None,
    answer: Reply | None,
    challenge: Challenge | None,
    shown: Shown,
) -> bool:
    if meant is None:
        return False
    if key is None or key.person != meant or not (answer and challenge and shown.place):
        meant.track("passkey refused", changes={"from": [None, shown.address]})
        return False
    return key.answers(answer, place=shown.place, challenge=challenge, address=shown.address)
