"""Templates: what every page can call."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, nodes
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.routing import Route

from portal import clock, i18n
from portal.models.base.nouns import Condition, State
from portal.settings import ROOT
from portal.text.addresses import dialled
from portal.text.markdown import render_markdown
from portal.text.typed import as_typed, beginning
from portal.text.writing import written_in

STATIC = ROOT / "static"


def environment(app: Starlette) -> Environment:
    """The Jinja environment: autoescaped, strict about what is undefined, speaking the person's language."""
    env = Templates(
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
        blank=blank,
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


class Templates(Environment):
    """Templates as they are written, without the blank that Chinese does not have: what parts a sentence from
    what follows it on its line is `blank()`, be it written as a space, as the end of a line, or as `~ ' ' ~`.
    """

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        if name is None or name.endswith(".html"):
            _part(source.body, after=False)
            for words in source.find_all(nodes.Concat):
                words.nodes = list(_parted(words.nodes))
            source.set_environment(self)
        return super()._generate(source, name, filename, defer_init)


_INLINE = "(?:a|abbr|b|bdi|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|time|u)"
_ENDS = (".", ":", "?", "!", ";", ",")
"""With these a message ends whose Chinese ends in a mark as wide as a character."""
_NEXT = re.compile(rf"((?:</{_INLINE}>)*)\s+(?=[^<\s]|<{_INLINE}\b|\Z)")
"""What may follow a sentence in a template: the end of what it stands in, a blank, then more of the line."""
_CLOSED = re.compile(rf"(?:</{_INLINE}>)*")


def _part(body: list[nodes.Node], *, after: bool) -> bool:
    """Put `blank()` where a sentence is followed by a blank. Begun `after` one; true if it ends with one."""
    for node in body:
        if isinstance(node, nodes.Output):
            node.nodes, after = _line(node.nodes, after)
        elif isinstance(node, nodes.If):
            branches = [node.body, *(other.body for other in node.elif_), node.else_]
            after = True in [_part(branch, after=after) for branch in branches]
        elif isinstance(node, nodes.For):
            _part(node.else_, after=False)
            after = _part(node.body, after=after)
        elif isinstance(node, nodes.With):
            after = _part(node.body, after=after)
        elif not isinstance(node, nodes.Assign | nodes.ExprStmt):
            _part(getattr(node, "body", []), after=False)
            after = False
    return after


def _line(parts: list[nodes.Expr], after: bool) -> tuple[list[nodes.Expr], bool]:
    found = list[nodes.Expr]()
    for part in parts:
        if not isinstance(part, nodes.TemplateData):
            found.append(part)
            after = _is_sentence(part)
            continue
        text = part.data
        if after and (blanks := _NEXT.match(text)):
            found += [nodes.TemplateData(blanks[1]), _blank()]
            text = text[blanks.end() :]
        after = after and _CLOSED.fullmatch(text) is not None
        found.append(nodes.TemplateData(text))
    return found, after


def _parted(words: list[nodes.Expr]) -> Iterator[nodes.Expr]:
    """What `~` puts together."""
    before: nodes.Expr | None = None
    for word in words:
        is_blank = isinstance(word, nodes.Const) and word.value == " "
        yield _blank() if is_blank and before is not None and _is_sentence(before) else word
        before = word


def _is_sentence(part: nodes.Expr) -> bool:
    """Whether it is a message of the catalogue, or one of two, that ends as sentences do."""
    if isinstance(part, nodes.CondExpr):
        return any(_is_sentence(each) for each in (part.expr1, part.expr2) if each is not None)
    if isinstance(part, nodes.Concat):
        return _is_sentence(part.nodes[-1])
    if not isinstance(part, nodes.Call) or not isinstance(part.node, nodes.Name):
        return False
    said = [each for each in part.args if isinstance(each, nodes.Const) and isinstance(each.value, str)]
    return part.node.name in _SAYING and bool(said) and said[-1].value.rstrip().endswith(_ENDS)


_SAYING = {"_", "gettext", "ngettext", "pgettext", "translate"}


def _blank() -> nodes.Expr:
    return nodes.Call(nodes.Name("blank", "load"), [], [], None, None)


def blank() -> str:
    """What parts two sentences, where no template says which: a space, and nothing in Chinese."""
    return "" if i18n.current() == "zh" else " "


class _Compiled(FileSystemBytecodeCache):
    """What becomes of the templates, kept for the next start: making it is several seconds of work."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # a full disk stops no page
            super().dump_bytecode(bucket)


def _compiled() -> _Compiled | None:
    """Jinja looks whether a template is still the same text; the files' names say whether this module is."""
    digest = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:10]
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
