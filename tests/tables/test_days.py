"""Cells read as days: in words, with weekdays, as instants with a zone."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.tables.cells import BadCell, guarded, unguarded
from portal.tables.days import guess_date_order, parse_date

MARCH = date(2026, 3, 5)  # a Thursday


@pytest.mark.parametrize(
    "written",
    [
        "2026年3月5日星期四",
        "2026年3月5日 星期四",
        "2026年3月5日（周四）",
        "2026/3/5 周四",
        "星期四 2026-03-05",
        "26年3月5日",
        "二〇二六年三月五日",
        "2026年3月5日 上午10:30",
        "2026年3月5日下午10:30",
        "2026年3月5日10时30分",
        "２０２６年３月５日",
        "Thursday, March 5, 2026",
        "Thursday, March 05, 2026 10:30:00 AM",
        "Thu, 05 Mar 2026",
        "Thu 5-Mar-26",
        "5-Mar-26",
        "05-Mar-2026",
        "5/Mar/2026",
        "5Mar2026",
        "Mar 5, 2026",
        "March 5th, 2026",
        "5th of March 2026",
        "5 Mar. 2026",
        "2026-Mar-05",
        "2026-03-05T23:59:59",
        "2026-03-05T00:00:00Z",
        "2026-03-05T00:00:00.000+00:00",
        "2026-03-04T16:00:00Z",
        "2026-03-05T15:59:59.999Z",
        "2026-03-05 04:00 AM GMT",
        "Thu Mar 05 2026 10:30:00 GMT+0800 (China Standard Time)",
    ],
)
def test_a_day_however_it_is_written(written: str) -> None:
    assert parse_date(written) == MARCH
    assert guess_date_order([written]) == "ymd"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Friday, March 5, 2026", "weekday"),
        ("2026年3月5日星期五", "weekday"),
        ("3月5日", "no_year"),
        ("5-Mar", "no_year"),
        ("Mar-26", "no_year"),
        ("March 2026", "date"),
        ("2026年3月", "date"),
        ("5 Marble 2026", "date"),
        ("2026-03-05T25:00:00Z", "no_such_day"),
        ("2026-03-05T10:00:00+99:00", "no_such_day"),
        ("二〇二六年十三月五日", "no_such_day"),
        ("4.61E+04", "shortened"),
    ],
)
def test_what_is_no_day_and_why(written: str, code: str) -> None:
    with pytest.raises(BadCell) as refused:
        parse_date(written)
    assert refused.value.code == code


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 4, 14 * 4))
def test_an_instant_is_the_companys_day(moment: datetime, quarters: int) -> None:
    sign, minutes = "-" if quarters < 0 else "+", abs(quarters) * 15
    zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    aware = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}{zone}")
    midnight = not (moment.hour or moment.minute or moment.second)
    expected = moment.date() if midnight else clock.local(aware).date()
    assert parse_date(f"{moment:%Y-%m-%dT%H:%M:%S}{zone}") == expected


@given(st.text(st.sampled_from("'=+-@ 1a一＝\t"), max_size=6))
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "- 先电话", "＝1+1", "'=1", "+86-10", "\t=1"]
)
def test_a_formula_is_guarded(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+86 10 6000 0001", "-5", "-5.50", "+8613800000000", "a=b", "'a", ""])
def test_what_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text
