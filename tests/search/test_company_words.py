"""Words of the trade: what comes with the portal, what a company makes of it, what its searches propose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.jobs.search import propose_words
from portal.models.base.record import Event, Invalid
from portal.models.company.trades import trades
from portal.models.people.people import Person
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import MOST_WORDS, SETS, Synonym, shipped
from portal.models.work.jobs import Job
from portal.search import Vocabulary
from portal.search.proposing import difference
from tests.conftest import person
from tests.search.conftest import Portal, article

# --- What comes with the portal ------------------------------------------------------------------------


def test_the_words_of_every_trade_may_be_kept(app: Starlette, adam: Person) -> None:
    assert set(shipped()) == set(SETS) == {"office", "property", *trades()}
    for trade, groups in shipped().items():
        assert groups, trade
        assert all(2 <= len(group) <= MOST_WORDS for group in groups), trade
        words = [word.casefold() for group in groups for word in group]
        assert len(words) == len(set(words)), f"{trade}: a word stands in two groups"
        Synonym.plant(trade, by=adam)
    assert sum(Synonym.plant(trade, by=adam) for trade in SETS) == 0, "twice is harmless"


def test_what_a_company_has_of_its_own_stays(app: Starlette, adam: Person) -> None:
    own = Synonym.add(by=adam, words="讲价, 谈价, 磨价")
    added = Synonym.plant("office", by=adam)
    assert added == len(shipped()["office"]) - 1
    assert own.fresh().words == "讲价, 谈价, 磨价"
    assert not any("砍价" in row.group for row in Synonym.select())
    with pytest.raises(Invalid):
        Synonym.plant("astrology", by=adam)


OFFICE = Vocabulary.of(shipped()["office"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("砍价技巧", "article-1"),
        ("讲价", "article-1"),
        ("loans for foreigners", "article-2"),
        ("mortgages", "article-2"),
        ("按揭", "article-2"),
        ("induction", "article-3"),
        ("新员工", "article-3"),
        ("退钱", "article-4"),
        ("complaints", "article-5"),
        ("policies", "article-6"),
    ],
)
def test_a_word_of_the_trade_finds_what_is_called_otherwise(empty: Portal, query: str, found: str) -> None:
    """In both languages, in the plural too."""
    empty.index(
        [
            article("1", "谈价的三步", "先听，再算，后让。"),
            article("2", "贷款怎么批", "看流水和征信。"),
            article("3", "入职第一周", "领电脑，认人。"),
            article("4", "退款规则", "七天内原路退回。"),
            article("5", "客诉处理", "先道歉。"),
            article("6", "Policy of the house", "Doors are closed at ten.", lang="en"),
        ]
    )
    hits = empty.find(query, OFFICE).hits
    assert [hit.id for hit in hits][:1] == [found]
    assert "<mark>" in hits[0].title + hits[0].snippet


# --- What searches propose -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sought", "helped", "pair"),
    [
        ("停卡", "停用信用卡", ("停卡", "停用信用卡")),
        ("砍价技巧", "谈价技巧", ("砍价", "谈价")),
        ("induction plan", "onboarding plans", ("induction", "onboarding")),
        ("how to haggle", "how to bargain", ("haggle", "bargain")),
        ("onbording", "onboarding", None),  # a slip
        ("学曲", "学区", None),  # the same sound
        ("贷款", "贷款", None),
        ("贷款", "贷款利率", None),  # only more of it
        ("a b c d e f", "x", None),
        ("", "贷款", None),
    ],
)
def test_what_differs_between_two_searches(sought: str, helped: str, pair: tuple[str, str] | None) -> None:
    assert difference(sought, helped) == pair


def look(who: Person, sought: str, helped: str, *, minutes: int = 1, opened: bool = True) -> None:
    """Someone finds nothing, and then something."""
    Lookup.note(who, sought, found=0)
    with clock.moved(clock.now() + timedelta(minutes=minutes)):
        Lookup.note(who, helped, found=1, opened=opened)


def proposed() -> list[tuple[str, str, int]]:
    propose_words(Job())
    return [(each.sought, each.helped, each.people) for each in WordProposal.open()]


def test_two_people_who_went_the_same_way_make_a_proposal_and_one_makes_none(
    app: Starlette, ada: Person, ben: Person, stan: Person
) -> None:
    look(ada, "停卡", "停用信用卡")
    for days in range(3):
        with clock.moved(clock.now() + timedelta(days=days)):
            look(ada, "停卡", "停用信用卡")
    assert proposed() == [], "one person, however often"
    look(ben, "停卡", "停用信用卡")
    assert proposed() == [("停卡", "停用信用卡", 2)]
    look(stan, "停卡怎么办", "停用信用卡")
    assert proposed() == [("停卡", "停用信用卡", 3)]
    assert not {"person", "text"} & set(WordProposal._meta.fields), "nobody is named"
    with clock.moved(clock.now() + timedelta(days=120)):
        assert proposed() == [], "nobody goes that way any more"


@pytest.mark.parametrize(("minutes", "opened"), [(11, True), (1, False)])
def test_what_comes_later_or_was_not_opened_says_nothing(
    app: Starlette, ada: Person, ben: Person, minutes: int, opened: bool
) -> None:
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡", minutes=minutes, opened=opened)
    assert proposed() == []


def test_one_finds_nothing_and_another_something_says_nothing(
    app: Starlette, ada: Person, ben: Person
) -> None:
    for n in range(2):
        Lookup.note(person(f"Z{n}"), "停卡", found=0)
        Lookup.note(person(f"Y{n}"), "停用信用卡", found=1, opened=True)
    assert proposed() == []


def test_accepted_words_find_each_other_and_dropped_ones_are_not_proposed_again(
    app: Starlette, ada: Person, ben: Person, adam: Person
) -> None:
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡")
        with clock.moved(clock.now() + timedelta(minutes=3)):
            look(who, "佣金", "提成")
    first, second = sorted(WordProposal.open() if proposed() else [], key=lambda each: each.sought)
    assert (first.sought, second.sought) == ("佣金", "停卡")
    Synonym.add(by=adam, words="提成, commission")
    first.accept(by=adam)
    first.accept(by=adam)
    assert [row.words for row in Synonym.select()] == ["提成, commission, 佣金"]
    second.drop(by=adam)
    with pytest.raises(Invalid):
        second.accept(by=adam)
    assert proposed() == []
    assert [str(each.verb) for each in Event.about(first)] == ["accepted"]
    assert [str(each.verb) for each in Event.about(second)] == ["dropped"]


def test_what_means_the_same_already_is_not_proposed(
    app: Starlette, ada: Person, ben: Person, adam: Person
) -> None:
    Synonym.add(by=adam, words="停用信用卡, 停卡")
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡")
    assert proposed() == []


def test_a_full_group_is_said_so_and_nothing_is_decided(
    app: Starlette, ada: Person, ben: Person, adam: Person
) -> None:
    Synonym.add(by=adam, words=", ".join(["提成", *(f"w{n}" for n in range(11))]))
    for who in (ada, ben):
        look(who, "佣金", "提成")
    assert len(proposed()) == 1
    with pytest.raises(Invalid):
        WordProposal.open()[0].accept(by=adam)
    assert len(WordProposal.open()) == 1
