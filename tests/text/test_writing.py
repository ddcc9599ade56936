"""Texts as such: language, address, gist, differences."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.text.writing import Piece, differences, excerpt, slug_of, summary_of, written_in
from tests.growth import seconds
from tests.parts import timed


def test_language_follows_the_text() -> None:
    assert written_in("How to 谈价") == "zh"
    assert written_in("How to bargain") == "en"
    assert written_in("Buying a home (买房) in eight steps") == "en"
    assert written_in("") == written_in("한국어") == "en"


def test_an_english_line_that_names_a_chinese_word_is_a_stretch_of_english() -> None:
    assert excerpt(CHINESE, f"{CHINESE}\n\n{ENGLISH} (买房)", "en") == f"{ENGLISH} (买房)"


def test_addresses_are_pinyin() -> None:
    assert slug_of("安装简单") == "an-zhuang-jian-dan"
    assert slug_of("GTX Pro 报价！") == "gtx-pro-bao-jia"
    assert slug_of("？？？") == "article"


def test_the_summary_leaves_headings_out_and_ends_within_160() -> None:
    assert summary_of("## 情况\n\n客户**嫌贵**。\n\n第二段") == "客户嫌贵。 第二段"
    assert len(summary_of("长" * 300)) == 160
    long = "第一段。\n\n" + "\n\n".join(["长" * 150] * 60)
    assert summary_of(long) == f"第一段。 {'长' * 150} 长长长…"
    late = "见[合同][1]。" + "\n\n# 题\n" * 1000 + "\n\n末段\n\n[1]: /articles/1"
    assert summary_of(late) == "见合同。 末段"


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


@timed
@pytest.mark.parametrize(("size", "longest"), [(8_000, 2), (8_000, 4), (50_000, 3)])
def test_texts_of_random_short_lines_are_compared_in_good_time(size: int, longest: int) -> None:
    """Each line is in the other text a thousand times: of all their pairs the most readable answer would be sought."""
    chance = random.Random(size + longest)

    def body() -> str:
        lines = ("".join(chance.choices("ab", k=chance.randint(0, longest))) for _ in range(size))
        return "\n".join(lines)[:size]

    before, after = body(), body()
    found: list[Piece] = []
    assert seconds(lambda: found.extend(differences(before, after)), 1) < 0.7
    assert "".join(p.text for p in found if p.change != "added") == before
    assert "".join(p.text for p in found if p.change != "removed") == after


def test_of_texts_too_long_to_compare_beginning_and_end_are_the_same() -> None:
    common = "start\n" + "x\n" * 300
    before, after = common + "a\nb\n" * 4000 + "end", common + "b\nb\na\n" * 4000 + "end"
    first, *_, last = differences(before, after)
    assert first.change == last.change == "same"
    assert first.text.startswith(common)
    assert last.text.endswith("end")


ENGLISH = "Ask the owner first, and only then show the flat to anybody who comes along."
CHINESE = "先问业主，再带看：谁来看房，什么时候方便，钥匙在谁那里，都先说清楚。"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{CHINESE}\n\n{ENGLISH}", ENGLISH),
        (f"{ENGLISH}\n\n{CHINESE}", ENGLISH),
        (f"## 中文\n\n{CHINESE}\n\n## In English\n\n**{ENGLISH}**", ENGLISH),
        (CHINESE, CHINESE),
        (f"{CHINESE}\n\n## Environment and so on", CHINESE),
        (f"{CHINESE}\n\nhttps://example.com/a-long/address/of/a/page/that/is/no/sentence", CHINESE),
        (f"{CHINESE}\n\nAsk the owner first.", CHINESE),
    ],
)
def test_a_list_shows_what_a_text_says_in_the_reader_s_language(text: str, shown: str) -> None:
    """Its own summary where that is in it; a heading, an address, a few words are no beginning."""
    assert excerpt(CHINESE, text, "en") == shown
    assert excerpt(CHINESE, text, "zh") == CHINESE
    assert excerpt(ENGLISH, text, "zh") == CHINESE
    assert excerpt("Said by who wrote it.", text, "en") == "Said by who wrote it."


def test_a_beginning_is_short_however_long_the_text_is() -> None:
    long = f"{CHINESE}\n\n" + f"{ENGLISH} " * 5_000
    assert len(excerpt(CHINESE, long, "en")) <= 160
