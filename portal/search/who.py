"""Whether a question asks for people, and about what: the fields that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portal.models.company.topics import Topic
from portal.search.parsing import ParsedQuery
from portal.search.text import flat
from portal.text.grams import is_han, norm

_WHO = "谁|哪位|哪个(?:同事|人)|哪些(?:同事|人)|有没有(?:人|同事)|有(?:人|同事)"
_KNOWS = "懂|会|了解|熟悉|擅长|知道|清楚|负责|做过|办过|能|可以|精通|在行|帮|教|讲|有经验|比较懂|最懂"
_CHINESE = rf"(?:{_WHO})(?:最|比较|更|在|来)?(?:{_KNOWS})"
_CHINESE += r"|(?:找|问|问问|请教|联系|咨询|请)(?:谁|哪位|哪个(?:同事|人))|(?:专家|行家|内行)是谁"
_ENGLISH = (
    r"who(?:m|se)? (?:here |else |all )?(?:can|could|would|might|knows?|understands?|handles?|helps?|speaks?"
    r"|has (?:experience|done|worked)|is (?:the |an |our |my )?(?:expert|good|responsible|in charge)"
    r"|(?:should|do|can|could|must) (?:i|we) (?:ask|talk|speak|call|contact|turn)|to (?:ask|call|contact))"
    r"|(?:any|some)(?:one|body) (?:here )?(?:who )?(?:knows?|can|understands?|with experience)"
    r"|(?:experts?|specialists?) (?:on|in|for|at)"
)
_ASKED = re.compile(rf"{_CHINESE}|(?<![a-z])(?:{_ENGLISH})(?![a-z])")
_END = re.compile(r"[吗呢啊呀？?。.!！\s]+$")


def asks_who(text: str) -> bool:
    """Whether a question asks for somebody who knows or can help: 谁懂贷款, who can help me with loans."""
    return _ASKED.search(norm(text)) is not None


def about(text: str) -> str:
    """What a question for people asks about, in its own words: 贷款 of 谁懂贷款; other texts as they are."""
    found = _ASKED.search(norm(text))
    return _END.sub("", f"{text[: found.start()]} {text[found.end() :]}").strip() or text if found else text


def said_in(parsed: ParsedQuery) -> list[str]:
    """A question as it is looked through for names: its words, and what the company takes for the same."""
    said = [flat(parsed.normal, stemmed=True)]
    return said + [
        form if is_han(form) else f" {form.strip()} " for term in parsed.terms for form in term.alternates
    ]


def fields(parsed: ParsedQuery, topics: Iterable[Topic]) -> list[Topic]:
    """The topics that a question names, in its words or in those that the company takes for the same."""
    said = said_in(parsed)
    return [topic for topic in topics if names_any((topic.name, topic.name_en), said)]


def names_any(names: Iterable[str], said: Iterable[str]) -> bool:
    """Whether one of these names stands in what was said."""
    return any(form in part for form in _forms(names) for part in said)


def _forms(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        form = flat(norm(name), stemmed=True)
        if len(form) > 3:  # one character says too little
            yield form.strip() if is_han(form.strip()) else form
