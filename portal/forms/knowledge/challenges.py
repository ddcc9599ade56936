"""The form in which a manager sets the own team a goal."""

from __future__ import annotations

from portal.forms.base import Choice, Day, Form, FormKey, TextLine, Whole
from portal.i18n import Phrase
from portal.models.expertise.challenges import MEASURES, MOST


class ChallengeForm(Form):
    """What counts, from when to when, and how many are the goal."""

    title = TextLine(Phrase("Title"), required=True, longest=120)
    measure = Choice(
        Phrase("What counts"), choices=[(name, words) for name, (words, _) in MEASURES.items()], required=True
    )
    first_day = Day(Phrase("First day"), required=True)
    last_day = Day(Phrase("Last day"), required=True)
    goal = Whole(Phrase("Goal"), required=True, least=1, most=MOST)
    key = FormKey()
