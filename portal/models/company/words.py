"""What the company's lists and settings are called."""

from __future__ import annotations

from typing import NamedTuple

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said

DEPARTMENT = Noun(
    "department",
    Phrase("Department"),
)

TOPIC = Noun(
    "topic",
    Phrase("Topic"),
    Phrase("Topics"),
    path="/topics/{id}",
    open_to_auditors=False,
)

CUSTOMER_TYPE = Noun(
    "customer_type",
    Phrase("Customer type"),
)

CALENDAR_DAY = Noun(
    "calendar_day",
    Phrase("Working day"),
    events={
        "chosen": Said(Phrase("changed")),
        "removed": Said(Phrase("removed")),
    },
)

SETTING = Noun(
    "setting",
    Phrase("Setting"),
    events={
        "chosen": Said(Phrase("changed")),
    },
)

CALENDAR_DAY = Noun("calendar_day", Phrase("Working day"))

DEMANDS: dict[str, Phrase] = {
    "never": Phrase("Nobody needs one"),
    "acts": Phrase("Before paying, exporting and giving roles"),
    "roles": Phrase("At the door, for administrators, finance and auditors"),
    "door": Phrase("At the door, for everyone"),
}
"""When the company asks for a second factor."""


class About(NamedTuple):
    """Why a page of settings exists: in words, before anything is changed."""

    settings: tuple[str, ...]
    why: Phrase
    usual: Phrase
    source: str
    effect: Phrase


ABOUT: dict[str, About] = {
    "company": About(
        ("company.name", "company.name_en"),
        Phrase("The name stands on every page, in letters and in files, in the language of who reads."),
        Phrase("Portal, until you choose a name"),
        "DESIGN",
        Phrase("At once, for everyone."),
    ),
    "sign_in": About(
        ("company.second_factor",),
        Phrase(
            "A password alone can be guessed or passed on: a second factor keeps pay, roles and lists safe."
        ),
        Phrase("Nobody needs one"),
        "ASVS 6.3",
        Phrase("From the next sign-in or the next such act on. Who switches it on has one."),
    ),
    "rights": About(
        ("rights.need", "rights.customers", "rights.deals"),
        Phrase(
            "Customers told us things in confidence: who needs them for work reads them, and nobody else."
        ),
        Phrase("An open company"),
        "RULES 4.10",
        Phrase(
            "At once, for pages, search, lists and files. Managers, administrators and auditors are told."
        ),
    ),
    "calendar": About(
        ("calendar.country", "calendar.weekend"),
        Phrase("Deadlines run on days that are worked: nobody is late because of a holiday."),
        Phrase("China, Saturday and Sunday"),
        "RULES 4.1, 4.2",
        Phrase("For deadlines that are set from now on; those that run already keep their day."),
    ),
    "review": About(
        ("review.weights", "review.pass_mark", "review.gap", "review.panel_lead"),
        Phrase("Every experience is judged by the same measure, since what is accepted counts for pay."),
        Phrase(
            "30, 25, 20, 15, 10; accepted from 70; a third reviewer above 15 points; nobody as panel lead"
        ),
        "RULES 4.2",
        Phrase(
            "For experiences handed in from now on. What is being judged keeps the rules of the day it was "
            "handed in; the panel lead stands in from now on."
        ),
    ),
    "retention": About(
        ("keep.notices", "keep.searches", "keep.uploads", "keep.jobs"),
        Phrase("What nobody needs any more is a burden, and a danger if it is lost."),
        Phrase("Notices 365, searches 180, files 30, jobs 90 days"),
        "RULES 4.10",
        Phrase("From the coming night on. What went is gone."),
    ),
}
"""By page: the settings that it shows and changes, and what is said about them."""
