"""The doors of the server itself: who sends half a request, or one without an end, is not waited for."""

from __future__ import annotations

import socket
from asyncio import TimerHandle, Transport
from collections import Counter
from collections.abc import Sequence
from types import FrameType

import anyio
import uvicorn
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from portal.jobs.keeper import Keeper
from portal.settings import Settings

MOST_HEADERS = 64 * 1024
"""Bytes of a request line and its headers; a long address and a few cookies take a tenth."""
HEADERS_SECONDS = 15
"""So long may a connection take for them, from when it is made or used again."""
BODY_SECONDS, BYTES_A_SECOND = 30, 20_000
"""So long may a form take, and what is longer so much more: 50 MB come over a slow line in 40 minutes."""
SILENT_SECONDS = 30
"""So long may it bring nothing at all."""
MOST_CONNECTIONS = 1000
MOST_OF_ONE = MOST_CONNECTIONS // 2
"""From one address, where no proxy stands before the portal: the others keep as many."""
GRACE = 20
"""Seconds in which those who are being answered may be, after the portal was told to stop."""
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's, which itself bounds neither the length of headers nor the time they take."""

    reading_headers = True
    length = 0
    patience: TimerHandle | None = None
    held = Counter[str]()
    """Connections of this process by address."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.held[self._from] += 1
        if not self.config.proxy_headers and self.held[self._from] > MOST_OF_ONE:
            transport.abort()
        self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_came()
        self.held[self._from] -= 1
        if not self.held[self._from]:
            del self.held[self._from]
        super().connection_lost(exc)

    @property
    def _from(self) -> str:
        return self.client[0] if self.client else ""

    def data_received(self, data: bytes) -> None:
        self.length += len(data)
        super().data_received(data)
        if self.reading_headers and self.length > MOST_HEADERS and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        self._await_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._headers_came()
        super().on_headers_complete()

    def _await_headers(self) -> None:
        self._headers_came()
        self.reading_headers, self.length = True, 0
        self.patience = self.loop.call_later(HEADERS_SECONDS, self.transport.close)

    def _headers_came(self) -> None:
        self.reading_headers = False
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None


class Patience:
    """Waits for a request's body no longer than its length deserves; then answers 408."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        length = dict(scope["headers"]).get(b"content-length", b"")
        seconds = BODY_SECONDS + (int(length) // BYTES_A_SECOND if length.isdigit() else 0)
        until, complete = anyio.current_time() + seconds, False

        async def receive_in_time() -> Message:
            nonlocal complete
            if complete:  # what still comes is that the other side went away, however late
                return await receive()
            try:
                with anyio.fail_after(max(0, min(SILENT_SECONDS, until - anyio.current_time()))):
                    message = await receive()
            except TimeoutError as late:
                raise HTTPException(408, headers={"Connection": "close"}) from late
            complete = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)


# --- Answering -----------------------------------------------------------------------------------------


def doors(host: str, port: int) -> list[socket.socket]:
    """Sockets for all addresses of a host; several processes may listen at them. Raises OSError when one is
    taken.
    """
    opened = list[socket.socket]()
    known = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in dict.fromkeys(known):
        door = socket.socket(family, kind, protocol)
        opened.append(door)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind(address)
    return opened


class Server(uvicorn.Server):
    """Answers at doors; what other processes do beside it ends with it."""

    def __init__(self, app: ASGIApp, settings: Settings, beside: Sequence[Keeper]) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            http=BoundedProtocol,
            limit_concurrency=MOST_CONNECTIONS,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self.beside = beside

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to stop: so are the others at the same doors, and nobody is answered twice as long."""
        for each in self.beside:
            each.let_go()
        super().handle_exit(sig, frame)
