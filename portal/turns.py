"""Whose turn it is: nobody holds all the threads, and who waits to write keeps nobody from reading."""

from __future__ import annotations

import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.requests import Request as HttpRequest

SLOW = 6
MOST_KNOWN = 20_000
FREE, PART = 1.0, 0.1
"""Seconds of the processor that a person may have at once, and the part of it that they may have for good,
while others work.
"""
MOST_DUE = 1.5
"""However much they had, they have rested from it after (MOST_DUE - FREE) / PART seconds."""
LOOK, LATELY = 0.05, 0.25
"""How often it is looked whether others work, and who had a turn so lately still does."""


@dataclass
class Account:
    """What a person had of the processor, less what time has made up for."""

    due: float = 0.0
    at: float = 0.0

    def left(self, now: float) -> float:
        """Seconds until they may go on while others work."""
        return max(0.0, self.due - (now - self.at) * PART - FREE) / PART

    def run(self, work: Callable[..., Any], *given: Any) -> Any:
        """Do a piece of work in this thread, and count what it takes."""
        began = time.thread_time()
        try:
            return work(*given)
        finally:
            now = time.monotonic()
            due = max(0.0, self.due - (now - self.at) * PART) + time.thread_time() - began
            self.due, self.at = min(due, MOST_DUE), now


class Turns:
    """The threads that run views, and how they are shared.

    A person holds all but one of them at most, with whatever browsers; so do writers together, for whoever
    waits for the database's lock has a thread meanwhile. Who had much of the processor rests while
    others work. With one thread alone there is nothing to share.
    """

    def __init__(self, threads: int) -> None:
        self.views = anyio.CapacityLimiter(threads)
        self.slow = anyio.CapacityLimiter(threads + SLOW)
        """Beside them, for what waits by itself: password hashing bounds itself."""
        self.share = max(1, threads - 1)
        self.writers = anyio.CapacityLimiter(self.share)
        self._of: dict[str, anyio.CapacityLimiter] = {}
        self._people: dict[str, int] = {}
        self._accounts: dict[str, Account] = {}
        self._working: dict[str, float] = {}
        """Who had a turn lately, and when it ended."""

    @asynccontextmanager
    async def taken(self, http: HttpRequest, cookie: str, writes: bool) -> AsyncIterator[Account]:
        """Wait for one's turn, then hold it; gives the account that what is done goes on."""
        who = self._who(http, cookie)
        own = self._of.setdefault(who, anyio.CapacityLimiter(self.share))
        try:
            async with own:
                account = self._account(who)
                while account.left(time.monotonic()) and self._are_others_working(who):  # noqa: ASYNC110 - waits for time
                    await anyio.sleep(LOOK)
                if not writes:
                    yield account
                else:
                    async with self.writers:
                        yield account
        finally:
            self._working.pop(who, None)
            self._working[who] = time.monotonic()
            if not own.statistics().tasks_waiting and not own.borrowed_tokens:
                self._of.pop(who, None)

    def _account(self, who: str) -> Account:
        if len(self._accounts) >= MOST_KNOWN:
            now = time.monotonic()
            self._accounts = {each: kept for each, kept in self._accounts.items() if kept.left(now)}
        return self._accounts.setdefault(who, Account())

    def _are_others_working(self, who: str) -> bool:
        since = time.monotonic() - LATELY
        while self._working and next(iter(self._working.values())) < since:
            del self._working[next(iter(self._working))]
        return bool(self.views.borrowed_tokens) or bool(self._working.keys() - {who})

    def know(self, cookie: str, person: int) -> None:
        """Whose a session's cookie is: all browsers of a person share one turn."""
        if len(self._people) >= MOST_KNOWN:
            self._people.clear()
        self._people[_digest(cookie)] = person

    def _who(self, http: HttpRequest, cookie: str) -> str:
        digest = _digest(cookie) if cookie else ""
        if digest in self._people:
            return f"person-{self._people[digest]}"
        return digest or (http.client.host if http.client else "")


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
