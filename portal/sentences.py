"""Sentences that follow one another in templates: a blank parts them in English, nothing in Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, nodes

_INLINE = "(?:a|abbr|b|bdi|code|del|em|i|ins|kbd|mark|q|s|small|span|strong|sub|sup|time|u)"
_ENDS = (".", ":", "?", "!", ";", ",")
"""With these a message ends whose Chinese ends in a mark as wide as a character."""
_NEXT = re.compile(rf"((?:</{_INLINE}>)*)\s+(?=[^<\s]|<{_INLINE}\b|\Z)")
"""What may follow a sentence in a template: the end of what it stands in, a blank, then more of the line."""
_CLOSED = re.compile(rf"(?:</{_INLINE}>)*")
_SAYING = {"_", "gettext", "ngettext", "pgettext", "translate"}
"""What gives a message of the catalogue."""


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


def _blank() -> nodes.Expr:
    return nodes.Call(nodes.Name("blank", "load"), [], [], None, None)
