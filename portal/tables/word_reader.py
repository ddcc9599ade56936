"""Reads one Word file in a process of its own, started by `word_files.page_in`; it may die without harm.

Takes the file on its input and `{"place", "most", "limits"}` as argument, writes its text as plain HTML of at
most so many characters on its output: headings, paragraphs, lists, tables, links, and each picture as
`PLACE-number`, its number in the file. Imports nothing of the portal, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, fromstring

LARGEST_PART = 40 << 20
"""Bytes of one part, unpacked: a text of a thousand pages has some 10 million."""
_WORDS = ("ins", "moveTo", "smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "dir", "bdo")
"""What only stands around others; what is struck out as a change (`del`, `moveFrom`) is not read."""
_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录|目錄)\s*(?:heading|标题|\d)", re.IGNORECASE)
_ADDRESS = re.compile(r'HYPERLINK\s+"([^"]+)"')
_MARKS = {"strike": "del", "i": "em", "b": "strong"}
"""The last is the outermost: a run that is bold and italic goes on in one that is bold alone."""
_DEEPEST = 9


def name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def value(element: Element | None, called: str = "val") -> str:
    """An attribute, in whichever namespace."""
    found = element.attrib.items() if element is not None else ()
    return next((text for key, text in found if key.rpartition("}")[2] == called), "")


def child(element: Element | None, *path: str) -> Element | None:
    for step in path:
        element = (
            next((each for each in element if name(each) == step), None) if element is not None else None
        )
    return element


def words_in(element: Element | None) -> str:
    texts = element.iter() if element is not None else ()
    return "".join(each.text or "" for each in texts if name(each) == "t").strip()


def is_on(element: Element | None) -> bool:
    return element is not None and value(element) not in ("0", "false", "off", "none")


class Document:
    """One file, with what its styles, lists, notes and relations say."""

    def __init__(self, data: bytes, place: str, most: int) -> None:
        self.archive, self.place, self.room = zipfile.ZipFile(io.BytesIO(data)), place, most
        self.numbers = {part: number for number, part in enumerate(self.archive.namelist())}
        self.styles = {value(each, "styleId"): each for each in self.part("word/styles.xml")}
        self.links = {value(each, "Id"): each for each in self.part("word/_rels/document.xml.rels")}
        self.notes = {value(each, "id"): each for each in self.part("word/footnotes.xml")}
        self.notes_behind = {value(each, "id"): each for each in self.part("word/endnotes.xml")}
        self.dotted = dict(self._lists())
        self.written = list[str]()
        self.open = list[str]()
        """Of the lists that are open, `ul` or `ol`."""
        self.boxes = list[Element]()

    def part(self, path: str) -> Element | list[Element]:
        if path not in self.numbers:
            return []
        with self.archive.open(path) as file:
            found = file.read(LARGEST_PART + 1)
        if len(found) > LARGEST_PART or b"<!DOCTYPE" in found[:1000]:
            raise ValueError(path)
        return fromstring(found)  # noqa: S314 - in a process with limits

    def _lists(self) -> Iterator[tuple[tuple[str, str], str]]:
        """How the entries of each list and level are marked."""
        root, levels = self.part("word/numbering.xml"), dict[str, Element]()
        for each in root:
            if name(each) == "abstractNum":
                levels[value(each, "abstractNumId")] = each
            elif name(each) == "num":
                for level in levels.get(value(child(each, "abstractNumId")), ()):
                    if name(level) == "lvl":
                        yield (value(each, "numId"), value(level, "ilvl")), value(child(level, "numFmt"))

    def put(self, html: str) -> None:
        self.room -= len(html)
        if self.room < 0:
            raise ValueError("longer than any article")
        self.written.append(html)

    # ------------------------------------------------------------------ blocks

    def whole(self) -> str:
        self.archive.getinfo("word/document.xml")  # else it is no Word file
        for body in self.part("word/document.xml"):
            self.blocks(body, 0)
        self.close_lists(0)
        return "".join(self.written)

    def blocks(self, parent: Element, depth: int) -> None:
        for each in parent if depth < _DEEPEST else ():
            kind = name(each)
            if kind == "p":
                self.paragraph(each, depth)
            elif kind == "tbl":
                self.close_lists(0)
                self.table(each, depth)
            elif kind in _WORDS:
                self.blocks(each, depth + 1)

    def paragraph(self, each: Element, depth: int) -> None:
        about = child(each, "pPr")
        level, marked = self.heading(about), self.entry(about)
        if level is None:  # of a table of contents
            return
        text = self.inline(each).strip()
        boxes, self.boxes = self.boxes, []
        if text and level:
            self.close_lists(0)
            self.put(f"<h{level}>{text}</h{level}>")
        elif text and marked is not None:
            self.listed(text, *marked)
        elif text:
            self.close_lists(0)
            self.put(f"<p>{text}</p>")
        for box in boxes:
            self.close_lists(0)
            self.blocks(box, depth + 1)

    def style(self, about: Element | None) -> Iterator[Element]:
        """The style of a paragraph, and those that it is made from."""
        ident = value(child(about, "pStyle"))
        for _ in range(_DEEPEST):
            if (found := self.styles.get(ident)) is None:
                return
            yield found
            ident = value(child(found, "basedOn"))

    def heading(self, about: Element | None) -> int | None:
        """The level of a heading; 0 for other text, None for a line of a table of contents."""
        for style in self.style(about):
            called = value(child(style, "name"))
            if _CONTENTS.match(called):
                return None
            if found := _HEADING.fullmatch(called):
                return min(6, int(found[1]))
            if _TITLE.fullmatch(called):
                return 1
        given = [about, *(child(style, "pPr") for style in self.style(about))]
        outlined = next((text for each in given if (text := value(child(each, "outlineLvl")))), "9")
        return int(outlined) + 1 if outlined.isdigit() and int(outlined) < 6 else 0

    def entry(self, about: Element | None) -> tuple[int, str] | None:
        """How deep in a list it stands, and in which kind."""
        given = [about, *(child(style, "pPr") for style in self.style(about))]
        marked = next((found for each in given if (found := child(each, "numPr")) is not None), None)
        number, level = value(child(marked, "numId")), value(child(marked, "ilvl")) or "0"
        how = self.dotted.get((number, level), "none")
        if how == "none" or not level.isdigit():
            return None
        return min(int(level), _DEEPEST), "ul" if how == "bullet" else "ol"

    def listed(self, text: str, depth: int, kind: str) -> None:
        self.close_lists(depth + 1)
        if len(self.open) == depth + 1 and self.open[-1] != kind:
            self.close_lists(depth)
        if len(self.open) == depth + 1:
            self.put("</li>")
        while len(self.open) <= depth:
            self.open.append(kind)
            self.put(f"<{kind}>" + ("<li>" if len(self.open) <= depth else ""))
        self.put(f"<li>{text}")

    def close_lists(self, depth: int) -> None:
        while len(self.open) > depth:
            self.put(f"</li></{self.open.pop()}>")

    def table(self, each: Element, depth: int) -> None:
        rows = [row for row in each.iter() if name(row) == "tr"] if depth else list(self.rows(each))
        cells = [list(self.cells(row)) for row in rows]
        if len(cells) == 1 and len(cells[0]) == 1:  # a frame around text
            self.blocks(cells[0][0], depth + 1)
            return
        self.put("<table>")
        for row in cells:
            self.put("<tr>")
            for cell in row:
                span = value(child(cell, "tcPr", "gridSpan"))
                empty = "<td></td>" * (min(int(span), 60) - 1 if span.isdigit() else 0)
                self.put(f"<td>{self.cell(cell)}</td>{empty}")
            self.put("</tr>")
        self.put("</table>")

    def rows(self, table: Element) -> Iterator[Element]:
        for each in table:
            if name(each) == "tr":
                yield each
            elif name(each) in _WORDS:
                yield from self.rows(each)

    def cells(self, row: Element) -> Iterator[Element]:
        for each in row:
            if name(each) == "tc":
                yield each
            elif name(each) in _WORDS:
                yield from self.cells(each)

    def cell(self, cell: Element) -> str:
        """What stands in it, on one line; the words of a table within it too."""
        lines = [self.inline(each).strip() for each in cell.iter() if name(each) == "p"]
        self.boxes = []
        return "<br>".join(filter(None, lines))

    # ------------------------------------------------------------------ within a line

    def inline(self, parent: Element) -> str:
        made, fields = list[str](), list[str]()
        self._inline(parent, made, fields, 0)
        made += ["</a>" for field in fields if _ADDRESS.search(field)]
        text = "".join(made)
        for tag in reversed(_MARKS.values()):
            text = text.replace(f"</{tag}><{tag}>", "")
        return text

    def _inline(self, parent: Element, made: list[str], fields: list[str], depth: int) -> None:
        for each in parent if depth < 4 * _DEEPEST else ():
            kind = name(each)
            if kind == "r":
                made.append(self.run(each, fields))
            elif kind == "hyperlink":
                target = value(self.links.get(value(each, "id")), "Target")
                made.append(f'<a href="{escape(target)}">' if target else "")
                self._inline(each, made, fields, depth + 1)
                made.append("</a>" if target else "")
            elif kind in ("oMath", "oMathPara"):
                made.append(escape(words_in(each)))
            elif kind in _WORDS:
                self._inline(each, made, fields, depth + 1)

    def run(self, run: Element, fields: list[str]) -> str:
        about, said = child(run, "rPr"), list[str]()
        if is_on(child(about, "vanish")):
            return ""
        for each in run:
            said.append(self.said(each, fields))
        text = "".join(said)
        if not text.strip() or "<" in text:
            return text
        bare = text.strip()
        before, behind = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        for mark, tag in _MARKS.items():
            if is_on(child(about, mark)):
                bare = f"<{tag}>{bare}</{tag}>"
        return f"{before}{bare}{behind}"

    def said(self, each: Element, fields: list[str]) -> str:
        kind = name(each)
        if kind == "t":
            return escape(each.text or "")
        if kind == "fldChar":
            return self.field(value(each, "fldCharType"), fields)
        if kind == "instrText" and fields:
            fields[-1] += each.text or ""
        elif kind in ("footnoteReference", "endnoteReference"):
            notes = self.notes if kind == "footnoteReference" else self.notes_behind
            words = words_in(notes.get(value(each, "id")))
            return f" ({escape(words)})" if words else ""
        elif kind in ("drawing", "pict", "object", "AlternateContent"):
            return self.pictures(each)
        return {"tab": " ", "cr": "<br>", "noBreakHyphen": "-"}.get(kind, "") or (
            "<br>" if kind == "br" and not value(each, "type") else ""
        )

    @staticmethod
    def field(step: str, fields: list[str]) -> str:
        """A link that is written as a field."""
        if step == "begin":
            fields.append("")
        elif step == "separate" and fields and (found := _ADDRESS.search(fields[-1])):
            return f'<a href="{escape(found[1])}">'
        elif step == "end" and fields and _ADDRESS.search(fields.pop()):
            return "</a>"
        return ""

    def pictures(self, element: Element) -> str:
        """The pictures in a drawing; text in its boxes follows the paragraph."""
        made, words = list[str](), ""
        for each in self.drawn(element, 0):
            kind = name(each)
            if kind in ("docPr", "cNvPr"):
                words = value(each, "descr")
            elif kind in ("blip", "imagedata"):
                target = value(self.links.get(value(each, "embed") or value(each, "id")), "Target")
                number = self.numbers.get(posixpath.normpath(posixpath.join("/word", target)).lstrip("/"))
                if target and number is not None:
                    shown = " ".join(words.split())[:200]
                    made.append(f'<img src="{self.place}-{number}" alt="{escape(shown)}">')
        return "".join(made)

    def drawn(self, element: Element, depth: int) -> Iterator[Element]:
        kind, chosen = name(element), list(element)
        if kind == "txbxContent":
            self.boxes.append(element)
            return
        if kind == "AlternateContent":  # the same twice, for older programs
            chosen = [each for each in element if name(each) == "Choice"][:1] or chosen
        yield element
        for each in chosen if depth < 60 else ():
            yield from self.drawn(each, depth + 1)


if __name__ == "__main__":
    asked: dict[str, Any] = json.loads(sys.argv[1])
    for limit, most in asked["limits"].items():
        resource.setrlimit(getattr(resource, limit), (most, most))
    html = Document(sys.stdin.buffer.read(), asked["place"], asked["most"]).whole()
    sys.stdout.buffer.write(html.encode("utf-8", "replace"))
    sys.stdout.flush()
