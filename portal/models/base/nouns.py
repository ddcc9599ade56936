"""What a noun is called, said once: its words, where it is read, and how its events and states are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from portal.i18n import Phrase


class State(StrEnum):
    """A state of a record, with what people read of it: `OPEN = "open", Phrase("Open"), "info", "clock"`."""

    label: Phrase
    tone: str
    icon: str

    def __new__(cls, value: str, label: Phrase, tone: str = "neutral", icon: str = "") -> Self:
        state = str.__new__(cls, value)
        state._value_ = value
        state.label, state.tone, state.icon = label, tone, icon
        return state

    @classmethod
    def of(cls, value: str) -> Self:
        """The state that is kept as this value. Raises ValueError."""
        state = cls._value2member_map_.get(value)
        if isinstance(state, cls):
            return state
        raise ValueError(f"{value!r} is no {cls.__name__}")


class Condition(State):
    """What can be said of many nouns beside their own states."""

    ACTIVE = "active", Phrase("Active"), "success", "circle-check"
    INACTIVE = "inactive", Phrase("Inactive"), "neutral", "eye-off"
    ARCHIVED = "archived", Phrase("Archived"), "neutral", "archive"
    WAITING = "waiting", Phrase("Waiting"), "warning", "hourglass"
    UNANSWERED = "unanswered", Phrase("Without an answer"), "info", "clock"
    DISPUTED = "disputed", Phrase("Disputed"), "warning", "flag"
    IN_REVIEW = "in_review", Phrase("In review"), "info", "send"
    DOWN = "failed", Phrase("Down"), "danger", "alert-triangle"


@dataclass(frozen=True)
class Said:
    """An event in words: what its actor did, as a timeline tells it; `brief` where the noun stands beside.

    The words may name a fact among its changes: `took “%(text)s”`.
    """

    words: Phrase
    icon: str = "clock"
    tone: str = "neutral"
    brief: Phrase | None = None
    quotes: str = ""
    """The fact among its changes that a timeline shows below the sentence."""
    auditors_only: bool = False
    """Whether nobody else who reads the log reads it: it says what is promised to be shown to nobody."""


@dataclass(frozen=True)
class Noun:
    """What a table is called, by its `kind()`: `path` with `{id}` is its page, empty where it has none."""

    kind: str
    one: Phrase
    many: Phrase | None = None
    icon: str = ""
    icon_waiting: str = ""
    """The icon where it waits for someone, if that is another."""
    path: str = ""
    open_to_auditors: bool = True
    """Whether whoever reads the audit log may open its page."""
    events: Mapping[str, Said] = field(default_factory=dict)
    states: type[State] | None = None

    def __post_init__(self) -> None:
        NOUNS[self.kind] = self

    @property
    def list_path(self) -> str:
        """The address of the list that its page belongs to."""
        return self.path.partition("/{id}")[0]

    def said(self, verb: str) -> Said:
        """How an event of this noun is told."""
        return self.events.get(verb) or COMMON.get(verb) or Said(Phrase(verb))


NOUNS: dict[str, Noun] = {}
"""Every noun by its kind."""

FACTS: dict[str, Phrase] = {
    "absence": Phrase("Absence"),
    "act": Phrase("Act"),
    "agreed_by": Phrase("Agreed to by"),
    "answer": Phrase("Answer"),
    "answer used": Phrase("Answer"),
    "article used": Phrase("Article"),
    "calendar.country": Phrase("Public holidays of"),
    "calendar.weekend": Phrase("Free each week"),
    "from": Phrase("From the address"),
    "chosen": Phrase("Chosen rows"),
    "comment": Phrase("Comment on a text"),
    "company.language": Phrase("Language of new people"),
    "company.logo": Phrase("Logo"),
    "company.name": Phrase("Company name"),
    "company.name_en": Phrase("Company name in English"),
    "company.second_factor": Phrase("Second factor asked for"),
    "counter": Phrase("Uses by its own count"),
    "event": Phrase("Event"),
    "file": Phrase("File"),
    "first_day": Phrase("First day"),
    "for": Phrase("Best answer for"),
    "from version": Phrase("Version"),
    "help.contact": Phrase("Visitors may write to us"),
    "help.is_open": Phrase("Open to everyone"),
    "help.logo": Phrase("Show the company’s logo"),
    "help.names": Phrase("Show who wrote it"),
    "help.title": Phrase("Title"),
    "help.title_en": Phrase("Title in English"),
    "help.welcome": Phrase("Welcome"),
    "help.welcome_en": Phrase("Welcome in English"),
    "keep.jobs": Phrase("Finished background jobs, in days"),
    "keep.notices": Phrase("Notices that were read, in days"),
    "keep.searches": Phrase("Who looked for what, in days"),
    "keep.uploads": Phrase("Files whose import was never run, in days"),
    "keep.recordings": Phrase("What somebody spoke before writing it, in days"),
    "contact.dealers": Phrase("Contact group: dealers"),
    "contact.engineers": Phrase("Contact group: engineers"),
    "contact.marketing": Phrase("Contact group: marketing"),
    "contact.repair": Phrase("Contact group: repair"),
    "contact.sales": Phrase("Contact group: sales"),
    "contact.service": Phrase("Contact group: customer service"),
    "kind": Phrase("Kind"),
    "last_day": Phrase("Last day"),
    "left_out": Phrase("Left out of the file: no employee number"),
    "noted_by": Phrase("Noted by"),
    "on": Phrase("Date"),
    "passkey": Phrase("Passkey"),
    "pending": Phrase("Not payable yet"),
    "pending_amount": Phrase("Money not payable yet"),
    "reason": Phrase("Reason"),
    "reasons": Phrase("Reasons"),
    "role": Phrase("Role"),
    "scope": Phrase("Holds for"),
    "review.gap": Phrase("A third reviewer is asked above a difference of"),
    "review.panel_lead": Phrase("Panel lead"),
    "review.pass_mark": Phrase("Pass mark"),
    "review.weights": Phrase("Weights of the five questions"),
    "rights.customers": Phrase("Who opens all customers"),
    "rights.deals": Phrase("Who opens all deals"),
    "rights.need": Phrase("By need"),
    "sha256": Phrase("Checksum"),
    "setup.later": Phrase("The set-up is out of the way"),
    "shares": Phrase("Shares"),
    "substitute": Phrase("Stands in"),
    "to": Phrase("New owner"),
    "trigger": Phrase("Entry"),
    "unpaid": Phrase("Not paid yet"),
    "why": Phrase("Why"),
}
"""What events say beside the fields that changed."""

COMMON: dict[str, Said] = {
    "added": Said(Phrase("added this"), "plus", brief=Phrase("added")),
    "edited": Said(Phrase("changed %(fields)s"), "pencil", brief=Phrase("edited")),
    "archived": Said(Phrase("archived this"), "archive", brief=Phrase("archived")),
    "restored": Said(Phrase("brought this back"), "refresh", brief=Phrase("brought back")),
    "brought back": Said(Phrase("brought this back"), "refresh", brief=Phrase("brought back")),
    "handed over": Said(Phrase("handed this over to %(to)s"), "arrow-right", "info", Phrase("handed over")),
    "revealed": Said(Phrase("looked at the private details"), "eye", "warning"),
    "imported": Said(Phrase("imported this"), "file-import", brief=Phrase("imported")),
    "undid": Said(Phrase("undid: %(act)s"), "arrow-back-up", "warning", brief=Phrase("undid")),
    "import undone": Said(Phrase("took back an import of this"), "arrow-back-up", "warning"),
    "personal data erased": Said(
        Phrase("took personal data out of the text"),
        "eye-off",
        "warning",
        brief=Phrase("erased personal data"),
    ),
    "exported": Said(Phrase("took a list out as a file"), "file-export", "warning", brief=Phrase("exported")),
    "export refused": Said(
        Phrase("tried to take a list out that they may only read"),
        "file-export",
        "warning",
        brief=Phrase("export refused"),
    ),
}
"""Verbs that every noun may have."""
