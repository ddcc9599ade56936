"""Markdown as people write it here: made safe HTML, plain text, a contents list."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block import reference as read_reference
from markdown_it.rules_block import table as read_table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_cjk_friendly import cjk_friendly

from portal.i18n import Phrase
from portal.text.addresses import web_addresses


class Heading(NamedTuple):
    """A line of the contents list: 2 to 6 deep, the id of its place in the page, its words."""

    level: int
    id: str
    text: str


class Section(NamedTuple):
    """A heading with all below it up to the next one: its level (0 for what stands before the first), the
    words of the heading, and its Markdown.
    """

    level: int
    title: str
    text: str


class _TooMuch(Exception):
    """A text that costs more to read as Markdown than any text of a person does."""

    def __init__(self, why: Phrase):
        super().__init__(why)
        self.why = why


LONGEST, LINES, BLOCKS, CELLS = 200_000, 10_000, 5_000, 3_000
REFERENCES, BRACKETS, MARKS, DEPTH = 300, 6_000, 2_000, 16
"""How much one text may hold: characters; lines; paragraphs, headings and entries; cells of tables;
definitions of links; brackets of links and pictures; marks for bold and the like in one paragraph; and how
deep quotes and lists may lie within each other. A text of a person has a tenth.
"""
_FAULTS = {
    "length": Phrase("This text is too long: at most %(n)s characters.", n=LONGEST),
    "lines": Phrase("There are too many lines: at most %(n)s.", n=LINES),
    "blocks": Phrase("There are too many paragraphs, headings and list entries: at most %(n)s.", n=BLOCKS),
    "cells": Phrase("The tables are too large: at most %(n)s cells. Put more into a file.", n=CELLS),
    "references": Phrase("There are too many definitions of links: at most %(n)s.", n=REFERENCES),
    "links": Phrase("There are too many square brackets: at most %(n)s.", n=BRACKETS),
    "marks": Phrase("There are too many marks such as * and _ in one paragraph: at most %(n)s.", n=MARKS),
    "depth": Phrase("Quotes and lists lie too deep within each other: at most %(n)s levels.", n=DEPTH),
}
_DEFINITION = 12
"""Over so many lines a definition of a link may go: its rule joins the whole paragraph for each of them."""
_SHORT = 100
"""So short a text costs little, whatever it holds."""


def _bounds(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """Is asked of each block first: stops before the parser leaves out what lies too deep."""
    if state.level >= DEPTH:
        raise _TooMuch(_FAULTS["depth"])
    state.env["blocks"] = state.env.get("blocks", 0) + 1
    if state.env["blocks"] > BLOCKS:
        raise _TooMuch(_FAULTS["blocks"])
    return False


_RUN = re.compile(r"[^\n\\`~*_\[\]!<&]+")
"""What no rule begins with: read at one go, where the library would try its rules at each `-` and `:`."""


def _run(state: StateInline, silent: bool) -> bool:
    found = _RUN.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.pending += found.group()
    state.pos = found.end()
    return True


def _times(state: StateInline, silent: bool) -> bool:
    """A star between two figures multiplies them: `100*0.02*3` is a sum, not emphasis."""
    at = state.pos
    if not (state.src[at] == "*" and 0 < at < state.posMax - 1):
        return False
    if not (state.src[at - 1].isdigit() and state.src[at + 1].isdigit()):
        return False
    if not silent:
        state.pending += "*"
    state.pos += 1
    return True


def _few_marks(state: StateCore) -> None:
    """What opens and never closes is looked at again with all that follows."""
    for block in state.tokens:
        if block.type == "inline" and sum(map(block.content.count, r"*_~&<\`!")) > MARKS:
            raise _TooMuch(_FAULTS["marks"])


def _table(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """A table, as far as cells are left: a short row is filled up, so that few characters are many cells."""
    if line + 2 > end:
        return False
    marks = state.src[state.bMarks[line + 1] + state.tShift[line + 1] : state.eMarks[line + 1]]
    columns = marks.strip().removeprefix("|").removesuffix("|").count("|") + 1
    if columns > CELLS:
        raise _TooMuch(_FAULTS["cells"])
    if silent:
        return read_table(state, line, end, silent)
    left = CELLS - state.env.setdefault("cells", 0)
    last = min(end, line + 2 + left // columns)
    if not read_table(state, line, last, False):
        return False
    state.env["cells"] += columns * (state.line - line - 1)
    if state.env["cells"] > CELLS or (state.line == last < end and not state.isEmpty(last)):
        raise _TooMuch(_FAULTS["cells"])
    return True


def _reference(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The definition of a link, looked for in a few lines."""
    last = state.lineMax
    state.lineMax = min(last, line + _DEFINITION)
    try:
        found = read_reference(state, line, end, silent)
    finally:
        state.lineMax = last
    if found:
        state.env["definitions"] = state.env.get("definitions", 0) + 1
        if state.env["definitions"] > REFERENCES:
            raise _TooMuch(_FAULTS["references"])
    return found


