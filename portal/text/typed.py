"""Text as it was typed: every sign stays, and a pasted web address can be pressed."""

from __future__ import annotations

from markupsafe import Markup, escape

from portal.text.addresses import web_addresses

FOLDED_CHARACTERS, FOLDED_LINES = 600, 10
"""What is longer folds: the first lines stand for it."""
SHOWN_CHARACTERS, SHOWN_LINES = 240, 4


def as_typed(text: str) -> Markup:
    """Safe HTML of plain text: its addresses are links, nothing else is read into it."""
    link = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>')
    pieces = web_addresses(text)
    return Markup("").join(link.format(to, words) if to else escape(words) for words, to in pieces)


def beginning(text: str) -> str:
    """The first lines of what is too long to stand open; '' for what is not."""
    if len(text) <= FOLDED_CHARACTERS and text.count("\n") < FOLDED_LINES:
        return ""
    first = "\n".join(text.split("\n", SHOWN_LINES)[:SHOWN_LINES])[:SHOWN_CHARACTERS]
    return first.rstrip() + "…"
