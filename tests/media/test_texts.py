"""What the words of a file are, and that no file is more than its bounds."""

from __future__ import annotations

import io
import time
import zipfile

import pytest
import xlsxwriter
from PIL import Image

from portal.media import texts
from portal.media.kinds import EXCEL, PDF, SLIDES, TEXT, WORD
from tests.parts import timed

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def archive(**parts: str) -> bytes:
    """A zip of parts, given as `word_document`: word/document.xml."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in parts.items():
            zipped.writestr(name.replace("__", "/") + ".xml", text)
    return made.getvalue()


def word(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    return archive(word__document=f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>')


def slide(text: str) -> str:
    return f'<p xmlns:a="{A}"><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p>'


def pdf(text: str) -> bytes:
    """A page with a text in a font that is not embedded: a Chinese one, in which each sign has two bytes."""
    drawn = f"BT /F1 24 Tf 72 720 Td <{text.encode('utf-16-be').hex()}> Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/FontDescriptor 7 0 R>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 0 1000 1000]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/StemV 80/CapHeight 700>>",
    ]
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)
    return bytes(made)


def scanned() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(made, "PDF")
    return made.getvalue()


def workbook(*rows: tuple[str, int]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("价目")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def test_each_kind_says_what_it_says() -> None:
    assert texts.words_of(word("首付三成", "Deposit 30 %"), WORD.media) == "首付三成\nDeposit 30 %"
    assert texts.words_of(workbook(("物业费", 3), ("车位", 5)), EXCEL.media) == "价目\n物业费 3.0\n车位 5.0"
    assert texts.words_of("客户说：太贵了".encode("gb18030"), TEXT.media) == "客户说：太贵了"
    slides = archive(ppt__slides__slide10=slide("ten"), ppt__slides__slide2=slide("二"))
    assert texts.words_of(slides, SLIDES.media) == "二\nten"
    assert texts.words_of(pdf("二手房贷款流程"), PDF.media) == "二手房贷款流程"


def test_a_run_that_is_parted_by_formatting_is_one_word() -> None:
    runs = "<w:p><w:r><w:t>战略</w:t></w:r><w:r><w:t>价值</w:t></w:r><w:r><w:tab/><w:t>B</w:t></w:r></w:p>"
    made = archive(word__document=f'<w:document xmlns:w="{W}"><w:body>{runs}</w:body></w:document>')
    assert texts.words_of(made, WORD.media) == "战略价值 B"


def test_scanned_pages_say_nothing() -> None:
    assert texts.words_of(scanned(), PDF.media) == ""


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (b"%PDF-1.7 broken", PDF.media),
        (b"PK\x03\x04", WORD.media),
        (archive(other="x"), WORD.media),
        (archive(word__document="<w:p>"), WORD.media),
        (archive(word__document="no xml"), WORD.media),
        (b"PK\x03\x04", EXCEL.media),
    ],
)
def test_a_damaged_file_is_none(data: bytes, media: str) -> None:
    assert texts.words_of(data, media) is None


def test_a_long_file_is_cut() -> None:
    said = texts.words_of(word(*["x" * 999] * 200), WORD.media)
    assert said is not None
    assert texts.MOST - 1100 < len(said) <= texts.MOST


@timed
def test_a_bomb_is_cut_or_none_and_takes_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """One text of 60 million signs, zipped small; entities that grow ten times at each of nine levels."""
    monkeypatch.setitem(texts.LIMITS, "RLIMIT_CPU", 5)
    monkeypatch.setitem(texts.LIMITS, "RLIMIT_AS", 160 << 20)
    began = time.process_time()
    long = texts.words_of(word("x" * 60_000_000), WORD.media)
    assert long is None or len(long) == texts.MOST
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE w [<!ENTITY e0 "boom">{entities}]><w:p xmlns:w="{W}"><w:t>&e9;</w:t></w:p>'
    assert texts.words_of(archive(word__document=bomb), WORD.media) is None
    assert time.process_time() - began < 10
