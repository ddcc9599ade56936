"""What is noticed while a table file is read, and why one cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.i18n import Phrase


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


def pack(phrase: Phrase) -> dict[str, Any]:
    """A phrase as JSON keeps it, to be translated when it is shown."""
    values = {name: pack(v) if isinstance(v, Phrase) else v for name, v in phrase.values.items()}
    return {"msgid": phrase.msgid, "values": values}


def unpack(packed: Mapping[str, Any]) -> Phrase:
    """The phrase again."""
    values = {
        name: unpack(v) if isinstance(v, dict) and "msgid" in v else v for name, v in packed["values"].items()
    }
    text = packed["msgid"]
    return Phrase(text, **values)
