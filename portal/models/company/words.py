"""What the company's lists and settings are called."""

from __future__ import annotations

from typing import NamedTuple

from portal.i18n import Phrase
from portal.models.base.nouns import Noun, Said
from portal.models.company.rooms import ROOMS

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
    events={
        "asked to write": Said(
            Phrase("asked a colleague to write about the topic"), "pencil", brief=Phrase("asked to write")
        ),
    },
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


CONTACT_GROUPS = {
    "service": Phrase("Customer service"),
    "sales": Phrase("Sales staff"),
    "repair": Phrase("Repair"),
    "engineers": Phrase("Engineers"),
    "dealers": Phrase("Dealers"),
    "marketing": Phrase("Marketing"),
}
"""The six groups that meet customers: each feeds what is known, and each may use it."""


class About(NamedTuple):
    """Why a page of settings exists: in words, before anything is changed."""

    settings: tuple[str, ...]
    why: Phrase
    usual: Phrase
    rule: Phrase
    """What holds whatever is chosen, in a sentence."""
    effect: Phrase
    second: bool = False
    """Whether a second person has to agree, since pay and merit hang on it."""


ABOUT: dict[str, About] = {
    "company": About(
        ("company.name", "company.name_en", "company.language"),
        Phrase(
            "The name stands on every page, in letters and in files, in the language of who reads. New "
            "people begin in the language that is chosen here."
        ),
        Phrase("Portal, until you choose a name; new people begin in Chinese"),
        Phrase(
            "Whoever gets a letter or a file reads from whom it is, and each person chooses their own "
            "language."
        ),
        Phrase("The name at once, for everyone; the language for whoever comes from then on."),
    ),
    "sign_in": About(
        ("company.second_factor",),
        Phrase(
            "A password alone can be guessed or passed on: a second factor keeps pay, roles and lists safe."
        ),
        Phrase("Nobody needs one"),
        Phrase("Whoever asks others for a second factor has one, and nobody is locked out by it."),
        Phrase("From the next sign-in or the next such act on. Who switches it on has one."),
    ),
    "rights": About(
        ("rights.need", "rights.customers", "rights.deals"),
        Phrase(
            "Customers told us things in confidence: who needs them for work reads them, and nobody else."
        ),
        Phrase("An open company"),
        Phrase(
            "Owners, whoever works with a customer and their managers always read it. Administrators set who "
            "reads, and do not read themselves."
        ),
        Phrase(
            "At once, for pages, search, lists and files. Managers, administrators and auditors are told."
        ),
    ),
    "contact_groups": About(
        tuple(f"contact.{name}" for name in CONTACT_GROUPS),
        Phrase("Each group that meets customers feeds what the company knows, and each may use it."),
        Phrase("No groups: all departments together"),
        Phrase("A department stands in one group at most; what lies below it goes with it."),
        Phrase("At once, for all months."),
    ),
    "help": About(
        (
            "help.is_open",
            "help.title",
            "help.title_en",
            "help.welcome",
            "help.welcome_en",
            "help.logo",
            "help.names",
            "help.contact",
        ),
        Phrase("Customers who find the answer themselves need not wait for one of us."),
        Phrase("Closed: nobody outside reads anything"),
        Phrase(
            "Only what one person proposed and another confirmed is there, in the words that were confirmed. "
            "What tells who a customer is never gets there."
        ),
        Phrase("At once. Closed, every address of it answers that there is nothing."),
    ),
    "calendar": About(
        ("calendar.country", "calendar.weekend"),
        Phrase("Deadlines run on days that are worked: nobody is late because of a holiday."),
        Phrase("China, Saturday and Sunday"),
        Phrase("Deadlines of reviews, revisions and the month’s close are counted in working days."),
        Phrase("For deadlines that are set from now on; those that run already keep their day."),
    ),
    "review": About(
        ("review.weights", "review.pass_mark", "review.gap", "review.panel_lead"),
        Phrase("Every experience is judged by the same measure, since what is accepted counts for pay."),
        Phrase(
            "30, 25, 20, 15, 10; accepted from 70; a third reviewer above 15 points; nobody as panel lead"
        ),
        Phrase(
            "At least two reviewers judge blind what counts for pay, and who wrote it, led its author or "
            "shared in the deal is none of them. Reviewers are thanked alike for every verdict."
        ),
        Phrase(
            "For experiences handed in from now on. What is being judged keeps the rules of the day it was "
            "handed in; the panel lead stands in from now on."
        ),
        second=True,
    ),
    "retention": About(
        ("keep.notices", "keep.searches", "keep.uploads", "keep.recordings", "keep.jobs"),
        Phrase("What nobody needs any more is a burden, and a danger if it is lost."),
        Phrase("Notices 365, searches 180, files 30, recordings 90, jobs 90 days"),
        Phrase(
            "Who looked for what, and files of other people’s data, are kept only as long as they are needed."
        ),
        Phrase(
            "From the coming night on. What went is gone. By a shorter term recordings go when their authors "
            "were told a week before."
        ),
    ),
}
"""By page: the settings that it shows and changes, and what is said about them."""

