"""What arrives is read as the browser meant it, and costs little more than its length."""

from __future__ import annotations

import tracemalloc
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from portal.request import PIECE, read_urlencoded


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
@example([("body", "客" * PIECE)])
@example([("body", "a" * (PIECE - 1) + "客户%&=+ ")])
@example([("body", "a" * (PIECE - 2) + "客户")])
def test_a_form_is_read_as_it_was_sent(typed: list[tuple[str, str]]) -> None:
    body = urlencode(typed, errors="surrogatepass").encode()
    assert read_urlencoded(body, 1000).multi_items() == [
        (name, value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) for name, value in typed
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"&", b"a", b"a&b=", b"=x", b"a=%", b"a=%e", b"a=%zz%e5%ae", b"a=b=c&a=d", b"a=1;b=2&&c=+%2B"],
)
def test_odd_forms_are_read_as_the_library_reads_them(body: bytes) -> None:
    expected = parse_qsl(body.decode(), keep_blank_values=True)
    assert read_urlencoded(body, 10).multi_items() == expected


def test_a_form_of_too_many_fields_is_refused() -> None:
    assert len(read_urlencoded(b"a=1&" * 2 + b"a=1", 3).multi_items()) == 3
    with pytest.raises(HTTPException) as refused:
        read_urlencoded(b"a=1&" * 3 + b"a=1", 3)
    assert refused.value.status_code == 400


def test_a_long_text_takes_little_memory() -> None:
    """The library's own way took 65 bytes for each that was sent."""
    body = urlencode({"body": "客户" * 100_000}).encode()
    tracemalloc.start()
    try:
        read_urlencoded(body, 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(body)
