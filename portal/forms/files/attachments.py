"""The form of a file that goes into a text."""

from __future__ import annotations

from typing import Any

from portal.forms.base import Form, Upload
from portal.i18n import Phrase
from portal.media.kinds import KINDS
from portal.models.base.record import Invalid
from portal.models.files.attachments import Arrived

ACCEPTED = ",".join(ending for kind in KINDS.values() for ending in kind.endings)


class AttachmentForm(Form):
    """One file."""

    file = Upload(Phrase("File"), render_kw={"accept": ACCEPTED})
    is_act = True

    def read(self) -> Arrived | None:
        """What came, as it will be kept; None with what is wrong beside the field."""
        given: Any = self.file.data
        try:
            arrived = Arrived.read(getattr(given, "file", None), getattr(given, "filename", "") or "")
            arrived.send_ahead()
            return arrived
        except Invalid as invalid:
            self.status = 422
            self._add(invalid.errors)
            return None
