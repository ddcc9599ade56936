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
    return {"msgid": phrase.msgid, "values": {name: _packed(value) for name, value in phrase.values.items()}}


def _packed(value: Any) -> Any:
    """A value of a phrase, which may be one itself, or several."""
    if isinstance(value, list | tuple):
        return [_packed(each) for each in value]
    return pack(value) if isinstance(value, Phrase) else value


def unpack(packed: Mapping[str, Any]) -> Phrase:
    """The phrase again."""
    text = packed["msgid"]
    return Phrase(text, **{name: _unpacked(value) for name, value in packed["values"].items()})


def _unpacked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpacked(each) for each in value]
    return unpack(value) if isinstance(value, dict) and "msgid" in value else value
