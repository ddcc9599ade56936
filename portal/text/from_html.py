"""A page of HTML, as wikis write it out, as Markdown: its headings, paragraphs, lists, tables, links,
pictures and code; nothing that acts or only decorates.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple

import nh3

BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "main",
    "body",
    "dl",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "details",
}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
TABLE = {"table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"}
KEPT = {
    *BLOCKS,
    *HEADINGS,
    *MARKS,
    *TABLE,
    "ul",
    "ol",
    "li",
    "a",
    "img",
    "br",
    "hr",
    "code",
    "pre",
    "blockquote",
}
DROPPED = {"script", "style", "head", "title", "nav", "header", "footer", "svg", "form", "button"}
_TITLE = re.compile(r"<title[^>]*>([^<]{1,500})", re.IGNORECASE)
_SPACE = re.compile(r"^[^:]{1,200} : (?=\S)")
"""Before the title of a page Confluence names its space."""
_CONTENT = re.compile(r'<div\b[^>]*\bid="main-content"', re.IGNORECASE)
"""In which Confluence writes a page; around it stands who wrote it, and the way there."""
_OVERVIEW = re.compile(r"Space Details:|Available Pages:")
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_BEGINS = re.compile(r"^(\s*)([#>|+-]|\d+[.)])(?=\s|$)")
_BLANKS = re.compile(r"\s+")
_TAGS = re.compile(r"<[^<>]*>")
_DEEPEST = 6
_OF_BOOK = re.compile(
    r'<h1\b[^>]{0,300}\bid="(page|chapter)-(\d{1,18})"[^>]{0,300}>(.{0,2000}?)</h1>', re.DOTALL
)
"""Where BookStack begins a page in what it writes out of a whole book or chapter."""
_HINT = re.compile(r'<div class="chapter-hint">([^<]{0,500})</div>')
"""In which it says before a page in which chapter that stands."""
_ABOUT = '<div class="text-muted text-small">'
"""In which it says at the end who changed the book when."""


class HtmlPage(NamedTuple):
    """What it is called, its text, and where in a book it stands: by which mark, in which chapter."""

    title: str
    text: str
    mark: str = ""
    chapter: str = ""


def pages_of(source: str) -> list[HtmlPage]:
    """The pages of a book that BookStack wrote out as one, else the one page; none for an overview."""
    found = list(_OF_BOOK.finditer(source))
    if not any(each[1] == "page" for each in found):
        page = page_of(source)
        return [page] if page is not None else []
    book, pages, since = _title(source), list[HtmlPage](), 0
    for each, after in zip(found, [*found[1:], None], strict=True):
        hint = _HINT.search(source, since, each.start())
        since = each.end()
        end = after.start() if after is not None else source.rfind(_ABOUT, since)
        called = _BLANKS.sub(" ", unescape(_TAGS.sub("", each[3]))).strip()
        text = written(_HINT.sub("", source[since : end if end > 0 else None]))
        if each[1] == "page" or text:
            pages.append(HtmlPage(called, text, f"{each[1]}-{each[2]}", unescape(hint[1]) if hint else book))
    return pages


def _title(source: str) -> str:
    found = _TITLE.search(source)
    return _SPACE.sub("", _BLANKS.sub(" ", unescape(found[1])).strip()) if found else ""


def page_of(source: str) -> HtmlPage | None:
    """The page as Markdown; None for an overview that only leads to others."""
    if _OVERVIEW.search(source) and not _CONTENT.search(source):
        return None
    title = _title(source)
    if content := _CONTENT.search(source):
        source = source[content.start() :].partition('<div id="footer"')[0].partition('class="pageSection')[0]
    return HtmlPage(title, written(source))


def written(source: str) -> str:
    """HTML as Markdown, without what acts."""
    made = nh3.clean(
        source,
        tags=KEPT,
        clean_content_tags=DROPPED,
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    writer = _Writer()
    writer.feed(made)
    writer.close()
    return writer.written()


class _Writer(HTMLParser):
    """Writes down what the parser of well-formed HTML tells it, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[tuple[str, bool, bool]] = []
        """Each with whether it is an entry of a list, and whether it lies in one."""
        self._line: list[str] = []
        self._lists: list[list[int | None]] = []
        """Of each open list its next number; none where its entries have dots."""
        self._entry = ""
        self._quotes = 0
        self._links: list[str] = []
        self._code: list[str] | None = None
        self._rows: list[list[str]] | None = None
        self._heading = 0

    def written(self) -> str:
        self._end()
        found, follows = "", False
        for text, is_entry, is_listed in self._blocks:
            found += ("\n" if is_entry and follows else "\n\n") + text
            follows = is_listed
        return found.strip("\n")

    def _add(self, text: str, *, is_entry: bool = False) -> None:
        self._blocks.append((text, is_entry, bool(self._lists)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if self._code is not None:
            return
        if tag == "pre":
            self._end()
            self._code = []
        elif tag == "code":
            self._line.append("`")
        elif tag in MARKS:
            self._line.append(MARKS[tag])
        elif tag == "a":
            self._links.append(facts.get("href", ""))
            self._line.append("[" if self._links[-1] else "")
        elif tag == "img":
            source = facts.get("src", "").replace(" ", "%20")
            self._line.append(f"![{escaped(facts.get('alt', ''))}]({source})" if source else "")
        elif tag == "br":
            self._line.append(" " if self._rows is not None else "\n")
        elif tag in TABLE:
            self._in_table(tag)
        elif self._rows is None:
            self._block(tag)

    def _block(self, tag: str) -> None:
        if tag in ("ul", "ol"):
            self._end()
            self._lists.append([1 if tag == "ol" else None])
        elif tag == "li" and self._lists:
            self._end()
            number = self._lists[-1][0]
            self._entry = "- " if number is None else f"{number}. "
            self._lists[-1][0] = None if number is None else number + 1
        elif tag == "blockquote":
            self._end()
            self._quotes += 1
        elif tag == "hr":
            self._end()
            self._add("---")
        elif tag in HEADINGS or tag in BLOCKS:
            self._end()
            self._heading = HEADINGS.get(tag, 0)

    def _in_table(self, tag: str) -> None:
        if tag == "table" and self._rows is None:
            self._end()
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag in ("td", "th"):
            self._line = []

    def handle_endtag(self, tag: str) -> None:
        if self._code is not None:
            if tag == "pre":
                self._add(f"```\n{''.join(self._code).strip(chr(10))}\n```")
                self._code = None
        elif tag == "code":
            self._line.append("`")
        elif tag in MARKS:
            self._close_mark(MARKS[tag])
        elif tag == "a" and self._links:
            target = self._links.pop().replace(" ", "%20").replace("(", "%28").replace(")", "%29")
            self._line.append(f"]({target})" if target else "")
        elif tag in ("td", "th") and self._rows:
            self._rows[-1].append(_BLANKS.sub(" ", "".join(self._line)).strip().replace("|", "\\|"))
            self._line = []
        elif tag == "table" and self._rows is not None:
            self._table()
        elif self._rows is None and tag in {*BLOCKS, *HEADINGS, "ul", "ol", "li", "blockquote"}:
            self._end()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            elif tag == "blockquote":
                self._quotes = max(0, self._quotes - 1)
            self._heading = 0

    def _close_mark(self, mark: str) -> None:
        """Blanks before the end of what is marked stand behind it, and what is empty is not marked."""
        inside = self._line.pop() if self._line else ""
        if inside == mark:
            return
        blank = inside[len(inside.rstrip()) :]
        self._line += [inside.rstrip(), mark, blank]

    def handle_data(self, data: str) -> None:
        if self._code is not None:
            self._code.append(data)
        elif self._line and self._line[-1] == "`":
            self._line.append(_BLANKS.sub(" ", data))
        else:
            self._line.append(escaped(_BLANKS.sub(" ", data)))

    def _end(self) -> None:
        """The block so far is over."""
        words = re.sub(r" *\n *", "\n", "".join(self._line)).strip()
        self._line = []
        if not words:
            return
        begins = "#" * self._heading + " " if self._heading else ""
        depth = min(len(self._lists), _DEEPEST)
        if begins:
            words = words.replace("\n", " ")
        elif not self._entry:
            words = "\n".join(_BEGINS.sub(r"\1\\\2", line) for line in words.split("\n"))
        indent = "   " * max(0, depth - 1)
        is_entry = bool(self._entry)
        if self._entry:
            words = f"{indent}{self._entry}" + words.replace("\n", f"\n{indent}   ")
            self._entry = ""
        elif depth:
            words = "\n".join(f"{indent}   {line}" for line in words.split("\n"))
        quote = "> " * min(self._quotes, _DEEPEST)
        text = "\n".join(f"{quote}{line}" for line in f"{begins}{words}".split("\n"))
        self._add(text, is_entry=is_entry)

    def _table(self) -> None:
        rows, self._rows = [row for row in self._rows or () if row], None
        if rows:
            width = max(map(len, rows))
            lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
            lines.insert(1, f"|{' --- |' * width}")
            self._add("\n".join(lines))


def escaped(text: str) -> str:
    """Words as Markdown shows them: no sign of them marks anything."""
    return _SPECIAL.sub(r"\\\1", text)
