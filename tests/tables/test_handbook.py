"""A zip of Markdown is read as a table, however its files say what they are."""

from __future__ import annotations

import io
import random
import re
import struct
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portal import i18n
from portal.tables import handbook
from portal.tables.archives import LARGEST_DIRECTORY, is_bounded
from portal.tables.notes import Unreadable
from portal.tables.table import read_table
from tests.parts import timed
from tests.tables.word import paragraph, picture, run, word


def zipped(files: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return made.getvalue()


def rows(files: dict[str, str | bytes], tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files))
    table = read_table(path)
    return [dict(zip(table.headers, row.values, strict=True)) for row in table.rows]


def test_front_matter_headings_and_names_say_what_a_text_is_called(tmp_path: Path) -> None:
    found = rows(
        {
            "docs/费率.md": "---\ntitle: 贷款费率\ndescription: 各行的费率\ntags: [贷款, 银行]\ndate: 2026-01-02\n---\n# 贷款费率\n\n正文。",
            "docs/sales/first-call.md": "# First call #\n\nAsk.",
            "docs/sales/_index.md": "Overview.",
            "docs/how-to_pay.markdown": "Pay.",
            "docs/broken.md": "---\ntitle: Broken: twice\nauthor: 王芳\n---\nText.",
            "docs/draft.mdx": "---\ntitle: Later\ndraft: true\n---\nText.",
            "docs/.hidden.md": "x",
            "__MACOSX/docs/._费率.md": "x",
            "logo.png": b"x",
        },
        tmp_path,
    )
    assert [(row["title"], row["topics"], row["text"]) for row in found] == [
        ("Broken: twice", "docs", "Text."),
        ("Later", "docs", "Text."),
        ("How to pay", "docs", "Pay."),
        ("Sales", "sales", "Overview."),
        ("First call", "sales", "Ask."),
        ("贷款费率", "贷款、银行", "正文。"),
    ]
    assert found[0]["author"] == "王芳"
    assert found[1]["state"] == "draft"
    assert found[5]["summary"] == "各行的费率"
    assert found[5]["file"] == "docs/费率.md"


def test_a_title_has_no_marks(tmp_path: Path) -> None:
    found = rows(
        {
            "a.md": "# **Bold** and `code`\n\nText.",
            "b.md": "# See [rates](rates.md) \\<2%\n\nText.",
            "c.md": "# 2*3*4 snake_case_x [x]\n\nText.",
        },
        tmp_path,
    )
    assert [(row["title"], row["text"]) for row in found] == [
        ("Bold and code", "Text."),
        ("See rates <2%", "Text."),
        ("2*3*4 snake_case_x [x]", "Text."),
    ]


def test_the_table_of_contents_of_a_book_is_no_text_of_it(tmp_path: Path) -> None:
    contents = "# Summary\n\n* [Start](README.md)\n\n## Selling\n\n* [First call](sales/call.md)\n  * Later\n"
    pages: dict[str, str | bytes] = {
        "b/README.md": "# Start\n\nHello.",
        "b/sales/call.md": "# First call\n\nAsk.",
    }
    found = rows(pages | {"b/SUMMARY.md": contents}, tmp_path)
    assert [row["title"] for row in found] == ["Start", "First call"]
    found = rows(pages | {"b/SUMMARY.md": contents + "\nRead all of it first.\n"}, tmp_path)
    assert "Summary" in [row["title"] for row in found], "somebody wrote more there: that is read"


def test_links_between_the_files_lead_to_what_they_are_called(tmp_path: Path) -> None:
    text = (
        "[a](b.md) [b](../b/b.md#part) [c](/x/b) [d](c/) [e](none.md) [f](https://e.example/b.md) [g](#part) "
        '[h](b.md "Words") ![pic](img/x.png) ![own](/files/3) `[i](b)`'
    )
    found = rows(
        {"x/a.md": text, "x/b.md": "# 一二 (B)", "b/b.md": "# Other", "x/c/index.md": "# C"}, tmp_path
    )
    b = "/articles/titled?title=%E4%B8%80%E4%BA%8C%20%28B%29"
    assert found[1]["text"] == (
        f"[a]({b}) [b](/articles/titled?title=Other) [c]({b}) [d](/articles/titled?title=C) e "
        f"[f](https://e.example/b.md) [g](#part) [h]({b}) pic ![own](/files/3) `[i]({b})`"
    )


