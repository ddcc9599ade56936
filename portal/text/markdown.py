"""Markdown as people write it here: made safe HTML, plain text, a contents list."""

from __future__ import annotations

from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
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
_reader = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(cjk_friendly)
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
