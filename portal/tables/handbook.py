"""A handbook as a table: a zip of Markdown files, a row for each, as they lie in the folders of a wiki or a
documentation site (front matter as MkDocs, Docusaurus, Hugo and GitBook write it); or of the HTML files that
Confluence and BookStack write out.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import quote, unquote

import yaml

from portal.i18n import Phrase
from portal.tables.archives import is_bounded
from portal.tables.cells import Cell
from portal.tables.notes import Note, Unreadable
from portal.tables.workbooks import NumberedRow
from portal.text.from_html import page_of

FIELDS = {
    "title": ("title", "标题"),
    "summary": ("summary", "description", "abstract", "in one sentence", "一句话摘要"),
    "topics": ("topics", "topic", "tags", "categories", "category", "主题"),
    "author": ("author", "作者"),
    "state": ("state", "状态"),
    "product": ("product", "产品"),
    "customer type": ("customer type", "客户类型"),
    "freshness": ("freshness", "how long it stays true", "有效期类别"),
    "true until": ("true until", "有效至"),
    "publish on": ("publish on", "valid from", "publishdate", "发布日", "生效日期"),
    "ends on": ("ends on", "expires", "expirydate", "结束日", "失效日期"),
    "version": ("version", "版本"),
    "portal id": ("portal id", "门户编号"),
}
"""What a row tells, and by which words the front matter may know it; the text and the file come beside."""
FILES = "files"
"""The folder of a handbook for what is not text."""
ENDINGS = (".md", ".mdx", ".markdown")
PAGES = (".html", ".htm")
"""Of pages that are read where no Markdown lies beside them: else they are what a site was made into."""
MOST_FILES, LARGEST_FILE, LARGEST = 5_000, 800_000, 20 << 20
"""Texts in one handbook, bytes of one of them, and of all together unpacked: it is read while others wait."""
LONGEST_TEXT, LONGEST_FRONT, LONGEST_TITLE = 204_000, 4_000, 300
"""Signs: an article has 200,000, and what stands before it."""
MOST_NESTED, MOST_MARKS, MOST_LINKS = 200, 200_000, 100_000
"""Lists within each other in one front; in all together signs that make YAML's reader work (some 10 µs each),
and links (30 µs). What is beyond is read line by line, and leads where it led.
"""
BESIDE = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".pdf", ".docx", ".xlsx", ".pptx", ".txt")
"""What comes in with the texts that show it or link to it."""
PLACE = "/handbook/"
"""Where a text of the table says that such a file stands: by its number in the archive."""
MOST_BESIDE, LARGEST_BESIDE, ALL_BESIDE = 1_000, 20 << 20, 200 << 20
"""Such files of one handbook, bytes of one of them, and of all together unpacked."""
MOST_NAMED = 10
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, OSError, EOFError, ValueError, OverflowError
)  # fmt: skip
_ODD = (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a damaged archive raises, and YAML of odd values (`!!timestamp x`)."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\n(.*?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIRST_HEADING = re.compile(r"\A\s*#[ \t]+([^\n]+)\n*")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]*)\]\(([^()\s]+)(?: +\"[^\"()\n]*\")?\)")
_PICTURE = re.compile(r"!\[([^\[\]\n]*)\]\((?!https?:|/files/|/handbook/)([^()\n]*)\)")
_TARGET = re.compile(r"\s*(?:<([^<>]*)>|(\S+))")
_OWN = re.compile(r"(?<=\]\()/files/(\d{1,18})(?=\))")
_OUT = re.compile(rf"{FILES}/(\d{{1,18}})-")
_DEEPEST = 8
_ROOTS = ("", "static", "public", "docs")
"""Where a path from the root of a site begins in its folder."""
_REFERENCE = re.compile(r"(?<![^\s\[\]{},])&[^\s&]")
_OVERVIEWS = ("index", "_index", "readme")


def is_handbook(data: bytes) -> bool:
    """Whether an archive holds Markdown, and is no workbook."""
    if not is_bounded(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [member.filename.lower() for member in archive.infolist()]
    except _BROKEN:
        return False
    return "xl/workbook.xml" not in names and any(name.endswith((*ENDINGS, *PAGES)) for name in names)


def read(data: bytes) -> tuple[Iterator[NumberedRow], list[Note], tuple[str, ...]]:
    """The headers and a row for each file, in the order of their paths; links between the files lead to the
    titles. Raises Unreadable for what unpacks to more than a handbook is.
    """
    try:
        texts = dict(_unpacked(data))
    except _BROKEN:
        raise _damaged() from None
    fronts = _fronts(texts)
    titles = {path: _title(path, facts, text) for path, (facts, text) in fronts.items()}
    notes = [Note("handbook", Phrase("A handbook: %(count)s texts.", count=len(texts)))]
    links = _Links(titles, _beside(data))
    rows = [_row(path, *fronts[path], links) for path in sorted(fronts)]
    notes += links.notes()
    told = [name for name in FIELDS if name in ("title", "topics") or any(row[name] for row in rows)]
    header: list[Cell] = [*told, "text", "file"]
    cells = [header, *([row[str(name)] for name in header] for row in rows)]
    return ((number, line) for number, line in enumerate(cells, 1)), notes, ()


def _unpacked(data: bytes) -> Iterator[tuple[str, str]]:
    if not is_bounded(data):
        raise _damaged()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [member for member in archive.infolist() if _is_text(member, ENDINGS)]
        members = members or [member for member in archive.infolist() if _is_text(member, PAGES)]
        if len(members) > MOST_FILES or sum(member.file_size for member in members) > LARGEST:
            raise _too_much()
        room = LARGEST
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _damaged()  # others may ask for gigabytes before the first byte
            with archive.open(member) as file:
                found = file.read(LARGEST_FILE + 1)
            room -= len(found)  # what it says of its size may be untrue
            if room < 0:
                raise _too_much()
            text, path = _decoded(found).replace("\r\n", "\n"), _path(member)
            if path.lower().endswith(PAGES) and len(found) <= LARGEST_FILE:
                page = page_of(text)
                if page is None:
                    continue
                text = f"# {page.title}\n\n{page.text}" if page.title else page.text
            if len(found) > LARGEST_FILE or len(text) > LONGEST_TEXT:
                raise Unreadable("too_large", Phrase("A text in the archive is longer than any article."))
            yield path, text


def _beside(data: bytes) -> dict[str, int]:
    """What lies beside the texts and may come in with them: by its path, its number in the archive."""
    found, room = dict[str, int](), ALL_BESIDE
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for number, member in enumerate(archive.infolist()):
            path = _path(member)
            hidden = path.startswith("__MACOSX") or posixpath.basename(path).startswith(".")
            fits = _fits(member) and member.file_size <= room and len(found) < MOST_BESIDE
            if path.lower().endswith(BESIDE) and fits and not hidden:
                found[path] = number
                room -= member.file_size
    return found


def _fits(member: zipfile.ZipInfo) -> bool:
    plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return plain and 0 < member.file_size <= LARGEST_BESIDE


def file_at(archive: zipfile.ZipFile, number: int) -> tuple[str, bytes] | None:
    """The path and bytes of a file beside the texts; None for what cannot be had."""
    try:
        member = archive.infolist()[number]
        if not _fits(member) or not _path(member).lower().endswith(BESIDE):
            return None
        with archive.open(member) as file:
            data = file.read(member.file_size + 1)  # what it says of its size may be untrue
    except (IndexError, *_BROKEN):
        return None
    return (_path(member), data) if len(data) == member.file_size else None


def _damaged() -> Unreadable:
    return Unreadable("damaged", Phrase("The archive is damaged or protected by a password."))


def _too_much() -> Unreadable:
    return Unreadable("too_large", Phrase("The archive holds too much: at most %(n)s files.", n=MOST_FILES))


def _is_text(member: zipfile.ZipInfo, endings: tuple[str, ...]) -> bool:
    parts = member.filename.split("/")
    hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
    return member.filename.lower().endswith(endings) and not hidden and not member.is_dir()


def _path(member: zipfile.ZipInfo) -> str:
    """Its path; Chinese names that a Windows zip wrote without saying so are read as what they are."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _fronts(texts: Mapping[str, str]) -> dict[str, tuple[dict[str, Any], str]]:
    """What stands before each text between two lines of dashes, and the text."""
    fronts, room = {}, MOST_MARKS
    for path, text in texts.items():
        front, body = _front(text)
        room -= _marks(front)
        fronts[path] = _facts(front, with_yaml=room > 0), body
    return fronts


