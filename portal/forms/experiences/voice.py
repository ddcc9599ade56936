"""The form of a recording: one that a phone takes now, or a file that is there."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, Upload
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.files.attachments import Arrived


class VoiceNoteForm(Form):
    """One recording."""

    taken = Upload(Phrase("Record it now"), render_kw={"accept": "audio/*", "capture": "user"})
    file = Upload(Phrase("Audio file"), render_kw={"accept": "audio/*,.m4a,.ogg,.opus,.wav,.mp3"})
    is_act = True

    def read(self) -> Arrived | None:
        """What came, as it will be kept; None with what is wrong beside the field."""
        given: list[Any] = [self.taken.data, self.file.data]
        came = next((each for each in given if getattr(each, "filename", "")), None)
        try:
            if came is None:
                raise Invalid({"file": Phrase("Choose a file that holds something.")})
            arrived = Arrived.recorded(came.file, came.filename)
            arrived.send_ahead()
            return arrived
        except Invalid as invalid:
            self.status = 422
            self._add(invalid.errors)
            return None
