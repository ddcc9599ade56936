"""`portal serve` in a process of its own, and browsers that ask it over real connections."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

PATIENCE = 60.0
"""Seconds after which an answer is not waited for."""
FORM = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """What came back; status 0 where nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode("utf-8", "replace")


@dataclass
class Browser:
    """One connection that is kept, and the session's cookie."""

    port: int
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self,
        method: str,
        path: str,
        form: Mapping[str, str] | bytes = b"",
        *,
        kind: str = FORM,
        htmx: bool = False,
    ) -> Answer:
        """One request and its whole answer, timed from the first byte sent to the last one read."""
        body = form if isinstance(form, bytes) else urlencode(form, errors="surrogatepass").encode()
        cookies = self.cookies | ({"session": self.token} if self.token else {})
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Accept-Encoding: gzip",
            "Accept-Language: zh",
            "Sec-Fetch-Site: same-origin",
            f"Cookie: {'; '.join(f'{name}={value}' for name, value in cookies.items())}",
        ]
        lines += ["HX-Request: true"] if htmx else []
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if method == "POST" else []
        sent = "\r\n".join([*lines, "", ""]).encode() + body
        began = time.perf_counter()
        for fresh in (False, True):
            try:
                status, headers, told = await asyncio.wait_for(self._once(method, sent, fresh), PATIENCE)
            except (OSError, EOFError, ValueError):  # a kept connection may have been closed meanwhile
                self.close()
                continue
            return Answer(status, headers, told, time.perf_counter() - began)
        return Answer(0, {}, b"", time.perf_counter() - began)

    async def _once(self, method: str, sent: bytes, fresh: bool) -> tuple[int, dict[str, str], bytes]:
        if fresh or self.streams is None:
            self.close()
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        reader, writer = self.streams
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status, headers = int(head[0].split()[1]), {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                cookie, _, held = value.partition(";")[0].partition("=")
                self.cookies[cookie] = held
        if method == "HEAD" or status in (204, 304):
            told = b""
        elif "content-length" in headers:
            told = await reader.readexactly(int(headers["content-length"]))
        else:
            told = await _chunks(reader)
        if headers.get("connection") == "close":
            self.close()
        return status, headers, told

    def close(self) -> None:
        if self.streams is not None:
            with suppress(OSError, RuntimeError):
                self.streams[1].close()
        self.streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = bytearray()
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return bytes(parts)


@contextmanager
def serving(
    folder: Path, database_url: str = "", **more: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The portal on a folder, with its worker; gives the process and the port once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    given = {"PORTAL_DATA": str(folder), "PORTAL_DATABASE_URL": database_url, "PORTAL_PORT": str(port)}
    environment = os.environ | given | {"PORTAL_LOG_LEVEL": "ERROR"} | more
    command = [sys.executable, "-m", "portal", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _await(process, port)
            yield process, port
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            time.sleep(3)  # loads its templates and words
            return
        time.sleep(0.1)
    raise RuntimeError("the portal does not answer")
