"""The links of knowledge to the web are looked at, where the company lets the portal ask it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from portal.i18n import Phrase
from portal.jobs.registry import WHILE, daily, work
from portal.jobs.web_look import WebLook
from portal.models.base.database import transact
from portal.models.knowledge.outside_links import LookOutcome, OutsideLink, gather, in_pieces
from portal.models.work.jobs import Job

SILENT = 5
"""Where so many hosts in a row, from the first on, are not reached, there may be no network."""
QUIET = (LookOutcome.UNREACHED, LookOutcome.UNSAID)


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


def look_at_all(look: Callable[[str], LookOutcome]) -> None:
    """Know what is named, and look at what is due. Without network nothing is said of any of it."""
    for ids in transact(lambda: list(in_pieces()), write=False):
        transact(partial(gather, ids))
    silent, is_silent = list[str](), True
    for address in transact(OutsideLink.due, write=False):
        outcome = look(address)
        is_silent &= outcome in QUIET
        if outcome is LookOutcome.UNREACHED and is_silent:
            silent.append(address)
            if len({urlsplit(each).netloc for each in silent}) >= SILENT:
                if not _others_answer(look):
                    return
                is_silent = False
            continue
        transact(partial(OutsideLink.note, address, outcome))
    if silent and (not is_silent or _others_answer(look)):  # there is a network: these do not answer
        for each in silent:
            transact(partial(OutsideLink.note, each, LookOutcome.UNREACHED))


def _others_answer(look: Callable[[str], LookOutcome]) -> bool:
    """Whether one answers that did so before: what is due may be just what did not answer the last time."""
    return any(look(each) not in QUIET for each in transact(OutsideLink.answered, write=False))
