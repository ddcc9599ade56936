"""Feeding the indexes, and telling of what is found."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.apart import each_apart
from portal.jobs.registry import HOURS, LOOPS, MOMENT, SLOW_LOOPS, WHILE, daily, hourly, work
from portal.models.base.database import transact
from portal.models.help.knocks import Knock
from portal.models.help.messages import HelpMessage
from portal.models.search.lookups import Gap, Lookup, SavedSearch
from portal.models.search.proposals import WordProposal
from portal.models.work.jobs import Job
from portal.search import saved, searcher
from portal.search.engine import EngineDown
from portal.search.proposing import seen_lately


def feed_search() -> bool:
    """Make findable what changed, and tell those who had looked for what is answered now."""
    busy = searcher.here().feed.step()
    if busy and transact(Gap.is_any_ready, write=False):
        transact(Gap.settle)
    return busy


def feed_meaning() -> bool:
    """Make vectors of what changed: seconds after it is found by its words."""
    return searcher.here().feed.step_aside()


LOOPS.append(feed_search)
SLOW_LOOPS.append(feed_meaning)


@work("rebuild search", Phrase("Rebuild the search index"), term=HOURS)
def rebuild_search(job: Job) -> None:
    """Build an engine's index anew while the old one answers and goes on being fed."""
    feed = searcher.here().feed

    def shown(done: int, total: int) -> None:
        transact(partial(job.progress, done, total))
        feed.step()

    for feeder in feed.feeders:
        if feeder.name == job.facts["engine"]:
            feeder.rebuild(shown)


@work("check search", Phrase("Check the search index"), term=HOURS, every=daily)
def check_search(job: Job) -> None:
    searcher.here().feed.repair()


@work("tell of new hits", Phrase("Tell of news in saved searches"), term=WHILE, every=hourly)
def tell_of_new_hits(job: Job) -> None:
    """Each search for itself: what fails is put aside; an engine that is down is nobody's fault."""
    each_apart("tell of new hits", "saved_search", SavedSearch.due, saved.tell, nobodys=(EngineDown,))


@work("propose company words", Phrase("Propose company words"), term=WHILE, every=daily)
def propose_words(job: Job) -> None:
    """All searches of a season are read before anything is written: nobody who saves waits for that."""
    seen = transact(seen_lately, write=False)
    transact(partial(WordProposal.gather, seen))


@work("forget old searches", Phrase("Forget old searches"), term=MOMENT, every=daily)
def forget_old_searches(job: Job) -> None:
    transact(Lookup.forget_old)
    transact(Knock.forget_old)
    transact(HelpMessage.forget_old)
