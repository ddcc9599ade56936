"""A handbook as a table: a zip of Markdown files, a row for each, as they lie in the folders of a wiki or a
documentation site (front matter as MkDocs, Docusaurus, Hugo and GitBook write it); or of the HTML files that
Confluence and BookStack write out; and of Word files beside them or alone.
"""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import re
import struct
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import chain, islice
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import yaml

from portal import i18n
from portal.i18n import Phrase
from portal.tables import word_files
from portal.tables.archives import is_bounded
from portal.tables.cells import Cell
from portal.tables.notes import Note, Unreadable
from portal.tables.workbooks import NumberedRow
from portal.text.from_html import escaped, pages_of, written
from portal.text.languages import OWN_NAMES, language_in, tag_of

FIELDS = {
    "title": ("title", "标题"),
    "summary": ("summary", "description", "abstract", "in one sentence", "一句话摘要"),
    "kind": ("kind", "type", "类型"),
    "for whom": ("for whom", "audience", "对象", "适用对象"),
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
    "language": ("language", "lang", "locale", "语言"),
    "language versions": ("language versions", "语言版本"),
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
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
BESIDE = (*PICTURES, ".pdf", ".docx", ".xlsx", ".pptx", ".txt")
"""What comes in with the texts that show it or link to it."""
PLACE = "/handbook/"
"""Where a text of the table says that such a file stands: by its number in the archive."""
MOST_BESIDE, LARGEST_BESIDE, ALL_BESIDE = 1_000, 20 << 20, 200 << 20
"""Such files of one handbook, bytes of one of them, and of all together unpacked."""
LARGEST_PICTURED, MOST_WITHIN = 20 << 20, 2_000
"""Bytes of one text with the pictures written in it, and such pictures of one handbook."""
WORDS = "words"
"""The note that an archive holds Word files."""
UNREAD = Phrase("This Word file cannot be read. Save it anew in Word, and bring it again.")
MOST_WORDS, WORDS_SECONDS = 1_000, 600
"""Word files of one handbook, and the time that reading them may take."""
MOST_NAMED, LONGEST_KEY = 10, 80
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, OSError, EOFError, ValueError, OverflowError
)  # fmt: skip
_ODD = (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a damaged archive raises, and YAML of odd values (`!!timestamp x`)."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\n(.*?\n)??---[ \t]*(?:\n|\Z)", re.DOTALL)
_MARKED_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*\)")
_MARK = re.compile(r"(\*\*|__|`)(?=\S)(.+?)\1|\\([\\`*_\[\]<>#])")
"""What a title of Markdown marks, or keeps from marking: a title has no marks."""
_FIRST_HEADING = re.compile(r"\A\s*#[ \t]+([^\n]+)\n*")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]*)\]\(([^()\s]+)(?: +\"[^\"()\n]*\")?\)")
_PICTURE = re.compile(r"!\[([^\[\]\n]*)\]\((?!https?:|/files/|/handbook/)([^()\n]*)\)")
_TARGET = re.compile(r"\s*(?:<([^<>]*)>|(\S+))")
_OWN = re.compile(r"(?<=\]\()/files/(\d{1,18})(?=\))")
_NUMBERED = re.compile(r"(!?)\[([^\[\]\n]*)\]\(/([a-z][a-z/-]*)/(\d{1,18})(?:[/#?][^()\s]*)?\)")
"""A link to a page, or a picture, by its number in a portal."""
_OUT = re.compile(rf"{FILES}/(\d{{1,18}})-")
_DEEPEST = 8
_ROOTS = ("", "static", "public", "docs")
"""Where a path from the root of a site begins in its folder."""
_REFERENCE = re.compile(r"(?<![^\s\[\]{},])&[^\s&]")
_IN_CONTENTS = re.compile(r"#{1,6} .*|\s*(?:[*+-] (?:\[[^\[\]\n]*\]\([^()\n]*\)|[^\[\]()]*)|-{3,}|\*{3,})\s*")
_OVERVIEWS = ("index", "_index", "readme")
_WITHIN = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,([A-Za-z0-9+/=\r\n]+)", re.IGNORECASE)
"""A picture that is written in a text itself."""
_LIES_WITHIN = re.compile(rf"{PLACE}\d{{1,6}}-\d{{1,6}}(?!\d)")
_CODE = re.compile(r"(^[ \t]*(?:```|~~~).*?^[ \t]*(?:```|~~~)[ \t]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
_FAR = re.compile(r"(?<!\[)!\[([^\[\]\n]*)\]\((https?:[^()\s]+)\)")
_LAYOUT = re.compile(
    r"(?<!\\)</?(?:div|p|span|aside|section|center|font|figure|figcaption|details|summary|picture|source|label"
    r"|input|nav)\b[^<>]{0,1000}>|^[ \t]*</?[A-Z]\w{0,60}(?:\s[^<>\n]{0,500})?/?>[ \t]*$",
    re.MULTILINE,
)
"""What only lays out, and what a site's own parts are called that stand alone on a line."""
_IMG = re.compile(r"<img\s([^<>]{1,2000})>", re.IGNORECASE)
_FACT = re.compile(r"""\b(src|alt)=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_DOCUSAURUS = re.compile(r"(^|/)i18n/([^/]+)/docusaurus-plugin-content-(docs|blog|pages)(?:/current)?/")
_SUFFIX = re.compile(r"(.+?)[._-]([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)")


def is_handbook(data: bytes) -> bool:
    """Whether an archive holds Markdown, pages or Word files, and is no workbook."""
    if not is_bounded(data):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [member.filename.lower() for member in archive.infolist()]
    except _BROKEN:
        return False
    wanted = (*ENDINGS, *PAGES, word_files.ENDING)
    return "xl/workbook.xml" not in names and any(name.endswith(wanted) for name in names)


def read(data: bytes, *, words: bool = False) -> tuple[Iterator[NumberedRow], list[Note], tuple[str, ...]]:
    """The headers and a row for each file, in the order of their paths; links between the files lead to the
    titles. `words`: with what stands in Word files, which takes long; what cannot be read is noted with its
    row. Raises Unreadable for what unpacks to more than a handbook is.
    """
    try:
        texts = {path: text for path, text in _unpacked(data) if not _is_contents(path, text)}
        files = _word_files(data, texts)
    except _BROKEN:
        raise _damaged() from None
    if not texts and not files:
        raise _damaged()
    fronts = _fronts(texts)
    why = dict[str, Phrase]()
    for path, text in _said(data, files, why) if words else ((path, "") for path in files):
        fronts[path] = ({"title": _stem(path)}, text)
    titles = {path: _title(path, facts, text) for path, (facts, text) in fronts.items()}
    notes = [Note("handbook", Phrase("A handbook: %(count)s texts.", count=len(fronts)))]
    beside = _beside(data)
    versions = _versions(fronts, titles)
    notes += _told_apart(fronts, titles)
    links = _Links(titles, {path: number for path, number in beside.items() if path not in files})
    rows = [_row(path, *fronts[path], links, versions) for path in sorted(fronts)]
    notes += _told_of_versions(versions)
    if files:
        later = Phrase("Word files: %(count)s. Their texts are read when it is tried out.", count=len(files))
        notes.append(Note(WORDS, Phrase("Word files: %(count)s.", count=len(files)) if words else later))
    notes += links.notes()
    notes += [Note("unread", why[path], at) for at, path in enumerate(sorted(fronts), 2) if path in why]
    shown = [name for name in FIELDS if name in ("title", "topics") or any(row[name] for row in rows)]
    header: list[Cell] = [*shown, "text", "file"]
    cells = [header, *([row[str(name)] for name in header] for row in rows)]
    return ((number, line) for number, line in enumerate(cells, 1)), notes, ()


def of_elsewhere(
    headers: Sequence[str], lines: Sequence[Sequence[Cell]]
) -> tuple[list[str | None], list[Note]]:
    """The texts of a handbook, line by line, that went out from another portal, None where they stay: what is
    linked by its number there is another thing here, so that links lead to what the texts are called. Of what
    the handbook lacks the words stay.
    """
    if not {"portal id", "title", "text", "file"} <= set(headers):
        return [None] * len(lines), []
    ident, title, text = (headers.index(name) for name in ("portal id", "title", "text"))
    titles = {str(line[ident]).partition("-")[0]: str(line[title]) for line in lines if line[ident]}
    dead = dict[str, None]()

    def led(found: re.Match[str]) -> str:
        sign, words, place, number = found.groups()
        if place == PLACE.strip("/"):
            return found[0]
        called = titles.get(f"A{number}", "") if place == "articles" and not sign else ""
        if not called or len(called) > LONGEST_TITLE:
            dead[f"/{place}/{number}"] = None
            return words
        return f"[{words}](/articles/titled?title={quote(called, safe='')})"

    texts = [_NUMBERED.sub(led, str(line[text] or "")) if line[ident] else None for line in lines]
    return texts, [_lead_nowhere(dead)] if dead else []


def _lead_nowhere(dead: Iterable[str]) -> Note:
    told = Phrase(
        "Links that lead to nothing in the archive: %(count)s. Their words stay in the texts. "
        "They lead to: %(files)s",
        count=len(list(dead)),
        files=_first(dead),
    )
    return Note("links", told)


def _word_files(data: bytes, texts: Mapping[str, str]) -> dict[str, int]:
    """The Word files that are texts, each with its number in the archive: one to which another text links
    stays a file beside it.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {
            _path(member): number
            for number, member in enumerate(archive.infolist())
            if _is_text(member, (word_files.ENDING,)) and not _OUT.match(_path(member))
        }
    found = {path: number for path, number in found.items() if not posixpath.basename(path).startswith("~$")}
    if len(found) > MOST_WORDS:
        raise _too_much()
    for path, text in texts.items() if found else ():
        for link in islice(_LINK.finditer(text), MOST_LINKS):
            if word_files.ENDING in link[2].lower():
                for place in _places(path, unquote(link[2]).partition("#")[0], _ROOTS):
                    found.pop(place, None)
    return found


def _said(data: bytes, files: Mapping[str, int], why: dict[str, Phrase]) -> Iterator[tuple[str, str]]:
    """What stands in each Word file; in `why`, why it is not known."""
    begun = time.monotonic()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path, number in files.items():
            found = file_at(archive, number)
            if time.monotonic() - begun > WORDS_SECONDS:
                found = None
            text = word_files.text_in(found[1], f"{PLACE}{number}") if found is not None else None
            if text is None:
                why[path] = UNREAD
            elif len(text) > LONGEST_TEXT:
                why[path], text = Phrase("This text is longer than any article."), None
            yield path, text or ""


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0].replace("_", " ").strip()


class InLanguage(NamedTuple):
    """Of which article of an archive a text is the version in which language."""

    key: str
    tag: str


def _versions(
    fronts: Mapping[str, tuple[dict[str, Any], str]], titles: dict[str, str]
) -> dict[str, InLanguage]:
    """The texts that are versions of one article in several languages, as folders (`zh/`, `i18n/zh-CN/...`),
    endings (`guide.zh.md`) and front matter tell. Of two in the same language the first is meant; who has the
    title of another is called by its language too.
    """
    groups = dict[str, dict[str, str]]()
    untold = list[tuple[str, str]]()
    for path in sorted(fronts):
        facts = fronts[path][0]
        key, tag = _apart(path)
        if given := _told(facts, FIELDS["language versions"]):
            key = f"given {given}"
        if tag := tag_of(_told(facts, FIELDS["language"])) or tag:
            groups.setdefault(key, {}).setdefault(tag, path)
        else:
            untold.append((key, path))
    for key, path in untold:
        if key in groups:
            groups[key].setdefault(language_in(fronts[path][1]), path)
    found = dict[str, InLanguage]()
    for key, paths in groups.items():
        taken = set[str]()
        for tag, path in paths.items() if len(paths) > 1 else ():
            name = key.removeprefix("given ")
            short = name if len(name) <= LONGEST_KEY else hashlib.sha256(name.encode()).hexdigest()
            found[path] = InLanguage(short, tag)
            if titles[path] in taken:
                titles[path] += f" ({OWN_NAMES[tag]})"
            taken.add(titles[path])
    return found


def _told_apart(fronts: Mapping[str, tuple[dict[str, Any], str]], titles: dict[str, str]) -> Iterator[Note]:
    """Of several texts with one title the one that lies highest keeps it; the others say the folder that they
    lie in too: “Overview (Sales)”. Those that went out from a portal are called as they were.
    """
    own = {path for path in fronts if _told(fronts[path][0], FIELDS["portal id"])}
    taken, count = {_alike(titles[path]) for path in own}, 0
    for path in sorted(fronts.keys() - own, key=lambda each: (each.count("/"), each)):
        title, free = titles[path], titles[path]
        if _alike(title) in taken:
            names = (f"{title} ({place})" for place in _places_of(path, fronts[path][0]))
            fit = (name for name in names if _alike(name) not in taken and len(name) <= LONGEST_TITLE)
            free = next(fit, title)
            count += free != title
        titles[path] = free
        taken.add(_alike(free))
    if count:
        told = Phrase(
            "Texts that are called as another one is: %(count)s. Their titles say their folder too.",
            count=count,
        )
        yield Note("titles", told)


def _alike(title: str) -> str:
    """A title as titles are compared when they come in."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def _places_of(path: str, facts: Mapping[str, Any]) -> Iterator[str]:
    """Where a text lies, in words: its folder, with more and more of those above, and at last its name."""
    file, _, mark = path.partition("#")
    folders = [
        re.sub(r"[-_]+", " ", part)
        for part in posixpath.dirname(file).split("/")
        if part and not tag_of(part)
    ]
    if mark:  # a page of a book lies in its chapter
        folders = [chapter] if (chapter := _told(facts, FIELDS["topics"])) else []
    for at in reversed(range(len(folders))):
        yield " / ".join(folders[at:])
    yield " / ".join([*folders, mark or _stem(file)])


def _apart(path: str) -> tuple[str, str]:
    """A path without the language that it names, and that language's tag."""
    tags = list[str]()
    if (site := _DOCUSAURUS.search(path)) and tag_of(site[2]):
        tags.append(tag_of(site[2]))
        path = _DOCUSAURUS.sub(lambda found: f"{found[1]}{found[3]}/", path)
    *folders, name = posixpath.splitext(path)[0].split("/")
    tags += filter(None, map(tag_of, folders))
    if (ends := _SUFFIX.fullmatch(name)) and tag_of(ends[2]):
        name = ends[1]
        tags.append(tag_of(ends[2]))
    return "/".join([*(each for each in folders if not tag_of(each)), name]).lower(), next(iter(tags), "")


def _told_of_versions(versions: Mapping[str, InLanguage]) -> Iterator[Note]:
    if versions:
        count = len({each.key for each in versions.values()})
        told = Phrase(
            "Texts in several languages: %(count)s. Their versions lead to each other.", count=count
        )
        yield Note("languages", told)


def _is_contents(path: str, text: str) -> bool:
    """Whether it is what GitBook keeps its table of contents in: headings and links, nothing to read."""
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    listed = all(_IN_CONTENTS.fullmatch(line) for line in lines)
    return posixpath.basename(path) == "SUMMARY.md" and listed and "](" in text


def _unpacked(data: bytes) -> Iterator[tuple[str, str]]:
    if not is_bounded(data):
        raise _damaged()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = list(enumerate(archive.infolist()))
        members = [each for each in whole if _is_text(each[1], ENDINGS)]
        members = members or [each for each in whole if _is_text(each[1], PAGES)]
        size = sum(member.file_size for _, member in members)
        if len(members) > MOST_FILES or size > LARGEST + ALL_BESIDE:
            raise _too_much()
        room = LARGEST
        for number, member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise _damaged()  # others may ask for gigabytes before the first byte
            with archive.open(member) as file:
                found = file.read(LARGEST_PICTURED + 1)
            text, path = _without_pictures(_decoded(found), number).replace("\r\n", "\n"), _path(member)
            size = len(text.encode()) if len(text) < len(found) else len(found)
            room -= size  # what it says of its size may be untrue
            if room < 0:
                raise _too_much()
            is_page = path.lower().endswith(PAGES)
            if len(found) > LARGEST_PICTURED or (size > LARGEST_FILE and not is_page):
                raise _too_long()
            for place, said in _pages(path, text) if is_page else [(path, text)]:
                if len(said) > LONGEST_TEXT:
                    raise _too_long()
                yield place, said


def _pages(path: str, source: str) -> Iterator[tuple[str, str]]:
    """The pages in a file of HTML; of a book with where they stand in it."""
    for page in pages_of(source):
        place, front = path, ""
        if page.mark:
            place = f"{path}#{page.mark}"
            chapter = yaml.safe_dump({"topics": page.chapter}, allow_unicode=True, width=10_000)
            front = f"---\n{chapter}---\n"
        text = page.text.removeprefix(f"# {escaped(page.title)}\n\n")
        yield place, f"{front}# {page.title}\n\n{text}" if page.title else text


def _without_pictures(text: str, number: int) -> str:
    """The text of a file with, for each picture written in it, the place where it is found."""
    if "base64," not in text:
        return text
    count = iter(range(MOST_WITHIN))

    def placed(found: re.Match[str]) -> str:
        nth = next(count, None)
        return f"{PLACE}{number}-{nth}" if nth is not None else ""

    return _WITHIN.sub(placed, text)


def _too_long() -> Unreadable:
    return Unreadable("too_large", Phrase("A text in the archive is longer than any article."))


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


class Lying:
    """What lies in an archive beside its texts, and in them, by the places that the texts name."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive, self.room = archive, ALL_BESIDE
        self._number, self._text, self._file = -1, "", None
        """The file that was opened last: the pictures of one follow each other."""

    _file: zipfile.ZipFile | None

    def at(self, place: str) -> tuple[str, bytes] | None:
        """The name and bytes of what lies at `12`, or as the fourth in what lies there, at `12-3`; None for
        what cannot be had.
        """
        number, _, nth = place.partition("-")
        if not nth:
            return file_at(self.archive, int(number))
        with suppress(IndexError, StopIteration, *_BROKEN):
            name = self._open(int(number))
            ending, data = self._part(int(nth)) if self._file is not None else self._written(int(nth))
            self.room -= len(data)
            if data and self.room >= 0:
                return f"{name}-{int(nth) + 1}{ending}", data
        return None

    def _open(self, number: int) -> str:
        member = self.archive.infolist()[number]
        path = _path(member)
        if number != self._number:
            self._number, self._text, self._file = number, "", None
            if path.lower().endswith(word_files.ENDING):
                data = (file_at(self.archive, number) or ("", b""))[1]
                self._file = zipfile.ZipFile(io.BytesIO(data if is_bounded(data) else b""))
            elif _is_text(member, (*ENDINGS, *PAGES)):
                with self.archive.open(member) as file:
                    self._text = _decoded(file.read(LARGEST_PICTURED))
        return posixpath.splitext(posixpath.basename(path))[0]

    def _part(self, nth: int) -> tuple[str, bytes]:
        assert self._file is not None
        member = self._file.infolist()[nth]
        ending = posixpath.splitext(member.filename)[1].lower()
        if not _fits(member) or ending not in PICTURES:
            return ending, b""
        with self._file.open(member) as file:
            return ending, file.read(LARGEST_BESIDE)

    def _written(self, nth: int) -> tuple[str, bytes]:
        found = next(islice(_WITHIN.finditer(self._text), nth, None))
        return f".{found[1].lower()}", base64.b64decode(found[2])


def _damaged() -> Unreadable:
    return Unreadable("damaged", Phrase("The archive is damaged or protected by a password."))


def _too_much() -> Unreadable:
    return Unreadable(
        "too_large",
        Phrase(
            "The archive holds too much: at most %(n)s texts, and %(size)s MB of them.",
            n=MOST_FILES,
            size=LARGEST >> 20,
        ),
    )


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
    words = _MARKED_LINK.sub(r"\1", found[1].strip("# \t"))
    return _MARK.sub(lambda mark: mark[2] if mark[1] else mark[3], words).strip()


def _row(
    path: str,
    facts: Mapping[str, Any],
    text: str,
    links: _Links,
    versions: Mapping[str, InLanguage],
) -> dict[str, Cell]:
    found: dict[str, Cell] = {name: _told(facts, words) for name, words in FIELDS.items()}
    found["title"], found["file"] = links.titles[path], path
    found["language versions"], found["language"] = versions.get(path, ("", ""))
    if found["portal id"]:  # it went out from here: as it is
        found["text"] = links.own(text.removeprefix("\n").removesuffix("\n"))
        return found
    heading = _FIRST_HEADING.match(text)
    if heading and _heading(heading) == _title(path, facts, text):
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
    own = [part for part in folders if not tag_of(part)]
    if folders and not own:  # the folder of a language
        return i18n.gettext(Phrase("Handbook"))
    return re.sub(r"[-_]+", " ", own[-1]) if own else ""


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
        self.came, self.lost, self.dead = set[str](), dict[str, None](), dict[str, None]()

    def notes(self) -> Iterator[Note]:
        """What comes in besides the texts, and what does not."""
        if self.came:
            told = Phrase("Pictures and files that come in with the texts: %(count)s.", count=len(self.came))
            yield Note("beside", told)
        if self.dead:
            yield _lead_nowhere(self.dead)
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
            of_book = f"{path.partition('#')[0]}{target}" if target.startswith("#") else ""
            if of_book not in self.titles and (
                ":" in target or target.startswith(("#", "//", "/files/", PLACE))
            ):
                return found[0]
            title = self.titles.get(of_book or _meant(path, target.partition("#")[0], self.titles), "")
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
        self.room -= 10 * text.lower().count("<table")  # so much longer than a link one takes
        if self.room > 0:
            text = _without_html(text)
        self.came |= set(_LIES_WITHIN.findall(text))
        if self.room > 0:
            text, count = _LINK.subn(led, text, self.room)
            self.room -= count
        return _PICTURE.sub(shown, text).strip()

    def _place(self, number: int) -> str:
        place = f"{PLACE}{number}"
        self.came.add(place)
        return place

    def _lies(self, path: str, target: str) -> int | None:
        """The file beside that a text means: from its own folder, or from the root of its site."""
        target = re.split("[?#]", target)[0]
        ways = _places(path, target, _ROOTS)
        return next((self.beside[way] for way in ways if way in self.beside), None)


def _without_html(text: str) -> str:
    """A text whose tables and pictures of HTML are those of Markdown, without what only lays it out, but for
    samples of code; pictures of elsewhere, which a page here does not load, are links.
    """
    pieces = _CODE.split(_FAR.sub(_linked, text) if "](http" in text else text)
    if "<" in text:
        pieces = [piece if n % 2 else _plain(piece) for n, piece in enumerate(pieces)]
    return "".join(pieces)


def _linked(found: re.Match[str]) -> str:
    words = found[1].strip() or posixpath.basename(found[2].partition("?")[0]) or found[2]
    return f"[{words}]({found[2]})"


def _plain(text: str) -> str:
    text = _instead(text, "<!--", "-->", lambda _: "")
    text = _instead(text, "<table", "</table>", lambda table: f"\n\n{written(table)}\n\n")
    return _LAYOUT.sub("", _IMG.sub(_shown, text))


def _instead(text: str, begins: str, ends: str, made: Callable[[str], str]) -> str:
    """A text with something else for each piece between these signs, in one way through it."""
    lower = text.lower() if len(text.lower()) == len(text) else text
    said, at = list[str](), 0
    while (begin := lower.find(begins, at)) >= 0 and (end := lower.find(ends, begin)) >= 0:
        said += [text[at:begin], made(text[begin : end + len(ends)])]
        at = end + len(ends)
    return "".join([*said, text[at:]])


def _shown(found: re.Match[str]) -> str:
    facts = {fact[1].lower(): fact[2] or fact[3] or "" for fact in _FACT.finditer(found[1])}
    words = re.sub(r"[\[\]\s]+", " ", facts.get("alt", "")).strip()
    place = re.sub(r"[\s()<>]", lambda sign: quote(sign[0]), facts.get("src", "").strip())
    if place.startswith(("http:", "https:")):
        return f"[{words}]({place})" if words else ""
    return f"![{words}]({place})" if place else words


def _meant(path: str, target: str, titles: Mapping[str, str]) -> str:
    """The file that a link means: from its own folder, or from the root of its site; with or without its
    ending, or as the address of a page, where each page of a site is a folder too.
    """
    as_page = posixpath.normpath(posixpath.join(posixpath.splitext(path)[0], target))
    for place in chain(_places(path, target), (as_page,)):
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
