"""The observer's sheet of a role play."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, FormKey, TextArea, TextLine
from portal.forms.learning.recordings import RecordingForm
from portal.i18n import Phrase
from portal.models.base.listing import number_of


class ObservationForm(RecordingForm):
    """What somebody saw; the scores stand beside, one for each line of the sheet."""

    feedback = TextArea(Phrase("What was good, what to try next time"), required=True, longest=2000, rows=4)
    recording = TextLine(Phrase("Where the recording lies"), longest=500)
    key = FormKey()


class LearnerForm(Form):
    """Whom of many learners somebody looks for."""

    learner = TextLine(Phrase("Learner"), longest=120)


def scores_of(sent: Any, many: int) -> list[int]:
    """The scores that a form sends; -1 for a line without one."""
    given = [str(sent.get(f"score-{place}") or "") for place in range(many)]
    return [number_of(text) if text.isdigit() and len(text) == 1 else -1 for text in given]
