"""What is taken for an e-mail address."""

from __future__ import annotations

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text.addresses import is_email


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
