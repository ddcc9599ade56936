"""Pinyin as people read it: family names, words of the trade, and what is not Chinese."""

import json
from pathlib import Path

import pypinyin
import pytest

from portal.text.pinyin import WORDS, _dictionary, initials, name_sort_key, sort_key, syllables


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("提前还款", ("ti", "qian", "huan", "kuan")),
        ("还有空房", ("hai", "you", "kong", "fang")),
        ("重置密码", ("chong", "zhi", "mi", "ma")),
        ("银行", ("yin", "hang")),
        ("a李b", ("a", "li", "b")),
        ("", ()),
    ],
)
def test_syllables(text: str, read: tuple[str, ...]) -> None:
    assert syllables(text) == read


@pytest.mark.parametrize(
    ("text", "letters"), [("李明朗", "lml"), ("A-1024 落地灯", "A-1024 ldd"), ("a李b", "alb"), ("", "")]
)
def test_initials(text: str, letters: str) -> None:
    assert initials(text) == letters


def test_family_names_are_read_as_such() -> None:
    assert name_sort_key("曾国强") == "zeng guo qiang"
    assert sort_key("曾经") == "ceng jing"
    assert name_sort_key("Ben Ames") == "ben ames"
    assert name_sort_key("单") == "shan"
    assert name_sort_key("") == ""


def test_every_word_and_character_of_the_dictionary_is_read_as_pypinyin_reads_it() -> None:
    folder = Path(pypinyin.__file__).parent
    words = json.loads((folder / "phrases_dict.json").read_text(encoding="utf-8"))
    singles = json.loads((folder / "pinyin_dict.json").read_text(encoding="utf-8"))
    texts = [*words, *(chr(int(code)) for code in singles)]
    assert len(texts) > 88_000
    differing = [text for text in texts if [*_dictionary().read(text)] != pypinyin.lazy_pinyin(text)]
    assert [text for text in differing if text not in WORDS] == []


@pytest.mark.parametrize(
    "text",
    [
        "长安街的银行行长说：音乐会还没有开始，请一了百了。",
        "一\n乘二，朝三\n暮四",
        "会计重新核算了单价，差旅费由行政部还。",
        "VIP客户 (重要) 不能不还款ABC 绿女",
        "𠀀𪚥 ㈠ ✓ ñ ê",
        "\n",
    ],
)
def test_texts_are_cut_and_read_as_pypinyin_does(text: str) -> None:
    pypinyin.load_phrases_dict({word: [[each] for each in read.split()] for word, read in WORDS.items()})
    assert [*_dictionary().read(text)] == pypinyin.lazy_pinyin(text)