def test_links_from_the_address_of_a_page_lead_to_its_neighbour_in_the_same_language(tmp_path: Path) -> None:
    """Where each page of a site is a folder, `../legal/` stands beside it."""
    files: dict[str, str | bytes] = {
        "en/paid.md": "[a](../legal/#who) [b](../gone/)",
        "zh/legal.md": "# 法律",
        "en/legal.md": "# Legal",
    }
    found = rows(files, tmp_path)
    assert found[1]["text"] == "[a](/articles/titled?title=Legal) b"


def test_links_from_the_root_of_a_site_hold_in_an_archive_with_a_folder_on_top(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "md/develop/a.md": "[a](/develop/b.md) [b](/start/) [c](/develop/b) [d](/gone.md) [e](../../x.md) [f](/gone.md)",
        "md/develop/b.md": "# B",
        "md/start.md": "# S",
        "md/develop/c.md": "![p](/media/p.png)",
        "md/media/p.png": "3",
    }
    (tmp_path / "x.zip").write_bytes(zipped(files))
    table = read_table(tmp_path / "x.zip")
    at, to = table.headers.index("text"), "/articles/titled?title="
    assert table.rows[0].values[at] == f"[a]({to}B) [b]({to}S) [c]({to}B) d e f"
    assert table.rows[2].values[at] == "![p](/handbook/4)"
    (dead,) = (note.message.values for note in table.notes if note.code == "links")
    assert dead == {"count": 2, "files": "/gone.md, ../../x.md"}


def test_pictures_and_files_beside_the_texts_stand_in_them_by_number(tmp_path: Path) -> None:
    """Their numbers are their places in the archive: 0 and 1 are texts."""
    text = (
        "![店](img/a%20b.png) ![店](<img/a b.png> 'x') ![root](/img/c.JPG?raw=1) ![none](img/none.png) ![](x.svg) "
        "![up](../../../etc/passwd.png) ![far](https://e.example/c.png) [表](../files/rates.xlsx) "
        "[none](none.pdf) ![dots](.gitbook/e.gif) ![own](/files/3) ![own](/files/4)"
    )
    files: dict[str, str | bytes] = {
        "x/a.md": text,
        "b.md": "---\nportal id: 7\n---\n\n![own](/files/3) ![a](img/a.png)",
    }
    files |= {"x/img/a b.png": "2", "static/img/c.JPG": "3", "files/rates.xlsx": "4", "x/x.svg": "5"}
    files |= {"x/.gitbook/e.gif": "6", "files/3-店.png": "7", "x/img/.hidden.png": "8", "x/empty.png": ""}
    (tmp_path / "x.zip").write_bytes(zipped(files))
    table = read_table(tmp_path / "x.zip")
    at = table.headers.index("text")
    own, other = (str(row.values[at]) for row in table.rows)
    assert own == "![own](/handbook/7) ![a](img/a.png)"
    assert other == (
        "![店](/handbook/2) ![店](/handbook/2) ![root](/handbook/3) none  up [far](https://e.example/c.png) "
        "[表](/handbook/4) none ![dots](/handbook/6) ![own](/handbook/7) ![own](/files/4)"
    )
    told = {note.code: note.message.values for note in table.notes if note.code != "handbook"}
    assert told["beside"]["count"] == 5
    assert told["pictures"] == {"count": 3, "files": "img/none.png, x.svg, ../../../etc/passwd.png"}


def test_what_lies_beside_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {"a.md": "![1](1.png) ![2](2.png) ![3](3.png)"}
    files |= {f"{n}.png": "x" * 40 for n in (1, 2, 3)}

    def taken() -> str:
        return str(rows(files, tmp_path)[0]["text"])

    assert taken() == "![1](/handbook/1) ![2](/handbook/2) ![3](/handbook/3)"
    monkeypatch.setattr(handbook, "MOST_BESIDE", 2)
    assert taken() == "![1](/handbook/1) ![2](/handbook/2) 3"
    monkeypatch.setattr(handbook, "ALL_BESIDE", 79)
    assert taken() == "![1](/handbook/1) 2 3"
    monkeypatch.setattr(handbook, "LARGEST_BESIDE", 39)
    assert taken() == "1 2 3"
    lied = zipped({"a.md": "x", "1.png": "x" * 30}).replace(
        struct.pack("<II", 30, 30), struct.pack("<II", 30, 10)
    )
    with zipfile.ZipFile(io.BytesIO(lied)) as archive:
        assert [handbook.file_at(archive, number) for number in (1, 2)] == [None, None]


