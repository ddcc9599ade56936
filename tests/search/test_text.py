"""Folding keeps the length, sections keep the text, other names are those that people type."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search import alternates, norm, sections
from portal.search.documents import FoldedText, IndexEntry, SearchDoc, entries
from portal.search.text import flat
from portal.text.grams import bigrams, grams, joins


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(norm(text)) == len(text)
    assert norm(norm(text)) == norm(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("臺灣發票", "台湾发票"),
        ("ＲＳ４８５", "rs485"),
        ("Café", "cafe"),
        ("ÄÖÜ", "aou"),
        ("龍門", "龙门"),
        ("ﬁ", "ﬁ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert norm(text) == folded


@given(st.text(alphabet="ab 。.\n#字", max_size=5000), st.integers(20, 200))
def test_sections_together_are_the_text(text: str, size: int) -> None:
    pieces = sections(text, size)
    assert "".join(pieces) == text
    assert all(len(piece) <= size * 1.3 for piece in pieces)


def test_sections_begin_at_headings() -> None:
    text = "".join(f"## Part {n}\n\n" + "Some words here. " * 50 + "\n" for n in range(4))
    assert [piece[:9] for piece in sections(text, 1000)] == [
        "## Part 0",
        "## Part 1",
        "## Part 2",
        "## Part 3",
    ]


def test_a_short_text_is_one_section() -> None:
    assert sections("") == [""]
    assert sections("短") == ["短"]


def test_terms_of_a_text() -> None:
    assert bigrams("增值税") == ["增值", "值税"]
    assert list(grams(" 增值税 rs ")) == ["增值", "值税", "税", "rs"]
    assert flat(norm("C# 与 Policies"), stemmed=True) == " csharp 与 polici "
    assert joins("rs-485, call 138-1234-5678 or a b") == ["rs485", "13812345678"]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("李明朗", "name", {"liminglang", "lml", "明朗", "minglang", "ml", "li ming lang"}),
        ("欧阳修远", "name", {"ouyangxiuyuan", "oyxy", "修远"}),
        ("Rita Chen", "name", {"ritachen", "chen rita", "rc"}),
        ("北京宏远科技有限公司", "company", {"北京宏远科技", "宏远科技", "hongyuankeji", "hykj"}),
        ("A-1024", "code", {"a-1024", "a1024"}),
        ("138-1234-5678", "phone", {"13812345678", "12345678", "2345678", "5678"}),
        ("+86 138 1234 5678", "phone", {"8613812345678", "13812345678", "5678"}),
        ("Rita@anjuli.example", "email", {"rita@anjuli.example", "rita", "anjuli.example"}),
        ("学区", "title", {"xuequ", "xq"}),
        ("曾国强", "name", {"zengguoqiang", "zgq", "guoqiangzeng"}),
        ("A-1024 落地灯", "title", {"a1024luodideng", "a1024ldd", "a 1024 luodideng"}),
    ],
)
def test_other_names(text: str, kind: str, expected: set[str]) -> None:
    assert expected <= set(alternates(text, kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["dianti", "loudao", "kanfang", "tiqian", "huankuan", "tiqianhuankuan"])
def test_a_title_is_found_by_the_pinyin_of_any_of_its_words(typed: str) -> None:
    (forms,) = alternates("带老人看房先看电梯和楼道，再谈提前还款这件事的几个步骤", "title")
    assert typed in forms.split()


@pytest.mark.parametrize("typed", ["he", "de", "women"])
def test_pinyin_of_mere_grammar_is_left_out(typed: str) -> None:
    forms = alternates("我们和客户的约定", "title")
    assert all(typed not in form.split() for form in forms)


def test_nothing_comes_of_nothing() -> None:
    for kind in ("name", "company", "code", "phone", "email", "title"):
        assert alternates("", kind) == ()


@given(st.text(max_size=50), st.text(max_size=300))
def test_folded_text_survives_its_packing(title: str, body: str) -> None:
    (entry,) = entries(SearchDoc("article-1", "article", title, body=body))
    assert FoldedText.unpack(entry.text.pack()) == entry.text
    again = IndexEntry.read(json.loads(json.dumps(entry.written())), entry.text)
    assert (again, again.text, again.stamp) == (entry, entry.text, entry.stamp)
