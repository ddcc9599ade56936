"""The form in which a reviewer judges."""

from __future__ import annotations

import re
from typing import Any, Self

from wtforms import fields

from portal.forms.base import Choice, Form, NamesChecked, PickByName, TextArea
from portal.i18n import Phrase
from portal.models.experiences import process, rubric
from portal.models.experiences.experiences import Experience, ExperienceTopic
from portal.models.experiences.reviews import Review

VERDICTS = (
    ("accept", Phrase("Accept: publish it as it is")),
    ("revise", Phrase("Ask for a revision: list what should change")),
    ("merge", Phrase("Merge: it improves something we have")),
    ("reject", Phrase("Reject: give the reason")),
)
HARD_FAILS = (("", Phrase("None")), *rubric.HARD_FAILS.items())
OFFERED = 30


class Score(fields.IntegerField):
    """A score from 0 to 5; anything else is none."""

    def process_formdata(self, valuelist: Any) -> None:
        text = valuelist[0] if valuelist else ""
        self.data = int(text) if text in {"0", "1", "2", "3", "4", "5"} else None


class Improved(PickByName):
    """An accepted experience by its title or number, as it is typed or chosen of those beside the review."""

    def _find(self, given: str) -> Any:
        assert self.among is not None
        if numbered := re.search(r"(?:^|#)(\d{1,18})$", given):
            return self.among.where(Experience.id == int(numbered[1])).first()
        found = list(self.among.where(Experience.title == given).limit(2))
        return found[0] if len(found) == 1 else None


class ReviewForm(Form):
    """Five scores, what should happen, and why."""

    correct = Score(rubric.CRITERIA[0].label)
    reusable = Score(rubric.CRITERIA[1].label)
    new = Score(rubric.CRITERIA[2].label)
    clear = Score(rubric.CRITERIA[3].label)
    linked = Score(rubric.CRITERIA[4].label)
    verdict = Choice(Phrase("What should happen?"), choices=VERDICTS)
    hard_fail = Choice(Phrase("Does it fail outright?"), choices=HARD_FAILS)
    into = Improved(Phrase("What does it improve?"))
    comment = TextArea(Phrase("To the author"), longest=5000, rows=5)
    names_checked = NamesChecked()

    def offering(self, review: Review) -> Self:
        """With the accepted experiences into which it may be merged, and those on its topics proposed."""
        topics = ExperienceTopic.select(ExperienceTopic.topic).where(
            ExperienceTopic.experience == review.experience_id
        )
        near = ExperienceTopic.select(ExperienceTopic.experience).where(ExperienceTopic.topic.in_(topics))
        known = review.mergers().where(Experience.id.in_(near))
        self.verdict.given = [choice for choice in VERDICTS if choice[0] in review.verdicts]
        self.verdict.translate()
        newest = known.order_by(Experience.decided_at.desc(), Experience.id.desc()).limit(OFFERED)
        self.into.offer(review.mergers(), newest if "merge" in review.verdicts and review.is_open else ())
        return self

    def judge(self, review: Review, *, by: Any) -> None:
        """Complete the review with what was chosen. Raises Invalid beside the fields."""
        process.complete(
            review,
            by=by,
            scores={name: self[name].data for name in rubric.NAMES},
            verdict=self.verdict.data or "",
            comment=self.comment.data or "",
            hard_fail=self.hard_fail.data or "",
            into=self.into.data,
            names_checked=bool(self.names_checked.data),
        )
