"""Templates: what every page can call."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.routing import Route

from portal import clock, i18n, sentences
from portal.models.base.nouns import Condition, State
from portal.settings import ROOT
from portal.text.addresses import dialled
from portal.text.markdown import render_markdown
from portal.text.typed import as_typed, beginning
from portal.text.writing import written_in

STATIC = ROOT / "static"


def environment(app: Starlette) -> Environment:
    """The Jinja environment: autoescaped, strict about what is undefined, speaking the person's language."""
    env = sentences.Templates(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        bytecode_cache=_compiled(),
    )
    env.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals["_"] = env.globals["gettext"] = _words
    env.globals["pgettext"] = _among
    env.filters.update(
        i18n.FILTERS,
        markdown=markdown,
        as_typed=as_typed,
        beginning=beginning,
        dialled=dialled,
        lang=told_language,
    )

    paths = {route.name: route.path_format for route in app.routes if isinstance(route, Route)}

    def url(name: str, **params: Any) -> str:
        # Starlette's own look-up tries each route in turn: the dearest part of a page of a hundred links.
        return quote(paths[name].format_map(params))

    @lru_cache(64)
    def rendered(template: str, locale: str) -> Markup:
        return Markup(env.get_template(template).render())  # noqa: S704 - our own template

    env.globals.update(
        blank=i18n.blank,
        fixed=lambda template: rendered(template, i18n.current()),
        conditions=Condition,
        url=url,
        icon=icon,
        asset=asset,
        wing_sheet=wing_sheet,
        now=clock.now,
        today=clock.today,
        translate=i18n.gettext,
        ui=Macros(env),
    )
    return env


class _Compiled(FileSystemBytecodeCache):
    """What becomes of the templates, kept for the next start: making it is several seconds of work."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # a full disk stops no page
            super().dump_bytecode(bucket)


def _compiled() -> _Compiled | None:
    """Jinja looks whether a template is still the same text; the files' names say whether its reader is."""
    modules = (Path(each).read_bytes() for each in (__file__, sentences.__file__))
    digest = hashlib.sha256(b"".join(modules)).hexdigest()[:10]
    try:
        return _Compiled(pattern=f"%s-{digest}")
    except (OSError, RuntimeError):  # its place, open to this user alone, cannot be had
        return None


class Macros:
    """The macros of ui.html, each looked up once: they know the globals and what they are given, no page."""

    def __init__(self, env: Environment):
        self._env = env
        self._states = dict[tuple[str, type[State], State], Markup]()

    def status(self, state: State, text: str | None = None) -> Markup:
        """A state as a tag: lists say the same few in each row, which are made once."""
        if text:
            return self._written("status")(state, text)  # type: ignore[no-any-return]
        key = i18n.current(), type(state), state
        if key not in self._states:
            self._states[key] = self._written("status")(state)
        return self._states[key]

    def __getattr__(self, name: str) -> Any:
        macro = self._written(name)
        setattr(self, name, macro)
        return macro

    def _written(self, name: str) -> Any:
        return getattr(self._env.get_template("ui.html").module, name)


def markdown(text: str) -> Markup:
    """Markdown as safe HTML; what is kept rendered, such as an article, needs no rendering here."""
    return Markup(render_markdown(text))  # noqa: S704 - made safe by the renderer


def told_language(text: str | None) -> Markup:
    """The attribute that says in which language people wrote this, where the page is in another: it is read
    aloud and set as what it is.
    """
    written = written_in(text) if text else i18n.current()
    return _NONE if written == i18n.current() else _language(written)


_NONE = Markup("")


@cache
def _language(written: str) -> Markup:
    return Markup(' lang="{}"').format(i18n.tag(written))


def _words(message: str, **values: Any) -> Markup:
    """The message in the language in use: jinja's own way costs more than the cell around the word."""
    locale = i18n.current()
    return _template(locale, message) % values if values else _fixed(locale, message)


@lru_cache(8192)
def _fixed(locale: str, message: str) -> Markup:
    return _template(locale, message) % {}


@lru_cache(8192)
def _template(locale: str, message: str) -> Markup:
    return Markup(i18n.said(locale, message))  # noqa: S704 - our own catalogue


def _among(context: str, message: str) -> Markup:
    return _words(i18n.in_context(context, message))


def _gettext(message: str) -> str:
    return i18n.said(i18n.current(), message)


def _ngettext(singular: str, plural: str, n: int) -> str:
    return i18n.catalogue(i18n.current()).ngettext(singular, plural, n)


@cache
def icon(name: str) -> Markup:
    """A vendored icon as inline SVG, hidden from screen readers."""
    (folder,) = (STATIC / "vendor").glob("tabler-icons-*")
    svg = " ".join((folder / f"{name}.svg").read_text().split())
    svg = svg[svg.index("<svg") :]
    opening, _, rest = svg.partition(">")
    return Markup(_with_class(opening) + ' aria-hidden="true" focusable="false">' + rest)  # noqa: S704 - our own file


def _with_class(opening: str) -> str:
    before, found, after = opening.partition('class="')
    if not found:
        return opening + ' class="icon"'
    return before + 'class="icon"' + after.partition('"')[2]


@cache
def version() -> str:
    """What changes with any static file of the portal's own."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC).as_posix()
        if path.is_file() and not name.startswith("vendor/"):
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:10]


def asset(path: str) -> str:
    """The address of a static file. Its folder's name changes with any of them, so that what a module imports
    is never an old one; what others made has its version in its own folder's name.
    """
    return f"/static/{path}" if path.startswith("vendor/") else f"/static/{version()}/{path}"


@cache
def wing_sheet(wing: str) -> str:
    """The address of a wing's own stylesheet; empty where it has none."""
    path = f"css/{wing}.css"
    return asset(path) if (STATIC / path).is_file() else ""
