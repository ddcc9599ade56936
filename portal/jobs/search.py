"""Feeding the indexes, and telling of what is found."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.registry import LOOPS, daily, hourly, work
from portal.models.base.database import transact
from portal.models.search.lookups import Gap, Lookup, SavedSearch
from portal.models.work.jobs import Job
from portal.search import saved, searcher


def feed_search() -> bool:
    """Make findable what changed, and tell those who had looked for what is answered now."""
    busy = searcher.here().feed.step()
    if busy and transact(Gap.is_any_ready, write=False):
        transact(Gap.settle)
    return busy


LOOPS.append(feed_search)


@work("rebuild search", Phrase("Rebuild the search index"))
def rebuild_search(job: Job) -> None:
    """Build an engine's index anew while the old one answers and goes on being fed."""
    feed = searcher.here().feed

    def shown(done: int, total: int) -> None:
        transact(partial(job.progress, done, total))
        feed.step()

    for feeder in feed.feeders:
        if feeder.name == job.facts["engine"]:
            feeder.rebuild(shown)


@work("check search", Phrase("Check the search index"), every=daily)
def check_search(job: Job) -> None:
    searcher.here().feed.repair()


@work("tell of new hits", Phrase("Tell of news in saved searches"), every=hourly)
def tell_of_new_hits(job: Job) -> None:
    for ident in transact(SavedSearch.due, write=False):
        transact(partial(saved.tell, ident))


@work("forget old searches", Phrase("Forget old searches"), every=daily)
def forget_old_searches(job: Job) -> None:
    transact(Lookup.forget_old)
