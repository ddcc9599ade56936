"""Dates in free text, found in every way in which notes write them, and what only looks like one."""

from __future__ import annotations

import pytest

from portal.text.dates import dates


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a viewing on 2026-03-05.", ["2026-03-05"]),
        ("约好2026年3月5日看房", ["2026年3月5日"]),
        ("约好3月5日看房，5月签约", ["3月5日", "5月"]),
        ("三月五日、十二月二十号", ["三月五日", "十二月二十号"]),
        ("２０２６/３/５ 再谈", ["２０２６/３/５"]),
        ("3/5 or 15/3, paid 05.03.2026 and 3/5/26", ["3/5", "15/3", "05.03.2026", "3/5/26"]),
        ("26年3月5号", ["26年3月5号"]),
        ("2026.3.5签约,20260305", ["2026.3.5", "20260305"]),
        ("on March 5th, 2026, 5 Mar or may be May 6", ["March 5th, 2026", "5 Mar", "May 6"]),
        ("5th of March 2026; in March 2026; on the 5th", ["5th of March 2026", "March 2026", "5th"]),
        ("15号下午来，住5号楼", ["15号"]),
        ("2026年入学", ["2026年"]),
    ],
)
def test_dates_are_found(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in dates(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "3个月内，24/7 service, 560万, 1,250.50, 89.5平米, 5号楼3单元",
        "they may 5 times march on, the 5th floor, 12 months",
        "/articles/12 /questions/3/5 https://portal.example/articles/2026",
        "周六再看，日常，第二天",
        "room 2026, 13812345678, version 2026.5",
    ],
)
def test_what_is_none_stays(text: str) -> None:
    assert [text[start:end] for start, end in dates(text)] == []
