"""What the reading of a person's table file has to say: remarks on the way, or why it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from portal.models.base import Phrase


@dataclass(frozen=True)
class Note:
    """One thing noticed while reading; `row` is the line or sheet row it is about, if any."""

    code: str
    message: Phrase
    row: int | None = None


class Unreadable(Exception):
    """The file cannot be read as a table: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: Phrase):
        self.code = code
        self.message = message
        super().__init__(message)
