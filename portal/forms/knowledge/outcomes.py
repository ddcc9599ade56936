"""Forms of what becomes of a suggestion."""

from __future__ import annotations

from typing import Self

from portal.forms.base import PROPOSED, Choice, Day, Form, NamesChecked, PickByName, TextArea, Version
from portal.i18n import Phrase
from portal.models.knowledge.outcomes import ANSWERS, LONGEST, SuggestionOutcome
from portal.models.people.people import Person, reviewers_of


class OutcomeForm(Form):
    """Whether it is carried out, and why not."""

    is_of_settings = True

    state = Choice(
        Phrase("What becomes of it?"),
        choices=[("", Phrase("Choose")), *((state, state.label) for state in ANSWERS)],
        required=True,
    )
    planned_on = Day(Phrase("Carried out by"))
    text = TextArea(Phrase("Your reply"), longest=LONGEST, rows=4)
    names_checked = NamesChecked()
    version = Version()


class OutcomeOwnerForm(Form):
    """Who answers instead."""

    is_act = True

    owner = PickByName(Phrase("Who answers"), required=True)

    def offering(self, outcome: SuggestionOutcome) -> Self:
        """With everyone who may answer it; who reviews its topics is proposed."""
        credited, topics = outcome.article.credited_ids, outcome.article.topic_ids
        near = reviewers_of(topics).where(Person.id.not_in(credited)).limit(PROPOSED) if topics else ()
        self.owner.offer(outcome.answerers(credited), near)
        return self
