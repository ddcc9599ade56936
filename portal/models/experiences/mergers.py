"""What was merged into another experience waits for its author, until they say that they took it in."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Event
from portal.models.base.undoing import undoes
from portal.models.experiences.experiences import Experience
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock

MERGER = "merger"
"""What waits."""


def ask_to_take_in(merged: Experience) -> None:
    """Who wrote what it was merged into is asked to take it in, and told."""
    _wait(merged)
    Notice.tell(merged.merged_into.author_id, _asked(merged), about=merged, waits=f"{merged} {MERGER}")


def _asked(merged: Experience) -> Phrase:
    return Phrase("A colleague improves what you wrote. Take it in: %(title)s", title=merged.title)


def _wait(merged: Experience) -> None:
    who, since = f"person-{merged.merged_into.author_id}", merged.decided_at
    Clock.start(merged, MERGER, who=who, text=_asked(merged), url=merged.url, since=since)


def taken_in_by(merged: Experience, person: Person) -> bool:
    """Whether it waits for this person."""
    waiting = Clock.of(merged, MERGER)
    return waiting is not None and waiting.who == str(person)


def take_in(merged: Experience, *, by: Person) -> None:
    """It stands in what they wrote by now. Twice is harmless."""
    with db.atomic():
        if taken_in_by(merged, by):
            Clock.stop(merged, MERGER)
            merged.track("taken in", by=by)


def leave_out(merged: Experience) -> None:
    """Nobody is asked any more: its acceptance was revoked."""
    Clock.stop(merged, MERGER)


def _mine(merged: Experience, event: Event, person: Person) -> bool:
    return merged.state == "merged" and bool(merged.merged_into.author_id == person.id)


@undoes(Experience, "taken in", right=_mine, ends=["revoked"])
def take_out(merged: Experience, event: Event, by: Person) -> None:
    """It waits again."""
    _wait(merged)
