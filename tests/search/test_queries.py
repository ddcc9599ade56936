"""Queries on which search boxes fail in public: all must work, on both engines."""

import pytest

from portal.search import ParsedQuery, SearchDoc, Vocabulary, alternates
from tests.search.conftest import EVERYONE, SALES, Portal, article


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("简单", "article-1"),  # the end of a word that dictionaries keep whole
        ("灯", "product-1"),  # one character inside a word
        ("大灯", "product-1"),
        ("告诉我如何写周报", "article-2"),  # a request, not keywords
        ("周报怎么写？", "article-2"),
        ("小明", "person-2"),  # a given name
        ("远科", "customer-2"),  # across the dictionary's words
        ("宏远", "customer-2"),
        ("A-1024", "product-1"),
        ("a1024", "product-1"),
        ("A 1024", "product-1"),
        ("lml", "person-1"),
        ("limingl", "person-1"),
        ("li minglang", "person-1"),
        ("Li Ming Lang", "person-1"),
        ("hykj", "customer-2"),
        ("王晓明", "person-2"),  # the right sound, one wrong character
        ("學區房", "article-10"),  # Traditional for Simplified
        ("增值税发票", "article-8"),
        ("开立发票", "article-8"),  # Simplified for Traditional
        ("ｒｓ４８５ 总线", "article-7"),  # full width
        ("What is the refund policy for damaged goods?", "article-4"),
        ("refnud polcy", "article-4"),  # two slips
        ("refunds", "article-4"),
        ("damag", "article-4"),  # not finished
        ("发", "article-8"),
        ("c#", "article-5"),
        ("C# 程序", "article-5"),
        ("20240132", "order-2"),
    ],
)
def test_the_right_one_comes_first(company: Portal, query: str, first: str) -> None:
    assert company.ids(query)[:1] == [first]


def test_order_of_keywords_does_not_matter(company: Portal) -> None:
    assert company.ids("招商 公司") == company.ids("公司 招商")
    assert company.ids("招商 公司")[0] == "customer-1"


@pytest.mark.parametrize("query", ["13812345678", "138-1234-5678", "138 1234 5678", "5678", "12345678"])
def test_a_phone_number_finds_its_owner_for_those_who_may_read_it(company: Portal, query: str) -> None:
    assert company.ids(query, groups=SALES) == ["person-2"]
    assert company.ids(query, groups=EVERYONE) == []


@pytest.mark.parametrize("query", ["RS485", "RS-485", "rs 485"])
def test_a_hyphen_in_a_code_does_not_matter(company: Portal, query: str) -> None:
    assert set(company.ids(query)) == {"product-2", "article-7"}


@pytest.mark.parametrize(
    ("query", "begun"), [("w", True), ("wa", True), ("li w", False), ("li wa", True), ("P-0", False)]
)
def test_one_letter_is_expanded_only_where_it_stands_alone(query: str, begun: bool) -> None:
    parsed = ParsedQuery.of(query)
    assert parsed.expands(parsed.words[-1]) is begun
    assert parsed.expands(parsed.terms[-1]) is begun


def test_one_letter_beside_a_word_still_tells_who_is_meant(empty: Portal) -> None:
    names = ("Oz", "Bob", "Leo", "Max", "Ned", "Pat", "John", "Kim", "Lou", "Sam")
    empty.index(
        [SearchDoc(f"person-{n}", "person", f"{name} Smith", groups=EVERYONE) for n, name in enumerate(names)]
    )
    assert empty.ids("smith j")[0] == "person-6"


def test_c_sharp_is_not_c(company: Portal) -> None:
    assert company.ids("C#") == ["article-5"]
    assert "article-5" not in company.ids("C++")


def test_numbers_are_never_taken_for_misspelt(company: Portal) -> None:
    assert company.ids("20240132") == ["order-2"]


def test_a_minus_or_a_quote_hides_nothing(company: Portal) -> None:
    assert company.ids("灯 -1024")[0] == "product-1"
    assert company.ids('"周报')[0] == "article-2"


@pytest.mark.parametrize("letters", range(2, 10))
def test_typing_a_name_finds_it_from_the_second_letter(company: Portal, letters: int) -> None:
    assert "person-1" in company.ids("liminglang"[:letters], suggest=True)


@pytest.mark.parametrize(
    "query", ["", "   ", "？！", "-", '"', "的", "the", "\x00", "a" * 5000, "我" * 5000, "🙂"]
)
def test_odd_queries_are_answered(company: Portal, query: str) -> None:
    company.find(query)


def test_synonyms_and_company_words(company: Portal) -> None:
    known = Vocabulary.of([["退款", "refund"], ["车头灯", "大灯"]], ["招商花园"])
    assert company.ids("退款") == []
    assert company.ids("退款", vocabulary=known)[0] == "article-4"
    assert company.ids("车头灯", vocabulary=known)[0] == "product-1"
    assert company.ids("招商花园", vocabulary=known)[0] == "customer-1"


