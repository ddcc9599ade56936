"""The numbers of knowledge: how long it is fresh, who is asked until when, and how it is examined."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.company.rules import (
    DAYS,
    HOURS,
    MINUTES,
    OF_DAY,
    PERCENT,
    POINTS,
    QUESTIONS,
    SECONDS,
    TIMES,
    WORKING_DAYS,
    WORKING_MINUTES,
    Room,
    Rule,
    RuleGroup,
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
