"""Markdown made safe, with Chinese emphasis right."""

from __future__ import annotations

import re

import pytest

from portal.text.markdown import headings, plain_text, render_markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("他说**「重要」**，是的", "<strong>「重要」</strong>"),
        ("**先问业主。**再看房", "<strong>先问业主。</strong>"),
        ("~~旧价~~", "<s>旧价</s>"),
        ("|面积|价|\n|-:|-|\n|89|320|", "<td>89</td>"),
        ("第一行\n第二行", "第一行<br>\n第二行"),
        ("[规定](/articles/3)", '<a href="/articles/3" rel="noopener noreferrer">规定</a>'),
        ("![图](/files/7)", '<img src="/files/7" alt="图">'),
    ],
)
def test_what_people_write_reads_well(text: str, html: str) -> None:
    assert html in render_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        "|a|\n|:-:|\n|1|",
        "![spy](https://elsewhere.example/pixel.png)",
        "![spy](//elsewhere.example/pixel.png)",
    ],
)
def test_nothing_that_acts_or_spies_comes_through(text: str) -> None:
    html = render_markdown(text)
    assert not any(
        bad in html for bad in ("<script", "<img src=x", 'href="javascript', 'href="data', "style=")
    )
    assert 'src="http' not in html
    assert 'src="//' not in html


def test_headings_begin_below_the_page_title_and_match_the_contents() -> None:
    text = "# 情况\n\n一\n\n## 细节 `x`\n\n二\n\n# 心得"
    html = render_markdown(text)
    assert "<h1" not in html
    assert [(h.level, h.text) for h in headings(text)] == [(2, "情况"), (3, "细节 x"), (2, "心得")]
    for heading in headings(text):
        assert f'<h{heading.level} id="{heading.id}">' in html


def test_plain_text_is_the_words_alone() -> None:
    assert plain_text("## 情况\n\n他说**「好」**。[链接](/x)\n\n- 一\n- 二\n\n```\n码\n```") == (
        "情况\n他说「好」。链接\n一\n二\n码"
    )


def test_a_line_ends_where_its_author_ended_it() -> None:
    """lines-run-together: joined, it would not be told who said what."""
    html = render_markdown("客户：太贵了\n我：先看总价\n客户：那就看看")
    assert html == "<p>客户：太贵了<br>\n我：先看总价<br>\n客户：那就看看</p>\n"
    assert render_markdown("One line\nand another\n") == "<p>One line<br>\nand another</p>\n"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("见 https://example.com/hetong.pdf，然后签", "https://example.com/hetong.pdf"),
        ("（https://example.com/a）。", "https://example.com/a"),
        ("see https://example.com/a?b=1#c. Then", "https://example.com/a?b=1#c"),
        ("(http://example.com)", "http://example.com"),
        ("**https://example.com/x_y_z**", "https://example.com/x_y_z"),
    ],
)
def test_a_pasted_address_is_a_link_and_ends_before_the_stop(text: str, address: str) -> None:
    assert re.findall('<a href="([^"]*)"', render_markdown(text)) == [address]
    assert address in plain_text(text)


@pytest.mark.parametrize(
    "text", ["`https://a.example`", "    https://a.example", "https://", "javascript://x", "ftp://a.example"]
)
def test_what_is_no_web_address_or_code_is_no_link(text: str) -> None:
    assert "<a " not in render_markdown(text)


def test_an_address_in_a_link_is_not_linked_twice() -> None:
    assert render_markdown("[https://a.example](https://b.example)").count("<a ") == 1
