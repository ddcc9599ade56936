"""Words of the trade: what comes with the portal, what a company makes of it, what its searches propose."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.jobs.search import propose_words
from portal.models.base.database import transact
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.company.trades import trades
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.search.lookups import Lookup
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import MOST_WORDS, SETS, Synonym, shipped
from portal.models.work.jobs import Job
from portal.search import Vocabulary, proposing
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


@pytest.fixture
def cards(ada: Person, schools: Topic) -> Article:
    """Knowledge that all staff read, with the words that are found in the end."""
    return Article.add(by=ada, title="停用信用卡", body="先冻结。提成照发。", topics=[schools])


def proposed() -> list[tuple[str, str, int]]:
    propose_words(Job())
    return [(each.sought, each.helped, each.people) for each in WordProposal.open()]


def test_two_people_who_went_the_same_way_make_a_proposal_and_one_makes_none(
    app: Starlette, ada: Person, ben: Person, stan: Person, cards: Article
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
    app: Starlette, ada: Person, ben: Person, minutes: int, opened: bool, cards: Article
) -> None:
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡", minutes=minutes, opened=opened)
    assert proposed() == []


def test_one_finds_nothing_and_another_something_says_nothing(
    app: Starlette, ada: Person, ben: Person, cards: Article
) -> None:
    for n in range(2):
        Lookup.note(person(f"Z{n}"), "停卡", found=0)
        Lookup.note(person(f"Y{n}"), "停用信用卡", found=1, opened=True)
    assert proposed() == []


def test_accepted_words_find_each_other_and_dropped_ones_are_not_proposed_again(
    app: Starlette, ada: Person, ben: Person, adam: Person, cards: Article
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


def test_an_administrator_reads_no_customer_in_what_others_opened(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    """RULES 4.10: who configures does not read. Not even where knowledge older than the customer says so."""
    Article.add(by=ada, title="王建国的房子", body="Gudrun Weissbach waited. 学区房。", topics=[schools])
    customer = Customer.add(by=ada, name="王建国", form="person")
    Contact.add(customer, by=ada, name="Gudrun Weissbach")
    for who in (ada, ben):
        look(who, "置换客户", "王建国")
        look(who, "怀孕", "腰疼")  # stands nowhere that all may read
    assert proposed() == []
    for who in (ada, ben):
        for minutes, (sought, helped) in enumerate(
            [
                ("大王", "王建国"),
                ("老王", "学区房"),
                ("the lady", "weissbach"),
                ("先生家", "建国"),
                ("校区", "学区房"),
            ],
            start=1,
        ):
            with clock.moved(clock.now() + timedelta(minutes=20 * minutes)):
                look(who, sought, helped)
    assert proposed() == [("校区", "学区房", 2)]


def test_only_what_all_staff_may_read_is_proposed(app: Starlette, ada: Person, ben: Person) -> None:
    draft = Article.add(by=ada, title="停用信用卡", body="x", published=False)
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡")
    assert proposed() == []
    asked = Question.ask(by=ada, text="怎么办？")
    asked.answer(by=ben, text="先停用信用卡。")
    assert proposed() == [("停卡", "停用信用卡", 2)]
    asked.archive(by=ada)
    assert proposed() == [], "and no longer once it is put away"
    assert draft.state == "draft"


def test_visitors_are_no_two_people(app: Starlette, ada: Person, cards: Article) -> None:
    look(ada, "停卡", "停用信用卡")
    for text, found in (("停卡", 0), ("停用信用卡", 1)):
        Lookup.note(None, text, found=found, opened=found > 0)
    assert proposed() == []


def test_nobody_who_saves_waits_while_searches_are_read(
    app: Starlette, ada: Person, ben: Person, cards: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are cut into words before the transaction that writes."""
    saved = list[bool]()
    cut = proposing.same_words

    def watched(searches: Iterable[proposing.Search]) -> dict[tuple[str, str], int]:
        saving = threading.Thread(target=transact, args=(partial(Lookup.note, ben, "门锁", found=0),))
        saving.start()
        saving.join(2)
        saved.append(not saving.is_alive())
        return cut(searches)

    monkeypatch.setattr(proposing, "same_words", watched)
    look(ada, "停卡", "停用信用卡")
    propose_words(Job())
    assert saved == [True]


def test_what_means_the_same_already_is_not_proposed(
    app: Starlette, ada: Person, ben: Person, adam: Person, cards: Article
) -> None:
    Synonym.add(by=adam, words="停用信用卡, 停卡")
    for who in (ada, ben):
        look(who, "停卡", "停用信用卡")
    assert proposed() == []


def test_a_full_group_is_said_so_and_nothing_is_decided(
    app: Starlette, ada: Person, ben: Person, adam: Person, cards: Article
) -> None:
    Synonym.add(by=adam, words=", ".join(["提成", *(f"w{n}" for n in range(11))]))
    for who in (ada, ben):
        look(who, "佣金", "提成")
    assert len(proposed()) == 1
    with pytest.raises(Invalid):
        WordProposal.open()[0].accept(by=adam)
    assert len(WordProposal.open()) == 1
