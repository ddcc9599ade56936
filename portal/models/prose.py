"""What can be said of a text as such: its language, its address, its gist, how it differs from another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from portal.models.experiences import Experience
from portal.models.markdown import plain_text
from portal.pinyin import syllables

SUMMARY = 160
PARTS = {
    "debrief": ("situation", "doubt", "action", "outcome", "lesson"),
    "question": ("doubt", "action", "situation", "outcome", "lesson"),
    "suggestion": ("situation", "action", "outcome", "lesson"),
}
"""The parts of an experience that its article shows, in reading order."""
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "zh": {
        "debrief": ("情况", "客户的顾虑", "我们的做法", "结果", "心得"),
        "question": ("客户的问题", "最佳回答", "情况", "结果", "心得"),
        "suggestion": ("现状", "建议", "预期效果", "心得"),
    },
    "en": {
        "debrief": ("The situation", "The customer's doubt", "What we did", "The outcome", "The lesson"),
        "question": (
            "The customer's question",
            "The best answer",
            "The situation",
            "The outcome",
            "The lesson",
        ),
        "suggestion": ("How it is today", "The proposal", "What it brings", "The lesson"),
    },
}
"""Their headings, in the language that the experience is written in."""


def written_in(text: str) -> str:
    """`zh` for text with Han characters, else `en`: the language of content, apart from the interface's."""
    return "zh" if re.search("[\u3400-\u9fff]", text) else "en"


def compose(experience: Experience) -> str:
    """An experience's parts as one Markdown text, each under its heading; empty parts are left out."""
    kind = experience.kind_of
    texts = [getattr(experience, name).strip() for name in PARTS[kind]]
    headings = HEADINGS[written_in(experience.title + "".join(texts))][kind]
    return "\n\n".join(
        f"## {heading}\n\n{text}" for heading, text in zip(headings, texts, strict=True) if text
    )


def slug_of(title: str) -> str:
    """A title as part of an address: `jian dan` for 简单, joined by hyphens, at most 80 characters."""
    words = re.findall("[a-z0-9]+", " ".join(syllables(title)).lower())
    return "-".join(words)[:80].strip("-") or "article"


def summary_of(text: str) -> str:
    """The beginning of a Markdown text without its marks and headings, at most 160 characters."""
    prose = re.sub(r"^#{1,6}\s.*$", "", text, flags=re.MULTILINE)
    words = " ".join(plain_text(prose if prose.strip() else text).split("\n"))
    return words if len(words) <= SUMMARY else words[: SUMMARY - 1].rstrip() + "…"


class Piece(NamedTuple):
    """A run of text that two versions share, or that one of them has: `same`, `added`, `removed`."""

    change: str
    text: str


_TOKEN = re.compile(r"[㐀-鿿]|\w+|\s+|.", re.DOTALL)
_CLOSE_LOOK = 4000


def differences(before: str, after: str) -> list[Piece]:
    """What changed from one text to the next, to the word or Han character; lines where they are long."""
    found: list[Piece] = []
    for piece in _joined(_compare(before.splitlines(keepends=True), after.splitlines(keepends=True))):
        if found and piece.change == found[-1].change:
            found[-1] = Piece(piece.change, found[-1].text + piece.text)
        else:
            found.append(piece)
    return found


def _compare(before: list[str], after: list[str]) -> Iterator[tuple[str, str, str]]:
    for change, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield change, "".join(before[a:b]), "".join(after[c:d])


def _joined(changes: Iterator[tuple[str, str, str]]) -> Iterator[Piece]:
    for change, old, new in changes:
        if change == "equal":
            yield Piece("same", old)
        elif change == "replace" and len(old) + len(new) <= _CLOSE_LOOK:
            yield from _closely(old, new)
        else:
            yield from (Piece(kind, text) for kind, text in (("removed", old), ("added", new)) if text)


def _closely(old: str, new: str) -> Iterator[Piece]:
    for change, gone, come in _compare(_TOKEN.findall(old), _TOKEN.findall(new)):
        if change == "equal":
            yield Piece("same", gone)
        else:
            yield from (Piece(kind, text) for kind, text in (("removed", gone), ("added", come)) if text)
