"""Pinyin as people read it: family names, words of the trade, and what is not Chinese."""

import json
from pathlib import Path

import pypinyin
import pytest

from portal.text.pinyin import initials, name_sort_key, sort_key, syllables, words


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


def test_the_dictionary_is_read_whole_and_each_reading_kept_once() -> None:
    file = Path(pypinyin.__file__).with_name("phrases_dict.json")
    found = words()
    assert found == json.loads(file.read_text(encoding="utf-8"))
    readings = [reading for word in found.values() for reading in word]
    assert len(readings) > 140_000
    assert len({id(reading) for reading in readings}) < 10_000
    assert all(len({id(reading) for reading in word}) == len(word) for word in found.values())
    assert syllables("天天好好学习") == ("tian", "tian", "hao", "hao", "xue", "xi")