def test_what_is_found_by_a_synonym_alone_is_counted_by_its_kind(company: Portal) -> None:
    """All hold the word as the company says it, and none as it was typed."""
    found = company.find("退钱", vocabulary=Vocabulary.of([["退钱", "refund"]]), facets=("kind",))
    assert [hit.id for hit in found.hits] == ["article-4"]
    assert (found.total, found.exact_total, found.facets["kind"]) == (1, True, {"article": 1})


def test_no_question_comes_back_empty_that_shares_a_word(empty: Portal) -> None:
    """What occurs nowhere takes the place of nothing that does, however much of it is asked."""
    empty.index(
        [
            article("1", "房屋买卖合同", "定金付了以后一方违约，按定金罚则处理。"),
            article("2", "天气", "今天下雨。"),
            article("3", "机密", "薪酬方案", groups=frozenset({"team:sales"})),
        ]
    )
    strange = (
        "鼹鼠蹦跶霹雳琵琶鹦鹉蝙蝠玛瑙琥珀蜻蜓蚂蚱骆驼饕餮麒麟貔貅葡萄榴莲橄榄枇杷魑魅魍魉鸳鸯蜈蚣蜘蛛蝴蝶螳螂"
    )
    assert empty.ids(f"{strange}，定金付了对方违约")[:1] == ["article-1"]
    assert empty.ids(f"定金付了对方违约，{strange}")[:1] == ["article-1"]
    long = f"{strange}{strange[::-1]}{strange}"[:190]
    assert empty.ids(f"{long}，违约怎么办")[:1] == ["article-1"]
    english = " ".join(f"zq{chr(97 + i)}{chr(98 + i % 20)}rst" for i in range(24))
    assert empty.ids(f"{english} 违约")[:1] == ["article-1"]


def test_of_one_notice_of_several_years_the_newest_comes_first_and_says_so(empty: Portal) -> None:
    empty.index(
        [
            article("1", "2024年国庆放假安排", "放假七天，国庆放假期间值班表见附件。", updated=300),
            article("2", "2026年国庆放假安排", "放假八天。", updated=200),
            article("3", "2025年国庆放假安排", "放假八天，国庆放假。", updated=100),
            article("4", "国庆促销", "国庆促销方案。", updated=400),
        ]
    )
    found = empty.find("国庆放假安排").hits
    assert [hit.id for hit in found][:3] == ["article-2", "article-3", "article-1"]
    assert [hit.years for hit in found][:3] == [("2026", "2025", "2024"), (), ()]
    assert empty.ids("2024年国庆放假安排")[0] == "article-1"
    assert empty.find("2024年国庆放假安排").hits[0].years == ()


OTHERS = ("article", "product", "customer")


def test_knowledge_comes_before_deals_and_many_deals_are_folded(empty: Portal) -> None:
    deals = [
        SearchDoc(f"deal-{n}", "deal", f"翠湖学区房 {n} 栋", groups=EVERYONE, updated=n) for n in range(60)
    ]
    others = [
        SearchDoc(f"product-{n}", "product", f"翠湖学区房户型 {n}", groups=EVERYONE, updated=n)
        for n in range(30)
    ]
    empty.index([*deals, *others, article("1", "怎么选房", "翠湖有学区房，也有别的。")])
    result = empty.find("翠湖学区房", beside_deals=OTHERS)
    assert result.total == 91
    assert result.folded == 57
    first = [hit.id for hit in result.hits]
    second = [hit.id for hit in empty.find("翠湖学区房", beside_deals=OTHERS, page=2).hits]
    assert len(set(first + second)) == 34
    assert sum(id.startswith("deal") for id in first + second) == 3
    assert "article-1" in first + second
    assert empty.ids("翠湖学区房 7 栋", beside_deals=OTHERS)[0] == "deal-7"
    assert empty.find("翠湖学区房", beside_deals=OTHERS, kinds=("deal",)).folded == 0
    empty.delete([doc.id for doc in others] + ["article-1"])
    assert empty.find("翠湖学区房", beside_deals=OTHERS).folded == 0, "there is nothing else"


def test_knowledge_comes_before_what_is_noted_of_customers_not_before_their_names(empty: Portal) -> None:
    """A line about a customer is short: by length alone it would stand before what was written for everybody."""
    noted = [
        SearchDoc(f"customer-{n}", "customer", name, body="要求先查清学位占用再谈价，不急。", groups=EVERYONE)
        for n, name in enumerate(("曾雨桐", "韦天佑"), start=1)
    ]
    written = article(
        "1",
        "学位占用要先问",
        "最后一天才问业主，谈价时才知道有人用过。" + "登记房源时问一句，三分钟就能知道。" * 8,
    )
    empty.index([*noted, written, article("2", "带看", "曾雨桐一家看了三次。")])
    assert empty.ids("谈价")[0] == "article-1"
    assert set(empty.ids("谈价")) == {"article-1", "customer-1", "customer-2"}
    assert empty.ids("曾雨桐")[0] == "customer-1"


