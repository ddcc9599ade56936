"""Addresses as people write them: of mail, and of the web."""

from __future__ import annotations

import re
from collections.abc import Iterator

import email_validator

# Companies have mail inside of `.local`, and who came without an address was given one in `.invalid`.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

LONGEST = 254
"""Characters that an address may have (RFC 5321): the library would read more than these many times over."""
# An import asks twice of every row, and the library takes twenty times as long to say yes to these.
_USUAL = re.compile(
    r"[a-z0-9_-]+(?:[.+][a-z0-9_-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}", re.ASCII | re.IGNORECASE
)


def is_email(text: str) -> bool:
    """Whether it has the form of one address; whether anyone reads what is sent there is not asked."""
    if len(text) <= 60 and _USUAL.fullmatch(text):
        return True
    if len(text) > LONGEST:
        return False
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return False
    return True


def is_link(text: str) -> bool:
    """Whether a page may link it: an address of the web, or a path of the portal itself.

    Browsers read two slashes at its beginning, or a backslash, as the name of another host.
    """
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text.isprintable() and (is_path or text.startswith(("https://", "http://")))


_WEB = re.compile(
    r"(?:https?://|\bwww\.(?=[A-Za-z0-9]))[A-Za-z0-9](?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*[A-Za-z0-9/#=_~-])?",
    re.ASCII,
)
"""A web address as it is pasted: in ASCII, so that it ends before 。 and ，, without the stop after it."""


def web_addresses(text: str) -> Iterator[tuple[str, str]]:
    """The pieces of a text, each with the address it is, or ''."""
    at = 0
    for match in _WEB.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], ""
        found = match.group()
        yield found, found if "://" in found else f"https://{found}"
        at = match.end()
    if at < len(text):
        yield text[at:], ""