def _front(text: str) -> tuple[str, str]:
    found = _FRONT.match(text)
    return (found[1] or "", text[found.end() :]) if found else ("", text)


def _facts(front: str, *, with_yaml: bool) -> dict[str, Any]:
    facts: Any = None
    if with_yaml and _is_plain(front):
        with suppress(*_ODD):
            facts = _loaded(front)
    if facts is None:
        facts = dict(re.findall(r"^(\w[\w ]*):[ \t]*(.+)$", front[:LONGEST_FRONT], re.MULTILINE))
    return {_line(name).lower(): value for name, value in facts.items()} if isinstance(facts, dict) else {}


def _loaded(front: str) -> Any:
    """What the safe loader makes of it: plain values alone."""
    loader = _LOADER(front)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _is_plain(front: str) -> bool:
    """Whether it is what people write: no references, which can multiply, and little within each other."""
    nested = front.count("[") + front.count("{")
    return len(front) <= LONGEST_FRONT and nested <= MOST_NESTED and not _REFERENCE.search(front)


def _marks(front: str) -> int:
    return sum(map(front.count, ",:-?[{\n")) if len(front) <= LONGEST_FRONT else 0


def _title(path: str, facts: Mapping[str, Any], text: str) -> str:
    """Of the front matter, else the first heading, else of the file, else of its folder."""
    if given := _told(facts, FIELDS["title"]):
        return given
    if heading := _FIRST_HEADING.match(text):
        return _heading(heading)
    folder, name = posixpath.split(posixpath.splitext(path)[0])
    if name.lower() in _OVERVIEWS and folder:
        name = posixpath.basename(folder)
    return re.sub(r"[-_]+", " ", name).strip().capitalize() or name


