"""Addresses as people write them: of mail, of phones, and of the web."""

from __future__ import annotations

import re
import unicodedata
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


_NUMBER = re.compile(r"(?P<abroad>\+)?[\s(]*\d(?:[\s().\-‐-―]*\d){4,}")
"""Five digits are the shortest number that a customer has, such as a bank's 95588."""
_EXTENSION = re.compile(r"[\s,，)]*(?:转|分机|ext\.?|x|#)[\s:：.]*(\d{1,8})", re.IGNORECASE)


def dialled(text: str) -> str:
    """The first phone number in what somebody wrote, as a `tel:` link has it (RFC 3966), and '' where there
    is none: +862112345678;ext=8, of +86 (21) 1234-5678 转 8.
    """
    text = unicodedata.normalize("NFKC", text)
    found = _NUMBER.search(text)
    if found is None:
        return ""
    number = re.sub(r"\D", "", found[0])
    extension = _EXTENSION.match(text, found.end())
    return f"{found['abroad'] or ''}{number}{f';ext={extension[1]}' if extension else ''}"


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
