"""Passages that are found again when the text goes on."""

from __future__ import annotations

import re

import pytest

from portal.text.markdown import render_markdown
from portal.text.passages import Extent, ShownText

BODY = """## 贷款

先问客户的**预算**，再谈贷款利率。利率是 3.5%，每年调整一次。

| 银行 | 利率 |
| --- | --- |
| 建设银行 | 3.5% |
| 招商银行 | 3.6% |

See [our rules](https://example.com/a) & ask a colleague first.
"""


def found(body: str, quote: str, *, in_text: str = BODY, before: str = "") -> str | None:
    """The words, without blanks, that a passage of one text has in another."""
    first = ShownText(render_markdown(in_text))
    at = first.find_typed(quote, before)
    assert at is not None
    shown = ShownText(render_markdown(body))
    now = shown.find(quote, *first.around(at))
    return None if now is None else shown.words[now.start : now.end]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("先问", "见面先问"), "再谈贷款利率。利率是3.5%，每年调整一次。"),
        (("每年调整", "每年一月调整"), "贷款利率。利率是3.5%，每年一月调整一"),
        (("**预算**", "预算"), "再谈贷款利率。利率是3.5%，每年调整一次。"),
        (("再谈贷款利率。利率是 3.5%，每年调整一次。", "别的都以后说。"), None),
    ],
)
def test_a_passage_follows_what_is_written_and_is_gone_where_it_is_rewritten(
    change: tuple[str, str], expected: str | None
) -> None:
    now = found(BODY.replace(*change), "再谈贷款利率。利率是 3.5%，每年调整一次。")
    assert (now is None) == (expected is None)
    if expected is not None:
        assert now is not None
        assert now[:9] in expected or expected[:9] in now


def test_the_same_words_elsewhere_are_not_the_passage() -> None:
    """3.5% stands twice: once its row is gone, the other is not what was meant."""
    assert found(BODY, "3.5%", before="银行利率建设银行") == "3.5%"
    without = BODY.replace("| 建设银行 | 3.5% |\n", "")
    assert found(without, "3.5%", before="银行利率建设银行") is None
    at = ShownText(render_markdown(BODY)).find_typed("3.5%", "银行利率建设银行")
    assert at is not None
    assert at.start > ShownText(render_markdown(BODY)).words.index("3.5%")


def test_a_like_sentence_elsewhere_is_not_the_passage() -> None:
    body = "买方付税，税率是百分之三。\n\n开头说明。\n\n卖方付税，税率是百分之三。\n\n最后的话。"
    without = "买方付税，税率是百分之三。\n\n开头说明。\n\n最后的话。"
    assert found(without, "卖方付税，税率是百分之三。", in_text=body) is None


def test_passages_are_marked_in_safe_html_whatever_they_cross() -> None:
    html = render_markdown(BODY)
    shown = ShownText(html)
    over = shown.find_typed("预算，再谈")
    cell = shown.find_typed("3.6%")
    link = shown.find_typed("our rules & ask")
    assert over
    assert cell
    assert link
    made = shown.marked([("a-1", 1, over), ("a-2", 2, cell), ("a-3", 3, link)])
    assert (
        '<strong><mark>预算</mark></strong><mark>，再谈</mark><a class="passage-number" href="#a-1">1</a>'
        in made
    )
    assert '<td><mark>3.6%</mark><a class="passage-number" href="#a-2">2</a></td>' in made
    assert ">our rules</mark></a><mark> &amp; ask</mark>" in made.replace("<mark>our", "our")
    # taken out again nothing else is changed
    bare = made.replace("<mark>", "").replace("</mark>", "")
    for number in (1, 2, 3):
        bare = bare.replace(f'<a class="passage-number" href="#a-{number}">{number}</a>', "")
    assert bare == html


def test_a_number_is_no_link_within_a_link() -> None:
    shown = ShownText(render_markdown("See [our rules](https://example.com/a) now."))
    found_in = shown.find_typed("our rules")
    assert found_in is not None
    made = shown.marked([("a-1", 1, found_in)])
    assert '<mark>our rules</mark></a><a class="passage-number"' in made


def test_what_is_typed_as_html_stays_typed() -> None:
    shown = ShownText(render_markdown("Say <script>alert(1)</script> & go"))
    found_in = shown.find_typed("<script>alert(1)")
    assert isinstance(found_in, Extent)
    made = shown.marked([("a-1", 1, found_in)])
    assert "<script" not in made
    assert "<mark>&lt;script&gt;alert(1)</mark>" in made
    assert ShownText("").find("") is None
    assert shown.find_typed("   ") is None


def test_in_a_long_text_too_it_follows_what_is_written() -> None:
    """Of 1,000 paragraphs that are nearly alike."""
    every = [f"Paragraph {n}: the rate of bank {n} is {n} per cent, each year." for n in range(1000)]
    quote = "the rate of bank 999 is 999 per cent, each year."
    changed = [*every[:999], "Paragraph 999: the rate of bank 999 is now 3 per cent, each year."]
    assert found("\n\n".join(changed), quote, in_text="\n\n".join(every)) is not None
    assert found("\n\n".join(every[:990]), quote, in_text="\n\n".join(every)) is None
    assert found("\n\n".join(every), "each year.", in_text="\n\n".join(every)) is not None


def test_passages_that_overlap_are_marked_together_each_with_its_number() -> None:
    shown = ShownText("<p>abcdefgh</p>")
    marks = [("a", 1, Extent(0, 5)), ("b", 2, Extent(1, 3)), ("c", 3, Extent(4, 6)), ("d", 4, Extent(4, 6))]
    text = shown.marked(marks)
    assert re.sub(r"</?mark>|<a [^>]*>|</a>", "", text) == "<p>abc2de1f34gh</p>"
    assert "".join(re.findall(r"<mark>([^<]*)</mark>", text)) == "abcdef"
