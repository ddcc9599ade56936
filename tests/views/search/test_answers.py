"""One query answers all three: who knows it, which customers are like that, and the knowledge below (scenario S03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.company import lists
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.trait_kinds import TraitKind
from portal.models.customers.traits import Trait
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.soft_traits import SoftTrait, SoftWord
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.search import searcher
from tests.conftest import SignIn, person
from tests.counting import MOST, queries

ASKED = "高端理财 谨慎 产品知识"


@pytest.fixture
def wealth(ada: Person) -> Topic:
    return Topic.create(name="理财", name_en="Wealth")


@pytest.fixture
def cautious(adam: Person) -> SoftTrait:
    made = lists.add("soft-traits", by=adam, name="谨慎", name_en="cautious")
    assert isinstance(made, SoftTrait)
    return made


@pytest.fixture
def steady(adam: Person) -> TraitKind:
    """谨慎 in a query means 要求稳健 of a customer."""
    facts = {"name_en": "wants safety", "synonyms": "谨慎, 保本", "purpose": "To offer what does not lose"}
    made = lists.add("traits", by=adam, name="要求稳健", **facts)
    assert isinstance(made, TraitKind)
    return made


def confirmed(customer: Customer, kind: TraitKind, by: Person) -> None:
    """Two talks of two days say so."""
    for days in (1, 5):
        at = clock.now() - timedelta(days=days)
        said = Interaction.log(customer, by=by, kind_of="call", text="要保本。", at=at)
        Trait.note(customer, kind, by=by, source=said)


def card(page: str, name: str) -> str:
    return page[page.index(f'id="{name}"') :].partition("</section>")[0]


def test_staff_ranked_with_evidence_customers_beside_them_and_the_knowledge_below(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    stan: Person,
    rita: Person,
    wealth: Topic,
    cautious: SoftTrait,
    steady: TraitKind,
) -> None:
    """Ben proved most, Stan is called cautious by three: he comes first, the sum of each stands beside them."""
    Evidence.record(ben, wealth, "accepted experience", wealth, key="a")
    Evidence.record(stan, wealth, "endorsement", wealth, key="b")
    for by in (ada, ben, rita):
        SoftWord.give(by=by, person=stan, trait=cautious)
    Article.add(by=ben, title="高端理财产品知识", body="谨慎的客户先问保本。", topics=[wealth])
    calm = Customer.add(by=ada, name="顾安", form="person")
    Customer.add(by=ada, name="李进", form="person")
    confirmed(calm, steady, ada)
    searcher.here().feed.drain()
    browser = sign_in(ada)
    page = browser.get("/search", params={"q": ASKED}).text
    assert 'data-hx-get="/search/answers?q=' in page
    assert "高端理财" in page[page.index('data-hx-get="/search/answers') :], "the knowledge, below"
    whole = browser.get("/search/answers", params={"q": ASKED}).text
    staff, customers = card(whole, "answers-people"), card(whole, "answers-customers")
    assert staff.index(stan.url) < staff.index(ben.url)
    assert "say 3 colleagues" in staff
    assert staff.count("Why this order?</summary>") == 2
    assert f'href="/people?topic={wealth.id}"' in staff
    assert (calm.url in customers, "李进" in customers) == (True, False)
    assert f'href="/customers?trait={steady.id}"' in customers
    fragment = browser.get("/search/answers", params={"q": ASKED}, headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<div class="stack" id="three-answers">')
    assert 'data-hx-get="/search/answers?q=' in browser.get("/people", params={"q": ASKED}).text


def test_of_two_traits_that_suit_one_word_either_is_enough(
    sign_in: SignIn, ada: Person, adam: Person, wealth: Topic, cautious: SoftTrait
) -> None:
    """Both suit 谨慎, which is named; 保本 beside it is a word of its own, and must hold as well."""
    steady, proof, keeps = (
        lists.add("traits", by=adam, name=name, purpose="Who calls", **facts)
        for name, facts in (
            ("要求稳健", {"suits": cautious}), ("凡事求证", {"suits": cautious}), ("只要保本", {"synonyms": "保本"}),
        )
    )  # fmt: skip
    calm, sure = (Customer.add(by=ada, name=name, form="person") for name in ("顾安", "李进"))
    for customer, known in ((calm, steady), (sure, proof), (sure, keeps)):
        assert isinstance(known, TraitKind)
        confirmed(customer, known, ada)
    browser = sign_in(ada)
    found = card(browser.get("/search/answers", params={"q": ASKED}).text, "answers-customers")
    assert calm.url in found
    assert sure.url in found
    found = card(browser.get("/search/answers", params={"q": f"{ASKED} 保本"}).text, "answers-customers")
    assert (calm.url in found, sure.url in found) == (False, True)


def test_a_colleague_learns_of_no_customer_that_is_not_theirs_to_open(
    sign_in: SignIn, ada: Person, stan: Person, adam: Person, wealth: Topic, steady: TraitKind
) -> None:
    """Who looks after a customer alone reads such a trait: the card says the same as where there is none."""
    steady.edit(by=adam, level=3)
    calm = Customer.add(by=ada, name="顾安", form="person")
    browser = sign_in(stan)
    before = browser.get("/search/answers", params={"q": ASKED}).text
    confirmed(calm, steady, ada)
    after = browser.get("/search/answers", params={"q": ASKED}).text
    assert card(after, "answers-customers") == card(before, "answers-customers")
    assert "顾安" not in after
    assert "顾安" in sign_in(ada).get("/search/answers", params={"q": ASKED}).text


def test_too_few_words_of_colleagues_move_nobody(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, rita: Person, wealth: Topic, cautious: SoftTrait
) -> None:
    Evidence.record(ben, wealth, "accepted experience", wealth, key="a")
    Evidence.record(stan, wealth, "endorsement", wealth, key="b")
    for by in (ada, rita):
        SoftWord.give(by=by, person=stan, trait=cautious)
    staff = card(sign_in(ada).get("/search/answers", params={"q": ASKED}).text, "answers-people")
    assert staff.index(ben.url) < staff.index(stan.url)
    assert "colleagues" not in staff.replace("enough colleagues", "")


@pytest.mark.parametrize("text", ["理财", "谨慎", "火箭 发射", "谨慎 火箭", "", "   ", "a" * 300])
def test_only_a_field_and_what_somebody_is_like_ask_for_all(
    sign_in: SignIn, ada: Person, wealth: Topic, cautious: SoftTrait, text: str
) -> None:
    assert not searcher.here().named(text).asks_for_all
    browser = sign_in(ada)
    assert "/search/answers" not in browser.get("/search", params={"q": text}).text
    assert browser.get("/search/answers", params={"q": text}).status_code == 200


def test_it_asks_little_of_the_database(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    rita: Person,
    wealth: Topic,
    cautious: SoftTrait,
    steady: TraitKind,
) -> None:
    for n in range(4):
        who = person(f"K{n}")
        Evidence.record(who, wealth, "accepted experience", wealth, key=f"k{n}")
        for by in (ada, ben, rita):
            SoftWord.give(by=by, person=who, trait=cautious)
    Question.ask(by=ada, text="高端理财产品知识怎么讲？").answer(by=ben, text="先问保本。")
    confirmed(Customer.add(by=ada, name="顾安", form="person"), steady, ada)
    searcher.here().feed.drain()
    browser = sign_in(ada)
    browser.get("/search?q=x")
    for address in (f"/search?q={ASKED}", f"/search/answers?q={ASKED}", f"/people?q={ASKED}"):
        with queries() as sent:
            assert browser.get(address).status_code == 200
        assert len(sent) <= MOST, address + "\n" + "\n".join(sent)
