"""What the worker does: each job's function, and what is due each day."""

from __future__ import annotations

from functools import partial

from portal import i18n, settings
from portal.clock import Month
from portal.jobs import LOOPS, PERIODIC, daily, hourly, work
from portal.models.base.database import transact
from portal.models.commission import closing
from portal.models.experiences import debriefs, panels
from portal.models.experiences.experiences import Experience
from portal.models.imports import run, undo
from portal.models.imports.imports import Import
from portal.models.knowledge import shelves
from portal.models.people.letters import Letter
from portal.models.people.people import Person
from portal.models.people.sessions import SignInFailure
from portal.models.search.lookups import Gap, Lookup, SavedSearch
from portal.models.work.jobs import Job
from portal.search import saved, searcher


@work("send letter")
def send_letter(job: Job) -> None:
    def send() -> None:
        letter = Letter.get_or_none(Letter.id == job.facts["letter"])
        if letter is not None:
            with i18n.speaking(letter.person.locale):
                letter.send(settings.read(), i18n.gettext)

    transact(send)


@work("preview_period")
def preview_period(job: Job) -> None:
    closing.preview(Month.parse(job.facts["month"]), by=job.facts["by"], progress=_shown(job))


@work("close_period")
def close_period(job: Job) -> None:
    closing.close(Month.parse(job.facts["month"]), by=job.facts["by"], progress=_shown(job))


def _shown(job: Job) -> closing.Progress:
    """Progress that people see while it happens: each step is its own transaction."""
    return lambda done, total: transact(lambda: job.progress(done, total))


@work("forget old failures")
def forget_old_failures(job: Job) -> None:
    transact(SignInFailure.forget_old)


PERIODIC["forget old failures"] = daily


@work("move reviews")
def move_reviews(job: Job) -> None:
    """Remind late reviewers and ask others in their place, one experience at a time."""
    waiting = transact(Experience.in_review, write=False)
    for done, ident in enumerate(waiting):
        transact(partial(panels.keep_moving, ident))
        transact(partial(job.progress, done + 1, len(waiting)))


@work("ask for debriefs")
def ask_for_debriefs(job: Job) -> None:
    transact(debriefs.ask_for_debriefs)


PERIODIC["move reviews"] = hourly
PERIODIC["ask for debriefs"] = daily


@work("check import")
def check_import(job: Job) -> None:
    found = transact(partial(Import.get_or_none, Import.id == job.facts["record"]), write=False)
    if found is not None and found.job_id == job.id:
        found.check(job.progress)


@work("run import")
def run_import(job: Job) -> None:
    run.run(transact(partial(Import.get_by_id, job.facts["record"]), write=False), job.progress)


@work("undo import")
def undo_import(job: Job) -> None:
    found = transact(partial(Import.get_by_id, job.facts["record"]), write=False)
    by = transact(partial(Person.get_or_none, Person.id == job.facts["by"]), write=False)
    undo.take_back(found, by, job.progress)


# --- Search --------------------------------------------------------------------------------------------


def feed_search() -> bool:
    """Make findable what changed, and tell those who had looked for what is answered now."""
    busy = searcher.here().feed.step()
    if busy and transact(Gap.is_any_ready, write=False):
        transact(Gap.settle)
    return busy


LOOPS.append(feed_search)


@work("rebuild search")
def rebuild_search(job: Job) -> None:
    """Build an engine's index anew while the old one answers and goes on being fed."""
    feed = searcher.here().feed

    def shown(done: int, total: int) -> None:
        transact(partial(job.progress, done, total))
        feed.step()

    for feeder in feed.feeders:
        if feeder.name == job.facts["engine"]:
            feeder.rebuild(shown)


@work("check search")
def check_search(job: Job) -> None:
    searcher.here().feed.repair()


@work("note aged knowledge")
def note_aged_knowledge(job: Job) -> None:
    """What is due for a check since yesterday is found as such from today."""
    transact(shelves.reindex_due)


@work("tell of new hits")
def tell_of_new_hits(job: Job) -> None:
    for ident in transact(SavedSearch.due, write=False):
        transact(partial(saved.tell, ident))


@work("forget old searches")
def forget_old_searches(job: Job) -> None:
    transact(Lookup.forget_old)


PERIODIC["check search"] = daily
PERIODIC["note aged knowledge"] = daily
PERIODIC["tell of new hits"] = hourly
PERIODIC["forget old searches"] = daily