def test_names_in_chinese_from_windows_are_read(tmp_path: Path) -> None:
    raw = zipped({"XXXX.md": "Text."})
    raw = raw.replace(b"XXXX.md", "费率".encode("gb18030") + b".md")
    (tmp_path / "x.zip").write_bytes(raw)
    assert read_table(tmp_path / "x.zip").rows[0].values[0] == "费率"


def refused(data: bytes, tmp_path: Path) -> str:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(Unreadable) as why:
        read_table(tmp_path / "x.zip")
    return why.value.code


def test_what_holds_too_much_or_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = "字" * 200_000  # an article of that length went out from here, with what stands before it
    assert len(rows({"a.md": f"---\ntitle: x\n---\n\n{longest}\n"}, tmp_path)[0]["text"]) >= 200_000
    assert refused(zipped({"a.md": "x" * 210_000}), tmp_path) == "too_large"
    assert refused(zipped({"a.md": "字" * 300_000}), tmp_path) == "too_large"
    assert refused(zipped({"readme.txt": "no Markdown"}), tmp_path) == "archive"
    monkeypatch.setattr(handbook, "MOST_FILES", 2)
    assert refused(zipped({f"{n}.md": "x" for n in range(3)}), tmp_path) == "too_large"
    assert handbook.LARGEST <= 20 << 20
    monkeypatch.setattr(handbook, "LARGEST", 150)
    assert len(rows({"a.md": "x" * 75, "b.md": "x" * 75}, tmp_path)) == 2
    data = zipped({"a.md": "x" * 100, "b.md": "x" * 100})
    assert refused(data, tmp_path) == "too_large"
    monkeypatch.setattr(handbook, "LARGEST", 199)
    for at in (24, 12):  # it says of a text that it is shorter than it is
        lied = data.replace(struct.pack("<II", 100, 100), struct.pack("<II", 100, at))
        assert refused(lied, tmp_path) in ("too_large", "damaged")


