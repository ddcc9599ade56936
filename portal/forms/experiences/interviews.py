"""The forms in which an interview on a deal is asked for and noted."""

from __future__ import annotations

from typing import Any, Self

from portal import i18n
from portal.forms.base import Form, PickByName, TextArea
from portal.forms.experiences.experiences import WORDS
from portal.i18n import Phrase
from portal.models.experiences.experiences import PARTS
from portal.models.experiences.interviews import Interview, neutral
from portal.models.people.people import Person
from portal.models.sales.deals import Deal

OFFERED = 50


class InterviewAskForm(Form):
    """Who is to hold it."""

    interviewer = PickByName(Phrase("Who asks the questions"), required=True)

    def offering(self, deal: Deal, person: Person) -> Self:
        """With everyone who may, colleagues of the same department proposed."""
        found = neutral(deal, person).order_by(Person.sort_name, Person.id)
        near = list(found.where(Person.department == person.department_id).limit(OFFERED))
        self.interviewer.offer(found, near or list(found.limit(OFFERED)))
        return self


class InterviewForm(Form):
    """What was answered, by part of the debrief."""

    situation = TextArea(Phrase("What was the situation?"))
    doubt = TextArea(Phrase("What was the customer's doubt?"))
    action = TextArea(Phrase("What did you say or do?"))
    outcome = TextArea(Phrase("What came of it?"))
    lesson = TextArea(Phrase("What should a colleague take from it?"))

    def __init__(self, formdata: Any):
        super().__init__(formdata)
        for name, words in WORDS["debrief"].items():
            self[name].description = i18n.gettext(words.help)

    @property
    def parts(self) -> list[Any]:
        """The fields, in writing order."""
        return [self[name] for name in PARTS]

    def note(self, interview: Interview, *, by: Person) -> None:
        """Put the answers into the draft. Raises Invalid."""
        interview.note(by=by, answers={name: self[name].data or "" for name in PARTS})
