"""Whoever asks the portal in a test: its own process, no socket, the event loop always there.

Starlette's TestClient makes an event loop for each request, and threads and connections with it, and crosses
over to it eight times: half the work of asking for a page. This one crosses once.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import MutableMapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import httpx2
from starlette.applications import Starlette

Message = MutableMapping[str, Any]
_BEGINNING = threading.Lock()


class Client(httpx2.Client):
    """A browser without a screen. What the portal raises, it raises."""

    def __init__(self, app: Starlette, *, cookies: dict[str, str] | None = None) -> None:
        super().__init__(
            transport=_Direct(app),
            base_url="http://testserver",
            # Packed answers would be packed and unpacked in this one process.
            headers={"user-agent": "client", "accept-encoding": "identity"},
            cookies=cookies,
        )


class _Direct(httpx2.BaseTransport):
    def __init__(self, app: Starlette) -> None:
        self.app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        with _BEGINNING:  # of several who ask first at one moment, one begins the loop
            loop = _loop()
        return asyncio.run_coroutine_threadsafe(self._answer(request), loop).result()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        incoming: list[Message] = [{"type": "http.request", "body": request.content}]
        answered = asyncio.Event()
        start: Message = {}
        body: list[bytes] = []

        async def receive() -> Message:
            if incoming:
                return incoming.pop()
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.append(message.get("body", b""))
                if not message.get("more_body", False):
                    answered.set()

        await self.app(_scope(request), receive, send)
        content = b"" if request.method == "HEAD" else b"".join(body)
        stream = httpx2.ByteStream(content)
        return httpx2.Response(start["status"], headers=start["headers"], stream=stream, request=request)


def _scope(request: httpx2.Request) -> Message:
    url = request.url
    raw_path = url.raw_path.split(b"?", 1)[0]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(raw_path.decode()),
        "raw_path": raw_path,
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("testclient", 50000),
        "server": (url.host, url.port or 80),
        "state": {},
    }


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """An event loop in a thread of its own, to the end of the process. It runs one task to no end: worker
    threads belong to it, and are there for the next request.
    """
    begun = threading.Event()
    made: list[asyncio.AbstractEventLoop] = []

    async def forever() -> None:
        made.append(asyncio.get_running_loop())
        begun.set()
        await asyncio.Event().wait()

    threading.Thread(target=asyncio.run, args=(forever(),), daemon=True).start()
    begun.wait()
    return made[0]
