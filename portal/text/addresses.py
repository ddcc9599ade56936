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


_GAP = r"[\s().·_\-‐-―]{0,4}"
_NUMBER = re.compile(rf"(?:(?P<abroad>\+)[\s(]{{0,3}})?[0-9](?:{_GAP}[0-9]){{4,}}")
"""Five digits are the shortest number that a customer has, such as a bank's 95588."""
_LANDLINE = rf"0[1-9][0-9]{{1,2}}(?:{_GAP}[0-9]){{7,8}}"
_ONE = re.compile(rf"\+?(?:(?:00)?86{_GAP})?(?:1[3-9](?:{_GAP}[0-9]){{9}}|{_LANDLINE})")
"""The first of Chinese numbers with nothing but a blank between them."""
_LONGEST = 15
"""Digits of any number (ITU-T E.164)."""
_EXTENSION = re.compile(
    r"[\s,，)]{0,4}(?:转|分机|ext\.?|x|#)(?:分机)?[\s:：.]{0,4}([0-9]{1,8})", re.IGNORECASE
)
_BEHIND_A_DASH = re.compile(rf"({_LANDLINE})-([0-9]{{1,6}})")
_AREA = re.compile(r"(?<![0-9])(0[0-9]{2,3})/(?=[0-9]{7,8}(?![0-9]))")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""What programs put around or within a number that is copied from them."""


def dialled(text: str) -> str:
    """The first phone number in what somebody wrote, as a `tel:` link has it (RFC 3966): +862112345678;ext=8,
    of ＋86（21）1234-5678 转 8. '' where there is none.
    """
    text = _AREA.sub(r"\1-", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    found = _NUMBER.search(text)
    if found is None:
        return ""
    written, end = found[0].replace("(0)", "") if found["abroad"] else found[0], found.end()
    if len(re.sub(r"[^0-9]", "", written)) > _LONGEST and (one := _ONE.match(written)):
        written, end = one[0], found.start() + one.end()
    extension = _EXTENSION.match(text, end)
    if behind := _BEHIND_A_DASH.fullmatch(written):
        written, more = behind.groups()
    else:
        more = extension[1] if extension else ""
    number = re.sub(r"[^0-9]", "", written)
    return f"{found['abroad'] or ''}{number}{f';ext={more}' if more else ''}"


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