_NOTE = re.compile(r"\[\^([^\]\s]{1,40})\]")
_NOTE_WORDS = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:", re.MULTILINE)
_SIGN = re.compile(r"<(?:br[ \t]*/?|/?(?:ruby|rt))>|<rp>[ \t]*[()\[\]（）【】〔〕][ \t]*</rp>", re.IGNORECASE)
"""What people write as HTML, since Markdown has no sign for it: the end of a line in a cell, and readings. No
browser shows what stands within `rp`: nothing but a bracket does.
"""
_TAG = re.compile(r"<[^>]*>|\[\d+\]")
_TASK = re.compile(r"\[([ xX])\][ \t]")
_BOXES = {" ": "\N{BALLOT BOX} ", "x": "\N{BALLOT BOX WITH CHECK} "}


def _note(state: StateBlock, line: int, end: int, silent: bool) -> bool:
    """The words of a footnote, up to an empty line or the next one: they stand below the text."""
    first = _line_of(state, line)
    found = _NOTE.match(first) if not state.level else None
    if found is None or not first.startswith(":", found.end()):
        return False
    if silent:
        return True
    lines, last = [first[found.end() + 1 :].strip()], line + 1
    while last < end and not state.isEmpty(last) and not _NOTE.match(_line_of(state, last)):
        lines.append(_line_of(state, last).strip())
        last += 1
    notes = state.env.setdefault("notes", {})
    notes.setdefault(found[1], (len(notes) + 1, "\n".join(lines)))
    state.line = last
    return True


def _line_of(state: StateBlock, line: int) -> str:
    return str(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])


def _to_note(state: StateInline, silent: bool) -> bool:
    """Where a text refers to a footnote, the number of that."""
    found = _NOTE.match(state.src, state.pos, state.posMax)
    notes = state.env.get("notes", {})
    if found is None or found[1] not in notes:
        return False
    if not silent:
        token = state.push("html_inline", "", 0)
        token.content = f"<sup>[{notes[found[1]][0]}]</sup>"
    state.pos = found.end()
    return True


def _sign(state: StateInline, silent: bool) -> bool:
    found = _SIGN.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = found.group()
    state.pos = found.end()
    return True


def _add_notes(state: StateCore) -> None:
    """The footnotes, below the text that they belong to."""
    notes = state.env.get("notes", {})
    if not notes:
        return
    state.tokens += [Token("hr", "hr", 0, block=True), Token("ordered_list_open", "ol", 1, block=True)]
    for _, words in notes.values():
        inline = Token("inline", "", 0, content=words, children=[], block=True, level=2)
        opened, closed = Token("list_item_open", "li", 1), Token("list_item_close", "li", -1)
        state.tokens += [opened, inline, closed]
    state.tokens.append(Token("ordered_list_close", "ol", -1, block=True))


def _tick(state: StateCore) -> None:
    """A box before what is to be done, ticked where it is."""
    for entry, before, token in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        is_first = (entry.type, before.type, token.type) == ("list_item_open", "paragraph_open", "inline")
        found = _TASK.match(token.content) if is_first else None
        if found is not None:
            token.content = _BOXES[found[1].lower()] + token.content[found.end() :]