def test_what_is_packed_as_few_can_unpack_is_refused(tmp_path: Path) -> None:
    """LZMA may ask for gigabytes before the first byte."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.md", "x" * 100)
    assert refused(made.getvalue(), tmp_path) == "damaged"


def test_whatever_byte_of_an_archive_is_wrong_it_is_read_or_refused(tmp_path: Path) -> None:
    made, chance = io.BytesIO(), random.Random(7)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("费率.md", "---\ntitle: 费率\n---\n" + "按年调整，每年一次。" * 9)
        archive.writestr("b.md", "[a](费率.md)")
    data, results = made.getvalue(), set[int | str]()
    one = [(at,) for at in range(len(data))]
    for places in [*one, *(chance.sample(range(len(data)), 3) for _ in range(1500))]:
        damaged = bytearray(data)
        for at in places:
            damaged[at] ^= 1 << chance.randrange(8)
        try:
            if handbook.is_handbook(bytes(damaged)):
                results.add(len(list(handbook.read(bytes(damaged))[0])))
        except Unreadable as why:
            results.add(why.code)
    assert {"damaged", 3} <= results


@timed
def test_a_directory_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    """430,000 entries without a byte took 7 seconds, and 135 MB."""
    data = zipped({"a.md": "Text."})
    assert is_bounded(data)
    assert not is_bounded(b"PK\x03\x04" + bytes(100))
    assert not is_bounded(data[:-1])
    entry = struct.pack("<4s42x", b"PK\x01\x02") + b"a.md"
    start = data.rindex(b"PK\x01\x02")
    for count, fits in ((20, True), (LARGEST_DIRECTORY // len(entry) + 1, False)):
        directory = entry * count
        end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 9, 9, len(directory), start, 0)
        large = data[:start] + directory
        assert is_bounded(large + end) == is_bounded(large + end[:-2] + b"\3\0abc") == fits
        there = len(large)
        end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 9, 9, len(directory), start)
        end64 += struct.pack("<4sLQL", b"PK\6\7", 0, there, 1)
        unsaid = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
        assert is_bounded(large + end64 + unsaid) == fits
        assert not is_bounded(large + b"x" * 56 + end64[56:] + unsaid)
        if not fits:
            began = time.perf_counter()
            assert refused(large + end, tmp_path) == "damaged"
            assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    "front",
    [
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",  # a bomb of references
        "title: " + "[" * 3000,
        "- 1\n- 2",
        "title: !!python/object:os.system x",
        "x" * 30_000,
        "title: 0x" + "F" * 3_900,  # more digits than Python writes
        "0x" + "F" * 3_900 + ": x",
        "title: !!timestamp x",
        "title: !!int ''",
        "title: !!bool x",
        "? {a: b}\n: c",
        "- " * 1_990 + "x",
    ],
)
@timed
def test_odd_front_matter_stops_nothing(front: str, tmp_path: Path) -> None:
    began = time.process_time()
    found = rows({"sales/one.md": f"---\n{front}\n---\nText."}, tmp_path)
    assert found[0]["text"] == "Text."
    assert time.process_time() - began < 2


def test_a_handbook_made_to_take_long_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML of 20 kB takes 70 ms, a link 30 µs, and a link to a long title as much room as that."""
    loaded, load = list[str](), handbook._loaded

    def counted(text: str) -> Any:
        loaded.append(text)
        return load(text)

    monkeypatch.setattr(handbook, "_loaded", counted)
    long = zipped({"long.md": "---\ntitle: 长\nsummary: [" + "a," * 10_000 + "]\n---\nText."})
    assert list(handbook.read(long)[0])[1][1][0] == "长", "read line by line"
    assert not loaded
    front = "---\ntitle: x\ntags: [" + "a," * 1_000 + "]\n---\nText."
    monkeypatch.setattr(handbook, "MOST_MARKS", 5_000)
    assert len(list(handbook.read(zipped({f"{n}.md": front for n in range(9)}))[0])) == 10
    assert len(loaded) == 4
    monkeypatch.setattr(handbook, "MOST_LINKS", 3)
    text = "[](b.md)" * 2
    found = list(handbook.read(zipped({"a.md": text, "b.md": "# B\n" + text, "c.md": text}))[0])
    assert sum(str(line[2]).count("/articles/titled") for _, line in found) == 3
    monkeypatch.setattr(handbook, "MOST_LINKS", 100)
    ((_, _), (_, line), _) = handbook.read(zipped({"a.md": "[words](b.md)", "b.md": "# " + "B" * 5_000}))[0]
    assert line[2] == "words"


def test_the_shared_handbooks_are_read_whole(shared_data: Path, tmp_path: Path) -> None:
    counted = {}
    for folder in sorted(shared_data.glob("kb_*")):
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.md")}
        found = rows(dict(files), tmp_path)
        counted[folder.name] = (len(found), len(files))
        assert all(row["title"] for row in found), folder.name
        assert sum(not row["text"] for row in found) <= 4, folder.name  # some only lead elsewhere
    assert len(counted) >= 4
    assert all(read == there for read, there in counted.values())


def test_pages_of_html_come_in_with_their_links_and_pictures(tmp_path: Path) -> None:
    """As Confluence writes a space out; where Markdown lies beside, they are what a site was made into."""
    page = "<html><head><title>Sales : {0}</title></head><body><div id='main-content'>{1}</div></body></html>"
    first = page.format(
        "First", "<p><a href='Second_2.html'>other</a> <img src='attachments/1/7.png' alt='plan'></p>"
    )
    files: dict[str, str | bytes] = {
        "SALES/index.html": "<html><body>Space Details: Available Pages: </body></html>",
        "SALES/First_1.html": first.replace("id='main-content'", 'id="main-content"'),
        "SALES/Second_2.html": page.format("第二页", "<p>Text.</p>").replace(
            "'main-content'", '"main-content"'
        ),
        "SALES/attachments/1/7.png": "png",
    }
    found = rows(files, tmp_path)
    assert [row["title"] for row in found] == ["First", "第二页"]
    assert (
        found[0]["text"] == "[other](/articles/titled?title=%E7%AC%AC%E4%BA%8C%E9%A1%B5) ![plan](/handbook/3)"
    )
    assert [row["title"] for row in rows(files | {"docs/a.md": "# Markdown"}, tmp_path)] == ["Markdown"]