def _heading(found: re.Match[str]) -> str:
    return found[1].strip("# \t")


def _row(path: str, facts: Mapping[str, Any], text: str, links: _Links) -> dict[str, Cell]:
    found: dict[str, Cell] = {name: _told(facts, words) for name, words in FIELDS.items()}
    found["title"], found["file"] = links.titles[path], path
    if found["portal id"]:  # it went out from here: as it is
        found["text"] = links.own(text.removeprefix("\n").removesuffix("\n"))
        return found
    heading = _FIRST_HEADING.match(text)
    if heading and _heading(heading) == links.titles[path]:
        text = text[heading.end() :]
    found["text"] = links.led(path, text)
    found["topics"] = found["topics"] or _folder(path)
    if facts.get("draft") is True:
        found["state"] = "draft"
    return found


def _told(facts: Mapping[str, Any], words: Iterable[str]) -> str:
    if (given := next((facts[word] for word in words if facts.get(word)), None)) is None:
        return ""
    return "、".join(filter(None, map(_line, given if isinstance(given, list) else [given])))


def _folder(path: str) -> str:
    """What the folder that it lies in is called: of what does not say what it is about, that says most."""
    folders = [part for part in posixpath.dirname(path).split("/") if part]
    return re.sub(r"[-_]+", " ", folders[-1]) if folders else ""


def _line(value: Any) -> str:
    plain = isinstance(value, str | int | float | date) and not isinstance(value, bool)
    with suppress(ValueError):  # a number of thousands of digits, which Python does not write
        return " ".join(str(value).split()) if plain else ""
    return ""


def _first(names: Iterable[str]) -> str:
    """The first of some names, and whether there are more."""
    named = list(names)
    return ", ".join(named[:MOST_NAMED]) + ("…" if len(named) > MOST_NAMED else "")


