"""What is taken for an e-mail address, and for a phone number."""

from __future__ import annotations

import re
import time

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.addresses import dialled, is_email


@pytest.mark.parametrize(
    "text",
    [
        "li.lei+home@example.com",
        "13812345678@163.example",
        "张三@公司.中国",
        "zhang@firm.local",  # mail inside a company
        "zhang.san@no-address.invalid",  # given to people who came without one
    ],
)
def test_one_address_is_taken(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "li.lei",
        "li@lei",
        "li@lei@example.com",
        "li lei@example.com",
        "li..lei@example.com",
        "lilei@example..com",
        "lilei@example.com.",
        "lilei@-example.com",
        "<lilei@example.com>",
        "mailto:lilei@example.com",
        "lilei@example.com;lei@example.com",
        "lilei@example.com）",
        "li\u200blei@example.com",  # a character that nobody sees
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert not is_email(text)


@given(st.from_regex(r"[A-Za-z0-9_.+-]{1,12}@[A-Za-z0-9.-]{1,20}\.[A-Za-z]{1,4}", fullmatch=True))
def test_the_short_way_takes_nothing_that_the_library_refuses(text: str) -> None:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError:
        assert not is_email(text)
    else:
        assert is_email(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86 (21) 1234-5678", "+862112345678"),
        ("＋８６ １３８００１３８０００", "+8613800138000"),
        ("（021）12345678转801", "02112345678;ext=801"),
        ("021-12345678 分机 8", "02112345678;ext=8"),
        ("020 7946 0018 ext. 12", "02079460018;ext=12"),
        ("95588", "95588"),
        ("12345", "12345"),
        ("王姐 13800138000 / 13900139000", "13800138000"),
        ("abc电话", ""),
        ("12", ""),
        ("110", ""),
        ("12 转 345", ""),
        ("ext 80123", "80123"),
        ("138****8000", ""),
        ("13800138000 13900139000", "13800138000"),
        ("138 0013 8000 139 0013 9000", "13800138000"),
        ("021 12345678 021 87654321 转 8", "02112345678"),
        ("021-12345678-801", "02112345678;ext=801"),
        ("0571-8888888-8", "05718888888;ext=8"),
        ("0044-207-9460-018", "00442079460018"),
        ("0571/88888888", "057188888888"),
        ("021 1234 5678 转分机 8", "02112345678;ext=8"),
        ("+49 (0) 89 123456", "+4989123456"),
        ("138·0013·8000", "13800138000"),
        ("138_0013_8000", "13800138000"),
        ("\u202d138\u200b0013\u200b8000\u202c", "13800138000"),
        ("\u0661\u0663\u0668\u0660\u0660", ""),
        ("", ""),
    ],
)
def test_a_number_is_dialled_by_its_digits(text: str, number: str) -> None:
    assert dialled(text) == number


@pytest.mark.parametrize("text", [" ", "1 ", "+", "( ", "1-", "0/", "1)", "021-12345678-"])
def test_a_cell_full_of_blanks_is_read_at_once(text: str) -> None:
    """Attack: a file with such cells holds up all imports."""
    began = time.process_time()
    dialled(text * (100_000 // len(text)) + "x")
    assert time.process_time() - began < 1


@given(st.text(max_size=60))
def test_a_link_to_a_number_holds_nothing_but_it(text: str) -> None:
    assert re.fullmatch(r"(\+?[0-9]{5,}(;ext=[0-9]{1,8})?)?", dialled(text))