def whole(
    files: dict[str, str | bytes], tmp_path: Path
) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """The rows with what stands in Word files, the notes, and why rows are not taken, by their file."""
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(files))
    table = read_table(path, words=True)
    found = [dict(zip(table.headers, row.values, strict=True)) for row in table.rows]
    why = {str(one["file"]): row.problem for one, row in zip(found, table.rows, strict=True) if row.problem}
    return found, {note.code: note.message for note in table.notes}, why


def test_word_files_are_texts_by_their_names_and_a_broken_one_stands_in_nobodys_way(tmp_path: Path) -> None:
    body = (
        paragraph("中介费_说明", style="1")
        + paragraph(runs=picture())
        + paragraph(runs=f'<w:hyperlink r:id="r3">{run("报价")}</w:hyperlink>')
    )
    files: dict[str, str | bytes] = {
        "费用/中介费_说明.docx": word(body.replace("中介费_说明", "中介费 说明"), media=b"png"),
        "费用/报价.docx": word(paragraph("按套。")),
        "费用/坏.docx": b"PK broken",
        "费用/~$报价.docx": b"lock of Word",
        "费用/a.md": "[表格](forms/申请表.docx)",
        "费用/forms/申请表.docx": word(paragraph("填写")),
        "files/3-x.docx": word(paragraph("went out")),
    }
    light = rows(files, tmp_path)
    assert [(row["title"], row["text"]) for row in light] == [
        ("A", "[表格](/handbook/5)"),
        ("中介费 说明", None),
        ("坏", None),
        ("报价", None),
    ], "until it is tried out, their names alone are known"
    found, notes, why = whole(files, tmp_path)
    assert [row["title"] for row in found] == [row["title"] for row in light]
    assert found[1]["text"] == "![门口](/handbook/0-0)\n\n[报价](/articles/titled?title=%E6%8A%A5%E4%BB%B7)"
    assert (found[2]["text"], found[3]["text"]) == (None, "按套。")
    assert {row["topics"] for row in found} == {"费用"}
    assert list(why) == ["费用/坏.docx"]
    assert notes["words"].values == {"count": 3}


def test_word_files_have_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {
        "a.docx": word(paragraph("一")),
        "b.docx": word(paragraph("字" * 210_000)),
    }
    found, _, why = whole(files, tmp_path)
    assert found[0]["text"] == "一"
    assert list(why) == ["b.docx"], "longer than any article"
    monkeypatch.setattr(handbook, "WORDS_SECONDS", -1)
    assert list(whole(files, tmp_path)[2]) == ["a.docx", "b.docx"]
    monkeypatch.setattr(handbook, "MOST_WORDS", 1)
    assert refused(zipped(files), tmp_path) == "too_large"


PNG = "data:image/png;base64,iVBORw0KGgo="


def test_pictures_written_in_a_text_lie_in_it(tmp_path: Path) -> None:
    """As BookStack writes a page out with its pictures; a script in one of SVG goes with it."""
    page = (
        f"<title>带看</title><h1 id='bkmrk-page-title'>带看</h1><p><img src='{PNG}' alt='图'>"
        "<img src='data:image/svg+xml;base64,PHN2Zz4=' alt='动'></p>"
        f"<p><img src=\"{PNG.replace('png', 'jpeg')}\" alt='照'></p>" + "<p>x</p>" * 1000
    )
    data = zipped({"x.txt": "", "带看.html": page})
    (tmp_path / "x.zip").write_bytes(data)
    table = read_table(tmp_path / "x.zip")
    text = str(table.rows[0].values[table.headers.index("text")])
    assert text.startswith("![图](/handbook/1-0)\n\n![照](/handbook/1-1)")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lying = handbook.Lying(archive)
        assert lying.at("1-0") == ("带看-1.png", b"\x89PNG\r\n\x1a\n")
        assert lying.at("1-1") == ("带看-2.jpeg", b"\x89PNG\r\n\x1a\n")
        assert [lying.at(place) for place in ("1-2", "0-0", "9-0", "1-99999")] == [None] * 4
        lying.room = 7
        assert lying.at("1-0") is None
    large = f"![图]({PNG}{'A' * 900_000}) 字"
    assert rows({"a.md": large}, tmp_path)[0]["text"] == "![图](/handbook/0-0) 字", (
        "its signs are counted, not its pictures"
    )


