"""What the audit log calls things: every noun, verb and field in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from portal import i18n
from portal.i18n import Phrase
from portal.models.base.record import Event, names_of
from portal.models.company.calendar import WEEKENDS
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.customers.interactions import KINDS
from portal.models.people.people import Person
from portal.models.sales.deals import TRIGGERS, Stage
from portal.views.customers import timeline

NOUNS: dict[str, Phrase] = {
    "person": Phrase("Person"),
    "department": Phrase("Department"),
    "topic": Phrase("Topic"),
    "customer_type": Phrase("Customer type"),
    "customer": Phrase("Customer"),
    "contact": Phrase("Contact"),
    "interaction": Phrase("Interaction"),
    "deal": Phrase("Deal"),
    "product": Phrase("Product"),
    "experience": Phrase("Experience"),
    "review": Phrase("Review"),
    "article": Phrase("Article"),
    "question": Phrase("Question"),
    "answer": Phrase("Answer"),
    "policy": Phrase("Commission policy"),
    "period": Phrase("Commission month"),
    "statement": Phrase("Statement"),
    "adjustment": Phrase("Adjustment"),
    "dispute": Phrase("Dispute"),
    "import": Phrase("Import"),
    "calendar_day": Phrase("Working day"),
    "setting": Phrase("Setting"),
    "synonym": Phrase("Company word"),
    "gap": Phrase("Knowledge gap"),
    "search_cursor": Phrase("Search index"),
    "search_failure": Phrase("Record missing from the search index"),
    "job": Phrase("Background job"),
}
"""By the kind of record that an event is about."""

PAGES = {
    "person": "/people",
    "customer": "/customers",
    "deal": "/deals",
    "product": "/products",
    "article": "/articles",
    "question": "/questions",
    "answer": "/answers",
    "policy": "/commission/policies",
    "dispute": "/commission/disputes",
    "import": "/imports",
}
"""Where a record of a kind has a page that whoever reads the log may open: drafts are their authors'."""

VERBS: dict[str, Phrase] = {
    "accepted": Phrase("accepted"),
    "acknowledged": Phrase("confirmed as read"),
    "added": Phrase("added"),
    "answered": Phrase("answered"),
    "appealed": Phrase("appealed"),
    "approved": Phrase("approved"),
    "archived": Phrase("archived"),
    "asked": Phrase("asked"),
    "assigned": Phrase("assigned"),
    "began": Phrase("began"),
    "best chosen": Phrase("chose the best answer"),
    "best taken back": Phrase("took back the best answer"),
    "brought back": Phrase("brought back"),
    "chosen": Phrase("changed"),
    "close_asked": Phrase("asked for the close"),
    "closed": Phrase("closed"),
    "completed": Phrase("completed"),
    "deactivated": Phrase("closed the account"),
    "drafted": Phrase("drafted"),
    "edited": Phrase("edited"),
    "endorsed": Phrase("endorsed"),
    "endorsement taken back": Phrase("took back an endorsement"),
    "exported": Phrase("exported"),
    "finished": Phrase("finished"),
    "followed up": Phrase("followed up"),
    "granted": Phrase("gave a role"),
    "handed over": Phrase("handed over"),
    "import undone": Phrase("took back an import of this"),
    "imported": Phrase("imported"),
    "info_asked": Phrase("asked for more"),
    "joined": Phrase("joined"),
    "logged": Phrase("noted"),
    "lost": Phrase("closed as lost"),
    "merged": Phrase("merged"),
    "moved": Phrase("moved to another stage"),
    "opened": Phrase("opened"),
    "paid": Phrase("recorded as paid"),
    "passed on": Phrase("passed on"),
    "password changed": Phrase("changed the password"),
    "preview_asked": Phrase("asked for a preview"),
    "previewed": Phrase("previewed"),
    "proposed": Phrase("proposed"),
    "published": Phrase("published"),
    "reactivated": Phrase("opened the account again"),
    "rebuild asked": Phrase("asked to rebuild"),
    "recorded": Phrase("recorded money"),
    "refused": Phrase("refused"),
    "rejected": Phrase("did not accept"),
    "removed": Phrase("removed"),
    "reopened": Phrase("reopened"),
    "reset link shown": Phrase("saw the link for a new password"),
    "restored": Phrase("brought back"),
    "retried": Phrase("had this tried again"),
    "revealed": Phrase("looked at the private details"),
    "reversed": Phrase("reversed money"),
    "revision asked": Phrase("asked for changes"),
    "revoked": Phrase("revoked the acceptance"),
    "sent_back": Phrase("sent back"),
    "shared": Phrase("set who shares in the deal"),
    "started": Phrase("started"),
    "submitted": Phrase("submitted"),
    "taken up": Phrase("took up"),
    "undo asked": Phrase("asked to take it back"),
    "undone": Phrase("took back"),
    "upheld": Phrase("upheld"),
    "uploaded": Phrase("uploaded"),
    "used": Phrase("found that it worked"),
    "version restored": Phrase("brought back an earlier version"),
    "withdrawn": Phrase("withdrew"),
    "won": Phrase("closed as won"),
    "written": Phrase("wrote"),
}
"""What was done, in the active voice: the name of who did it stands before it."""

