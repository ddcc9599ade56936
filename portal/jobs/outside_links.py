"""The links of knowledge to the web are looked at, where the company lets the portal ask it."""

from __future__ import annotations

from functools import partial

from portal.i18n import Phrase
from portal.jobs.registry import WHILE, daily, work
from portal.jobs.web_look import WebLook
from portal.models.base.database import transact
from portal.models.knowledge.outside_links import LookOutcome, OutsideLink, gather, in_pieces
from portal.models.work.jobs import Job

SILENT = 5
"""Where so many addresses in a row, from the first on, are not reached, there is no network."""


@work(
    "look at links",
    Phrase("Look whether links to the web lead anywhere"),
    term=WHILE,
    every=daily,
    when=OutsideLink.are_looked_at,
)
def look_at_links(job: Job) -> None:
    """Some a day, each as often as the company says."""
    look_at_all(WebLook())


def look_at_all(look: WebLook) -> None:
    """Know what is named, and look at what is due. Without network nothing is said of any of it."""
    for ids in transact(lambda: list(in_pieces()), write=False):
        transact(partial(gather, ids))
    silent, is_silent = list[str](), True
    for address in transact(OutsideLink.due, write=False):
        outcome = look(address)
        is_silent &= outcome in (LookOutcome.UNREACHED, LookOutcome.UNSAID)
        if outcome is LookOutcome.UNREACHED and is_silent:
            silent.append(address)
            if len(silent) >= SILENT:
                return
            continue
        transact(partial(OutsideLink.note, address, outcome))
    for each in silent if not is_silent else ():  # others answer: these do not
        transact(partial(OutsideLink.note, each, LookOutcome.UNREACHED))
