"""What one company chooses: its name, its rules' values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import JSONField

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db, remembered
from portal.models.base.fields import NameField
from portal.models.base.prepared import Prepared
from portal.models.base.record import Event, Record
from portal.models.company.rooms import RULES
from portal.models.company.words import CONTACT_GROUPS, SETTING

DEFAULTS: dict[str, Any] = {
    "company.name": "门户",
    "company.name_en": "Portal",
    "company.language": "zh",
    "company.second_factor": "never",
    "company.logo": "",
    "rights.need": False,
    "rights.customers": [],
    "rights.deals": [],
    "calendar.country": "CN",
    "calendar.weekend": "5,6",
    "review.weights": [30, 25, 20, 15, 10],
    "keep.notices": 365,
    "keep.searches": 180,
    "keep.jobs": 90,
    "keep.uploads": 30,
    "keep.recordings": 90,
    "review.pass_mark": 70,
    "review.gap": 15,
    "review.panel_lead": None,
    "payroll.columns": [],
    "setup.later": False,
    "help.is_open": False,
    "help.title": "",
    "help.title_en": "",
    "help.welcome": "",
    "help.welcome_en": "",
    "help.logo": True,
    "help.names": False,
    "help.contact": False,
    **{f"contact.{name}": [] for name in CONTACT_GROUPS},
} | {name: rule.usual for name, rule in RULES.items()}

MOST_CHANGES = 20
"""Of the changes of a page's settings, so many are shown; all are in the events."""
KEPT = ("notices", "searches", "jobs", "uploads", "recordings")
"""What is forgotten after a term that the company chooses."""


class Demand(StrEnum):
    """When the company asks for a second factor; each asks for all that those before it ask for."""

    NEVER = "never"
    ACTS = "acts"
    """Before pay, exports and roles."""
    ROLES = "roles"
    """At the door, of those who pay, give rights or audit."""
    DOOR = "door"
    """At the door, of everyone."""


class Setting(Record):
    """One choice; what is not chosen has its default."""

    called = SETTING

    name = NameField(80, unique=True, verbose_name=Phrase("Name"))
    value = JSONField()

    @classmethod
    def read(cls, name: str) -> Any:
        """The value in force. Raises KeyError for a setting nobody declared."""
        chosen = cls._chosen().get(name)
        return chosen.value if chosen else DEFAULTS[name]

    @classmethod
    def _chosen(cls) -> dict[str, Setting]:
        """All that was chosen, by name: a few rows, of which most pages need several."""
        return remembered(cls, lambda: {each.name: each for each in _ALL()}, table=cls.kind())

    @classmethod
    def as_of(cls, name: str, moment: datetime | None) -> Any:
        """The value that was in force at a moment; the present one for None."""
        chosen = cls._chosen().get(name)
        if chosen is None:
            return DEFAULTS[name]
        later = (before for at, before in chosen._changes() if moment is not None and at > moment)
        return next(later, chosen.value)

    def _changes(self) -> list[tuple[datetime, Any]]:
        """When it was chosen, and what was in force before, oldest first: a list asks it for every row."""

        def read() -> list[tuple[datetime, Any]]:
            events = Event.about(self).where(Event.verb == "chosen").order_by(Event.id)
            return [(each.at, each.changes[self.name][0]) for each in events]

        return remembered((Setting, self.name), read)

    @classmethod
    def choices(cls, name: str) -> list[tuple[datetime, Any]]:
        """Each value that was chosen and since when it is in force, oldest first."""
        chosen = cls._chosen().get(name)
        if chosen is None:
            return []
        changes = chosen._changes()
        values = [before for _, before in changes[1:]] + [chosen.value]
        return [(at, value) for (at, _), value in zip(changes, values, strict=True)]

    @classmethod
    def choose(cls, name: str, value: Any, *, by: Any, told: Mapping[str, Any] | None = None) -> None:
        """Set a value, leaving an event, with what else is `told` of it. Raises KeyError for a setting nobody
        declared.
        """
        before = cls.read(name)
        if before == value:
            return
        with db.atomic():
            cls.insert(name=name, value=value).on_conflict(
                conflict_target=[cls.name], update={cls.value: value}
            ).execute()
            cls.get(cls.name == name).track("chosen", by=by, changes={name: [before, value], **(told or {})})

    @classmethod
    def history(cls, names: Collection[str]) -> list[Event]:
        """Who changed some of them when, newest first."""
        chosen = [each.id for name, each in cls._chosen().items() if name in names]
        about = (Event.subject_kind == cls.kind()) & Event.subject.in_(chosen)
        return list(Event.select().where(about).order_by(Event.id.desc()).limit(MOST_CHANGES))

    @classmethod
    def kept_since(cls, what: str) -> datetime:
        """What is older is forgotten."""
        return clock.now() - timedelta(days=cls.read(f"keep.{what}"))

    @classmethod
    def terms(cls) -> dict[str, int]:
        """After how many days what is forgotten."""
        return {name: cls.read(f"keep.{name}") for name in KEPT}

    @classmethod
    def keep_for(cls, *, by: Any, **days: int) -> bool:
        """Choose after how many days what is forgotten."""
        for name, many in days.items():
            cls.choose(f"keep.{name}", many, by=by)
        return True

    @classmethod
    def of_company(cls) -> dict[str, Any]:
        """The company's name in both languages, the language of new people, and when a second factor is asked
        for.
        """
        parts = ("name", "name_en", "language", "second_factor")
        return {part: cls.read(f"company.{part}") for part in parts}

    @classmethod
    def choose_company(cls, *, by: Any, **values: Any) -> bool:
        """Choose the company's names, the language of new people, and when a second factor is asked for."""
        for part, value in values.items():
            cls.choose(f"company.{part}", value, by=by)
        return True


_ALL = Prepared[Setting](lambda: Setting.select(Setting.id, Setting.name, Setting.value))
