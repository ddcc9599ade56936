"""Markdown as people write it here: made safe HTML, plain text, a contents list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly


class Heading(NamedTuple):
    """A line of the contents list: 2 to 6 deep, the id of its place in the page, its words."""

    level: int
    id: str
    text: str


_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_TAGS = {"h2", "h3", "h4", "h5", "h6", "a", "img", "p", "br", "hr", "blockquote", "pre", "code"}
_TAGS |= {"strong", "em", "s", "del", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
_ADDRESS = re.compile(
    r"https?://[A-Za-z0-9](?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*[A-Za-z0-9/#=_~-])?",
)
"""A web address as it is pasted: in ASCII, so that it ends before 。 and ，, without the stop after it."""


def _link_addresses(state: StateCore) -> None:
    """Make links of pasted web addresses, but where they stand in a link or in code."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            depth, children = 0, list[Token]()
            for token in block.children:
                depth += token.nesting if token.type.startswith("link_") else 0
                plain = token.type == "text" and not depth
                children += _with_links(token) if plain else [token]
            block.children = children


def _keep_lines(state: StateCore) -> None:
    """A line ends where its author ended it: joined, what two people said becomes one sentence."""
    for block in state.tokens:
        for token in block.children or ():
            if token.type == "softbreak":
                token.type, token.tag = "hardbreak", "br"


def _with_links(token: Token) -> Iterator[Token]:
    at = 0
    for match in _ADDRESS.finditer(token.content):
        yield _text(token.content[at : match.start()], token.level)
        yield Token("link_open", "a", 1, attrs={"href": match.group()}, level=token.level)
        yield _text(match.group(), token.level + 1)
        yield Token("link_close", "a", -1, level=token.level)
        at = match.end()
    yield _text(token.content[at:], token.level)


def _text(words: str, level: int) -> Token:
    return Token("text", "", 0, content=words, level=level)


_reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(cjk_friendly)
_reader.core.ruler.push("addresses", _link_addresses)
_reader.core.ruler.push("lines", _keep_lines)
_outline = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("inline")
"""Finds the blocks and leaves their text unread: that is nearly all the work."""


def render_markdown(text: str) -> str:
    """Safe HTML for a page that has its own h1: no raw HTML, no script, no picture from elsewhere.

    Headings begin at h2 and carry the ids that `headings` names.
    """
    html: str = _reader.renderer.render(_parse(text), _reader.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_own_pictures,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


def plain_text(text: str) -> str:
    """The words alone, a line for each block: for search, summaries and counting."""
    lines = (_words(token) for token in _parse(text) if token.type in ("inline", "fence", "code_block"))
    return "\n".join(line.strip() for line in lines if line.strip())


def headings(text: str) -> list[Heading]:
    """The headings of a text in order, for its contents list."""
    known: dict[str, Any] = {}
    tokens, found = _marked(_outline.parse(text, known)), list[Heading]()
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[at + 1]
            words.children = []
            _reader.inline.parse(words.content, _reader, known, words.children)
            found.append(Heading(int(token.tag[1]), str(token.attrGet("id")), _words(words).strip()))
    return found


def _parse(text: str) -> list[Token]:
    return _marked(_reader.parse(text))


def _marked(tokens: list[Token]) -> list[Token]:
    marks = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    shift = any(token.tag == "h1" for token in marks)
    count = 0
    for token in marks:
        token.tag = f"h{min(int(token.tag[1]) + shift, 6)}"
        if token.type == "heading_open":
            count += 1
            token.attrSet("id", f"part-{count}")
    return tokens


def _words(token: Token) -> str:
    if token.children is None:
        return token.content
    return "".join(
        "\n" if child.type in ("softbreak", "hardbreak") else child.content for child in token.children
    )


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    # The page's content policy blocks pictures from elsewhere; they would also tell strangers who reads.
    foreign = tag == "img" and attribute == "src" and (not value.startswith("/") or value.startswith("//"))
    return None if foreign else value
