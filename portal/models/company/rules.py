"""The numbers of RULES that a company chooses itself: each with its unit, what is usual, and its limits.

They are read with `Setting.read`, which answers what is usual until somebody chose otherwise. What RULES
fixes is no setting, and a rule without a feature is not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from portal.i18n import Phrase
from portal.models.base.nouns import FACTS

DAYS, WORKING_DAYS, POINTS = Phrase("days"), Phrase("working days"), Phrase("points")
SOURCES = Phrase("sources")
SECONDS, PERCENT, OF_FIVE = Phrase("seconds"), "%", Phrase("of 5")
MINUTES, QUESTIONS, CLOCK_HOURS = Phrase("minutes"), Phrase("questions"), Phrase("hours")
HOURS, OF_DAY, WORKING_MINUTES = Phrase("working hours"), Phrase("o’clock"), Phrase("working minutes")
LEADS, SELLERS, TEXTS = Phrase("leads"), Phrase("people"), Phrase("texts")
PEOPLE, TIMES, KINDS, WEIGHT = Phrase("reviewers"), Phrase("times"), Phrase("kinds"), Phrase("of weight")


class Rule(NamedTuple):
    """One number that a company chooses, between two limits that include themselves."""

    name: str
    """Of the setting."""
    label: Phrase
    does: Phrase
    """What it does, in one sentence."""
    unit: str
    usual: int
    least: int
    most: int

    @property
    def field(self) -> str:
        """What it is called in a form."""
        return self.name.replace(".", "_")


class RuleGroup(NamedTuple):
    """Rules that are read together."""

    title: Phrase
    rules: tuple[Rule, ...]


class Room(NamedTuple):
    """The rules of one page."""

    title: Phrase
    note: Phrase
    """What is there, in a few words."""
    icon: str
    groups: tuple[RuleGroup, ...]
    in_order: tuple[tuple[str, ...], ...] = ()
    """Names of rules of which none may be greater than the next."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for group in self.groups for rule in group.rules)

    def faults(self, values: Mapping[str, int]) -> dict[str, Phrase]:
        """What is wrong with these values, by the field of a form."""
        found: dict[str, Phrase] = {}
        for rule in self.rules:
            if not rule.least <= values[rule.name] <= rule.most:
                found[rule.field] = Phrase(
                    "From %(least)s to %(most)s is possible.", least=rule.least, most=rule.most
                )
        for names in self.in_order:
            for first, then in pairwise(names):
                if values[first] > values[then]:
                    found[RULES[then].field] = Phrase(
                        "This cannot come before “%(first)s”: write at least %(least)s.",
                        first=RULES[first].label,
                        least=values[first],
                    )
        return found