def test_pictures_in_a_word_file_are_opened_within_bounds() -> None:
    data = zipped({"a.docx": word("", media=b"png", parts={"word/x.xml": "<x/>"}), "b.docx": b"PK no zip"})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lying = handbook.Lying(archive)
        assert lying.at("0-0") == ("a-1.png", b"png")
        assert [lying.at(place) for place in ("0-1", "0-77", "1-0")] == [None] * 3


def test_pictures_of_html_in_markdown_are_shown_but_not_in_samples_of_code(tmp_path: Path) -> None:
    text = "<p align=center><img width=9 src=\"img/a b.png\" alt='店[1]' /></p>\n\n```html\n<img src='img/a b.png'>\n```\n\n<IMG SRC='none.png'>"
    found = rows({"a.md": text, "img/a b.png": b"x"}, tmp_path)
    assert found[0]["text"] == ("![店 1](/handbook/1)\n\n```html\n<img src='img/a b.png'>\n```")


def test_html_in_markdown_is_read_as_its_reader_saw_it(tmp_path: Path) -> None:
    text = (
        "<!-- draft -->\n<CustomContent platform='x'>\n<div class='a'>\n\n一<br>二 x<sup>2</sup> \\<p\\> `<div>` a < b > c\n\n</div>\n"
        "<TABLE class=x><thead><tr><th>项</th></tr></thead><tr><td><a href='b.md'>值</a></td></tr></TABLE>\n"
        "<table>\n![](https://e.example/x/y.png?z) [![badge](https://e.example/b.svg)](https://e.example)"
        "<img src='https://e.example/face.png' alt=''>"
    )
    found = rows({"a.md": text, "b.md": "# B"}, tmp_path)
    assert re.sub(r"\n{3,}", "\n\n", found[0]["text"]) == (
        "一<br>二 x<sup>2</sup> \\<p\\> `<div>` a < b > c\n\n"
        "| 项 |\n| --- |\n| [值](/articles/titled?title=B) |\n\n"
        "<table>\n[y.png](https://e.example/x/y.png?z) [![badge](https://e.example/b.svg)](https://e.example)"
    )


@timed
@pytest.mark.parametrize(
    "sign", ["<!--", "<table", "<img src='", "![", "```", "<div ", "</", "[![](http", "\t"]
)
def test_html_made_to_take_long_does_not(sign: str, tmp_path: Path) -> None:
    begun = time.process_time()
    rows({"a.md": (sign * 200_000)[:190_000] + "-->", "b.md": "x"}, tmp_path)
    assert time.process_time() - begun < 2


def test_a_book_that_bookstack_wrote_as_one_page_comes_in_page_by_page(tmp_path: Path) -> None:
    book = (
        "<html><head><title>带看手册</title></head><body><h1>带看手册</h1><ul class='contents'><li>x</li></ul>"
        '<div class="page-break"></div><h1 id="chapter-3" style="font-size: 1.8em">第一章</h1><div></div>'
        '<div class="page-break"></div><div class="chapter-hint">第一章</div><h1 id="page-7">钥匙</h1><p>带上。见<a href="#page-8">鞋套</a></p>'
        '<div class="page-break"></div><h1 id="page-8">鞋套 &amp; 水</h1><h1>里面</h1><p>也带。</p>'
        '<hr><div class="text-muted text-small">Created by somebody</div></body></html>'
    )
    found = rows({"book.html": book}, tmp_path)
    assert [(row["title"], row["topics"], row["text"]) for row in found] == [
        ("钥匙", "第一章", "带上。见[鞋套](/articles/titled?title=%E9%9E%8B%E5%A5%97%20%26%20%E6%B0%B4)"),
        ("鞋套 & 水", "带看手册", "# 里面\n\n也带。\n\n---"),
    ]


