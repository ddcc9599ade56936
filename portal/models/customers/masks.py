"""Who sees a person's private facts: one mask for pages, lists, search, exports and history (RULES 4.10)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.text.addresses import dialled

Mask = Callable[[str], str]
HIDDEN = "***"
_STAR = "[*\uff0a\u2217\u204e\ufe61\u2731\u2022\u25cf]"
"""An asterisk, and what looks like one or is put for one."""
_MASKED = re.compile(rf"{_STAR}\s?{_STAR}")


def mask_phone(number: str) -> str:
    """First three and last four digits of a number, fewer for a short one: `138****5678`."""
    digits = re.sub(r"[^0-9+]", "", number)
    if len(digits) >= 11:
        return f"{digits[: len(digits) - 8]}****{digits[-4:]}"
    return f"****{digits[-2:]}" if len(digits) >= 6 else HIDDEN if number else ""


def mask_email(address: str) -> str:
    """The first character and the domain: `l***@example.com`."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}{HIDDEN}@{domain}" if at else HIDDEN if address else ""


def mask_all(text: str) -> str:
    """Nothing but that there is something."""
    return HIDDEN if text else ""


SEEN_MASKED = Phrase(
    "You see the value that is here masked, so you do not overwrite it: its owner does, or you "
    "once it is yours."
)


NO_NUMBER = Phrase(
    "There is no phone number in this. Write all of its digits, such as 138 1234 5678 or 021-12345678 ext 8; "
    "anything else goes into the note."
)
NONE_KNOWN = re.compile(r"无|暂无|没有|无电话|不详|未知|未填|n/a|na|nil|no|none|null|unknown", re.IGNORECASE)
"""What lists have in the place of a number that nobody knows."""


def holds_mask(text: object) -> bool:
    """Whether a text is, or holds, what a mask leaves of a value: that is never data."""
    return isinstance(text, str) and _MASKED.search(text) is not None


class Restricted:
    """A record with fields of level L3 (restricted personal): `open_to` decides who reads them in full."""

    restricted: ClassVar[Mapping[str, Mask]] = {"phone": mask_phone, "email": mask_email, "address": mask_all}
    may_stay: ClassVar[Sequence[str]] = ("phone",)
    """What may have been written down before it had to be as `faults` asks: unchanged, it stays."""

    def open_to(self, person: Any) -> bool:
        """Whether this person reads the restricted fields in full, in the ordinary course of their work."""
        raise NotImplementedError

    @classmethod
    def faults(cls, values: Mapping[str, Any]) -> dict[str, Phrase]:
        """A mask in the place of a value is refused, whoever writes it and by whichever way, and a phone
        without a number, but for a dash that a list has where there is none.
        """
        masked = [name for name in cls.restricted if holds_mask(values.get(name))]
        told = Phrase("This is what is shown of a value that you may not see in full. Type the whole value.")
        faults: dict[str, Phrase] = super().faults(values)  # type: ignore[misc]
        phone = values.get("phone") or ""
        is_said = any(map(str.isalnum, phone)) and NONE_KNOWN.fullmatch(phone.strip()) is None
        if is_said and not dialled(phone):
            faults = {"phone": NO_NUMBER} | faults
        return faults | dict.fromkeys(masked, told)

    def is_masked(self, field: str, text: str) -> bool:
        """Whether a text is what the mask leaves of this record's own value: it says nothing new."""
        value = str(getattr(self, field) or "")
        return bool(value) and text in (value, self.restricted[field](value))

    def unmasked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """These values without those that are only the masks of what is here already."""
        return {
            name: value
            for name, value in values.items()
            if not (name in self.restricted and holds_mask(value) and self.is_masked(name, value))
        }

    def hidden_from(self, person: Any, values: Mapping[str, Any]) -> list[str]:
        """Which of these would overwrite what this person sees masked: an empty place may be filled."""
        hidden = [name for name in self.restricted if name in values and getattr(self, name)]
        hidden = [name for name in hidden if values[name] != getattr(self, name)]
        return [] if not hidden or person is None or self.open_to(person) else hidden

    def own_values(self, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        """These values as this person may write them: without masks of what is here already.

        Raises Invalid, beside its field, for one that would overwrite what they see masked (RULES 4.10).
        """
        values = self.unmasked(values)
        if hidden := [name for name in self.hidden_from(by, values) if not holds_mask(values[name])]:
            raise Invalid(dict.fromkeys(hidden, SEEN_MASKED))
        return values

    def but_for_its_number(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """These values without a phone that was written down before it had to hold a number: it may stay."""
        stays = {name for name in self.may_stay if name in values and values[name] == getattr(self, name)}
        return {name: value for name, value in values.items() if name not in stays}

    def changed_fields(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """What an edit would change; history shows the restricted fields masked, to everyone."""
        changes: dict[str, list[Any]] = super().changed_fields(values)  # type: ignore[misc]
        for name in changes.keys() & self.restricted.keys():
            changes[name] = [self.restricted[name](value or "") for value in changes[name]]
        changes.pop("sort_name", None)
        return changes


def shown(record: Any, field: str, *, to: Any, revealed: bool = False) -> str:
    """A field's value as this person may see it: in full, or masked.

    `revealed`: the person asked for it, may ask, and the asking is logged.
    """
    value = str(getattr(record, field) or "")
    mask = record.restricted.get(field)
    if mask is None or not value or revealed or record.open_to(to):
        return value
    return str(mask(value))
