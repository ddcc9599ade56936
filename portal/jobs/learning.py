"""What is learnt keeps step with what is known."""

from __future__ import annotations

from functools import partial

from peewee import fn

from portal.i18n import Phrase
from portal.jobs.registry import WHILE, hourly, work
from portal.models.base.database import transact
from portal.models.base.record import Event
from portal.models.learning import certificates, courses, enrolments, exams, mentors
from portal.models.work.jobs import Job

OVERLAP = 1000
"""So many events before the last are looked at once more: of two that are written at once the later number
may be seen first.
"""


@work(
    "keep courses in step", Phrase("Keep exams and courses in step with knowledge"), term=WHILE, every=hourly
)
def keep_in_step(job: Job) -> None:
    """Questions of changed knowledge are checked and lessons of it renewed, those certified asked
    anew, who finished without an exam asked to take it, tasks done ticked, mentors chosen anew for
    whoever went over to another post.
    """
    transact(exams.note_changed)
    transact(courses.await_renewals)
    transact(exams.await_releases)
    transact(certificates.ask_certified)
    transact(enrolments.ask_for_exams)
    latest = transact(partial(Event.select(fn.MAX(Event.id)).scalar), write=False) or 0
    last = transact(partial(seen_before, job), write=False)
    enrolments.tick_tasks(last - OVERLAP)
    transact(mentors.Mentorship.ask_anew)
    transact(mentors.Mentorship.ask_first)
    transact(partial(job.remember, seen=latest))


def seen_before(job: Job) -> int:
    """The last event that there was when this was done the time before; 0 when that is not known."""
    ended = Job.select().where((Job.name == job.name) & (Job.state == "finished"))
    before = ended.order_by(Job.id.desc()).first()
    return int(before.facts.get("seen", 0)) if before is not None else 0
