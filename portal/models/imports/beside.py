"""The pictures and files beside the texts of a handbook: kept when its rows are written."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import Any

from portal.models.base.database import transact
from portal.models.base.record import Invalid
from portal.models.files.attachments import Arrived, Attachment, Enclosure
from portal.models.imports.decisions import Decision
from portal.models.imports.imports import Import
from portal.tables.handbook import FILES, PLACE, Lying

TEXT = "body"
"""The field of a text that shows them."""
_NAMED = re.compile(rf"(!?)\[([^\[\]\n]*)\]\({PLACE}(\d{{1,6}}(?:-\d{{1,6}})?)\)")
_OUT = re.compile(rf"{FILES}/(\d{{1,18}})-(.+)")


class Beside:
    """What lies beside the texts of one import."""

    def __init__(self, imported: Import) -> None:
        self.imported, self.by = imported, imported.by
        self.kept = dict[str, int]()
        """By its place in the archive, the file that it is here; 0 for what a text cannot hold."""

    def place(self, decisions: Sequence[Decision]) -> None:
        """Keep what the texts that are written show, and have them show it here. A picture takes a moment:
        no transaction waits for it. Raises Invalid when the store of files is away.
        """
        for one in decisions:
            text = one.draft.values.get(TEXT)
            if one.outcome in ("created", "updated") and isinstance(text, str) and PLACE in text:
                one.draft.values[TEXT] = _NAMED.sub(self._shown, text)

    def enclose(self, noun: str, texts: Mapping[int, Mapping[str, Any]]) -> None:
        """Whoever may read a record, given with what was written of it, may open what its text shows."""
        kept = set(self.kept.values()) - {0}
        for record, written in texts.items():
            Enclosure.hold(noun, record, str(written.get(TEXT) or ""), among=kept)

    def _shown(self, found: re.Match[str]) -> str:
        place = found[3]
        if place not in self.kept:
            self.kept[place] = self._keep(place)
        return f"{found[1]}[{found[2]}](/files/{self.kept[place]})" if self.kept[place] else found[2]

    def _keep(self, place: str) -> int:
        if self._lying is None or (found := self._lying.at(place)) is None:
            return 0
        path, data = found
        name, out = PurePosixPath(path).name, _OUT.fullmatch(path)
        if out is not None:  # it went out from a portal: from this one, if it is what it was
            name = out[2]
            digest = hashlib.sha256(data).hexdigest()
            same = (Attachment.id == int(out[1])) & (Attachment.sha256 == digest)
            if self.by is not None and transact(
                Attachment.visible_to(self.by).where(same).exists, write=False
            ):
                return int(out[1])
        try:
            arrived = Arrived.read(io.BytesIO(data), name)
        except Invalid:
            return 0
        arrived.send_ahead()
        return transact(partial(Attachment.bring, arrived, by=self.by, of_many=True)).id

    @cached_property
    def _lying(self) -> Lying | None:
        with suppress(zipfile.BadZipFile):
            return Lying(zipfile.ZipFile(self.imported.attachment.file))
        return None
