"""A recording that comes with a form: a file that is there, or one that a phone records now."""

from __future__ import annotations

from typing import Any

from wtforms.validators import ValidationError

from portal import i18n
from portal.forms.base import Form, Upload
from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.models.files.attachments import Arrived, Attachment
from portal.models.people.people import Person


class RecordingForm(Form):
    """A form whose field `held_in` holds the address of a recording, which may come as a file too."""

    held_in = "recording"

    file = Upload(Phrase("Recording as a file"), render_kw={"accept": "audio/*,video/*,.m4a,.mov"})
    taken = Upload(Phrase("Record it now"), render_kw={"accept": "video/*", "capture": "environment"})

    refused: Phrase | str = ""

    def bring(self, *, by: Person) -> None:
        """Keep the file that came, before all else is read: what else is wrong never costs a recording."""
        given: list[Any] = [self.taken.data, self.file.data]
        came = next((each for each in given if getattr(each, "filename", "")), None)
        if not self.sent or came is None:
            return
        try:
            arrived = Arrived.recorded(came.file, came.filename)
            arrived.send_ahead()
            made = Attachment.bring(arrived, by=by)
        except Invalid as invalid:
            self.refused = next(iter(invalid.errors.values()))
        else:
            field = self._fields[self.held_in]
            field.data, field.raw_data = made.url, [made.url]  # as if its address had been typed

    def validate_file(self, field: Upload) -> None:
        """What is wrong with the file stands beside it."""
        if self.refused:
            raise ValidationError(i18n.gettext(self.refused))
