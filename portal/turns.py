"""Whose turn it is: nobody holds all the threads, and who waits to write keeps nobody from reading."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.requests import Request as HttpRequest

SLOW = 6
NOBODY = 0
MOST_KNOWN = 20_000
FREE, PART = 1.0, 0.1
"""Seconds of the processor that a person may have at once, and the part of it that they may have for good,
while others work.
"""
MOST_DUE = 1.5
"""However much they had, they have rested from it after (MOST_DUE - FREE) / PART seconds."""
ROOM, ROOM_OF_ONE = 64 << 20, 8 << 20
"""Bytes of forms that a process has in memory at one moment, and of them those of one person."""
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


@dataclass(eq=False)
class Turn:
    """One request that waits for a thread, or has one."""

    who: str
    account: Account
    writes: bool
    came: anyio.Event = field(default_factory=anyio.Event)


class Inbound:
    """Memory for forms that are on their way, counted until they are answered: whoever sends half of a long
    one from many browsers fills their part of it alone, and strangers together have no more than one person.
    """

    def __init__(self) -> None:
        self._held = Counter[str]()

    @contextmanager
    def taken(self, who: str, size: int) -> Iterator[None]:
        """Holds so many bytes for a person, or for '', all strangers. Raises Full."""
        if self._held[who] + size > ROOM_OF_ONE or self._held.total() + size > ROOM:
            raise Full
        self._held[who] += size
        try:
            yield
        finally:
            self._held[who] -= size
            self._held += Counter()  # who has nothing left in it is forgotten


class Full(Exception):
    """Too much is on its way: come back in a moment."""


class Turns:
    """The threads that run views, and how they are shared: in the order of asking, but for these.

    A person holds all but one of them at most, with whatever browsers; so do writers together, for whoever
    waits for the database's lock has a thread meanwhile. Who had much of the processor rests while others
    work. Whoever has to wait for that is passed by and loses no place: a writer waits for the writer before
    it, and not once more behind all who came to read meanwhile. With one thread there is nothing to share.
    """

    def __init__(self, threads: int) -> None:
        self.views = anyio.CapacityLimiter(threads)
        self.slow = anyio.CapacityLimiter(threads + SLOW)
        """Beside them, for what waits by itself: password hashing bounds itself, and nobody waits for it."""
        self.uploads = anyio.CapacityLimiter(2)
        """Where files are looked into, which nobody waits for who signs in."""
        self.room = Inbound()
        self.doors = anyio.CapacityLimiter(1)
        """Where it is seen whose a browser is."""
        self.threads, self.share = threads, max(1, threads - 1)
        self._waiting, self._running = list[Turn](), list[Turn]()
        self._people: dict[str, int] = {}
        self._accounts: dict[str, Account] = {}
        self._worked: dict[str, float] = {}
        """Who had a turn lately, and when it ended."""
        self._looks = False

    @asynccontextmanager
    async def taken(self, http: HttpRequest, cookie: str, writes: bool) -> AsyncIterator[Account]:
        """Wait for one's turn, then hold it; gives the account that what is done goes on."""
        who = self._who(http, cookie)
        turn = Turn(who, self._account(who), writes)
        self._waiting.append(turn)
        self._let_on()
        try:
            await turn.came.wait()
            yield turn.account
        finally:
            if turn in self._running:
                self._running.remove(turn)
                self._worked.pop(who, None)
                self._worked[who] = time.monotonic()
            else:
                self._waiting.remove(turn)
            self._let_on()

    def _let_on(self) -> None:
        """Give the free threads to those who may have one."""
        for turn in list(self._waiting):
            if len(self._running) >= self.threads:
                return
            if self._may_go(turn):
                self._waiting.remove(turn)
                self._running.append(turn)
                turn.came.set()
        if self._waiting and not self._looks:  # someone rests
            self._looks = True
            asyncio.get_running_loop().call_later(LOOK, self._look)

    def _look(self) -> None:
        self._looks = False
        self._let_on()

    def _may_go(self, turn: Turn) -> bool:
        if sum(other.who == turn.who for other in self._running) >= self.share:
            return False
        if turn.writes and sum(other.writes for other in self._running) >= self.share:
            return False
        return not turn.account.left(time.monotonic()) or not self._are_others_at_work(turn.who)

    def _are_others_at_work(self, who: str) -> bool:
        since = time.monotonic() - LATELY
        while self._worked and next(iter(self._worked.values())) < since:
            del self._worked[next(iter(self._worked))]
        others = (*self._worked, *(turn.who for turn in self._running), *(turn.who for turn in self._waiting))
        return any(other != who for other in others)

    def _account(self, who: str) -> Account:
        if len(self._accounts) >= MOST_KNOWN:
            now = time.monotonic()
            self._accounts = {each: kept for each, kept in self._accounts.items() if kept.left(now)}
        return self._accounts.setdefault(who, Account())

    def knows(self, cookie: str) -> bool:
        return _digest(cookie) in self._people

    def know(self, cookie: str, person: int) -> None:
        """Whose a session's cookie is, or NOBODY's: all browsers of a person share one turn."""
        if len(self._people) >= MOST_KNOWN:
            self._people.clear()
        self._people[_digest(cookie)] = person

    def whose(self, cookie: str) -> str:
        """The person whose session's cookie it is or was; '' for nobody's."""
        person = self._people.get(_digest(cookie), NOBODY) if cookie else NOBODY
        return f"person-{person}" if person else ""

    def _who(self, http: HttpRequest, cookie: str) -> str:
        return self.whose(cookie) or (http.client.host if http.client else "")


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
