"""The portal as an ASGI application: all wiring on one screen."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from portal import clock, i18n, shell, templating, web
from portal.jobs.keeper import Keeper
from portal.models.base import database
from portal.models.company import calendar
from portal.models.files import attachments
from portal.routes import routes
from portal.search import searcher
from portal.security import RequestLog, SafeHeaders, SameOrigin
from portal.server import Patience
from portal.settings import Settings
from portal.turns import Turns

GZIP = 5
"""Makes 2 % more of a page than the highest level, in half its time; all others wait for it."""


def create_app(settings: Settings, kept: Sequence[Keeper] = ()) -> Starlette:
    """Wire the portal for these settings. Does not touch the schema: `portal migrate` does. What is kept
    beside it is stopped at the end.
    """
    clock.use_zone(settings.time_zone)
    i18n.use_currency(settings.currency)
    database.connect(settings.database, synchronous=settings.synchronous)
    attachments.keep_in(settings.data / "files", settings.files_url)
    app = Starlette(
        routes=routes(),
        middleware=[
            Middleware(RequestLog),
            Middleware(Patience),
            Middleware(SafeHeaders, https=settings.is_https),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=GZIP),
            Middleware(SameOrigin),
        ],
        exception_handlers={HTTPException: web.on_http_error, Exception: web.on_crash},
        lifespan=_lifespan,
    )
    app.state.settings, app.state.kept = settings, kept
    app.state.turns = Turns(settings.threads)
    app.state.templates = templating.environment(app)
    app.state.shell, app.state.forget_count = shell.shell, shell.forget_count
    app.state.search = searcher.connect(settings)
    return app


def settle(app: Starlette) -> None:
    """Load what the first requests would wait for, about two seconds of work. It stays for good: the garbage
    collector, which stops everybody while it looks through all there is, need not look at it again.
    """
    app.state.search.warm_up()
    for name in app.state.templates.list_templates(extensions=["html"]):
        app.state.templates.get_template(name)
    calendar.warm_up()
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    for each in app.state.kept:
        await anyio.to_thread.run_sync(each.stop)
    app.state.search.close()
    database.db.close_all()
