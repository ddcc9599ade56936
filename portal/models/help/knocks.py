"""What somebody outside did on the help site: counted by where it came from, so that it has an end."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from peewee import CharField, DateField, ModelSelect

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Invalid, Record
from portal.models.people.tries import house_of

AT_MOST = {"search": 40, "voice": 100, "message": 5}
"""So often in a day something is noted of one address; a voice is counted once for each page."""
LASTS = timedelta(days=2)
OFTEN = Phrase("That was often from where you are. Go on tomorrow.")


class Knock(Record):
    """That something was done at a door, once for each day, address and thing. What was done, and by whom,
    stands there as digests with a key, others each day and at each door: so nobody reads it out of them.
    """

    door = CharField(20)
    what = CharField(200)
    who = CharField(32)
    on = DateField()

    class Meta:
        indexes = ((("on", "who", "door", "what"), True),)

    @classmethod
    def first(cls, door: str, what: object, *, address: str, key: str) -> bool:
        """Note it; false where the same was done today already. Raises Invalid where it was too often."""
        facts = cls._facts(door, what, address, key)
        if cls._done(facts):
            return False
        if cls._is_often(facts):
            raise Invalid(OFTEN)
        return bool(cls.insert({**facts, "created_at": clock.now()}).on_conflict_ignore().execute())

    @classmethod
    def would_count(cls, door: str, what: object, *, address: str, key: str) -> bool:
        """Whether it would be noted: the first time today, and not too often. Writes nothing."""
        facts = cls._facts(door, what, address, key)
        return not cls._done(facts) and not cls._is_often(facts)

    @classmethod
    def _facts(cls, door: str, what: object, address: str, key: str) -> dict[str, Any]:
        day = clock.today()
        secret = hashlib.sha256(f"{key} {day} {door}".encode()).digest()

        def digest(text: str) -> str:
            return hashlib.blake2b(text.encode(errors="replace"), key=secret, digest_size=16).hexdigest()

        return {
            "door": door,
            "what": digest(f"what {what}"),
            "who": digest(f"who {house_of(address)}"),
            "on": day,
        }

    @classmethod
    def _there(cls, facts: Mapping[str, Any]) -> ModelSelect[Self]:
        mine = (cls.on == facts["on"]) & (cls.who == facts["who"]) & (cls.door == facts["door"])
        return cls.select().where(mine)

    @classmethod
    def _done(cls, facts: Mapping[str, Any]) -> bool:
        return cls._there(facts).where(cls.what == facts["what"]).exists()

    @classmethod
    def _is_often(cls, facts: Mapping[str, Any]) -> bool:
        return cls._there(facts).count() >= AT_MOST[str(facts["door"])]

    @classmethod
    def forget_old(cls) -> None:
        """What counts no longer is forgotten."""
        cls.delete().where(cls.on < clock.today() - LASTS).execute()
