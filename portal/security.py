"""What guards every request: same origin for changes, headers on every answer, ids in the log. Pure ASGI."""

from __future__ import annotations

import json
import logging
import secrets
import time
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal import i18n
from portal.models.base.record import request_id

SAFE = {"GET", "HEAD", "OPTIONS"}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
FRESH = "private, no-cache"
"""Pages are asked for again each time; going Back still finds what was typed."""
SECRETS = ("token",)
"""Parts of an address that open something: the log does not hold them."""
LASTING = "public, max-age=31536000, immutable"
"""Static files change their address when they change."""
KEPT = {200, 206, 304}
"""What is no file of the static folder, an error or a way elsewhere, is never kept."""
REFUSED = {403, 429}
"""Who asked for what they may not, or too often: told as a warning."""
log = logging.getLogger("portal.request")


def address_of(told: str) -> SplitResult:
    """What a header says a browser came from, in its parts; all of them empty where it is no address."""
    try:
        return urlsplit(told)
    except ValueError:
        return SplitResult("", "", "", "", "")


class SameOrigin:
    """Refuses changes that another site's page asks a signed-in browser to make."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE or self.same_origin(Headers(scope=scope)):
            return await self.app(scope, receive, send)
        words = "This form was sent from another site. Open the portal itself and try again."
        return await PlainTextResponse(i18n.gettext(words), 403)(scope, receive, send)

    @staticmethod
    def same_origin(headers: Headers) -> bool:
        """Browsers say where a request comes from; programs that say nothing carry no cookie by accident."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is None or address_of(origin).netloc == headers.get("host")


class SafeHeaders:
    """Puts the security headers on every answer, and says how long an answer may be kept."""

    def __init__(self, app: ASGIApp, *, https: bool = False):
        self.app = app
        self.headers = HEADERS | (
            {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} if https else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                lasting = scope["path"].startswith("/static/") and message["status"] in KEPT
                headers.setdefault("Cache-Control", LASTING if lasting else FRESH)
            await send(message)

        await self.app(scope, receive, send_guarded if scope["type"] == "http" else send)


class RequestLog:
    """Gives every request an id and leaves one structured line: no query, no body, no names; of what was
    refused also where it came from.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        ident, started, status = secrets.token_hex(6), time.perf_counter(), 500
        token = request_id.set(ident)

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = ident
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        finally:
            took = round(1000 * (time.perf_counter() - started), 1)
            if not scope["path"].startswith("/static/"):
                facts = {
                    "method": scope["method"],
                    "path": _without_secrets(scope),
                    "status": status,
                    "ms": took,
                }
                level = logging.WARNING if status in REFUSED else logging.INFO
                if status in REFUSED and scope.get("client"):
                    facts["address"] = scope["client"][0]
                log.log(level, "request", extra={"facts": facts | {"person": scope.get("person_id")}})
            request_id.reset(token)


def _without_secrets(scope: Scope) -> str:
    path: str = scope["path"]
    for name in SECRETS:
        if secret := scope.get("path_params", {}).get(name):
            path = path.replace(secret, "***")
    return path


class JsonLines(logging.Formatter):
    """One JSON object a line: when (UTC), how grave, what, the request's id and its facts."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request": request_id.get() or None,
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(
            {key: value for key, value in line.items() if value is not None}, ensure_ascii=False
        )
