"""What every engine keeps: the same documents, rights, filters, counts and pages."""

from dataclasses import replace

import pytest

from portal.search import Engine, SearchDoc, find
from portal.search.documents import FoldedText
from portal.search.engine import Query
from portal.search.meilisearch import WIDER
from portal.search.parsing import ParsedQuery
from portal.search.rank import Ranked, cut
from tests.search.conftest import EVERYONE, SALES, Make, Portal, article


def test_a_changed_document_is_found_by_its_new_words_only(empty: Portal) -> None:
    empty.index([article("1", "旧的标题", "关于仓库。")])
    empty.index([article("1", "新的题目", "关于车间。")])
    assert empty.ids("仓库") == []
    assert empty.ids("车间") == ["article-1"]


def test_a_shortened_document_leaves_no_section_behind(empty: Portal) -> None:
    long = (
        "".join(f"\n## 第 {n} 节\n\n" + "普通的内容。" * 150 for n in range(4)) + "\n## 末节\n\n唯一的暗号。"
    )
    empty.index([article("1", "手册", long)])
    assert empty.ids("暗号") == ["article-1"]
    empty.index([article("1", "手册", "短了。")])
    assert empty.ids("暗号") == []
    assert empty.engine.health().documents == 1


def test_deleting_is_thorough_and_may_be_repeated(empty: Portal) -> None:
    empty.index([article("1", "仓库"), article("2", "仓库")])
    for _ in range(2):
        empty.engine.delete(["article-1", "article-404"])
        assert empty.ids("仓库") == ["article-2"]


def test_the_same_document_twice_is_there_once(empty: Portal) -> None:
    for _ in range(2):
        empty.index([article("1", "仓库"), article("1", "仓库")])
    assert empty.find("仓库").total == 1
    assert empty.engine.health().documents == 1


def test_a_rebuild_leaves_the_old_index_answering_until_the_swap(empty: Portal) -> None:
    empty.index([article("1", "仓库")])
    new = empty.engine.begin_rebuild()
    new.index([article("2", "车间")])
    assert empty.ids("仓库") == ["article-1"]
    assert empty.ids("车间") == []
    empty.index([article("2", "车间")])
    empty.engine.finish_rebuild(new)
    assert empty.ids("仓库") == []
    assert empty.ids("车间") == ["article-2"]
    empty.index([article("3", "车间")])
    assert set(empty.ids("车间")) == {"article-2", "article-3"}


def test_a_rebuild_may_be_begun_again_after_a_broken_one(empty: Portal) -> None:
    empty.index([article("1", "仓库")])
    empty.engine.begin_rebuild().index([article("9", "残留")])
    new = empty.engine.begin_rebuild()
    new.index([article("2", "车间")])
    empty.index([article("2", "车间")])
    empty.engine.finish_rebuild(new)
    assert empty.ids() == ["article-2"]


@pytest.mark.parametrize("query", ["仓库", "warehouse ", "ware", "RS-485"])
def test_what_was_looked_for_in_vain_is_found_once_it_is_there(empty: Portal, query: str) -> None:
    empty.index([article("0", "别的")])
    assert empty.ids(query) == []
    empty.index([article("1", "仓库 warehouse RS-485")])
    assert empty.ids(query) == ["article-1"]


# --- What comes first ---


def test_what_is_to_come_first_does_and_the_rest_keeps_its_order(empty: Portal) -> None:
    """Beyond the best fifty too; counts and all else stay as they are."""
    texts = [article(f"{n}", f"仓库 第{n}条", "仓库", updated=n) for n in range(60)]
    late = article("99", "出入登记", "仓库的门在东边。")
    empty.index([*texts, late, article("98", "车间", "只说车间。")])
    plain, first = empty.find("仓库", size=20), ("article-99", "article-98", "article-404")
    found = empty.find("仓库", size=20, first=first)
    assert "article-99" not in [hit.id for hit in plain.hits]
    assert (found.total, found.exact_total, found.facets) == (plain.total, plain.exact_total, plain.facets)
    assert [hit.id for hit in found.hits][1:] == [hit.id for hit in plain.hits][:19]
    assert found.hits[0].id == "article-99"
    every = [hit.id for page in (1, 2, 3, 4) for hit in empty.find("仓库", page=page, first=first).hits]
    assert len(every) == len(set(every)) == 61
    kept = empty.ids("仓库", kinds=("article",), first=("article-7",))
    assert kept[0] == "article-7"