_USUAL = Phrase("Stands beside each number")
_WHY: dict[str, tuple[Phrase, Phrase, Phrase, bool]] = {
    "reviews": (
        Phrase("Who judges, and how soon, decides what counts for pay: it is the same for everyone."),
        Phrase(
            "What is being judged keeps the panel of the day it was handed in; a review keeps the deadlines "
            "with which it was asked for."
        ),
        Phrase(
            "Reviewers are independent of the author and of each other, and a late one costs nobody money."
        ),
        True,
    ),
    "points": (
        Phrase("Points thank for deeds, and everyone is thanked alike."),
        Phrase("For deeds from now on. Points that were given stay as they were."),
        Phrase("Points are never paid out. What is taken back is taken back as it was given."),
        True,
    ),
    "experts": (
        Phrase(
            "Who is asked first, and found first, follows from what they have shown, not from what they say."
        ),
        Phrase("At once, for everyone: who knows what is worked out from all evidence anew."),
        Phrase(
            "Only evidence makes an expert, and more than one kind of it where the company asks for that."
        ),
        True,
    ),
    "knowledge": (
        Phrase("Knowledge that nobody looks at any more is wrong one day, and nobody notices."),
        Phrase("For articles that are published, changed in class or checked from now on."),
        Phrase("What is overdue stays readable, says so, and is found later. Nothing is put away unasked."),
        True,
    ),
    "disputes": (
        Phrase("Whoever is paid can object, and is answered in time."),
        Phrase("For months closed, and disputes opened, from now on."),
        Phrase(
            "Who answers neither reviewed the matter nor approved it, and the thread stays on the statement."
        ),
        True,
    ),
    "sales": (
        Phrase("What worked is written down while it is fresh; what was lent is given back."),
        Phrase("For deals closed, and customers opened, from now on."),
        Phrase("Whoever looks after a customer is told at once when somebody else is let in."),
        False,
    ),
    "learning": (
        Phrase("A certificate is proof of what somebody knows: it is as hard to get for everyone."),
        Phrase("For exams, certificates and short tests that begin from now on."),
        Phrase("An exam that has begun keeps its rules, and points that were given stay."),
        True,
    ),
    "asking": (
        Phrase("Who asks must not wait for somebody who is busy, and who is busy must not be pressed."),
        Phrase("For experts who are asked from now on."),
        Phrase("Who was asked already keeps the time that they were given."),
        False,
    ),
    "traits": (
        Phrase("What customers are like helps to choose who calls them, if it is true and not out of date."),
        Phrase("At once, for every trait that was noted."),
        Phrase("Nobody is found or chosen by age, gender, health or any other protected attribute."),
        False,
    ),
}
ABOUT |= {
    key: About(
        tuple(rule.name for rule in room.rules),
        _WHY[key][0],
        _USUAL,
        _WHY[key][2],
        _WHY[key][1],
        _WHY[key][3],
    )
    for key, room in ROOMS.items()
}

LOGO = Noun(
    "logo",
    Phrase("Logo"),
    icon="building",
    path="/admin/company",
    open_to_auditors=False,
    events={
        "put up": Said(Phrase("put up the logo"), brief=Phrase("put up")),
        "taken off": Said(Phrase("took off the logo"), brief=Phrase("took off")),
    },
)

RULE_CHANGE = Noun(
    "rule_change",
    Phrase("Change of rules"),
    icon="scale",
    path="/rule-changes/{id}",
    events={
        "proposed": Said(Phrase("proposed")),
        "approved": Said(Phrase("approved")),
        "refused": Said(Phrase("refused")),
        "withdrawn": Said(Phrase("withdrew")),
        "chosen alone": Said(Phrase("changed without a second person")),
    },
)
