"""Whether a question asks for people, and about what: the fields that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from portal.models.company.topics import Topic
from portal.search.parsing import ParsedQuery
from portal.search.text import flat
from portal.text.grams import is_han, norm

_WHO = "谁|哪位(?:同事|老师|专家)?|哪个(?:同事|人)|哪些(?:同事|人)|有没有(?:人|同事|谁)|有(?:人|同事)"
_DONE = "(?:处理|解决|应对|遇到|遇见|碰到|碰见|接触|接待|服务|负责|参与|卖|带|谈|签|跟|做|办|用|教)过"
_KNOWS = "懂|会|了解|熟|擅长|知道|清楚|负责|能|可以|精通|在行|拿手|厉害|内行|帮|教|讲|说(?=.{0,2}[语文话])"
_KNOWS += f"|管|有经验|{_DONE}"
_EXPERT = "专家|行家|内行|高手|能手"
_CHINESE = rf"由?(?:{_WHO})(?:最|比较|更|在|来|以前|之前|曾经|曾)?(?:{_KNOWS})悉?(?:帮?(?:我们|我|忙))?"
_CHINESE += rf"|(?:{_WHO})(?=对.{{1,16}}?(?:熟|了解|有研究|有经验|在行|拿手|精通))"
_CHINESE += rf"|(?:{_WHO})是(?=.{{1,16}}?(?:{_EXPERT}|负责人|对接人))"
_CHINESE += rf"|有(?:没有)?(?:懂|会|了解|熟悉|擅长|精通|{_DONE})(?=.{{1,16}}?的(?:人|同事|专家))"
_CHINESE += r"|(?:找|问|问问|请教|联系|咨询|请)(?:谁|哪位(?:同事|老师|专家)?|哪个(?:同事|人))|归谁(?:管|负责)"
_CHINESE += rf"|(?:{_EXPERT})是谁|(?<=[\u3400-\u9fff]{{2}})(?:{_EXPERT})$"
_ENGLISH = (
    r"(?:the )?(?:person|colleague|contact|someone|somebody)"
    r" (?:responsible|in charge|to ask|to contact|who knows)"
    r"|contact(?: person)? for"
    r"|who(?:m|se)? (?:should|do|can|could|must) (?:i|we) (?:ask|talk|speak|call|contact|turn)(?: to| with)?"
    r"|who(?:m|se)? (?:here |else |all )?"
    r"(?:(?:can|could|would|might)(?: know| help(?: me| us)?(?: with)?)?|knows?|understands?|handles?"
    r"|helps?|speaks?|deals? with|looks? after|manages?|works? on"
    r"|ha(?:s|ve)(?: ever)? (?:experience|done|worked|handled|sold|dealt|met|seen|helped|served)"
    r"|to (?:ask|call|contact))"
    r"|who(?: is|['’]s|s) (?:here )?(?:the |an |our |my )?(?:expert|good|great|best|experienced|familiar"
    r"|responsible|in charge)"
    r"|(?:any|some)(?:one|body)(?: here)?(?: is)? (?:who )?"
    r"(?:knows?|can|understands?|familiar|experienced|good|with experience)"
    r"|(?:experts?|specialists?) (?:on|in|for|at)|(?<=[a-z] )(?:experts?|specialists?)$"
)
_ASKED = re.compile(rf"{_CHINESE}|(?<![a-z])(?:{_ENGLISH})(?![a-z])")
_END = re.compile(r"[吗呢啊呀？?。.!！\s]+$")
_SUBJECT = re.compile(r"(?:的|这)?(?:问题|事情|事儿|事|方面|这块)(?:可以|应该|该|要)?(?=\s|$)")
_OF_WHOM = re.compile(
    rf"的?(?:人|同事|{_EXPERT}|负责人|对接人)(?=\s|$)|^对|(?:很|比较|最)?(?:熟悉?|了解|有研究|有经验|在行|拿手|精通)$"
)


def asks_who(text: str) -> bool:
    """Whether a question asks for somebody who knows or can help: 谁懂贷款, who can help me with loans."""
    return _ASKED.search(_END.sub("", norm(text))) is not None


def about(text: str) -> str:
    """What a question for people asks about, in its own words: 贷款 of 谁懂贷款; other texts as they are."""
    asked = _END.sub("", text)
    found = _ASKED.search(norm(asked))
    if found is None:
        return text
    before, behind = _SUBJECT.sub("", asked[: found.start()]), _OF_WHOM.sub("", asked[found.end() :])
    return " ".join(f"{before} {behind}".split()) or text


def asks_of_alone(names: Iterable[str], text: str) -> bool:
    """Whether a question for people says nothing else than one of these names: 谁懂贷款."""
    said = {term.gram for term in ParsedQuery.of(about(text)).content_terms}
    return any(said <= {term.gram for term in ParsedQuery.of(name).terms} for name in names if name)


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
