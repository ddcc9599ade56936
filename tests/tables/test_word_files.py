"""Word files become Markdown: what was written stays, what acts or was struck out does not."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from portal.tables import word_files
from portal.tables.word_files import text_in
from tests.parts import timed
from tests.tables.word import NAMESPACES, listed, paragraph, picture, run, table, word


def read(body: str, **more: object) -> str:
    text = text_in(word(body, **more), "/handbook/7")  # type: ignore[arg-type]
    assert text is not None
    return text


def test_headings_by_name_in_either_language_by_their_style_and_by_outline() -> None:
    body = "".join(
        paragraph(text, style=style)
        for text, style in (
            ("一", "1"),
            ("二", "a5"),
            ("三", "own"),
            ("四", "o3"),
            ("目录 1", "TOC1"),
            ("五", ""),
        )
    )
    assert read(body) == "# 一\n\n## 二\n\n# 三\n\n### 四\n\n五"


def test_lists_with_lists_within_and_of_a_style() -> None:
    body = (
        listed("甲")
        + listed("子一", 1)
        + listed("子二", 1)
        + listed("乙")
        + paragraph("外")
        + paragraph("丙", style="li")
    )
    assert read(body) == "- 甲\n   1. 子一\n   2. 子二\n- 乙\n\n外\n\n- 丙"
    assert read(listed("一下就深", 1) + listed("浅")) == "   1. 一下就深\n- 浅"


def test_tables_with_cells_over_several_columns_and_several_paragraphs() -> None:
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{paragraph("合")}</w:tc><w:tc>{paragraph("a")}{paragraph("b|c")}</w:tc>'
    body = table(("项目", "费率", "备注"), ("住宅", "1.5%", "面议"))
    assert read(body.replace("</w:tbl>", f"<w:tr>{wide}</w:tr></w:tbl>")) == (
        "| 项目 | 费率 | 备注 |\n| --- | --- | --- |\n| 住宅 | 1.5% | 面议 |\n| 合 |  | a b\\|c |"
    )
    assert (
        read(f"<w:tbl><w:tr><w:tc>{paragraph('框', style='1')}{listed('里')}</w:tc></w:tr></w:tbl>")
        == "# 框\n\n- 里"
    )


def test_marks_go_on_over_runs_and_hold_no_blanks() -> None:
    body = paragraph(
        runs=run("先", "b") + run("问 ", "b") + run("学位", "i") + run("旧", "strike") + run("。")
    )
    assert read(body) == "**先问** *学位*~~旧~~。"
    assert read(paragraph(runs=run("a", "b", "i") + run("b", "b") + run(" c"))) == "***a*b** c"


def test_links_of_both_kinds_and_none_that_acts() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://e.example/x" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>那里</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    runs = "".join(
        f'<w:hyperlink r:id="{link}">{run(text)}</w:hyperlink> '
        for link, text in (("r1", "费率"), ("r4", "不"), ("r3", "报价"))
    )
    assert read(paragraph(runs=runs + field)) == (
        "[费率](https://bank.example/rates?a=1&b=2)不[报价](报价.docx)[那里](https://e.example/x)"
    )


def test_what_was_struck_out_or_hidden_does_not_come_in() -> None:
    runs = (
        "<w:del><w:r><w:delText>删</w:delText></w:r></w:del>"
        + run("藏", "vanish")
        + f"<w:ins>{run('留')}</w:ins>"
    )
    assert read(paragraph(runs=runs + run("<b>*x*</b>".replace("<", "&lt;")))) == "留\\<b\\>\\*x\\*\\</b\\>"


def test_notes_text_boxes_and_formulas_stay_as_words() -> None:
    box = (
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>{0}</w:txbxContent></w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict><w:txbxContent>{0}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    ).format(paragraph("框里的话"))
    notes = f"<w:footnotes {NAMESPACES}><w:footnote w:id='2'>{paragraph('见合同')}</w:footnote></w:footnotes>"
    runs = (
        run("正文")
        + '<w:r><w:footnoteReference w:id="2"/></w:r>'
        + box
        + "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"
    )
    assert read(paragraph(runs=runs), parts={"word/footnotes.xml": notes}) == "正文 (见合同)x=1\n\n框里的话"


def test_pictures_are_named_by_where_they_lie() -> None:
    body = paragraph(runs=picture() + picture("r5") + picture("none"))
    assert read(body, media=b"png") == "![门口](/handbook/7-0)"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK no zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 with a password",
        word("<w:p>").replace(b"word/document.xml", b"word/dokument.xml"),
        word("<w:p><unclosed>"),
        word("x", parts={"word/footnotes.xml": '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'}),
        word(paragraph("字" * 1_600_000)),
    ],
    ids=["empty", "no zip", "locked", "no text", "broken", "entities", "too long"],
)
def test_what_cannot_be_read_is_said(data: bytes) -> None:
    assert text_in(data, "/handbook/1") is None


@timed
@pytest.mark.parametrize(
    "body",
    [
        "<w:sdt>" * 4000 + "</w:sdt>" * 4000,
        "<w:tbl><w:tr><w:tc>" * 900 + paragraph("x") + "</w:tc></w:tr></w:tbl>" * 900,
    ],
    ids=["frames", "tables"],
)
def test_what_is_made_to_take_long_does_not(body: str) -> None:
    begun = time.perf_counter()
    text_in(word(body), "/handbook/1")
    assert time.perf_counter() - begun < word_files.SECONDS


def test_a_part_that_unpacks_to_more_than_any_text_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (41 << 20))
    assert len(made.getvalue()) < 100_000
    assert text_in(made.getvalue(), "/handbook/1") is None
