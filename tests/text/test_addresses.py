"""What is taken for an e-mail address, and for a phone number."""

from __future__ import annotations

import re

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
        ("", ""),
    ],
)
def test_a_number_is_dialled_by_its_digits(text: str, number: str) -> None:
    assert dialled(text) == number


@given(st.text(max_size=60))
def test_a_link_to_a_number_holds_nothing_but_it(text: str) -> None:
    assert re.fullmatch(r"(\+?[0-9]{5,}(;ext=[0-9]{1,8})?)?", dialled(text))
