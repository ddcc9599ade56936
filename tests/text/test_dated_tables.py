"""Price and rate tables: which row holds today, told by day alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from portal import clock
from portal.models.company.topics import Topic
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.text.dated_tables import in_force
from portal.text.markdown import render_markdown
from tests.conftest import SignIn

RATES = """
| Bank | Sort | Rate | Valid from |
| --- | --- | --- | --- |
| North | first home | 3.5 % | 2026-01-01 |
| North | first home | 3.3 % | 2026-07-01 |
| North | second home | 3.9 % | 2026/1/1 |
| South | first home | 3.6 % | 2026年9月1日 |
| South | first home | as agreed | soon |
"""


TONES = {"success": "holds today", "info": "not yet", "neutral": "no longer", "": ""}


def marks(text: str, day: date) -> list[str]:
    """What is said of each row, in whatever language; '' of one of which nothing is."""
    rows = re.findall(r"<tr>([\s\S]*?)</tr>", in_force(render_markdown(text), day))[1:]
    return [TONES[(re.findall(r'<span class="tag tag-(\w+)">', row) or [""])[0]] for row in rows]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), ["not yet", "not yet", "not yet", "not yet", ""]),
        (date(2026, 1, 1), ["holds today", "not yet", "holds today", "not yet", ""]),
        (date(2026, 6, 30), ["holds today", "not yet", "holds today", "not yet", ""]),
        (date(2026, 7, 1), ["no longer", "holds today", "", "not yet", ""]),
        (date(2026, 9, 1), ["no longer", "holds today", "", "", ""]),
    ],
)
def test_the_latest_that_has_begun_holds_for_each_thing(day: date, expected: list[str]) -> None:
    assert marks(RATES, day) == expected


def test_a_last_day_ends_a_row_and_the_words_of_the_template_are_known() -> None:
    text = (
        "| 项目 | 价格（费率） | 从哪天起 | 到哪天止 |\n| --- | --- | --- | --- |\n"
        "| 过户 | 500 | 2026-01-01 | 2026-06-30 |\n| 贷款 | 800 | 2026-01-01 | |"
    )
    assert marks(text, date(2026, 6, 30)) == ["holds today", "holds today"]
    assert marks(text, date(2026, 7, 1)) == ["no longer", "holds today"]


def test_what_a_row_is_about_may_begin_with_a_number_or_be_nothing() -> None:
    terms = "| 期限 | 利率 | 生效日期 |\n| --- | --- | --- |\n| 5年 | 3.5% | 2026-01-01 |\n| 10年 | 3.9% | 2026-02-01 |"
    assert marks(terms, date(2026, 7, 1)) == ["holds today", "holds today"]
    one = "| 利率 | 生效日期 |\n| --- | --- |\n| 3.5% | 2026-01-01 |\n| 3.9% | 2026-02-01 |"
    assert marks(one, date(2026, 7, 1)) == ["no longer", "holds today"]


def rates(heads: str, *rows: str) -> str:
    line = "|".join("---" for _ in heads.split("|"))
    return "\n".join([f"| {heads} |", f"| {line} |", *(f"| {row} |" for row in rows)])


NOW, PAST, LATER = "holds today", "no longer", "not yet"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a price for a while is over: the standing one holds again
        (
            rates("产品|价格|生效日期|失效日期", "会员|100|2026-01-01|", "会员|80|2026-06-01|2026-06-30"),
            [NOW, PAST],
        ),
        (
            rates("产品|价格|From|Until", "A|100|2026-01-01|2026-12-31", "A|90|2026-03-01|2026-04-01"),
            [NOW, PAST],
        ),
        # while one for a while holds, nothing is said of the one that holds again afterwards
        (
            rates("产品|价格|生效日期|失效日期", "会员|100|2026-01-01|—", "会员|80|2026-07-01|2026-07-31"),
            ["", NOW],
        ),
        # what may be another thing does not end a row
        (
            rates("银行|年限|利率|生效日期", "建行|5年|3.1%|2026-01-01", "建行|30年|3.5%|2026-05-01"),
            ["", NOW],
        ),
        (rates("银行|年限|利率|生效日期", "建行|5|3.1%|2026-01-01", "建行|30|3.5%|2026-05-01"), ["", NOW]),
        (rates("产品|价格|地区|生效日期", "A|100|北京|2026-01-01", "A|120|上海|2026-05-01"), ["", NOW]),
        (rates("银行|首付率|利率|生效日期", "建行|30%|3%|2026-01-01", "建行|50%|4%|2026-05-01"), ["", NOW]),
        # what may be the same thing in other words does not hold beside a later one
        (
            rates("项目|收费|生效日期", "佣金|房价的 2%|2026-01-01", "佣金|房价的 1.5%|2026-05-01"),
            ["", NOW],
        ),
        (rates("项目|备注|价格|生效日期", "佣金|旧|2|2026-01-01", "佣金|新|1|2026-05-01"), ["", NOW]),
        (rates("序号|项目|价格|生效日期", "1|A|2|2026-01-01", "2|A|1|2026-05-01"), ["", NOW]),
        (rates("利率|生效日期", "3.5%|2026-01-01", "按 LPR|2026-05-01"), ["", NOW]),
        # a name written once is that of the rows below
        (
            rates(
                "产品|价格|生效日期",
                "A|100|2026-01-01",
                "|120|2026-05-01",
                "B|50|2026-01-01",
                "|60|2026-08-01",
            ),
            [PAST, NOW, NOW, LATER],
        ),
        # both days in one cell; words that say something else, or nothing certain
        (
            rates(
                "产品|价格|生效日期",
                "A|1|2026-01-01 至 2026-06-30",
                "B|2|2026年1月1日起",
                "C|3|2026-06-30 前",
            ),
            [PAST, NOW, ""],
        ),
        (rates("产品|价格|生效日期", "A|1|2026-01-01", "A|2|即日起"), ["", ""]),
        (rates("产品|价格|生效日期", "A|1|2026-01-01", "A|2|"), [NOW, ""]),
        (rates("产品|价格|生效日期", "A|1|2026-01-01", "A|2|2026-01-01"), ["", ""]),
        (
            rates("产品|价格|生效日期|失效日期", "A|1|2026-06-01|2026-05-01", "B|1|2026-06-01|另行通知"),
            ["", ""],
        ),
    ],
)
def test_nothing_is_said_of_a_price_that_is_not_certain(text: str, expected: list[str]) -> None:
    assert marks(text, date(2026, 7, 10)) == expected


def test_other_tables_stay_as_they_are() -> None:
    for text in ("| A | B |\n| --- | --- |\n| 2026-01-01 | 2 |", "From 2026-01-01", ""):
        html = render_markdown(text)
        assert in_force(html, date(2026, 7, 1)) == html
    odd = "| From | B |\n| --- | --- |\n| 2026-13-45 | <b>2</b> |"
    assert marks(odd, date(2026, 7, 1)) == [""]


def test_the_article_turns_over_by_itself_on_its_day(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    """By the company's midnight; nobody writes anything."""
    begins = clock.today() + timedelta(days=3)
    text = f"| Item | Price | From |\n| --- | --- | --- |\n| A | 5 | {clock.today()} |\n| A | 6 | {begins} |"
    article = Article.add(by=ada, title="Prices", body=text, topics=[schools])
    version = article.version

    def said() -> list[str]:
        page = sign_in(ben).get(article.url).text
        return re.findall(r"\d</td>\s*<td>[\d-]+ <span[^>]*>([^<]*)<", page)

    assert said() == ["holds today", "not yet"]
    with clock.moved(clock.start_of(begins) - timedelta(seconds=1)):
        assert said() == ["holds today", "not yet"]
    with clock.moved(clock.start_of(begins)):
        assert said() == ["no longer", "holds today"]
    assert article.fresh().version == version
