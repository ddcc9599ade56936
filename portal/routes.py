"""Every URL, one line each, grouped by noun: the table of contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from portal.settings import ROOT, Settings
from portal.views import account, home, sign_in

BOTH = ("GET", "POST")


def get(path: str, view: Callable[..., Any], name: str) -> Route:
    """A page."""
    return Route(path, view, name=name, methods=["GET"])


def post(path: str, view: Callable[..., Any], name: str) -> Route:
    """A change."""
    return Route(path, view, name=name, methods=["POST"])


def form(path: str, view: Callable[..., Any], name: str) -> Route:
    """A form's page and its change."""
    return Route(path, view, name=name, methods=list(BOTH))


def routes(settings: Settings) -> Sequence[BaseRoute]:
    """The whole site."""
    return [
        get("/", home.home, "home"),
        # signing in
        form("/sign-in", sign_in.sign_in, "sign_in"),
        post("/sign-out", sign_in.sign_out, "sign_out"),
        post("/language", sign_in.choose_language, "choose_language"),
        form("/sign-in/forgotten", sign_in.forgotten, "forgotten"),
        form("/sign-in/reset/{token}", sign_in.reset, "reset"),
        # one's own account
        form("/account", account.show, "account"),
        post("/account/theme", account.theme, "theme"),
        post("/account/language", account.language, "language"),
        form("/account/password", account.password, "password"),
        get("/account/sessions", account.session_list, "sessions"),
        post("/account/sessions/{id:int}/revocation", account.revoke_session, "session_revocation"),
        Mount("/static", StaticFiles(directory=ROOT / "static"), name="static"),
    ]