class _Links:
    """Links to other files of the handbook lead to what they are called; pictures and files that lie beside
    come in, and of those that do not the words stay.
    """

    def __init__(self, titles: Mapping[str, str], beside: Mapping[str, int]) -> None:
        self.titles, self.beside, self.room = titles, beside, MOST_LINKS
        self.own_files = {
            found[1]: number for path, number in beside.items() if (found := _OUT.match(path)) is not None
        }
        self.came, self.lost, self.dead = set[int](), dict[str, None](), dict[str, None]()

    def notes(self) -> Iterator[Note]:
        """What comes in besides the texts, and what does not."""
        if self.came:
            told = Phrase("Pictures and files that come in with the texts: %(count)s.", count=len(self.came))
            yield Note("beside", told)
        if self.dead:
            told = Phrase(
                "Links that lead to nothing in the archive: %(count)s. Their words stay in the texts. "
                "They lead to: %(files)s",
                count=len(self.dead),
                files=_first(self.dead),
            )
            yield Note("links", told)
        if self.lost:
            stay = Phrase(
                "Pictures that stay behind, since the archive lacks them or a text cannot hold them: "
                "%(count)s. Their words stay in the texts. They are: %(files)s",
                count=len(self.lost),
                files=_first(self.lost),
            )
            yield Note("pictures", stay)

    def own(self, text: str) -> str:
        """The files of a handbook that went out from a portal, by their numbers there."""

        def led(found: re.Match[str]) -> str:
            number = self.own_files.get(found[1])
            return found[0] if number is None else self._place(number)

        return _OWN.sub(led, text)

    def led(self, path: str, text: str) -> str:
        def led(found: re.Match[str]) -> str:
            words, target = found[1], unquote(found[2])
            if ":" in target or target.startswith(("#", "//", "/files/", PLACE)):
                return found[0]
            title = self.titles.get(_meant(path, target.partition("#")[0], self.titles), "")
            if title and len(title) <= LONGEST_TITLE:
                return f"[{words}](/articles/titled?title={quote(title, safe='')})"
            if (number := self._lies(path, target)) is not None:
                return f"[{words}]({self._place(number)})"
            self.dead[_line(target)[:LONGEST_TITLE]] = None
            return words

        def shown(found: re.Match[str]) -> str:
            target = _TARGET.match(found[2])
            name = unquote(target[1] or target[2]) if target else ""
            number = self._lies(path, name)
            if number is None:
                self.lost[_line(name)[:LONGEST_TITLE]] = None
                return found[1]
            return f"![{found[1]}]({self._place(number)})"

        text = self.own(text)
        if self.room > 0:
            text, count = _LINK.subn(led, text, self.room)
            self.room -= count
        return _PICTURE.sub(shown, text).strip()

    def _place(self, number: int) -> str:
        self.came.add(number)
        return f"{PLACE}{number}"

    def _lies(self, path: str, target: str) -> int | None:
        """The file beside that a text means: from its own folder, or from the root of its site."""
        target = re.split("[?#]", target)[0]
        ways = _places(path, target, _ROOTS)
        return next((self.beside[way] for way in ways if way in self.beside), None)


def _meant(path: str, target: str, titles: Mapping[str, str]) -> str:
    """The file that a link means: from its own folder, or from the root of its site; with or without its
    ending, or as the address of a page.
    """
    for place in _places(path, target):
        ways = [place, *(f"{place}{ending}" for ending in ENDINGS)]
        ways += [f"{place}/{name}{ending}" for name in _OVERVIEWS for ending in ENDINGS]
        for way in ways:
            if way in titles:
                return way
    return ""


def _places(path: str, target: str, roots: Iterable[str] = ("",)) -> Iterator[str]:
    """Where a link may lead: from the folder of its file, and from each above it, which may be what the site
    takes for its root: an archive of a folder has one more on top.
    """
    folder = posixpath.dirname(path)
    yield posixpath.normpath(posixpath.join(folder, target))
    rest = folder.split("/") if folder else []
    for depth in range(min(len(rest), _DEEPEST) + 1):
        above = "/".join(rest[:depth])
        for root in roots:
            yield posixpath.normpath(posixpath.join(above, root, target.lstrip("/")))
