"""Passwords: which are good enough, and how they are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from passlib.context import CryptContext

from portal.i18n import Phrase
from portal.models.base.record import Invalid
from portal.text.pinyin import syllables

SHORTEST, LONGEST = 10, 1000
LEAST_LEFT = 8
"""So many characters must be left of a password without what everyone knows of its owner."""
LEAST_GUESSES = 10**8
"""So many guesses must a password bear, by its likeness to the 30,000 most common ones, words, dates, runs
and keyboard rows; the throttle allows an account some 4,000 a day from unknown browsers.
"""
COMMON = (
    "woaini zhongguo beijing shanghai huawei xiaomi weixin alipay taobao 5201314 1314520 1314 520 888 admin"
)
"""What people here begin a password with, and the estimate's own lists, made elsewhere, do not know."""
LOOKED_AT = 72
"""The estimate reads no more of a password: its time grows with the square."""

_context = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19456,
    argon2__time_cost=2,
    argon2__parallelism=1,
)
_hashing = ThreadPoolExecutor(1, "passwords")
"""Each hash takes 19 MB and a processor: one at a time bounds what many who sign in at once can take. It
makes some twenty in a second.
"""


def _begin_anew() -> None:
    global _hashing
    _hashing = ThreadPoolExecutor(1, "passwords")


os.register_at_fork(after_in_child=_begin_anew)  # a thread stays with the process that began it


def hash_password(password: str, own: Iterable[str] = ()) -> str:
    """An argon2id hash. Raises Invalid for a password that is too short, common, or made of `own`: its
    owner's names and address, the company's name.
    """
    check(password, own)
    return str(_hashing.submit(_context.hash, password).result())


def verify(password: str, stored: str) -> bool:
    """Whether a password is the one of this hash; takes as long with no hash at all, and is then wrong."""
    right = _hashing.submit(_context.verify, password[:LONGEST], stored or _NOBODY).result()
    return bool(right and stored and len(password) <= LONGEST)


def check(password: str, own: Iterable[str] = ()) -> None:
    """Raises Invalid for a password that would soon be guessed."""
    if len(password) < SHORTEST:
        raise Invalid({"password": Phrase("At least 10 characters, please.")})
    if len(password) > LONGEST:
        raise Invalid({"password": Phrase("At most 1,000 characters, please.")})
    if len(_without(password, own)) < LEAST_LEFT:
        words = Phrase("Leave out your name, your e-mail and the company's name: they are guessed first.")
        raise Invalid({"password": words})
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists take 12 MB: a process that sets no password has none

    known = [*COMMON.split(), *_forms(own)]
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["guesses"] < LEAST_GUESSES:
        words = Phrase("This password is too easy to guess: take a few words that do not belong together.")
        raise Invalid({"password": words})


def _without(password: str, own: Iterable[str]) -> str:
    """What is left of a password without the words that everyone connects with its owner."""
    left = password.casefold()
    for word in sorted(set(_forms(own)), key=len, reverse=True):
        left = left.replace(word, "")
    return left


def _forms(own: Iterable[str]) -> Iterable[str]:
    """The ways in which such words are typed: whole, in parts, in pinyin."""
    for text in own:
        parts = [text, *re.split(r"[\W_]+", text), "".join(syllables(text)), "".join(syllables(text)[1:])]
        yield from (part.casefold() for part in parts if len(part) >= (3 if part.isascii() else 2))


_NOBODY = _context.hash("nobody has this password")