SPECIAL: dict[tuple[str, str], Phrase] = {
    ("person", "withdrawn"): Phrase("took back a role"),
    ("dispute", "rejected"): Phrase("let the statement stand"),
    ("period", "exported"): Phrase("exported for payroll"),
    ("period", "paid"): Phrase("confirmed the payment"),
}
"""Verbs that mean something else for one kind of record."""

FIELDS: dict[str, Phrase] = timeline.FIELDS | {
    "answer": Phrase("Answer"),
    "body": Phrase("Text"),
    "calendar.country": Phrase("Public holidays of"),
    "calendar.weekend": Phrase("Free each week"),
    "closed_on": Phrase("Closed on"),
    "company.name": Phrase("Company name"),
    "company.name_en": Phrase("Company name in English"),
    "counts": Phrase("Rows"),
    "day": Phrase("Day"),
    "department": Phrase("Department"),
    "employee_no": Phrase("Employee number"),
    "file": Phrase("File"),
    "for": Phrase("Best answer for"),
    "from version": Phrase("Version"),
    "into": Phrase("Merged into"),
    "is_worked": Phrase("The company works on this day"),
    "joined_on": Phrase("Joined on"),
    "kind": Phrase("Kind"),
    "left_on": Phrase("Left on"),
    "locale": Phrase("Language"),
    "lost_reason": Phrase("Reason"),
    "manager": Phrase("Direct manager"),
    "on": Phrase("Date"),
    "reason": Phrase("Reason"),
    "role": Phrase("Role"),
    "round": Phrase("Round"),
    "scope": Phrase("Holds for"),
    "score": Phrase("Score"),
    "sha256": Phrase("Checksum"),
    "shares": Phrase("Shares"),
    "state": Phrase("State"),
    "summary": Phrase("In one sentence"),
    "theme": Phrase("Theme"),
    "title_en": Phrase("Job title in English"),
    "to": Phrase("New owner"),
    "topic": Phrase("Topic"),
    "total": Phrase("Total"),
    "trigger": Phrase("Entry"),
    "verdict": Phrase("Outcome"),
    "why": Phrase("Why"),
    "words": Phrase("Words"),
}
"""By the name of the field, beside those of the timelines."""

VALUES: dict[str, dict[str, Phrase]] = {
    "calendar.weekend": WEEKENDS,
    "form": timeline.FORMS,
    "kind": KINDS,
    "role": {
        "reviewer": Phrase("Reviewer"),
        "manager": Phrase("Manager"),
        "finance": Phrase("Finance"),
        "administrator": Phrase("Administrator"),
        "auditor": Phrase("Auditor"),
    },
    "locale": {"zh": Phrase("Chinese"), "en": Phrase("English")},
    "theme": {"auto": Phrase("Auto"), "light": Phrase("Light"), "dark": Phrase("Dark")},
    "stage": {stage.value: stage.label for stage in Stage},
    "trigger": TRIGGERS,
    "verdict": {
        "accept": Phrase("Accepted"),
        "revise": Phrase("Revision asked"),
        "merge": Phrase("Merged"),
        "reject": Phrase("Rejected"),
    },
    "why": {
        "asked": Phrase("At their own request"),
        "late": Phrase("Overdue"),
        "conflict": Phrase("Conflict of interest"),
    },
}
"""What the stored words of a field are called."""