REVIEWS = Room(
    Phrase("Panels and deadlines of review"),
    Phrase("How many judge, who is left out, until when"),
    "users",
    (
        RuleGroup(
            Phrase("The panel"),
            (
                Rule(
                    "review.panel",
                    Phrase("Reviewers who judge each experience"),
                    Phrase(
                        "With 2, a third is asked where they differ. With 3, the middle score and the "
                        "majority decide at once."
                    ),
                    PEOPLE,
                    2,
                    2,
                    3,
                ),
                Rule(
                    "review.panel_unpaid",
                    Phrase("Reviewers who judge what earns no money"),
                    Phrase(
                        "The changed text of an article has its score again by them: nobody is paid for it "
                        "anew."
                    ),
                    PEOPLE,
                    1,
                    1,
                    3,
                ),
                Rule(
                    "review.least_correct",
                    Phrase("Least score for correctness"),
                    Phrase("What any reviewer scores below it is not accepted, whatever the rest scores."),
                    OF_FIVE,
                    3,
                    1,
                    5,
                ),
                Rule(
                    "review.pair_limit",
                    Phrase("Reviews that two people may exchange"),
                    Phrase("Who exchanged more of them with the author lately is not asked."),
                    TIMES,
                    3,
                    1,
                    50,
                ),
                Rule(
                    "review.pair_days",
                    Phrase("Days over which these are counted"),
                    Phrase("Reviews between two people that are older count no longer."),
                    DAYS,
                    30,
                    7,
                    365,
                ),
                Rule(
                    "review.overlap",
                    Phrase("What counts as written already"),
                    Phrase("From this share of the same words on, its author is asked to improve that one."),
                    PERCENT,
                    60,
                    30,
                    100,
                ),
                Rule(
                    "review.merged",
                    Phrase("Credit for an improvement"),
                    Phrase("Who improves what is known is credited so much of a whole experience."),
                    PERCENT,
                    50,
                    1,
                    100,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Calibration"),
            (
                Rule(
                    "calibration.points",
                    Phrase("A difference is talked about above"),
                    Phrase("How far a reviewer's scores lie from those of the others for the same text."),
                    POINTS,
                    8,
                    1,
                    50,
                ),
                Rule(
                    "calibration.items",
                    Phrase("Texts judged together from which it counts"),
                    Phrase("Of fewer, one odd text is all of it."),
                    TEXTS,
                    10,
                    3,
                    100,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Deadlines"),
            (
                Rule(
                    "review.remind_days",
                    Phrase("Reviewers are reminded after"),
                    Phrase("A reviewer who has not answered is told once."),
                    WORKING_DAYS,
                    2,
                    1,
                    60,
                ),
                Rule(
                    "review.answer_days",
                    Phrase("A review is due after"),
                    Phrase("Authors are told that they hear by then."),
                    WORKING_DAYS,
                    3,
                    1,
                    60,
                ),
                Rule(
                    "review.reassign_days",
                    Phrase("Someone else is asked after"),
                    Phrase("A review that was not given passes to the next reviewer."),
                    WORKING_DAYS,
                    5,
                    1,
                    60,
                ),
                Rule(
                    "review.lead_days",
                    Phrase("The panel lead is asked after"),
                    Phrase("Counted from when the seat fell vacant, whoever sat on it."),
                    WORKING_DAYS,
                    8,
                    1,
                    60,
                ),
                Rule(
                    "review.revision_days",
                    Phrase("Time to revise"),
                    Phrase("Handed in again within it, an experience counts for the month of its first day."),
                    WORKING_DAYS,
                    10,
                    1,
                    60,
                ),
            ),
        ),
    ),
    in_order=(("review.remind_days", "review.answer_days", "review.reassign_days", "review.lead_days"),),
)

LEDGER = Room(
    Phrase("Points and held votes"),
    Phrase("What a deed gives, and which votes wait for a look"),
    "award",
    (
        RuleGroup(
            Phrase("What a deed gives"),
            (
                Rule(
                    "points.accepted",
                    Phrase("An accepted experience"),
                    Phrase("Divided among those who are credited."),
                    POINTS,
                    20,
                    1,
                    1000,
                ),
                Rule(
                    "points.review",
                    Phrase("A review"),
                    Phrase("The same whatever its verdict, credited at the end of the month."),
                    POINTS,
                    5,
                    1,
                    1000,
                ),
                Rule(
                    "points.best_answer",
                    Phrase("The best answer to a question"),
                    Phrase("For who wrote it."),
                    POINTS,
                    15,
                    1,
                    1000,
                ),
                Rule(
                    "points.chooser",
                    Phrase("Choosing a colleague’s answer as best"),
                    Phrase("For who asked and says which one helped."),
                    POINTS,
                    2,
                    1,
                    1000,
                ),
                Rule(
                    "points.verified",
                    Phrase("An article checked in time"),
                    Phrase("Once for each day on which it is due."),
                    POINTS,
                    2,
                    1,
                    1000,
                ),
                Rule(
                    "points.vote",
                    Phrase("An article that worked for a colleague"),
                    Phrase("Once for each colleague who says so."),
                    POINTS,
                    2,
                    1,
                    1000,
                ),
                Rule(
                    "points.edit",
                    Phrase("A suggested change that was accepted"),
                    Phrase("For who suggested it."),
                    POINTS,
                    2,
                    1,
                    1000,
                ),
                Rule(
                    "points.fix",
                    Phrase("Mending what did not work for a colleague"),
                    Phrase("Once that colleague says that it works now."),
                    POINTS,
                    3,
                    1,
                    1000,
                ),
                Rule(
                    "points.used",
                    Phrase("Knowledge used in a deal that was won, or a request that was done"),
                    Phrase("Once for each of them, for who has no part in it."),
                    POINTS,
                    3,
                    1,
                    1000,
                ),
            ),
        ),
        RuleGroup(
            Phrase("When votes wait or count for nothing"),
            (
                Rule(
                    "votes.words",
                    Phrase("Words of one colleague for another"),
                    Phrase("So many count; what goes beyond gives nothing."),
                    TIMES,
                    3,
                    1,
                    100,
                ),
                Rule(
                    "votes.days",
                    Phrase("Days within which these are counted"),
                    Phrase("Afterwards they count anew."),
                    DAYS,
                    7,
                    1,
                    365,
                ),
                Rule(
                    "votes.day",
                    Phrase("Points for votes on one day"),
                    Phrase("What goes beyond on the same day gives nothing."),
                    POINTS,
                    40,
                    1,
                    10000,
                ),
                Rule(
                    "votes.burst",
                    Phrase("What comes in a burst"),
                    Phrase("A vote so soon after another for the same colleague waits for a look."),
                    SECONDS,
                    60,
                    1,
                    3600,
                ),
                Rule(
                    "votes.return_days",
                    Phrase("What comes in return"),
                    Phrase("A vote for who gave one within this time waits for a look."),
                    DAYS,
                    7,
                    1,
                    365,
                ),
            ),
        ),
        RuleGroup(
            Phrase("When a badge is given and lost"),
            (
                Rule(
                    "badge.window",
                    Phrase("Days that count for a badge"),
                    Phrase("What was thanked for earlier counts no longer."),
                    DAYS,
                    365,
                    30,
                    3650,
                ),
                Rule(
                    "badge.people",
                    Phrase("Deeds for each distinct person"),
                    Phrase("For every so many deeds of its bar it needs another person."),
                    TIMES,
                    4,
                    1,
                    100,
                ),
                Rule(
                    "badge.days",
                    Phrase("Deeds for each distinct day"),
                    Phrase("For every so many deeds of its bar it needs another day."),
                    TIMES,
                    3,
                    1,
                    100,
                ),
                Rule(
                    "badge.low",
                    Phrase("Kept from this part of its bar"),
                    Phrase("Under it the days of grace begin."),
                    PERCENT,
                    90,
                    1,
                    100,
                ),
                Rule(
                    "badge.grace",
                    Phrase("Days of grace"),
                    Phrase("Lost only after so many days under that part."),
                    DAYS,
                    14,
                    1,
                    365,
                ),
            ),
        ),
    ),
)


def _evidence(name: str, label: Phrase, weight: int, half_life: int) -> tuple[Rule, Rule]:
    return (
        Rule(
            f"expert.{name}",
            label,
            Phrase("What one piece weighs when it is new."),
            WEIGHT,
            weight,
            0,
            100,
        ),
        Rule(
            f"expert.{name}_days",
            Phrase("%(what)s: half its weight after", what=label),
            Phrase("It fades: what was proved long ago says less."),
            DAYS,
            half_life,
            7,
            3650,
        ),
    )


EXPERTS = Room(
    Phrase("Who counts as an expert"),
    Phrase("What each kind of evidence weighs, and the bar"),
    "school",
    (
        RuleGroup(
            Phrase("What evidence weighs"),
            (
                *_evidence("accepted", Phrase("Accepted experience"), 10, 365),
                *_evidence("answer", Phrase("Best answer"), 8, 365),
                *_evidence("use", Phrase("Helped a colleague"), 1, 180),
                *_evidence("word", Phrase("Endorsed by a colleague"), 1, 730),
                *_evidence("review", Phrase("Review done"), 2, 365),
            ),
        ),
        RuleGroup(
            Phrase("The bar"),
            (
                Rule(
                    "expert.use_most",
                    Phrase("The most that help to colleagues adds"),
                    Phrase("For one person and topic, however often it worked."),
                    WEIGHT,
                    10,
                    0,
                    1000,
                ),
                Rule(
                    "expert.word_most",
                    Phrase("The most that colleagues’ words add"),
                    Phrase("For one person and topic, however many say so."),
                    WEIGHT,
                    5,
                    0,
                    1000,
                ),
                Rule(
                    "expert.bar",
                    Phrase("Weight from which on someone is an expert"),
                    Phrase("All evidence for the topic together."),
                    WEIGHT,
                    15,
                    1,
                    1000,
                ),
                Rule(
                    "expert.kinds",
                    Phrase("Kinds of evidence that it takes"),
                    Phrase("One kind alone makes no expert."),
                    KINDS,
                    2,
                    1,
                    5,
                ),
                Rule(
                    "expert.to_parent",
                    Phrase("What passes to the topic above"),
                    Phrase("Who knows a part knows something of the whole."),
                    PERCENT,
                    50,
                    0,
                    100,
                ),
            ),
        ),
    ),
)

KNOWLEDGE = Room(
    Phrase("How long knowledge stays fresh"),
    Phrase("When articles are due for a check, how many at once"),
    "book-2",
    (
        RuleGroup(
            Phrase("Days until a check is due"),
            (
                Rule(
                    "fresh.price",
                    Phrase("Prices and policies"),
                    Phrase("What changes fastest, and costs most when it is wrong."),
                    DAYS,
                    30,
                    1,
                    3650,
                ),
                Rule(
                    "fresh.product",
                    Phrase("About a product"),
                    Phrase("What a product can do and for whom it is."),
                    DAYS,
                    90,
                    1,
                    3650,
                ),
                Rule(
                    "fresh.process",
                    Phrase("How we work"),
                    Phrase("Steps, forms and who does what."),
                    DAYS,
                    180,
                    1,
                    3650,
                ),
                Rule(
                    "fresh.evergreen",
                    Phrase("Evergreen"),
                    Phrase("What hardly ever changes."),
                    DAYS,
                    365,
                    1,
                    3650,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Checks"),
            (
                Rule(
                    "fresh.weekly",
                    Phrase("Checks that are asked of one person in a week"),
                    Phrase("The riskiest and longest overdue first; the rest waits for the next week."),
                    TIMES,
                    5,
                    1,
                    50,
                ),
                Rule(
                    "fresh.pause",
                    Phrase("Time between two checks of one person"),
                    Phrase("Who says “still true” of one after the other any faster has not read them."),
                    SECONDS,
                    60,
                    1,
                    3600,
                ),
                Rule(
                    "fresh.flag_days",
                    Phrase("“Did not work” is answered within"),
                    Phrase("Its author and the reviewers of its topic are asked until then."),
                    WORKING_DAYS,
                    3,
                    1,
                    60,
                ),
                Rule(
                    "fresh.suggestion_days",
                    Phrase("An accepted suggestion is answered within"),
                    Phrase("Its owner says whether it is carried out; then administrators are asked too."),
                    WORKING_DAYS,
                    10,
                    1,
                    90,
                ),
                Rule(
                    "fresh.public_days",
                    Phrase("On the help site what is overdue is shown for"),
                    Phrase(
                        "Prices and policies only: then they are hidden there until somebody checked them."
                    ),
                    DAYS,
                    14,
                    1,
                    90,
                ),
                Rule(
                    "fresh.links",
                    Phrase("Links to the web are looked at every"),
                    Phrase("0: never. The portal asks each address for its page, and reads nothing of it."),
                    DAYS,
                    0,
                    0,
                    365,
                ),
                Rule(
                    "fresh.approval_days",
                    Phrase("A text that waits for approval is answered within"),
                    Phrase("Who was asked is reminded the day before; then who stands in is asked too."),
                    WORKING_DAYS,
                    3,
                    1,
                    60,
                ),
            ),
        ),
    ),
)

DISPUTES = Room(
    Phrase("Disputes about statements"),
    Phrase("Until when payees may object, and finance answers"),
    "flag",
    (
        RuleGroup(
            Phrase("Deadlines"),
            (
                Rule(
                    "dispute.days",
                    Phrase("Payees may object within"),
                    Phrase("Counted from the close of the month."),
                    WORKING_DAYS,
                    10,
                    5,
                    120,
                ),
                Rule(
                    "dispute.answer_days",
                    Phrase("Finance answers within"),
                    Phrase(
                        "From then on the dispute stands as overdue. A payee who is asked for more has "
                        "as long to reply."
                    ),
                    WORKING_DAYS,
                    5,
                    1,
                    60,
                ),
            ),
        ),
    ),
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

LEARNING = Room(
    Phrase("Exams and certificates"),
    Phrase("How an exam is passed, how often it is tried, how long a certificate holds"),
    "certificate",
    (
        RuleGroup(
            Phrase("An exam"),
            (
                Rule(
                    "exam.questions",
                    Phrase("Questions in an exam"),
                    Phrase("Drawn from its bank. Each exam may have another number."),
                    QUESTIONS,
                    10,
                    1,
                    100,
                ),
                Rule(
                    "exam.pass",
                    Phrase("Right answers to pass"),
                    Phrase("With 10 questions, 80% are 8. Each exam may ask for more or less."),
                    PERCENT,
                    80,
                    1,
                    100,
                ),
                Rule(
                    "exam.minutes",
                    Phrase("Time for an exam"),
                    Phrase("From the first question on, by the portal’s clock. Each exam may have another."),
                    MINUTES,
                    20,
                    1,
                    300,
                ),
                Rule(
                    "exam.attempts",
                    Phrase("Attempts in 24 hours"),
                    Phrase("Counted from when each was started. The best one counts."),
                    TIMES,
                    2,
                    1,
                    20,
                ),
            ),
        ),
        RuleGroup(
            Phrase("A certificate"),
            (
                Rule(
                    "exam.valid_days",
                    Phrase("It holds for"),
                    Phrase("Passing once more begins the time anew."),
                    DAYS,
                    365,
                    30,
                    3650,
                ),
                Rule(
                    "exam.delta_days",
                    Phrase("After a change, the short test is due within"),
                    Phrase("Who does not pass it in time loses the certificate until the next exam."),
                    DAYS,
                    14,
                    1,
                    180,
                ),
                Rule(
                    "exam.delta_minutes",
                    Phrase("Time for the short test"),
                    Phrase("It asks at most five questions, about what has changed."),
                    MINUTES,
                    5,
                    1,
                    60,
                ),
                Rule(
                    "points.exam",
                    Phrase("Points for passing"),
                    Phrase("The first time that somebody passes an exam, and never again for the same one."),
                    POINTS,
                    10,
                    1,
                    1000,
                ),
            ),
        ),
    ),
)

ASKING = Room(
    Phrase("Asking experts"),
    Phrase("When further experts are asked, when the alarm is raised, which hours are worked"),
    "send",
    (
        RuleGroup(
            Phrase("While nobody answers"),
            (
                Rule(
                    "ask.widen_hours",
                    Phrase("Further experts are asked after"),
                    Phrase("Three more, beside the first three."),
                    HOURS,
                    4,
                    1,
                    80,
                ),
                Rule(
                    "ask.alarm_hours",
                    Phrase("The alarm is raised after"),
                    Phrase("To whom the topic belongs."),
                    HOURS,
                    12,
                    1,
                    200,
                ),
                Rule(
                    "ask.urgent_minutes",
                    Phrase("While the customer is on the phone, after"),
                    Phrase("Three more are asked so soon where the question is urgent."),
                    WORKING_MINUTES,
                    30,
                    5,
                    480,
                ),
            ),
        ),
        RuleGroup(
            Phrase("Working hours"),
            (
                Rule(
                    "ask.opens",
                    Phrase("The company works from"),
                    Phrase("On days that the calendar says are worked."),
                    OF_DAY,
                    9,
                    0,
                    12,
                ),
                Rule(
                    "ask.closes",
                    Phrase("The company works until"),
                    Phrase("What is asked later begins to count on the next day that is worked."),
                    OF_DAY,
                    18,
                    13,
                    24,
                ),
            ),
        ),
    ),
    in_order=(("ask.widen_hours", "ask.alarm_hours"),),
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

ROOMS: dict[str, Room] = {
    "reviews": REVIEWS,
    "points": LEDGER,
    "experts": EXPERTS,
    "knowledge": KNOWLEDGE,
    "disputes": DISPUTES,
    "sales": SALES,
    "learning": LEARNING,
    "asking": ASKING,
    "traits": TRAITS,
}
"""The pages of rules, by the last part of their address."""
RULES: dict[str, Rule] = {rule.name: rule for room in ROOMS.values() for rule in room.rules}
FACTS.update({name: rule.label for name, rule in RULES.items()})
