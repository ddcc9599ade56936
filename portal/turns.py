"""Whose turn it is: nobody holds all the threads, and who waits to write keeps nobody from reading."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import Request as HttpRequest

SLOW = 6
MOST_KNOWN = 20_000


class Turns:
    """The threads that run views, and how they are shared.

    A person holds all but one of them at most, with whatever browsers; so do writers together, for whoever
    waits for the database's lock has a thread meanwhile. With one thread alone there is nothing to share.
    """

    def __init__(self, threads: int) -> None:
        self.views = anyio.CapacityLimiter(threads)
        self.slow = anyio.CapacityLimiter(threads + SLOW)
        """Beside them, for what waits by itself: password hashing bounds itself."""
        self.share = max(1, threads - 1)
        self.writers = anyio.CapacityLimiter(self.share)
        self._of: dict[str, anyio.CapacityLimiter] = {}
        self._people: dict[str, int] = {}

    @asynccontextmanager
    async def taken(self, http: HttpRequest, cookie: str, writes: bool) -> AsyncIterator[None]:
        """Wait for one's turn, then hold it."""
        who = self._who(http, cookie)
        own = self._of.setdefault(who, anyio.CapacityLimiter(self.share))
        try:
            async with own:
                if not writes:
                    yield
                else:
                    async with self.writers:
                        yield
        finally:
            if not own.statistics().tasks_waiting and not own.borrowed_tokens:
                self._of.pop(who, None)

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
