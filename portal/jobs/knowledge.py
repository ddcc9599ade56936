"""Knowledge that comes due, and what is known of customers that fades."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from peewee import chunked

from portal import settings
from portal.i18n import Phrase
from portal.jobs.registry import HOURS, WHILE, daily, every_five_minutes, hourly, weekly, work
from portal.models.base.database import transact
from portal.models.customers import traits
from portal.models.expertise import expertise
from portal.models.insights import spikes, usage
from portal.models.knowledge import badges, checks, follows, returned, shelves
from portal.models.knowledge.readership import Readership, ReadMark
from portal.models.work.jobs import Job

AT_ONCE = 50
"""So many people's badges are renewed in one transaction."""


@work("note aged knowledge", Phrase("Find knowledge due for a check"), term=WHILE, every=daily)
def note_aged_knowledge(job: Job) -> None:
    """What is due for a check since yesterday is found as such from today."""
    transact(shelves.reindex_due)


@work("renew badges", Phrase("Give and take back badges"), term=WHILE, every=daily)
def renew_badges(job: Job) -> None:
    """By what colleagues thanked for within the last year; some people at a time, so that nobody waits."""
    known = transact(badges.breadths, write=False)
    for some in chunked(transact(partial(badges.concerned, known), write=False), AT_ONCE):
        transact(partial(badges.renew, known, some))


@work("find spikes", Phrase("Find topics that customers suddenly raise"), term=WHILE, every=hourly)
def find_spikes(job: Job) -> None:
    """Of the day so far: who looks after such a topic is told once a day."""
    spikes.tell_of_spikes()


@work("note faded traits", Phrase("Find traits of customers that faded"), term=WHILE, every=daily)
def note_faded_traits(job: Job) -> None:
    """What is believed no longer is found no longer from today: all that faded since this was done last."""
    transact(lambda: traits.reindex_faded(_begun_before(job)))


def _begun_before(job: Job) -> datetime | None:
    """When this was done the time before; None when that is not known."""
    ended = Job.select().where((Job.name == job.name) & (Job.state == "finished") & (Job.id != job.id))
    before = ended.order_by(Job.id.desc()).first()
    return before.started_at if before is not None else None


@work("weigh traits", Phrase("Weigh the traits of customers anew"), term=HOURS)
def weigh_traits(job: Job) -> None:
    """By other rules, in pieces: ended halfway, it goes on with what is left."""
    since, last = datetime.fromisoformat(job.facts["since"]), 0
    while last := transact(partial(traits.weigh_some, since, after=last)):
        pass
    transact(traits.find_people_anew)


@work("ask for checks", Phrase("Ask whether knowledge is still true"), term=WHILE, every=daily)
def ask_for_checks(job: Job) -> None:
    """Of each person a few in a week."""
    transact(checks.await_checks)


@work(
    "tell of new knowledge",
    Phrase("Tell who follows a topic of what is new"),
    term=WHILE,
    every=every_five_minutes,
    when=follows.is_anything_new,
)
def tell_of_new_knowledge(job: Job) -> None:
    """Within minutes, to each once."""
    follows.tell_followers()


@work(
    "add up evidence",
    Phrase("Add up what people proved to know"),
    term=WHILE,
    every=every_five_minutes,
    when=expertise.is_any_sum_stale,
)
def add_up_evidence(job: Job) -> None:
    """What is yet to be added up, and what another half-life holds for."""
    expertise.renew_sums()


@work(
    "tell of returned knowledge",
    Phrase("Tell who asked that the answer is an article"),
    term=WHILE,
    every=every_five_minutes,
    when=returned.is_anyone_untold,
)
def tell_of_returned_knowledge(job: Job) -> None:
    """Within minutes, once."""
    transact(returned.tell_askers)


@work(
    "add up reading",
    Phrase("Add up how much knowledge is read"),
    term=WHILE,
    every=every_five_minutes,
    when=ReadMark.is_any_uncounted,
)
def add_up_reading(job: Job) -> None:
    """Within minutes, each once."""
    transact(Readership.add_up)


@work("report how knowledge is used", Phrase("Report how knowledge was used"), term=WHILE, every=weekly)
def report_usage(job: Job) -> None:
    """To each who looks after a topic, for themselves: begun again, nobody is told twice."""
    transact(Readership.add_up)
    by_mail = bool(settings.read().smtp_url)
    for person, week in transact(usage.reports, write=False):  # nobody waits for what is reckoned
        transact(partial(usage.report, person, week, by_mail=by_mail))
