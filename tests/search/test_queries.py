"""Queries on which search boxes fail in public: all must work, on both engines."""

import pytest

from portal.search import ParsedQuery, SearchDoc, Vocabulary
from tests.search.conftest import EVERYONE, SALES, Portal


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


def test_a_spelling_is_suggested(company: Portal) -> None:
    assert company.find("refund polcy").suggestion == "refund policy"
    assert company.find("refund poli").suggestion == ""
    assert company.find("王晓明").suggestion == "王小明"
    assert company.find("refund policy ").suggestion == ""