@pytest.mark.parametrize("count", [2, 4, 11])
def test_what_is_counted_of_deals_is_seen_beside_a_far_better_hit(empty: Portal, count: int) -> None:
    """A product called just so leaves deals that name it far behind: the first of them are shown all the same."""
    named = "丁思远 · 枫林逸居 · Maple Grove · A-1047"
    deals = [
        SearchDoc(f"deal-{n}", "deal", f"枫林逸居 {n} 栋", body=named, groups=EVERYONE) for n in range(count)
    ]
    product = SearchDoc("product-1", "product", "枫林逸居", ("Maple Grove",), groups=EVERYONE)
    empty.index([product, *deals])
    result = empty.find("Maple Grove", beside_deals=OTHERS)
    assert result.hits[0].id == "product-1"
    of_deals = [hit.id for hit in result.hits[1:]]
    shown = count if count <= 4 else 3
    assert (len(of_deals), len(set(of_deals)), result.folded) == (shown, shown, count - shown)
    assert result.total == count + 1


def test_newest_first_lists_the_best_where_nothing_holds_every_word(company: Portal) -> None:
    assert company.find("入门 火箭", sort="-updated").exact_total is False
    assert company.ids("入门 火箭", sort="-updated") == ["article-6", "article-5"]


def test_words_of_hidden_texts_take_no_place_either(empty: Portal) -> None:
    hidden = "薪酬股权期权解禁回购对赌尽调估值摊薄清算优先反稀释领售跟投拖带否决董事席位保密竞业排他"
    docs = [article("1", "内部", hidden, groups=frozenset({"team:sales"}))]
    docs += [article(str(n), f"通知{n}", "下周放假") for n in range(2, 12)]
    empty.index(docs)
    assert empty.ids(f"{hidden}放假")
    assert "article-1" not in empty.ids(f"{hidden}放假")


def test_a_correct_sentence_is_not_put_right(empty: Portal) -> None:
    empty.index(
        [
            article("1", "让客户坐二十分钟", "先倒水，再说话。"),
            article("2", "战略价值怎么谈", "客户说贵，先谈战略价值。"),
        ]
    )
    assert empty.find("昨儿客户说什么").suggestion == ""
    assert empty.find("昨儿").suggestion == ""
    assert empty.find("毡略价值怎么谈").suggestion == "战略价值怎么谈"


def test_a_spelling_is_suggested(company: Portal) -> None:
    assert company.find("refund polcy").suggestion == "refund policy"
    assert company.find("refund poli").suggestion == ""
    assert company.find("王晓明").suggestion == "王小明"
    assert company.find("refund policy ").suggestion == ""


@pytest.mark.parametrize(
    ("query", "id", "shown"),
    [
        ("Chen Xiaoyu", "article-1", "<mark>陈晓雨</mark> · 两份合同的日期。"),
        ("chenxiaoyu", "article-1", "<mark>陈晓雨</mark> · 两份合同的日期。"),
        ("xiaoyu", "article-1", "<mark>陈晓雨</mark> · 两份合同的日期。"),
        ("Chen Xiaoyu", "article-2", "<mark>Chen Xiaoyu</mark> · Eight steps."),
    ],
)
def test_what_is_found_by_its_author_says_who_and_begins_to_tell(
    empty: Portal, query: str, id: str, shown: str
) -> None:
    """In the language of the text: nobody reads a name in pinyin, and it is no reason to leave the text out."""
    names = ("陈晓雨", "chenxiaoyu", "Chen Xiaoyu")
    empty.index([article("1", "带押过户", "两份合同的日期。", alt=names)])
    empty.index([article("2", "Buying a home", "Eight steps.", alt=names, lang="en")])
    assert {hit.id: hit.snippet for hit in empty.find(query).hits}[id] == shown


@pytest.mark.parametrize("query", ["Ma Jun", "majun", "ma jun", "马骏"])
def test_whoever_is_called_so_comes_before_what_they_wrote(empty: Portal, query: str) -> None:
    """What worked for colleagues comes before its like, and no person is like it; a title that is the name
    stays where it is.
    """
    names = ("马骏", "majun", "Ma Jun")
    person = ("马骏", *alternates("马骏", "name"), *names)
    empty.index([article("1", "先听他说完", "再问一句。", alt=names, tags=("worked:12",))])
    empty.index([SearchDoc("person-1", "person", "马骏", person, groups=EVERYONE)])
    assert empty.ids(query) == ["person-1", "article-1"]
    empty.index([article("2", "Ma Jun", "Who he is.", lang="en", tags=("worked:40",))])
    assert empty.ids(query)[0] == ("article-2" if " " in query else "person-1")