@pytest.mark.parametrize(
    "paths",
    [
        ("zh/guide.md", "en/guide.md"),
        ("docs/zh-CN/a/guide.md", "docs/en_US/a/guide.md"),
        ("guide.zh.md", "guide.en.md"),
        ("a/guide.md", "a/guide.zh.md"),
        ("README.md", "README_zh-CN.md"),
        ("docs/guide.md", "i18n/zh-CN/docusaurus-plugin-content-docs/current/guide.md"),
        ("docs/guide.md", "docs/zh/guide.md"),
    ],
)
def test_versions_of_one_text_in_several_languages_are_known(paths: tuple[str, str], tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {}
    for path in paths:
        is_chinese = "zh" in path.lower()
        files[path] = "# 指南\n\n正文。" if is_chinese else "# Guide\n\nText."
    files["other/alone.md"] = "# Alone\n\nx"
    found = {row["title"]: row for row in rows(files, tmp_path)}
    assert (found["指南"]["language"], found["Guide"]["language"]) == ("zh-Hans", "en")
    assert found["指南"]["language versions"] == found["Guide"]["language versions"] is not None
    assert (found["Alone"]["language"], found["Alone"]["language versions"]) == (None, None)


def test_versions_are_known_however_long_their_path_is(tmp_path: Path) -> None:
    """A cell of a name takes 120 signs."""
    long = "/".join(["很" * 40] * 4)
    found = rows({f"{long}/a.zh.md": "# 甲", f"{long}/a.en.md": "# A"}, tmp_path)
    (key,) = {row["language versions"] for row in found}
    assert len(key) <= 120


def test_what_only_looks_like_a_language_is_none(tmp_path: Path) -> None:
    """Personnel is no Croatian, and what has no counterpart has no other version."""
    names = {"hr/index.md": "# A", "it/index.md": "# B", "how-to-de.md": "x", "en/only.md": "# C"}
    with i18n.speaking("en"):
        found = rows(dict(names), tmp_path)
    assert all("language" not in row for row in found)
    assert {row["topics"] for row in found} == {"hr", "it", None, "Handbook"}


def test_versions_with_one_title_are_told_apart_and_front_matter_says_the_language(tmp_path: Path) -> None:
    front = "---\nlang: {0}\ntitle: Metrics\n---\nText {0}."
    files: dict[str, str | bytes] = {
        f"{n}/m.{tag}.md": front.format(tag) for n, tag in (("x", "en"), ("x", "zh-hant"))
    }
    files |= {"x/m.zh.md": "# 指标\n\n文", "x/m.md": "# 指标二\n\n文"}
    found = rows(files, tmp_path)
    assert [(row["title"], row["language"]) for row in found] == [
        ("Metrics", "en"),
        ("指标二", None),  # its language has a version already
        ("Metrics (繁體中文)", "zh-Hant"),
        ("指标", "zh-Hans"),
    ]


def test_texts_with_one_title_say_their_folders(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "README.md": "# Overview\n\nAll.",
        "sales/README.md": "# Overview\n\nSee [help](../after-sales/eu/a.md).",
        "after-sales/eu/a.md": "# Overview\n\nb",
        "us/eu/a.md": "# overview\n\nc",
        "us/eu/b.md": "# Overview\n\nd",
        "zh/marketing/README.md": "# Overview\n\n中文。",
    }
    found = {row["file"]: row for row in rows(files, tmp_path)}
    assert {path: row["title"] for path, row in found.items()} == {
        "README.md": "Overview",
        "sales/README.md": "Overview (sales)",
        "after-sales/eu/a.md": "Overview (eu)",
        "us/eu/a.md": "overview (us / eu)",
        "us/eu/b.md": "Overview (us / eu / b)",
        "zh/marketing/README.md": "Overview (marketing)",
    }
    assert found["sales/README.md"]["text"] == "See [help](/articles/titled?title=Overview%20%28eu%29)."
    assert found["us/eu/b.md"]["text"] == "d", "the heading is the title, not text"
    again = {row["file"]: row["title"] for row in rows(dict(files) | {"us/new/c.md": "# Overview"}, tmp_path)}
    assert again.pop("us/new/c.md") == "Overview (new)"
    assert again == {path: row["title"] for path, row in found.items()}


def test_a_text_that_went_out_from_a_portal_keeps_its_title(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a/Overview.md": "# Overview\n\nx",
        "b/c/Overview.md": "---\nTitle: Overview\nPortal ID: A1-2\n---\ny",
        "b/d/Overview.md": "---\nTitle: Overview\nPortal ID: A2-2\n---\nz",
    }
    assert [row["title"] for row in rows(files, tmp_path)] == ["Overview (a)", "Overview", "Overview"]


def test_the_parallel_guide_is_known_in_its_three_languages(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "kb_parallel_opensource_guide"
    found = rows(
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.md")}, tmp_path
    )
    works = Counter(row["language versions"] for row in found)
    assert sorted(works.values()) == [1, *[3] * 12], "one of thirteen is in English alone"
    assert len({row["title"] for row in found}) == len(found) == 37
