"""Texts as such: language, address, gist, differences."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.text.writing import differences, slug_of, summary_of, written_in


def test_language_follows_the_text() -> None:
    assert written_in("How to 谈价") == "zh"
    assert written_in("How to bargain") == "en"


def test_addresses_are_pinyin() -> None:
    assert slug_of("安装简单") == "an-zhuang-jian-dan"
    assert slug_of("GTX Pro 报价！") == "gtx-pro-bao-jia"
    assert slug_of("？？？") == "article"


def test_the_summary_leaves_headings_out_and_ends_within_160() -> None:
    assert summary_of("## 情况\n\n客户**嫌贵**。\n\n第二段") == "客户嫌贵。 第二段"
    assert len(summary_of("长" * 300)) == 160


def test_differences_are_found_to_the_character() -> None:
    pieces = differences("先看房，再谈价。\n同一行\n", "先问业主，再谈价。\n同一行\n")
    assert [(p.change, p.text) for p in pieces] == [
        ("same", "先"),
        ("removed", "看房"),
        ("added", "问业主"),
        ("same", "，再谈价。\n同一行\n"),
    ]


@settings(max_examples=60, deadline=None)
@given(before=st.text("ab 看房\n", max_size=40), after=st.text("ab 看房\n", max_size=40))
def test_differences_hold_both_texts_whole(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert "".join(p.text for p in pieces if p.change != "added") == before
    assert "".join(p.text for p in pieces if p.change != "removed") == after
