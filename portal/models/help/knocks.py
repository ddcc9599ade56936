"""What somebody outside did on the help site: counted by where it came from, so that it has an end."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from peewee import CharField, DateField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.record import Invalid, Record

AT_MOST = {"search": 40, "voice": 100, "message": 5}
"""So often in a day something is noted of one address; a voice is counted once for each page."""
LASTS = timedelta(days=2)
OFTEN = Phrase("That was often from where you are. Go on tomorrow.")


class Knock(Record):
    """That something was done at a door, once for each day, address and thing."""

    door = CharField(20)
    what = CharField(200)
    who = CharField(32)
    """Of whom nothing is known: a digest of an address with a key, another one each day."""
    on = DateField()

    class Meta:
        indexes = ((("on", "who", "door", "what"), True),)

    @classmethod
    def first(cls, door: str, what: object, *, address: str, key: str) -> bool:
        """Note it; false where the same was done today already. Raises Invalid where it was too often."""
        day = clock.today()
        secret = hashlib.sha256(f"{key} {day}".encode()).digest()
        who = hashlib.blake2b(address.encode(), key=secret, digest_size=16).hexdigest()
        mine = (cls.on == day) & (cls.who == who) & (cls.door == door)
        if cls.select().where(mine & (cls.what == str(what)[:200])).exists():
            return False
        if cls.select().where(mine).count() >= AT_MOST[door]:
            raise Invalid(OFTEN)
        facts = {"door": door, "what": str(what)[:200], "who": who, "on": day, "created_at": clock.now()}
        return bool(cls.insert(facts).on_conflict_ignore().execute())

    @classmethod
    def forget_old(cls) -> None:
        """What counts no longer is forgotten."""
        cls.delete().where(cls.on < clock.today() - LASTS).execute()
