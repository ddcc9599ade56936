"""Reviews that are late, and debriefs that are not written."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.registry import daily, hourly, work
from portal.models.base.database import transact
from portal.models.experiences import debriefs, process
from portal.models.experiences.experiences import Experience
from portal.models.work.jobs import Job


@work("move reviews", Phrase("Pass late reviews on"), every=hourly)
def move_reviews(job: Job) -> None:
    """Remind late reviewers and ask others in their place, one experience at a time."""
    waiting = transact(Experience.in_review, write=False)
    for done, ident in enumerate(waiting):
        transact(partial(process.keep_moving, ident))
        transact(partial(job.progress, done + 1, len(waiting)))


@work("ask for debriefs", Phrase("Ask for debriefs"), every=daily)
def ask_for_debriefs(job: Job) -> None:
    transact(debriefs.ask_for_debriefs)
