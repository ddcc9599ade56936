"""The numbers of work with customers: debriefs, customers that open, and traits."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.company.rules import (
    CLOCK_HOURS,
    DAYS,
    LEADS,
    PERCENT,
    SELLERS,
    SOURCES,
    Room,
    Rule,
    RuleGroup,
)

SALES = Room(
    Phrase("Debriefs and opened customers"),
    Phrase("When the debrief of a deal is asked for, how long a customer stays open"),
    "address-book",
    (
        RuleGroup(
            Phrase("Debriefs of closed deals"),
            (
                Rule(
                    "debrief.remind_days",
                    Phrase("Owners are reminded after"),
                    Phrase("Once, while nobody has begun to write it."),
                    DAYS,
                    7,
                    1,
                    90,
                ),
                Rule(
                    "debrief.until_days",
                    Phrase("It is asked for until"),
                    Phrase("Afterwards the deal still offers it, and nobody is asked."),
                    DAYS,
                    14,
                    1,
                    365,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Customers opened on request"),
            (
                Rule(
                    "access.days",
                    Phrase("It closes again after"),
                    Phrase("Whoever was let in for a purpose asks again after that."),
                    DAYS,
                    7,
                    1,
                    90,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Messages from the help site"),
            (
                Rule(
                    "help.answer_hours",
                    Phrase("A visitor is answered within"),
                    Phrase("Hours by the clock, nights and holidays too; then the message is overdue."),
                    CLOCK_HOURS,
                    12,
                    1,
                    168,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Leads that become deals"),
            (
                Rule(
                    "effect.won_days",
                    Phrase("A lead counts as won within"),
                    Phrase(
                        "Counted from the first contact; a month whose leads still have time is maturing."
                    ),
                    DAYS,
                    90,
                    30,
                    365,
                ),
                Rule(
                    "effect.least_leads",
                    Phrase("Leads from which a rate is shown"),
                    Phrase("Of fewer, chance says more than the rate does."),
                    LEADS,
                    10,
                    5,
                    100,
                ),
                Rule(
                    "effect.least_people",
                    Phrase("People from whom a rate is shown"),
                    Phrase("Of fewer, it would tell how one of them did: only who leads them sees it."),
                    SELLERS,
                    3,
                    2,
                    20,
                ),
            ),
        ),
    ),
    in_order=(("debrief.remind_days", "debrief.until_days"),),
)


TRAITS = Room(
    Phrase("Traits of customers and colleagues"),
    Phrase("What it takes until one counts, and how it fades"),
    "user-check",
    (
        RuleGroup(
            Phrase("Of customers"),
            (
                Rule(
                    "traits.sources",
                    Phrase("Sources that confirm a trait"),
                    Phrase(
                        "Conversations on different days, or debriefs. What the customer said counts at once."
                    ),
                    SOURCES,
                    2,
                    2,
                    5,
                ),
                Rule(
                    "traits.days",
                    Phrase("Half its confidence after"),
                    Phrase("People change: what was noted long ago says less."),
                    DAYS,
                    365,
                    7,
                    3650,
                ),
                Rule(
                    "traits.bar",
                    Phrase("Confidence below which it counts no longer"),
                    Phrase("It stays on the page, and is asked again."),
                    PERCENT,
                    25,
                    1,
                    50,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Of colleagues"),
            (
                Rule(
                    "traits.words",
                    Phrase("Colleagues who must say so"),
                    Phrase("Below it nobody sees the word, nor counts it."),
                    Phrase("people"),
                    3,
                    3,
                    50,
                ),
            ),
        ),
    ),
)