_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_TAGS = {"h2", "h3", "h4", "h5", "h6", "a", "img", "p", "br", "hr", "blockquote", "pre", "code"}
_TAGS |= {
    "ruby",
    "rt",
    "rp",
    "sup",
    "strong",
    "em",
    "s",
    "del",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def _link_addresses(state: StateCore) -> None:
    """Make links of pasted web addresses, but where they stand in a link or in code."""
    for block in state.tokens:
        if block.type == "inline" and block.children and ("://" in block.content or "www." in block.content):
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
    for words, address in web_addresses(token.content):
        if address:
            yield Token("link_open", "a", 1, attrs={"href": address}, level=token.level)
            yield _text(words, token.level + 1)
            yield Token("link_close", "a", -1, level=token.level)
        else:
            yield _text(words, token.level)


def _text(words: str, level: int) -> Token:
    return Token("text", "", 0, content=words, level=level)


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.block.ruler.before("table", "bounds", _bounds)
    made.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    made.block.ruler.at("reference", _reference)
    made.block.ruler.before("reference", "note", _note, {"alt": ["paragraph"]})
    made.inline.ruler.at("text", _run)
    made.inline.ruler.before("link", "to_note", _to_note)
    made.inline.ruler.before("html_inline", "sign", _sign)
    made.inline.ruler.before("emphasis", "times", _times)
    made.core.ruler.before("inline", "notes", _add_notes)
    made.core.ruler.before("inline", "ticks", _tick)
    made.core.ruler.before("inline", "marks", _few_marks)
    return made


_reader = _parser().use(cjk_friendly)
_reader.core.ruler.push("addresses", _link_addresses)
_reader.core.ruler.push("lines", _keep_lines)
_outline = _parser().disable("inline")
"""Finds the blocks and leaves their text unread: that is nearly all the work."""


def render_markdown(text: str) -> str:
    """Safe HTML for a page that has its own h1: no raw HTML, no script, no picture from elsewhere.

    Headings begin at h2 and carry the ids that `headings` names. What would cost too much (`fault_of`) is
    shown as it was typed.
    """
    tokens = _parse(text)
    made = _as_typed(text) if tokens is None else _reader.renderer.render(tokens, _reader.options, {})
    return nh3.clean(
        made,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_own_pictures,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


@lru_cache(16)
def plain_text(text: str) -> str:
    """The words alone, a line for each block: for search, summaries and counting. A save asks for those of
    one text several times, while others wait to write.
    """
    tokens = _parse(text)
    if tokens is None:
        return "\n".join(line.strip() for line in text.split("\n") if line.strip())
    lines = (_words(token) for token in tokens if token.type in ("inline", "fence", "code_block"))
    return "\n".join(line.strip() for line in lines if line.strip())


def headings(text: str) -> list[Heading]:
    """The headings of a text in order, for its contents list."""
    known: dict[str, Any] = {}
    tokens, found = _within_bounds(text, lambda: _marked(_outline.parse(text, known))), list[Heading]()
    for at, token in enumerate(tokens or ()):
        if token.type == "heading_open" and tokens is not None:
            words = tokens[at + 1]
            words.children = []
            _reader.inline.parse(words.content, _reader, known, words.children)
            found.append(Heading(int(token.tag[1]), str(token.attrGet("id")), _words(words).strip()))
    return found


def sections_of(text: str) -> list[Section]:
    """A text cut at its headings: joined by line ends, they are the text. What stands before the first
    heading has no title; headings within quotes and lists cut nothing.
    """
    lines = text.split("\n")
    tokens = _within_bounds(text, lambda: _outline.parse(text)) or []
    begin = [
        (token.map[0], int(token.tag[1]), _words_of(tokens[at + 1].content))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and not token.level and token.map
    ]
    cuts = [(0, 0, ""), *begin, (len(lines), 0, "")]
    pieces = [
        Section(level, title, "\n".join(lines[first:then]))
        for (first, level, title), (then, _, _) in pairwise(cuts)
    ]
    return pieces if pieces[0].text.strip() or len(pieces) == 1 else _with_what_stands_before(pieces)


def without_notes_of_others(part: str, whole: str) -> str:
    """A part of a text without what refers to footnotes whose words stand elsewhere in it."""
    there = set(_NOTE_WORDS.findall(whole)) - set(_NOTE_WORDS.findall(part))
    return _NOTE.sub(lambda found: "" if found[1] in there else found[0], part) if there else part


def _with_what_stands_before(pieces: list[Section]) -> list[Section]:
    """Empty lines before the first heading are no section of their own."""
    empty, first, *rest = pieces
    leads = f"{empty.text}\n" if empty.text else ""
    return [first._replace(text=leads + first.text), *rest]


def _words_of(heading: str) -> str:
    return plain_text(heading).strip()


@lru_cache(32)
def fault_of(text: str) -> Phrase | None:
    """Why a text costs too much to be read as Markdown, if it does: for whoever is about to store it."""
    if len(text) <= _SHORT:
        return None
    try:
        _checked(text)
        _reader.parse(text)
    except _TooMuch as much:
        return much.why
    except RecursionError:
        return _FAULTS["depth"]
    return None


def _within_bounds(text: str, parse: Callable[[], list[Token]]) -> list[Token] | None:
    """What parsing gives, or None for a text that costs too much."""
    try:
        _checked(text)
        return parse()
    except (_TooMuch, RecursionError):
        return None


def _checked(text: str) -> None:
    if len(text) > LONGEST:
        raise _TooMuch(_FAULTS["length"])
    if text.count("\n") + text.count("\r") > LINES:
        raise _TooMuch(_FAULTS["lines"])
    if text.count("[") + text.count("]") > BRACKETS:
        raise _TooMuch(_FAULTS["links"])


def _as_typed(text: str) -> str:
    lines = html.escape(text[:LONGEST]).split("\n")
    return "<p>" + "<br>\n".join(lines) + ("…" if len(text) > LONGEST else "") + "</p>"


def _parse(text: str) -> list[Token] | None:
    return _within_bounds(text, lambda: _marked(_reader.parse(text)))


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
    return "".join(map(_said_by, token.children))


def _said_by(token: Token) -> str:
    if token.type == "html_inline":
        return "\n" if token.content.lower().startswith("<br") else _TAG.sub("", token.content)
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    # The page's content policy blocks pictures from elsewhere; they would also tell strangers who reads.
    foreign = tag == "img" and attribute == "src" and (not value.startswith("/") or value.startswith("//"))
    return None if foreign else value
