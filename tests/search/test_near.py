"""Where deals, customers or people alone hold every word, the nearest knowledge stands beside them: both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from portal.search import IndexEntry, Query, Result, SearchDoc, find
from portal.search.engine import Candidates, Nearest
from portal.search.find import count_listed
from portal.search.rank import near_enough
from tests.search.conftest import EVERYONE, Portal, article

OTHERS = ("article", "question", "product", "customer", "person")
ASKED = "首付不够"


def deals(count: int, body: str = "首付不够，等父母的钱到账。") -> list[SearchDoc]:
    return [
        SearchDoc(f"deal-{n}", "deal", f"翠湖 {n} 栋", body=body, groups=EVERYONE, updated=n)
        for n in range(count)
    ]


def gives(*near: tuple[str, float]) -> Nearest:
    """What is near, whatever is asked."""
    return lambda text, groups: list(near)


def never(text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
    raise AssertionError(f"asked what {text} means")


def ids(result: Result) -> tuple[list[str], list[str]]:
    return [hit.id for hit in result.hits], [hit.id for hit in result.near]


@pytest.fixture
def sales(empty: Portal) -> Portal:
    """Seven deals of whom the money does not suffice, and what is known of that in other words."""
    known = [
        article("1", "差一点钱，先交定金再凑", "先签意向，两周内凑齐。", tags=("topic:1",)),
        article("2", "周报怎么写", "有数据，有结论。"),
        SearchDoc("question-3", "question", "钱没凑齐能签吗？", tags=("topic:2",), groups=EVERYONE),
    ]
    person = SearchDoc("person-4", "person", "李明朗", groups=EVERYONE)
    empty.index([*deals(7), *known, person])
    return empty


NEAREST = gives(("article-1", 0.91), ("question-3", 0.9), ("article-2", 0.85))


def test_where_deals_alone_hold_every_word_the_nearest_knowledge_stands_beside_them(sales: Portal) -> None:
    result = sales.find(ASKED, nearest=NEAREST, beside_deals=OTHERS)
    listed, near = ids(result)
    assert near == ["article-1", "question-3"]
    assert [id.split("-")[0] for id in listed] == ["deal"] * 3
    # It is no hit: what is counted holds every word.
    assert (result.total, result.folded, result.exact_total) == (7, 4, True)
    assert result.facets["kind"] == {"deal": 7}


def test_without_a_model_nothing_is_other_than_before(sales: Portal) -> None:
    result = sales.find(ASKED, beside_deals=OTHERS)
    assert (len(result.hits), result.near, result.total, result.folded) == (7, [], 7, 0)


def test_where_knowledge_holds_every_word_it_is_not_asked_what_they_mean(sales: Portal) -> None:
    sales.index([article("5", "首付不够怎么办", "分两次付。")])
    assert ids(sales.find(ASKED, nearest=never, beside_deals=OTHERS))[0][0] == "article-5"


@pytest.mark.parametrize("text", ["翠湖 3 栋", "A-1024", "13812345678", "cuihu", "首付不够"])
def test_names_codes_numbers_and_pinyin_mean_nothing_else(sales: Portal, text: str) -> None:
    named = SearchDoc("customer-9", "customer", "首付不够", ("a-1024", "13812345678"), groups=EVERYONE)
    sales.index([named])
    assert sales.find(text, nearest=never, beside_deals=OTHERS).near == []


def test_the_box_that_suggests_and_lists_newest_first_do_not_ask(sales: Portal) -> None:
    assert sales.find(ASKED, nearest=never, suggest=True, facets=()).near == []
    assert sales.find(ASKED, nearest=never, facets=()).near == []
    assert sales.find(ASKED, nearest=never, sort="-updated").near == []


@pytest.mark.parametrize(
    ("text", "facts", "told"),
    [
        ("首付不够怎么办才能先签约", {}, True),
        (ASKED, {}, False),  # so little is often held by one text, and costs little to compare
        ("翠湖 3 栋 A-1024 13812345678", {}, False),
        ("首付不够怎么办才能先签约", {"suggest": True, "facets": ()}, False),
    ],
)
def test_what_a_long_question_means_is_begun_while_its_words_are_looked_for(
    sales: Portal, text: str, facts: Mapping[str, Any], told: bool
) -> None:
    order = list[str]()
    query = Query(text, **{"groups": EVERYONE, **facts})

    def nearest(text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
        order.append(f"asked {text}")
        return [("article-1", 0.91)]

    find(sales.engine, query, sales.load, nearest=nearest, begin=lambda text: order.append(f"begun {text}"))
    begun = [f"begun {text}"] if told else []
    assert [each for each in order if each.startswith("begun")] == begun
    assert order[: len(begun)] == begun


@pytest.mark.parametrize(
    ("filters", "hits", "near"),
    [
        ({"kinds": ("deal",)}, 7, []),
        ({"kinds": ("article",)}, 0, ["article-1"]),
        ({"tags": ("topic:2",)}, 0, ["question-3"]),
        ({"tags": ("topic:7",)}, 0, []),
    ],
)
def test_filters_hold_for_what_is_near(
    sales: Portal, filters: dict[str, tuple[str, ...]], hits: int, near: Sequence[str]
) -> None:
    result = sales.find(ASKED, nearest=NEAREST, beside_deals=OTHERS, **filters)  # type: ignore[arg-type]
    assert (len(result.hits), result.total) == (hits, hits)
    assert ids(result)[1] == near


def test_under_a_filter_too_what_is_near_is_listed_once(sales: Portal) -> None:
    """There it is a hit for some of the words, where without the filter it is far behind the deals."""
    sales.index([article("6", "签约当天", "先核对证件，再约时间，最后去窗口。" * 80 + "带好首付。")])
    nearest = gives(("article-6", 0.9), ("article-1", 0.89))
    assert ids(sales.find(ASKED, nearest=nearest))[1] == ["article-6", "article-1"]
    assert ids(sales.find(ASKED, nearest=nearest, kinds=("article",))) == (["article-6"], ["article-1"])


def test_what_a_filter_leaves_out_takes_no_place_of_what_it_admits(sales: Portal) -> None:
    sales.index([article(str(n), f"凑钱 {n}", "先签意向。", tags=("topic:1",)) for n in range(20, 26)])
    nearer = [(f"article-{n}", 0.91) for n in range(20, 26)]
    nearest = gives(*nearer, ("question-3", 0.9))
    assert len(ids(sales.find(ASKED, nearest=nearest))[1]) == 3
    assert ids(sales.find(ASKED, nearest=nearest, tags=("topic:2",)))[1] == ["question-3"]


def test_every_page_counts_alike_and_the_first_alone_shows_what_is_near(sales: Portal) -> None:
    sales.index(
        [SearchDoc(f"customer-{n}", "customer", f"王{n}", body=ASKED, groups=EVERYONE) for n in range(30)]
    )
    pages = [sales.find(ASKED, nearest=NEAREST, beside_deals=OTHERS, page=page) for page in (1, 2)]
    assert [len(page.near) for page in pages] == [2, 0]
    assert [(page.total, page.folded) for page in pages] == [(37, 4)] * 2
    listed = [hit.id for page in pages for hit in page.hits]
    assert (len(listed), len(set(listed))) == (33, 33)


def test_what_one_may_not_read_is_not_near(sales: Portal) -> None:
    """Who asks is told of to what compares, and what the database does not give is not shown."""
    asked = list[frozenset[str] | None]()

    def nearest(text: str, groups: frozenset[str] | None) -> list[tuple[str, float]]:
        asked.append(groups)
        return [("article-1", 0.91), ("article-2", 0.9)]

    stored = sales.stored.pop("article-1")
    assert ids(sales.find(ASKED, nearest=nearest))[1] == ["article-2"]
    assert asked == [EVERYONE]
    sales.stored["article-1"] = stored


def test_near_knowledge_that_shares_words_comes_before_deals_and_is_listed_once(sales: Portal) -> None:
    sales.index([article("6", "凑首付", "缺一点，分两次付首付。")])
    before = sales.find(ASKED)
    after = sales.find(ASKED, nearest=gives(("article-6", 0.9), ("article-1", 0.89)))
    assert "article-6" in ids(before)[0][1:]
    assert ids(after)[0][0] == "article-6"
    assert ids(after)[1] == ["article-1"]
    assert sorted(ids(after)[0]) == sorted(ids(before)[0])
    assert (after.total, after.facets) == (before.total, before.facets)


def test_who_or_what_holds_every_word_keeps_its_place(sales: Portal) -> None:
    person = SearchDoc("person-8", "person", "陈晓雨", body="首付不够时问我", groups=EVERYONE)
    sales.index([person, article("6", "凑首付", "缺一点，分两次付首付。")])
    assert ids(sales.find(ASKED, nearest=gives(("article-6", 0.9))))[0][:2] == ["person-8", "article-6"]


def test_only_what_is_near_enough_may_answer() -> None:
    """Something is always the nearest: of a question in Han more is asked, since its cosines are higher."""
    assert near_enough("首付不够", [("a", 0.874)]) == []
    assert near_enough("首付不够", [("a", 0.875)]) == ["a"]
    assert near_enough("short of money", [("a", 0.829)]) == []
    assert near_enough("short of money", [("a", 0.84), ("b", 0.83)]) == ["a", "b"]
    assert near_enough("首付不够", [("a", 0.93), ("b", 0.915), ("c", 0.905)]) == ["a", "b"]
    assert near_enough("首付不够", []) == []


@pytest.fixture
def handbook(empty: Portal) -> Portal:
    """Two articles on one matter among others."""
    known = [
        article("1", "签约注意事项", "签约时要查产权证、身份证、委托书，逐项核对。"),
        article("2", "身份证过期", "先补办，再签约。"),
        *(article(str(n), f"通知 {n}", "下周一上午开例会。") for n in range(3, 12)),
    ]
    empty.index(known)
    return empty


def test_what_is_near_is_read_as_far_as_it_may_be_listed(handbook: Portal) -> None:
    """The best counts 1 for its words and 0.75 for being the nearest: less than 0.7 is cut, which of the others
    a share of 0.93 reaches. An overdue article may stay with 0.49.
    """
    read = list[str]()
    load = handbook.load
    near = [
        ("article-2", 0.9),
        ("article-3", 0.899),
        ("article-4", 0.88),
        ("article-5", 0.86),
        ("article-6", 0.85),
    ]

    def loading(ids: Sequence[str]) -> Mapping[str, IndexEntry]:
        read.extend(ids)
        return load(ids)

    query = Query("身份证签约篮球比赛门票羽毛球拍", groups=EVERYONE)
    found = find(handbook.engine, query, loading, nearest=gives(*near))
    assert {hit.id for hit in found.hits} == {"article-2", "article-1", "article-3"}
    assert found.alike == 1
    assert "article-3" in read
    assert not {"article-4", "article-5", "article-6"} & set(read)


def test_what_is_far_is_not_added_where_nothing_holds_every_word(handbook: Portal) -> None:
    asked = "身份证签约篮球比赛门票羽毛球拍"
    far = handbook.find(asked, nearest=gives(("article-3", 0.874), ("article-2", 0.873), ("article-4", 0.82)))
    assert (sorted(ids(far)[0]), far.alike) == (["article-1", "article-2"], 0)
    nothing = handbook.find("羽毛球拍门票", nearest=gives(("article-3", 0.874), ("article-4", 0.82)))
    assert (nothing.hits, nothing.total, nothing.exact_total) == ([], 0, True)
    near = handbook.find("羽毛球拍门票", nearest=gives(("article-3", 0.875), ("article-4", 0.82)))
    assert (ids(near)[0], near.alike, near.exact_total) == (["article-3"], 1, False)


FAR = gives(("article-1", 0.874), ("article-2", 0.85))


def test_what_deals_alone_hold_and_nothing_is_near_is_unanswered(sales: Portal) -> None:
    assert sales.find(ASKED, nearest=FAR, beside_deals=OTHERS).unanswered
    assert not sales.find(ASKED, nearest=NEAREST, beside_deals=OTHERS).unanswered
    assert not sales.find(ASKED, beside_deals=OTHERS).unanswered  # nobody knows what is near
    assert not sales.find(ASKED, nearest=gives(), beside_deals=OTHERS).unanswered


@pytest.mark.parametrize(
    "other",
    [
        article("5", "首付", "分两次付。"),
        SearchDoc("person-8", "person", "陈晓雨", body=ASKED, groups=EVERYONE),
        SearchDoc("customer-8", "customer", "首付家具", body=ASKED, groups=EVERYONE),
    ],
)
def test_who_is_shown_knowledge_or_somebody_or_typed_a_part_of_a_name_asked_not_in_vain(
    sales: Portal, other: SearchDoc
) -> None:
    sales.index([other])
    assert other.id in ids(sales.find(ASKED, nearest=FAR))[0]
    assert not sales.find(ASKED, nearest=FAR).unanswered


def test_single_characters_are_held_by_chance_and_meaning_orders_what_holds_them(empty: Portal) -> None:
    empty.index(
        [
            article("1", "交房", "租客交的钱，退租时另算。"),
            article("2", "定金与退款", "客户交的钱是定金，签约前按约定退。" * 9),
        ]
    )
    asked = "交的钱能退吗"
    assert ids(empty.find(asked))[0] == ["article-2", "article-1"]
    for tab in ((), ("article",)):  # under its tab as among all
        found = empty.find(asked, nearest=gives(("article-1", 0.9), ("article-2", 0.86)), kinds=tab)
        assert ids(found)[0] == ["article-1", "article-2"]
        assert (found.total, found.alike) == (2, 0)


@pytest.mark.parametrize("kind", ["article", "question", "deal"])
def test_a_tab_lists_as_many_as_its_label_said(empty: Portal, kind: str) -> None:
    """Nothing holds every word, and deals fill most of the places among which the best are ranked."""
    known = [
        article(str(n), f"付款办法{n}", "首付可以分期付。" + "先看合同里写的日期。" * 9) for n in range(6)
    ]
    known += [
        SearchDoc(f"question-{n}", "question", "怎么算？", body="分期。" + "看合同。" * 20, groups=EVERYONE)
        for n in range(70, 73)
    ]
    empty.index([*deals(60, "分期。"), *known])
    text = "分期月供"
    everything = empty.find(text, beside_deals=OTHERS)
    tab = empty.find(text, beside_deals=OTHERS, kinds=(kind,))
    assert everything.facets["kind"][kind] > 2
    assert tab.total == everything.facets["kind"][kind]
    assert tab.facets["kind"] == everything.facets["kind"]


def test_what_is_listed_beside_all_that_hold_every_word_is_counted() -> None:
    """Single characters stand by chance in many a text: what is near is listed though it holds not each."""
    found = Candidates([], 9, {}, total=7, folded=3, facets={"kind": {"article": 2, "deal": 5}})
    count_listed(found, ["article", "article", "deal", "deal"])
    assert (found.total, found.facets["kind"]) == (7, {"article": 2, "deal": 5})
    count_listed(found, ["article", "article", "article", "question", "deal", "deal"])
    assert (found.total, found.facets["kind"]) == (9, {"article": 3, "question": 1, "deal": 5})
