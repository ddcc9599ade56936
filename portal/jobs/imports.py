"""A file tried out, written, and taken back."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.registry import HOURS, work
from portal.models.base.database import transact
from portal.models.imports import report, run, undo
from portal.models.imports.imports import Import
from portal.models.people.people import Person
from portal.models.work.jobs import Job


@work("check import", Phrase("Try out an import"), term=HOURS)
def check_import(job: Job) -> None:
    found = transact(partial(Import.get_or_none, Import.id == job.facts["record"]), write=False)
    if found is not None and found.job_id == job.id:
        report.check(found, job.progress)


@work("run import", Phrase("Run an import"), term=HOURS)
def run_import(job: Job) -> None:
    found = transact(partial(Import.get_by_id, job.facts["record"]), write=False)
    run.run(found, job.progress)
    if found.state == "finished":
        report.keep_rejected(found, transact(partial(report.rejected, found), write=False))


@work("undo import", Phrase("Take an import back"), term=HOURS)
def undo_import(job: Job) -> None:
    found = transact(partial(Import.get_by_id, job.facts["record"]), write=False)
    by = transact(partial(Person.get_or_none, Person.id == job.facts["by"]), write=False)
    undo.take_back(found, by, job.progress)
