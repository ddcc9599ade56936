"""What every page of the help site shares: nobody signs in, nothing is kept in the browser, and a page is the
same for all who read in one language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from starlette.responses import Response

from portal import i18n
from portal.models.help.site import Site
from portal.web import Endpoint, Handler, Request, permit, view

KEPT = "public, no-cache"
"""Whoever keeps a page asks each time whether it holds still: what is taken down is gone at once."""
HTML = "text/html; charset=utf-8"


def visited(handler: Handler) -> Endpoint:
    """An endpoint of a view of the help site. While it is closed there is nothing at any address of it."""

    @wraps(handler)
    def asked(request: Request, **parts: Any) -> Response:
        permit(Site.is_open(), otherwise=404)
        with i18n.speaking(language(request)):
            return handler(request, **parts)

    decorate: Callable[[Handler], Endpoint] = view(public=True)
    return decorate(asked)


def language(request: Request) -> str:
    """The language of the page's own words: as its address says, else as the browser asks for."""
    chosen = request.query.get("lang", "")
    asked = request.http.headers.get("accept-language", "zh")
    return chosen if chosen in i18n.LOCALES else i18n.choose(asked)


def show(
    request: Request,
    template: str,
    *,
    status: int = 200,
    media: str = HTML,
    kept: bool = True,
    **context: Any,
) -> Response:
    """A page for whoever asks: with what tells a kept copy of it apart, and 304 for who has this one. `kept`:
    whether it may be kept, and listed by search engines.
    """
    locale = i18n.current()
    facts = {
        "request": request,
        "site": Site.of(locale),
        "locale": locale,
        "lang": i18n.tag(locale),
        "path": request.path,
        "base": request.settings.address.rstrip("/"),
        "words": "",
        "tail": f"?lang={locale}" if request.query.get("lang") in i18n.LOCALES else "",
        "indexed": kept and status == 200,
        **context,
    }
    body = request.http.app.state.templates.get_template(template).render(facts).encode()
    if status != 200 or not kept:
        return _answer(body, status, media, {"Cache-Control": "no-store"})
    mark = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": KEPT, "ETag": mark}
    if has(request, mark):
        return _answer(b"", 304, media, headers)
    return _answer(body, 200, media, headers)


def has(request: Request, mark: str) -> bool:
    """Whether who asks has this very answer already."""
    held = request.http.headers.get("if-none-match", "").split(",")
    return any(each.strip().removeprefix("W/") == mark.removeprefix("W/") for each in held)


def wanting(request: Request, problem: str) -> Response:
    """The page for who did something too often."""
    return show(request, "help/site/wanting.html", status=429, problem=problem)


def nothing(request: Request) -> Response:
    """The page of an address at which there is nothing, or nothing any more."""
    return show(request, "help/site/nothing.html", status=404)


def _answer(body: bytes, status: int, media: str, headers: dict[str, str]) -> Response:
    return Response(body, status, {"Vary": "Accept-Language", **headers}, media_type=media)
