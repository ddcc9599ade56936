"""Cells read as dates, amounts, whole numbers and texts."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tables.cells import (
    BadCell,
    Cell,
    parse_code,
    parse_integer,
    parse_lines,
    parse_money,
    parse_text,
)
from portal.tables.days import DateOrder, guess_date_order, parse_date


@pytest.mark.parametrize(
    ("value", "order", "expected"),
    [
        ("2016-10-20", "ymd", date(2016, 10, 20)),
        ("2016/10/20", "mdy", date(2016, 10, 20)),
        ("2016.1.2", "dmy", date(2016, 1, 2)),
        ("20161020", "ymd", date(2016, 10, 20)),
        ("2016年10月20日", "ymd", date(2016, 10, 20)),
        ("２０１６年１０月２日", "ymd", date(2016, 10, 2)),
        ("10/20/2016", "mdy", date(2016, 10, 20)),
        ("3/4/2017", "mdy", date(2017, 3, 4)),
        ("3/4/2017", "dmy", date(2017, 4, 3)),
        ("20.10.2016", "dmy", date(2016, 10, 20)),
        ("3/4/17", "mdy", date(2017, 3, 4)),
        ("3/4/85", "mdy", date(1985, 3, 4)),
        ("5/19/2006 0:00:00", "mdy", date(2006, 5, 19)),
        ("2020-12-30T03:15:52Z", "ymd", date(2020, 12, 30)),
        ("2020-03-20 02:32:49.426", "ymd", date(2020, 3, 20)),
        ("2020-03-20 2:32 PM", "ymd", date(2020, 3, 20)),
        ("20-Oct-2016", "dmy", date(2016, 10, 20)),
        ("October 20, 2016", "mdy", date(2016, 10, 20)),
        (date(2016, 10, 20), "ymd", date(2016, 10, 20)),
        (datetime(2016, 10, 20, 23, 59), "ymd", date(2016, 10, 20)),
        (42663, "ymd", date(2016, 10, 20)),
        (42663.75, "ymd", date(2016, 10, 20)),
        ("2016-02-29", "ymd", date(2016, 2, 29)),
    ],
)
def test_date(value: Cell, order: DateOrder, expected: date) -> None:
    assert parse_date(value, order) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        (None, "blank"),
        ("2017-02-29", "no_such_day"),
        ("2016-13-01", "no_such_day"),
        ("0016-10-20", "no_such_day"),
        ("soon", "date"),
        ("10/20/2016", "date"),
        ("2016-10/20", "date"),
        (True, "date"),
        (12, "date"),
        ("9" * 5000, "date"),
    ],
)
def test_no_date(value: Cell, code: str) -> None:
    with pytest.raises(BadCell) as refused:
        parse_date(value, "ymd")
    assert refused.value.code == code
    assert len(str(refused.value.message)) < 100


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["2016-10-20", "2017-03-01"], "ymd"),
        (["2016年10月20日"], "ymd"),
        ([date(2016, 10, 20)], "ymd"),
        (["3/1/2017", "10/20/2016"], "mdy"),
        (["1/3/2017", "20/10/2016"], "dmy"),
        (["20.10.2016"], "dmy"),
        (["1.3.2017", "2.3.2017"], "dmy"),
        (["3/1/2017", "3/11/2017"], "ambiguous"),
        (["3/20/2017", "20/3/2017"], "ambiguous"),
        (["2016-10-20", "3/4/2017"], "ambiguous"),
        (["", None, "n/a"], "ambiguous"),
        ([], "ambiguous"),
    ],
)
def test_order_of_dates(samples: list[Cell], expected: str) -> None:
    assert guess_date_order(samples) == expected


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        ("1054", 105400),
        ("1,054", 105400),
        ("¥1,054.50", 105450),
        ("￥1,054.5", 105450),
        ("1.054,50", 105450),
        ("1 054,50", 105450),
        ("1\u202f054,50", 105450),
        ("1'054.50", 105450),
        ("1,234,567.89", 123456789),
        ("200.000.000", 20000000000),
        ("1,5", 150),
        ("12,34", 1234),
        (".5", 50),
        ("１０５４", 105400),
        ("12.5万", 12500000),
        ("12.5 万元", 12500000),
        ("1,054万", 1054000000),
        ("1.054万", 1054000),
        ("2亿", 20000000000),
        ("1054元", 105400),
        ("RMB 1,054.00", 105400),
        ("1054.50 CNY", 105450),
        ("(1,054.50)", -105450),
        ("（20）", -2000),
        ("-20", -2000),
        ("−20", -2000),
        ("¥-20", -2000),
        ("-¥20", -2000),
        ("20-", -2000),
        ("1.50000", 150),
        (1054, 105400),
        (1054.5, 105450),
        (274.65999999999997, 27466),
        (0.1 + 0.2, 30),
        (1e6, 100000000),
    ],
)
def test_money(value: Cell, minor: int) -> None:
    assert parse_money(value) == minor


@pytest.mark.parametrize(
    ("value", "digits", "minor"),
    [("1,054", 0, 1054), ("1054.000", 0, 1054), ("1.054", 3, 1054), ("12.5万", 0, 125000)],
)
def test_money_of_other_currencies(value: str, digits: int, minor: int) -> None:
    assert parse_money(value, digits) == minor


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "blank"),
        (None, "blank"),
        ("1.054", "decimals"),
        ("60.565", "decimals"),
        (60.565, "decimals"),
        ("12.34567万", ""),
        ("1,0545", "money"),
        ("1,23,456", "money"),
        ("1,054,5", "money"),
        ("n/a", "money"),
        ("12 + 3", "money"),
        ("--5", "money"),
        ("(-5)", "money"),
        ("1e5", "money"),
        ("万", "money"),
        ("½", "money"),
        ("US$100", "currency"),
        ("$ 100.00", "currency"),
        ("100欧元", "currency"),
        ("€ 100", "currency"),
        ("100 usd", "currency"),
        ("HK$1,000", "currency"),
        ("-£5", "currency"),
        ("12.5万美元", "currency"),
        ("100 CHF", "money"),
        ("٣", "money"),
        (float("nan"), "money"),
        (float("inf"), "money"),
        (True, "number"),
        (date(2016, 10, 20), "number"),
        ("99999999999999999999", "too_large"),
        ("9" * 5000, "number"),
        (1e300, "too_large"),
    ],
)
def test_no_money(value: Cell, code: str) -> None:
    if not code:  # four decimals of ten thousand and two of the currency: 123,456.70
        assert parse_money(value) == 12345670
        return
    with pytest.raises(BadCell) as refused:
        parse_money(value)
    assert refused.value.code == code


@given(st.integers(-(10**12), 10**12))
def test_money_is_read_back_from_how_people_write_it(minor: int) -> None:
    amount = Decimal(minor).scaleb(-2)
    english = f"{amount:,.2f}"
    assert parse_money(english) == minor
    assert parse_money(f"¥{english}") == minor
    assert parse_money(english.translate({ord(","): ".", ord("."): ","})) == minor
    assert parse_money(english.replace(",", "\u00a0")) == minor


@given(
    st.text(max_size=30)
    | st.floats()
    | st.integers()
    | st.booleans()
    | st.none()
    | st.dates()
    | st.datetimes()
)
def test_any_cell_is_read_or_refused(value: Cell) -> None:
    for parse in (parse_money, parse_integer, parse_date):
        with suppress(BadCell):
            assert parse(value) is not None
    assert "\0" not in parse_text(value)
    assert parse_code(value).strip() == parse_code(value)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("2,822", 2822),
        ("2822.0", 2822),
        ("２８２２", 2822),
        (2822.0, 2822),
        (7, 7),
        ("-3", -3),
        ("007", 7),
        ("1 000", 1000),
    ],
)
def test_whole_number(value: Cell, number: int) -> None:
    assert parse_integer(value) == number


@pytest.mark.parametrize("value", ["12.5", "", None, "twelve", True, 12.5, "1,2", "1.000", "9" * 30])
def test_no_whole_number(value: Cell) -> None:
    if value == "1.000":  # a fraction of zero
        assert parse_integer(value) == 1
        return
    with pytest.raises(BadCell):
        parse_integer(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Acme \n", "Acme"),
        ("Cafe\u0301", "Café"),
        ("a\0b\ud800c", "abc"),
        (None, ""),
        (40, "40"),
        (40.0, "40"),
        (1.27, "1.27"),
        (274.65999999999997, "274.66"),
        (True, "TRUE"),
        (date(2016, 10, 20), "2016-10-20"),
        ("ＧＴＸ　５００", "ＧＴＸ　５００"),
    ],
)
def test_text(value: Cell, text: str) -> None:
    assert parse_text(value) == text


def test_code_in_full_width_is_made_plain() -> None:
    assert parse_code(" ＧＴＸ　００５－Ａ ") == "GTX 005-A"
    assert parse_code("订单，１") == "订单,1"


def test_message_is_translatable() -> None:
    with pytest.raises(BadCell) as refused:
        parse_money("1.054")
    message = refused.value.message
    assert message.msgid == "“%(value)s” has more decimals than the currency (%(digits)s)."
    assert message.values == {"value": "1.054", "digits": 2}
    assert message == "“1.054” has more decimals than the currency (2)."


@pytest.mark.parametrize("text", ["²", "10²", "½", "1½", "①", "⑩"])
def test_raised_and_circled_numbers_are_no_amounts(text: str) -> None:
    with pytest.raises(BadCell):
        parse_money(text)
    with pytest.raises(BadCell):
        parse_integer(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("\r\n \n# 头\r\n\r\n- 一\r\n    - 二 \r\n\r\n", "# 头\n\n- 一\n    - 二"),
        ("    code\n\ttab", "    code\n\ttab"),
        ("A\u00a0B\u3000ＡＢＣ１２３", "A\u00a0B\u3000ＡＢＣ１２３"),
        (" \n\t", ""),
        (None, ""),
        (12.0, "12"),
    ],
)
def test_a_text_of_several_lines_stays_as_it_is(value: Cell, text: str) -> None:
    assert parse_lines(value) == text
    assert parse_lines(parse_lines(value)) == text


@pytest.mark.parametrize("text", ["字" * 32_767, "😀" * 16_383, "a" + "😀" * 16_383])
def test_a_text_that_a_spreadsheet_has_cut_is_refused(text: str) -> None:
    """A cell of a spreadsheet holds 32,767 units of UTF-16; the last of two may not fit."""
    with pytest.raises(BadCell) as refused:
        parse_lines(text)
    assert refused.value.code == "cut"
    assert parse_lines(text[:-2]) == text[:-2]
    assert parse_lines(text + "字字") == text + "字字", "longer than a spreadsheet could hold: no spreadsheet"
