"""Reads the words of one file in a process of its own, started by `texts.words_of`; it may die without harm.

Takes the file on its input and `{"media", "most", "limits"}` as argument, writes at most so many characters
on its output. Imports nothing of the portal, and of the readers the one it needs, so that it starts at once.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import iterparse

_BROKEN_HAN = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\s*\n(?=[\u2e80-\u9fff\uff00-\uffef])")
_NUMBER = re.compile(r"\d+")


def pdf(data: bytes) -> Iterator[str]:
    """Page by page; a line that ends within a Chinese word goes on."""
    from pypdfium2 import PdfDocument  # noqa: PLC0415 - see above

    document = PdfDocument(data)
    for number in range(len(document)):
        text = document[number].get_textpage().get_text_bounded()
        yield _BROKEN_HAN.sub("", text.replace("\r\n", "\n").replace("\ufffe", ""))


def word(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield from paragraphs(archive, "word/document.xml")


def slides(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
        for name in sorted(names, key=lambda name: int(_NUMBER.findall(name)[-1])):
            yield from paragraphs(archive, name)


def paragraphs(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """The paragraphs of a part of Word or PowerPoint, with what their runs say."""
    with archive.open(part) as file:
        said = list[str]()
        for _, element in iterparse(file):  # noqa: S314 - see above
            name = element.tag.rpartition("}")[2]
            if name == "t":
                said.append(element.text or "")
            elif name in ("tab", "br", "cr"):
                said.append(" ")
            elif name == "p":
                yield "".join(said)
                said.clear()
                element.clear()


def excel(data: bytes) -> Iterator[str]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - see above

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in workbook.sheet_names:
        yield name
        for row in workbook.get_sheet_by_name(name).to_python():
            yield " ".join(str(value) for value in row if value != "")


def plain(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return


READERS = {
    "application/pdf": pdf,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": word,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": slides,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": excel,
    "text/plain": plain,
}


def words(data: bytes, media: str, most: int) -> str:
    """What stands in it, a line for each piece, up to so many characters."""
    found, room = list[str](), most
    for piece in READERS[media](data):
        if piece := piece.strip():
            found.append(piece[:room])
            room -= len(piece) + 1
        if room <= 0:
            break
    return "\n".join(found)


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    for name, most in asked["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    text = words(sys.stdin.buffer.read(), asked["media"], asked["most"])
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.flush()
