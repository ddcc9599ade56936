"""The numbers by which experiences are judged and disputes answered (RULES 4.1, 4.2)."""

from __future__ import annotations

from portal.i18n import Phrase
from portal.models.company.rules import (
    DAYS,
    OF_FIVE,
    PEOPLE,
    PERCENT,
    POINTS,
    TEXTS,
    TIMES,
    WORKING_DAYS,
    Room,
    Rule,
    RuleGroup,
)

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
