"""Tries to sign in: who guesses waits, and locks nobody else out."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Any

from peewee import CharField

from portal import clock
from portal.models.base.fields import UtcDateTimeField
from portal.models.base.record import Event, Record
from portal.models.people.people import Person

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ACCOUNT, PER_ADDRESS = 8, 40, 300
"""Failed tries within the window before an account waits at one address, or everywhere, or an address for
every account. They count unknown browsers alone: one with which the account signed in before has eight of
its own, whatever others do at its address (a whole company may be behind one) or to its name; together
the known ones of an account have as many as an account has.
"""


def house_of(address: str) -> str:
    """Whose an address is, as far as anybody can tell: of IPv6 one house has 2^64, and takes any."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


class Throttled(Exception):
    """Too many failed tries: come back after `minutes`."""

    minutes = int(WINDOW.total_seconds() // 60)


class SignInFailure(Record):
    """A try that failed, or is not decided yet: counted before it is looked at, so that many at one moment
    are many.
    """

    account = CharField(64, index=True)
    """A digest: what was typed may have been a password."""
    address = CharField(64, index=True)
    device = CharField(64, default="")
    """A known browser, by its digest; empty for all others."""
    at = UtcDateTimeField(default=clock.now, index=True)

    @classmethod
    def begin(
        cls, account: str, *, address: str, device: str = "", person: Person | None = None
    ) -> SignInFailure:
        """Count a try. To be called outside a transaction: others must see it at once. Raises Throttled when
        too many failed lately, and then does not count it: who only tries again does not wait for ever.
        """
        tried = cls.create(account=account, address=house_of(address)[:64], device=device)
        if any(tried._lately().where(same).count() > most for same, most in tried._limits()):
            tried.delete_instance()
            if person is not None:
                tried._tell(person, address)
            raise Throttled
        return tried

    def _lately(self) -> Any:
        return SignInFailure.select().where(SignInFailure.at > clock.now() - WINDOW)

    def _limits(self) -> list[tuple[Any, int]]:
        """What is counted for this try, and how many of each may fail."""
        cls = SignInFailure
        same, here, unknown = cls.account == self.account, cls.address == self.address, cls.device == ""
        if self.device:
            return [(same & (cls.device == self.device), PER_PAIR), (same & ~unknown, PER_ACCOUNT)]
        return [
            (unknown & same & here, PER_PAIR),
            (unknown & same, PER_ACCOUNT),
            (unknown & here, PER_ADDRESS),
        ]

    def _tell(self, person: Person, address: str) -> None:
        """Leave an event, once in a window."""
        told = (Event.verb == "sign-ins refused") & (Event.at > clock.now() - WINDOW)
        if not Event.about(person).where(told).exists():
            person.track("sign-ins refused", changes={"from": [None, address]})

    @classmethod
    def forget_old(cls) -> None:
        """Drop tries that no longer count."""
        cls.delete().where(cls.at < clock.now() - 4 * WINDOW).execute()
