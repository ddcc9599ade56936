"""Markdown made safe, with Chinese emphasis right."""

from __future__ import annotations

import html
import re

import pytest

from portal.text.markdown import (
    fault_of,
    headings,
    plain_text,
    render_markdown,
    without_notes_of_others,
)
from tests.growth import seconds
from tests.parts import timed


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("他说**「重要」**，是的", "<strong>「重要」</strong>"),
        ("**先问业主。**再看房", "<strong>先问业主。</strong>"),
        ("~~旧价~~", "<s>旧价</s>"),
        ("|面积|价|\n|-:|-|\n|89|320|", "<td>89</td>"),
        ("第一行\n第二行", "第一行<br>\n第二行"),
        ("|a|b|\n|-|-|\n|x<br/>y|z|", "<td>x<br>y</td>"),
        ("<ruby>漢<rp>(</rp><rt>han</rt></ruby>", "<p><ruby>漢<rp>(</rp><rt>han</rt></ruby></p>"),
        ("<ruby onclick=x>漢<rt>", "<p>&lt;ruby onclick=x&gt;漢<rt></rt></p>"),
        ("- [ ] 带证件\n- [x] 约时间", "<li>☐ 带证件</li>\n<li>☑ 约时间</li>"),
        ("[ ] 不是清单", "<p>[ ] 不是清单</p>"),
        (
            "利率[^1]看**公告**[^b]。\n\n[^1]: 五年\n以上\n[^b]: [公告](/articles/3)",
            "<p>利率<sup>[1]</sup>看<strong>公告</strong><sup>[2]</sup>。</p>\n<hr>\n<ol>\n<li>五年<br>\n以上</li>",
        ),
        ("没有注[^9]", "<p>没有注[^9]</p>"),
        ("100*0.02*3=6", "<p>100*0.02*3=6</p>"),
        ("10*20米和5*6米，*要量*", "<p>10*20米和5*6米，<em>要量</em></p>"),
        ("**2*3**", "<strong>2*3</strong>"),
        (
            "见www.example.com。",
            '<a href="https://www.example.com" rel="noopener noreferrer">www.example.com</a>。',
        ),
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


def test_what_is_read_out_or_searched_has_no_signs_in_it() -> None:
    text = "<ruby>漢<rt>han</rt></ruby>字[^1]<br>下一行\n\n[^1]: 注"
    assert plain_text(text) == "漢han字\n下一行\n注"


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


COSTLY = {
    "cells": "|a" * 3000 + "|\n" + "|-" * 3000 + "|\n" + "a\n" * 3000,
    "cells of many rows": "|a|b|c|\n|-|-|-|\n" + "|1\n" * 1500,
    "definitions": "".join(f"[a{i}]: /x\n" for i in range(4000)),
    "definitions of one": "[a]: /x\n" * 4000,
    "open titles": "[a]: /x '\n" * 3000,
    "quotes": ">" * 3000 + "a",
    "lists": "- " * 3000 + "a",
    "lists in quotes": "> - " * 40 + "a",
    "brackets": "[" * 20_000,
    "links": "[a](b)" * 10_000,
    "marks": "**a *b " * 5000,
    "ticks": "`a" * 20_000,
    "headings": "# a\n" * 20_000,
    "lines": "a\n" * 50_000,
    "line ends of old": "()\r" * 30_000,
    "lines that are broken": "a\\\n" * 20_000,
    "length": "a" * 300_000,
}


@timed
@pytest.mark.parametrize("name", COSTLY)
def test_a_text_that_costs_too_much_is_refused_and_shown_as_it_was_typed(name: str) -> None:
    text = COSTLY[name]
    fault = fault_of(text)
    assert fault is not None
    assert fault.values["n"] > 0
    assert seconds(lambda: (render_markdown(text), plain_text(text), headings(text)), 3) < 1
    shown = render_markdown(text)
    assert len(shown) < 6 * len(text) + 100
    assert shown.startswith("<p>")
    first = text.splitlines()[0][:80]
    assert html.escape(first, quote=False) in shown
    assert first in plain_text(text)
    assert headings(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "|户型|面积|价格|\n|-|-|-|\n" + "|三室|128|520|\n" * 300,
        "".join(f"[{i}]: /articles/{i}\n" for i in range(200))
        + "\n"
        + "".join(f"[{i}] " for i in range(200)),
        "> > > 他说\n\n- 一\n  - 二\n    - 三\n      - 四\n",
        "**先问业主**，再看房。" * 400,
        "1. 一步\n" * 2000,
        "他说好。" * 20_000,
    ],
)
def test_what_people_write_is_far_from_the_bounds(text: str) -> None:
    assert fault_of(text) is None
    assert "先问业主" not in text or "<strong>先问业主</strong>" in render_markdown(text)


def test_the_bounds_are_where_they_are_said_to_be() -> None:
    table = "|a|b|\n|-|-|\n"
    assert fault_of(table + "|1|2|\n" * 1499) is None
    assert fault_of(table + "|1|2|\n" * 1500) is not None
    assert fault_of("> " * 15 + "a" + "b" * 100) is None
    assert fault_of("> " * 17 + "a" + "b" * 100) is not None


def test_a_definition_may_go_over_lines() -> None:
    assert '<a href="/x" title="one' in render_markdown("[a]: /x\n'one\ntwo'\n\n[a]")


def test_no_words_hide_in_a_reading() -> None:
    """Nothing that counts, is found or is judged is out of its reader's sight."""
    assert "<rp>" not in render_markdown("<ruby>曾<rp>praise of us</rp></ruby>")
    text = "<ruby>曾<rp>（</rp><rt>zēng</rt><rp>）</rp></ruby>"
    assert render_markdown(text) == f"<p>{text}</p>\n"
    assert plain_text(text) == "曾（zēng）"


def test_what_refers_to_a_footnote_that_stands_elsewhere_goes_with_it() -> None:
    part = "## Open\n\nOne[^1] two[^2] three[^3].\n\n[^2]: Said here."
    whole = f"{part}\n\n## Closed\n\n[^1]: Not for the world."
    made = without_notes_of_others(part, whole)
    assert made == part.replace("[^1]", "")  # [^3] is nobody's footnote: it stays as typed
    assert "Not for" not in made
    assert without_notes_of_others(whole, whole) == whole
