"""A zip of Markdown is read as a table, however its files say what they are."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from portal.tables import handbook
from portal.tables.notes import Unreadable
from portal.tables.table import read_table


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


def test_names_in_chinese_from_windows_are_read(tmp_path: Path) -> None:
    raw = zipped({"XXXX.md": "Text."})
    raw = raw.replace(b"XXXX.md", "费率".encode("gb18030") + b".md")
    (tmp_path / "x.zip").write_bytes(raw)
    assert read_table(tmp_path / "x.zip").rows[0].values[0] == "费率"


def test_what_holds_too_much_or_is_damaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unreadable):
        rows({"a.md": "x" * (handbook.LARGEST_FILE + 1)}, tmp_path)
    monkeypatch.setattr(handbook, "MOST_FILES", 2)
    with pytest.raises(Unreadable):
        rows({f"{n}.md": "x" for n in range(3)}, tmp_path)
    data = bytearray(zipped({"a.md": "x" * 100}))
    data[40] ^= 0xFF  # a byte of the text: its checksum is wrong
    (tmp_path / "x.zip").write_bytes(bytes(data))
    with pytest.raises(Unreadable):
        read_table(tmp_path / "x.zip")
    with pytest.raises(Unreadable):
        rows({"readme.txt": "no Markdown"}, tmp_path)


@pytest.mark.parametrize(
    "front",
    [
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",  # a bomb of references
        "title: " + "[" * 3000,
        "- 1\n- 2",
        "title: !!python/object:os.system x",
        "x" * 30_000,
    ],
)
def test_odd_front_matter_stops_nothing(front: str, tmp_path: Path) -> None:
    began = time.perf_counter()
    found = rows({"sales/one.md": f"---\n{front}\n---\nText."}, tmp_path)
    assert found[0]["text"] == "Text."
    assert time.perf_counter() - began < 2


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