def test_what_may_not_be_read_or_answers_nothing_does_not_come_first(empty: Portal) -> None:
    secret = article("2", "仓库钥匙", groups=SALES - EVERYONE)
    empty.index([article("1", "仓库在哪里"), secret, article("3", "车间在哪里")])
    assert empty.ids("仓库", first=("article-2", "article-3")) == ["article-1"]
    assert empty.ids("仓库", first=("article-2",), groups=SALES)[0] == "article-2"


# --- Rights ---


def test_nobody_finds_what_their_groups_may_not_read(company: Portal) -> None:
    assert company.ids("涨价", groups=EVERYONE) == []
    assert company.ids("涨价", groups=SALES) == ["article-9"]
    assert company.ids("涨价", groups=None) == ["article-9"]


def test_no_groups_means_nothing_at_all(company: Portal) -> None:
    found = company.find("周报", groups=frozenset())
    assert (found.hits, found.total, found.facets) == ([], 0, {"kind": {}, "tags": {}})
    assert company.ids(groups=frozenset()) == []


def test_counts_tell_nothing_of_hidden_documents(company: Portal) -> None:
    shown = company.find("涨价", groups=EVERYONE)
    assert (shown.total, shown.facets["kind"]) == (0, {})
    assert company.find("138", groups=EVERYONE).facets["kind"] == {}
    assert company.find("138", groups=SALES).facets["kind"] == {"person": 1}


def test_a_restricted_value_does_not_show_itself_in_another_hit(company: Portal) -> None:
    (hit,) = company.find("王小明", groups=EVERYONE).hits
    assert "138" not in hit.title + hit.snippet


def test_what_the_database_withholds_is_dropped(company: Portal) -> None:
    hidden = lambda ids: {id: e for id, e in company.load(ids).items() if e.parent != "article-2"}  # noqa: E731
    found = find(company.engine, Query("周报", groups=EVERYONE), hidden)
    assert "article-2" not in [hit.id for hit in found.hits]


# --- Filters, counts, pages ---


def test_kinds_and_tabs(company: Portal) -> None:
    found = company.find("公司", kinds=("customer",))
    assert {hit.kind for hit in found.hits} == {"customer"}
    every = company.find("入门", kinds=("product",))
    assert every.hits == []
    assert every.facets["kind"] == {"article": 2}


def test_tags_of_one_prefix_are_alternatives_and_of_two_are_both_needed(company: Portal) -> None:
    assert set(company.ids(tags=("topic:1", "topic:2"))) == {f"article-{n}" for n in (1, 2, 3, 10)}
    assert company.ids(tags=("topic:1", "product:1")) == ["article-1"]


def test_filters_by_language_owner_and_status(company: Portal) -> None:
    assert company.ids(langs=("en",)) == ["article-4"]
    assert company.ids(owners=("7",)) == ["person-1"]
    assert company.ids(statuses=("draft",)) == []


def test_counts_are_of_records_not_of_sections(empty: Portal) -> None:
    long = "".join(f"\n## 第 {n} 节\n\n仓库" + "普通的内容。" * 200 for n in range(5))
    empty.index([article(str(n), f"手册 {n}", long, tags=("topic:1",)) for n in range(3)])
    found = empty.find("仓库")
    assert (found.total, found.exact_total) == (3, True)
    assert found.facets == {"kind": {"article": 3}, "tags": {"topic:1": 3}}
    assert len(found.hits) == 3


def test_records_in_one_piece_and_in_sections_are_counted_together(empty: Portal) -> None:
    long = "\n\n".join(f"## Part {n}\n\nleases and deposits " + "more words " * 200 for n in range(4))
    empty.index(
        [
            article("1", "Leases", long, tags=("topic:1",)),
            article("2", "Lease", tags=("topic:1", "topic:2")),
            SearchDoc("deal-1", "deal", "A lease", tags=("topic:2",), groups=EVERYONE),
        ]
    )
    found = empty.find("lease")
    assert found.total == 3
    assert found.facets["kind"] == {"article": 2, "deal": 1}
    assert found.facets["tags"] == {"topic:1": 2, "topic:2": 2}


def test_the_section_that_answers_is_the_one_shown(company: Portal) -> None:
    (hit, *_) = company.find("refund policy for damaged goods ").hits
    assert (hit.id, hit.entry != "article-4") == ("article-4", True)
    assert "The <mark>refund policy for damaged goods</mark>: the customer" in hit.snippet


def test_pages_hold_everything_once(empty: Portal) -> None:
    empty.index([article(str(n), f"仓库规定 {n}", "按规定办。", updated=n) for n in range(230)])
    seen = [id for page in range(1, 13) for id in empty.ids("仓库", page=page, size=20)]
    assert sorted(seen) == sorted({f"article-{n}" for n in range(230)})
    assert empty.find("仓库").total == 230


