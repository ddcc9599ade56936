"""A wrong character of the same sound or of a like shape finds what was meant, also where that stands only in
texts; what is known as typed stays as it is.
"""

from __future__ import annotations

import pytest

from portal.search import spelling
from portal.search.parsing import Vocabulary
from portal.search.slips import alike
from portal.search.text import cut_words
from tests.search.conftest import Portal, article


@pytest.fixture
def library(empty: Portal) -> Portal:
    empty.index(
        [
            article("1", "谈判要点", "先讲长远的战略价值，再讲价格。"),
            article("2", "看房路线", "翠堤湾的北门离地铁近，先走河边。"),
            article("3", "材料清单", "查清学区划片，公积金缴存证明要盖章。"),
            article("4", "门店值班", "每天两人，九点开门。"),
        ]
    )
    return empty


@pytest.mark.parametrize(
    ("query", "found", "meant"),
    [
        ("毡略价值", "article-1", "战略价值"),
        ("怎么讲毡略价值", "article-1", "怎么讲战略价值"),
        ("翠提湾", "article-2", "翠堤湾"),  # of a like shape: ti, di
        ("翠提湾怎么走", "article-2", "翠堤湾怎么走"),
        ("学曲划片", "article-3", "学区划片"),
        ("学曲房", "article-3", "学区房"),  # the half that is known
        ("公机金", "article-3", "公积金"),
    ],
)
def test_one_wrong_character_is_put_right_by_what_the_texts_hold(
    library: Portal, query: str, found: str, meant: str
) -> None:
    result = library.find(query)
    assert [hit.id for hit in result.hits] == [found]
    assert "<mark>" in result.hits[0].snippet
    assert result.suggestion == meant


@pytest.mark.parametrize("query", ["战略价值", "学区", "值班", "开门"])
def test_what_is_known_is_left_as_it_is(library: Portal, query: str) -> None:
    assert library.find(query).suggestion == ""


def test_a_word_of_the_language_in_a_sentence_is_meant_as_it_stands(library: Portal) -> None:
    """公式 is no slip for 公示: the dictionary knows it."""
    library.index([article("5", "通知", "名单公示七天。")])
    result = library.find("公式怎么写")
    assert result.suggestion == ""
    assert "article-5" not in [hit.id for hit in result.hits]


def test_a_word_that_the_company_says_otherwise_is_meant_as_it_stands(empty: Portal) -> None:
    """讲价 stands nowhere, is haggling, and sounds like 降价."""
    empty.index([article("5", "降价通知", "三套房降价。"), article("6", "谈价技巧", "谈价先听。")])
    assert empty.find("讲价").suggestion == "降价"
    result = empty.find("讲价", vocabulary=Vocabulary.of([["讲价", "谈价"]]))
    assert result.suggestion == ""
    assert [hit.id for hit in result.hits] == ["article-6"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("限购", "租客有优先购买权。"),  # 先购
        ("中签", "面谈二十分钟签约。"),  # 钟签
        ("同义词", "分别问双方同一个问题。"),  # half of 同一词
        ("银行卡", "银杏苑的路口有卡口。"),
    ],
)
def test_what_no_text_says_is_not_meant(empty: Portal, query: str, text: str) -> None:
    """What two words happen to make where they meet, and half of what nobody says, is no word put right."""
    empty.index([article("5", "通知", text)])
    result = empty.find(query)
    assert (result.hits, result.suggestion, result.total) == ([], "", 0)
    assert empty.find(query, page=2).hits == []


def test_a_text_is_cut_into_words_once_however_often_it_holds_what_may_be_meant(
    empty: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = list[str]()

    def noted(text: str) -> list[str]:
        texts.append(text)
        return cut_words(text)

    monkeypatch.setattr(spelling, "cut_words", noted)
    body = "优先购买" * 300
    empty.index([article("5", "通知", body)])
    assert empty.find("限购").suggestion == ""
    assert texts.count(body) == 1


def test_what_may_not_be_read_puts_nothing_right(library: Portal) -> None:
    library.index([article("6", "内部", "并购方案叫鸿宝计划。", groups=frozenset({"team:sales"}))])
    assert library.find("红宝计划").suggestion == ""
    assert library.ids("红宝") == []
    assert library.find("红宝", groups=frozenset({"team:sales"})).hits[0].id == "article-6"


def test_the_table_knows_sound_and_shape() -> None:
    assert "战" in alike("毡")
    assert "堤" in alike("提")
    assert "区" in alike("曲")
    assert "提" not in alike("提")
    assert alike("a") == ""
