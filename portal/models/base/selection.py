"""Many records, chosen by hand, to which one thing is done: each by its own verb, with its own event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.i18n import Phrase
from portal.models.base.database import db
from portal.models.base.record import Invalid, Stale

MOST = 500
"""So many at once: what one look at the answer can still follow."""
NOT_YOURS = Phrase("It is not yours to change.")
CHANGED = Phrase("Somebody changed it at this moment.")
ALREADY = Phrase("It is so already.")


@dataclass
class Acted:
    """To how many it was done, and to which not, by the reason."""

    done: list[Any] = field(default_factory=list)
    refused: dict[str, list[Any]] = field(default_factory=dict)

    def refuse(self, why: str, record: Any) -> None:
        self.refused.setdefault(why, []).append(record)


def each(records: Sequence[Any], act: Callable[[Any], object], *, may: Callable[[Any], bool]) -> Acted:
    """Do it to each of them that this person may do it to. One that is refused stops no other.

    A verb that answers False did nothing, so nobody is told that it did; one that answers nothing did it.
    """
    outcome = Acted()
    for record in records:
        if not may(record):
            outcome.refuse(NOT_YOURS, record)
            continue
        try:
            with db.atomic():
                did = act(record)
        except Invalid as invalid:
            outcome.refuse(next(iter(invalid.errors.values())), record)
        except Stale:
            outcome.refuse(CHANGED, record)
        else:
            if did is False:
                outcome.refuse(ALREADY, record)
            else:
                outcome.done.append(record)
    return outcome
