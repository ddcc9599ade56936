"""What is learnt keeps step with what is known."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.jobs.registry import WHILE, hourly, work
from portal.models.base.database import transact
from portal.models.learning import certificates, enrolments, exams
from portal.models.work.jobs import Job


@work(
    "keep courses in step", Phrase("Keep exams and courses in step with knowledge"), term=WHILE, every=hourly
)
def keep_in_step(job: Job) -> None:
    """Questions of changed knowledge are checked, those certified asked anew, tasks done ticked."""
    transact(exams.note_changed)
    transact(exams.await_releases)
    transact(certificates.ask_certified)
    transact(enrolments.tick_tasks)