def test_newest_first(company: Portal) -> None:
    assert company.ids(kinds=("article",), size=3) == ["article-10", "article-8", "article-7"]
    assert company.ids("入门", sort="-updated") == ["article-6", "article-5"]


def test_equal_answers_come_newest_first(empty: Portal) -> None:
    empty.index([article(str(n), "仓库", updated=n) for n in (1, 3, 2)])
    assert empty.ids("仓库") == ["article-3", "article-2", "article-1"]


def test_a_looser_match_is_offered_and_called_so(company: Portal) -> None:
    found = company.find("周报 火箭")
    assert found.hits[0].id == "article-2"
    assert not found.exact_total
    assert found.facets["kind"] == {"article": len(found.hits)}


@pytest.mark.parametrize("kinds", [(), ("article",)])
def test_counts_hold_the_looser_hits_shown_below_the_exact_ones(
    empty: Portal, kinds: tuple[str, ...]
) -> None:
    asks = SearchDoc(
        "customer-1", "customer", "陈先生", body="问公积金能贷多少，贷款怎么还。", groups=EVERYONE
    )
    others = [article(str(n), "仓库规定", "按规定办。") for n in range(5, 20)]
    empty.index([article("1", "公积金贷款怎么算", "先查额度，再算月供。"), asks, *others])
    found = empty.find("公积金 贷款 月供", kinds=kinds)
    assert (found.hits[0].id, found.exact_total) == ("article-1", True)
    assert found.facets["kind"] == {"article": 1, "customer": 1}


def test_an_id_that_cannot_be_kept_apart_is_refused() -> None:
    for id in ("article 1", "article--1", "", "文章-1", "article-1/2"):
        with pytest.raises(ValueError, match="id"):
            SearchDoc(id, "article", "标题")


def test_a_thousand_groups_are_no_trouble(company: Portal) -> None:
    assert company.ids("周报", groups=EVERYONE | {f"team:{n}" for n in range(1000)})[0] == "article-2"


def test_both_keep_their_health(company: Portal, make: Make) -> None:
    health = company.engine.health()
    assert health.ok
    assert health.documents > 18
    fresh: Engine = make()
    assert fresh.health().rebuild_needed
    assert fresh.health().reason == "missing"


def test_candidates_stay_within_the_limit(company: Portal) -> None:
    query = Query("入门 程序", groups=EVERYONE)
    for asked, most in (
        (query, WIDER),
        (replace(query, sort="-updated"), 1),
        (replace(query, strict=True), 1),
    ):
        found = company.engine.retrieve(ParsedQuery.of(query.text), asked, 1)
        assert 1 <= len(found.ids) <= (most if company.engine.name == "meilisearch" else 1)


def test_the_proven_article_leads_its_like_and_the_overdue_one_follows(empty: Portal) -> None:
    """S06 and RULES 4.4: overdue x 0.7, which only articles know of; what answers better still comes first."""
    said = "访客停车每小时六元，首小时免费。"
    told: dict[str, tuple[str, ...]] = {"1": (), "2": ("worked:3",), "3": ("worked:12",)}
    told |= {"4": ("worked:12", "fresh:due"), "5": ("fresh:due",)}
    docs = [replace(article(id, "访客停车怎么收费", said), tags=tags) for id, tags in told.items()]
    empty.index(docs)
    assert empty.ids("访客停车 收费") == [f"article-{each}" for each in (3, 2, 1, 4, 5)]
    scores = {hit.id: hit.score for hit in empty.find("访客停车 收费").hits}
    assert scores["article-5"] == pytest.approx(0.7 * scores["article-1"], abs=0.0002)
    assert scores["article-3"] <= 1.05 * scores["article-1"]
    empty.index([replace(docs[0], title="停车收费标准")])
    assert empty.ids("停车收费标准")[0] == "article-1"


def test_an_overdue_article_is_lowered_not_lost() -> None:
    """RULES 4.4: its rank x 0.7; what is found for its words alone is found for them when it is overdue."""
    best, near = FoldedText("article-1", "article", 0, 1, "a", "", ""), "zh\x1epublished\x1e1"
    for facts, score, found in ((near, 0.42, 2), (f"{near}\x1efresh:due", 0.7 * 0.42, 2), (near, 0.3, 1)):
        other = best._replace(parent="article-2", facts=facts)
        assert len(cut([Ranked("1", 1.0, best), Ranked("2", score, other)])) == found, facts
