"""Marks stand on the found words of the text as written, never on half of a match."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.search.highlight import marked, snippet
from portal.search.parsing import ParsedQuery, Vocabulary


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("增值税", "关于增值税的说明", "关于<mark>增值税</mark>的说明"),
        ("增值稅", "关于增值税的说明", "关于<mark>增值税</mark>的说明"),
        ("增值税", "關於增值稅的說明", "關於<mark>增值稅</mark>的說明"),
        ("简单", "安装简单", "安装<mark>简单</mark>"),
        ("灯", "大灯总成", "大<mark>灯</mark>总成"),
        ("如何写周报", "告诉你写周报的办法", "告诉你<mark>写周报</mark>的办法"),
        ("提成怎么算", "什么算经验", "什么算经验"),  # 么算 is of no word
        ("定金能退吗", "佣金能退定金", "佣金能退<mark>定金</mark>"),
        ("policy", "Policies and police", "<mark>Policies</mark> and police"),
        ("cat", "concatenate the cat", "concatenate the <mark>cat</mark>"),
        ("con ", "concatenate", "concatenate"),
        ("con", "concatenate", "<mark>con</mark>catenate"),
        ("c#", "C, C# and C++", "C, <mark>C#</mark> and C++"),
        ("rs485", "An RS-485 bus", "An <mark>RS-485</mark> bus"),
        ("13812345678", "电话 138-1234-5678。", "电话 <mark>138-1234-5678</mark>。"),
        ("cafe", "Ｃafé", "<mark>Ｃafé</mark>"),
        ("a&b", "<b>A&B</b>", "&lt;<mark>b</mark>&gt;<mark>A&amp;B</mark>&lt;/<mark>b</mark>&gt;"),
        ("the", "the end", "<mark>the</mark> end"),
        ("the cat", "the cat", "<mark>the cat</mark>"),
        ("", "任何文字", "任何文字"),
        ("ﬁne", "ﬁne ﬁre", "<mark>ﬁne</mark> ﬁre"),
    ],
)
def test_what_is_marked(query: str, text: str, expected: str) -> None:
    assert marked(ParsedQuery.of(query), text) == expected


def test_a_synonym_is_marked_where_it_stands() -> None:
    parsed = ParsedQuery.of("退款", Vocabulary.of([["退款", "退定金", "refund"]]))
    assert marked(parsed, "先退定金再说") == "先<mark>退定金</mark>再说"
    assert marked(parsed, "Refunds take a week") == "<mark>Refunds</mark> take a week"


def test_a_snippet_shows_the_place_with_most_words() -> None:
    text = "发票很多。" + "别的内容。" * 100 + "增值税发票要有税号。" + "别的内容。" * 100
    shown = snippet(ParsedQuery.of("增值税 发票 税号"), text)
    assert "<mark>增值税发票</mark>要有<mark>税号</mark>" in shown
    assert shown.startswith("<mark>增值税"), "where the sentence begins"
    assert shown.endswith("别的内容。 …")
    assert len(shown.striptags()) < 200


def test_a_snippet_begins_and_ends_between_words() -> None:
    text = "alphabet " * 60 + "needle " + "alphabet " * 60
    words = set(snippet(ParsedQuery.of("needle"), text).striptags().replace("…", "").split())
    assert words == {"alphabet", "needle"}


def test_signs_of_headings_are_not_shown() -> None:
    assert (
        snippet(ParsedQuery.of("refunds"), "# Money\n\n## Refunds\nIn # days")
        == "Money · <mark>Refunds</mark> · In # days"
    )


@pytest.mark.parametrize(
    ("query", "text", "begins"),
    [
        (
            "税号",
            "发票要抬头。" + "开票时要问清，" * 3 + "税号写在第二行。" + "别的内容。" * 60,
            "开票时要问清",
        ),
        ("税号", "发票要抬头，" * 60 + "税号写在第二行。" + "别的内容。" * 60, "… <mark>税号"),
        ("needle", "Hay is dry. " * 30 + "The needle lies here. " + "Hay is dry. " * 30, "The <mark>needle"),
        ("needle", "Hay\n\n" * 90 + "In it the needle lies\n\n" + "Hay\n\n" * 90, "In it the <mark>needle"),
        ("税号", "别的内容。" * 90 + "他说：“税号呢？”", "他说：“<mark>税号</mark>呢？”"),
        ("税号", "别" * 400 + "税号" + "别" * 400, "… 别"),
    ],
)
def test_a_snippet_starts_with_a_sentence_else_a_clause(query: str, text: str, begins: str) -> None:
    shown = snippet(ParsedQuery.of(query), text)
    assert shown.startswith(begins)
    assert "<mark>" in shown


def test_lines_are_joined_as_people_read_them() -> None:
    text = "小区\n\n楼间距大。\n环境\n花园：\n一万平方米\nWi-Fi\nYes.\nNo"
    assert snippet(ParsedQuery.of("无"), text) == "小区 · 楼间距大。环境 · 花园：一万平方米 · Wi-Fi · Yes. No"


@pytest.mark.parametrize(
    ("query", "lang", "shown"),
    [
        ("学区", "zh", "置业顾问 · <mark>学区</mark>"),
        ("学区", "en", "置业顾问 · <mark>学区</mark>"),
        ("schools", "zh", "Sales Consultant · <mark>Schools</mark> · 12"),
        ("zhangsan", "zh", "置业顾问 · 学区"),
        ("zhangsan", "en", "Sales Consultant · Schools · 12"),
        ("zhangsan", "", "置业顾问 · 学区"),
    ],
)
def test_of_a_text_in_two_languages_one_is_shown(query: str, lang: str, shown: str) -> None:
    text = "置业顾问 · 学区\nSales Consultant · Schools\n12"
    assert snippet(ParsedQuery.of(query), text, lang=lang) == shown


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("zh", "<mark>贷款</mark>专员 · <mark>贷款</mark>"),
        ("en", "<mark>Mortgage</mark> Specialist · <mark>Mortgages</mark>"),
        ("", "<mark>Mortgage</mark> Specialist · <mark>Mortgages</mark>"),  # longer, where nothing is known
    ],
)
@pytest.mark.parametrize("query", ["贷款", "mortgage"])
def test_a_word_of_the_trade_in_the_other_language_is_no_reason_to_show_that(
    query: str, lang: str, shown: str
) -> None:
    text = "贷款专员 · 贷款\nMortgage Specialist · Mortgages"
    words = Vocabulary.of([["贷款", "mortgage"]])
    assert snippet(ParsedQuery.of(query, words), text, lang=lang) == shown


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_word_in_a_list_of_words_is_shown_with_what_it_means(lang: str) -> None:
    text = "Words that cause trouble\n满五唯一\nowned for five years, and the only home\n定金\nearnest money"
    shown = snippet(ParsedQuery.of("满五唯一"), text, lang=lang)
    assert (
        shown == "Words that cause trouble · <mark>满五唯一</mark> · owned for five years, and the only home"
    )
    assert snippet(ParsedQuery.of("定金"), "定金\nEarnest money", lang=lang) == "<mark>定金</mark>"
    assert snippet(ParsedQuery.of("陈晓雨"), text, lang=lang) == "Words that cause trouble"


@given(st.text(max_size=30), st.text(max_size=400))
def test_marks_change_nothing_but_marks(query: str, text: str) -> None:
    parsed = ParsedQuery.of(query)
    without = re.sub("</?mark>", "", str(marked(parsed, text)))
    plain = str(marked(ParsedQuery.of(""), text))
    assert without == plain
    snippet(parsed, text)
