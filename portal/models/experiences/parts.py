"""The parts of an experience as one text: what its article begins with."""

from __future__ import annotations

from portal.models.experiences.experiences import REWRITE, Experience
from portal.text.writing import written_in

PARTS = {
    "debrief": ("situation", "doubt", "action", "outcome", "lesson"),
    "question": ("doubt", "action", "situation", "outcome", "lesson"),
    "suggestion": ("situation", "action", "outcome", "lesson"),
    REWRITE: ("action",),
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


def compose(experience: Experience) -> str:
    """An experience's parts as one Markdown text, each under its heading; empty parts are left out."""
    kind = experience.kind_of
    texts = [getattr(experience, name).strip() for name in PARTS[kind]]
    headings = HEADINGS[written_in(experience.title + "".join(texts))][kind]
    return "\n\n".join(
        f"## {heading}\n\n{text}" for heading, text in zip(headings, texts, strict=True) if text
    )