AMOUNTS = timeline.MONEY | {"total"}
PEOPLE = {"owner", "manager"}
SCOPES = {"scope", "topic", "department"}

Names = dict[tuple[str, int], str]
"""What records are called, by their kind and id."""


@dataclass(frozen=True)
class Entry:
    """One event in words."""

    event: Event
    verb: str
    noun: str
    page: str
    """The address of the record, empty for one without a page."""
    changes: list[tuple[str, str, str]]
    """Field, before and after."""


def told(events: Iterable[Event], people: dict[int, Person]) -> list[Entry]:
    """Events in the language in use. `people`: by id, whoever acted or is named."""
    events = list(events)
    names = _scopes(events) | {("person", ident): i18n.label(person) for ident, person in people.items()}
    return [
        Entry(
            event,
            _verb(event),
            i18n.label(NOUNS.get(event.subject_kind, Phrase(event.subject_kind))),
            f"{PAGES[event.subject_kind]}/{event.subject}" if event.subject_kind in PAGES else "",
            [_change(name, change, names) for name, change in event.changes.items()],
        )
        for event in events
    ]


def named(events: Iterable[Event]) -> set[int]:
    """The ids of everyone who acted in these events or whom their changes name."""
    found = {event.actor for event in events if event.actor}
    for event in events:
        for name in PEOPLE & event.changes.keys():
            found |= {one for one in event.changes[name] if isinstance(one, int)}
    return found


def _verb(event: Event) -> str:
    words = SPECIAL.get((event.subject_kind, event.verb)) or VERBS.get(event.verb)
    return i18n.label(words or Phrase(event.verb))


def _scopes(events: list[Event]) -> Names:
    """The names of the topics and departments that changes speak of."""
    wanted: dict[str, set[int]] = {"topic": set(), "department": set()}
    for event in events:
        for name in SCOPES & event.changes.keys():
            for one in event.changes[name]:
                kind, ident = _scope(name, one)
                if kind in wanted:
                    wanted[kind].add(ident)
    found: Names = {}
    for model in (Topic, Department):
        if idents := wanted[model.kind()]:
            rows = model.select(*names_of(model)).where(model.id.in_(idents))
            found |= {(model.kind(), row.id): i18n.label(row) for row in rows}
    return found


def _scope(name: str, value: Any) -> tuple[str, int]:
    """The kind and id in `topic-12` of a role, or in the id of a field named after its kind."""
    if isinstance(value, int):
        return name, value
    kind, _, ident = str(value).partition("-")
    return (kind, int(ident)) if ident.isdecimal() else ("", 0)


def _change(name: str, change: Any, names: Names) -> tuple[str, str, str]:
    label = i18n.label(FIELDS.get(name, Phrase(name)))
    before, after = change if isinstance(change, list) and len(change) == 2 else (None, change)
    return label, _value(name, before, names), _value(name, after, names)


def _value(name: str, value: Any, names: Names) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return i18n.gettext("Yes") if value else i18n.gettext("No")
    if isinstance(value, int) and name in AMOUNTS:
        return i18n.money(value)
    if isinstance(value, int) and name in PEOPLE:
        return names.get(("person", value), str(value))
    if name in SCOPES:
        return names.get(_scope(name, value), str(value))
    if isinstance(value, int) and name == "score":
        return i18n.number(value / 100, 1)
    if isinstance(value, dict):
        return i18n.join(f"{key}: {each}" for key, each in value.items())
    words = VALUES.get(name, {}).get(value) if isinstance(value, str) else None
    return i18n.label(words) if words else str(value)
