"""What someone may not read never makes a record match for them, counts neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.models.company.topics import Topic
from portal.models.customers.access import Access
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.customers.rights import choose
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.sales.shares import share_with
from portal.search import searcher
from portal.search.searcher import Searcher
from portal.settings import Settings
from tests.search.parts import ask, check_index, emptied, finds


@pytest.fixture(params=["embedded", "meilisearch"], autouse=True)
def search(app: Starlette, settings: Settings, request: pytest.FixtureRequest) -> Searcher:
    """The portal's search, on each engine."""
    if request.param == "embedded":
        return searcher.here()
    server = emptied(request.getfixturevalue("meilisearch_server"))
    return searcher.connect(replace(settings, search_url=server.url, search_key=server.master_key))


SECRETS = [
    ("138-1234-5678", "phone"),
    ("13812345678", "the same phone, written otherwise"),
    ("5678", "its end"),
    ("lin@weiming.net", "e-mail"),
    ("朝阳路 7 号", "address"),
    ("13900001111", "a contact's phone"),
    ("qiaoyu88@haitian.net", "a contact's e-mail"),
]


@pytest.fixture
def customer(ada: Person) -> Customer:
    """Ada's customer, with everything that only its owner reads."""
    made = Customer.add(
        by=ada,
        name="北京宏远科技有限公司",
        phone="138-1234-5678",
        email="lin@weiming.net",
        address="朝阳路 7 号",
    )
    Contact.add(made, by=ada, name="周立", phone="139 0000 1111", email="qiaoyu88@haitian.net")
    return made


@pytest.mark.parametrize(("text", "what"), SECRETS, ids=[what for _, what in SECRETS])
def test_restricted_facts_match_for_the_owner_alone(
    customer: Customer, ada: Person, ben: Person, mona: Person, adam: Person, text: str, what: str
) -> None:
    assert finds(ada, text) == [str(customer)]
    for other in (ben, mona, adam):
        page = ask(other, text)
        assert str(customer) not in [found.hit.id for found in page.hits]
        assert (page.kinds.get("customer", 0), page.looser) == (0, 0)
        assert not any(choice.count for choice in page.facets.get("owner", ()))
        assert str(customer) not in [found.hit.id for found in searcher.here().suggest(other, text).hits]
    assert [found.hit.id for found in searcher.here().suggest(ada, text).hits] == [str(customer)]


def test_restricted_facts_follow_the_owner(
    customer: Customer, ada: Person, ben: Person, mona: Person
) -> None:
    assert finds(ada, "13812345678") == [str(customer)]
    customer.hand_over(ben, by=mona)
    assert finds(ben, "13812345678") == [str(customer)]
    assert finds(ada, "13812345678") == []


def test_everyone_finds_a_customer_by_what_is_no_secret(customer: Customer, ben: Person) -> None:
    for text in ("宏远", "远科", "hongyuan", "周立"):
        assert finds(ben, text) == [str(customer)]


@pytest.mark.parametrize("way", ["owner", "team", "deal", "share", "lent", "row", "nobody's"])
def test_by_need_a_customer_and_a_deal_are_found_by_whom_they_open_for(
    customer: Customer,
    ada: Person,
    ben: Person,
    mona: Person,
    stan: Person,
    rita: Person,
    adam: Person,
    way: str,
) -> None:
    """Others find neither, and no count tells that there is something; no index has to be made again."""
    deal = Deal.open(by=ada, title="翡翠湾装修", customer=customer, note="预算紧张")
    customer.edit(by=ada, note="董事长怕吵")
    assert finds(stan, "怕吵") == [str(customer)]
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    reader = {"owner": ada, "team": mona, "nobody's": mona, "row": rita}.get(way, ben)
    if way == "deal":
        Deal.open(by=ada, title="窗帘", customer=customer, owner=ben)
    elif way == "share":
        share_with(deal, {ada: 500_000, ben: 500_000}, by=ada)
    elif way == "lent":
        Access.ask(customer, by=ben, purpose="送货").grant(by=ada)
    elif way == "row":
        choose(by=adam, need=True, full={"customer": ["reviewer"], "deal": ["reviewer"]})
    elif way == "nobody's":
        customer.edit(by=ada, owner=None)
    assert finds(reader, "怕吵") == [str(customer)]
    assert finds(reader, "预算紧张") == [str(deal)]
    for text in ("怕吵", "预算紧张", "宏远"):
        page = ask(stan, text)
        assert (page.hits, page.total, page.looser) == ([], 0, 0)
        assert (page.kinds.get("customer", 0), page.kinds.get("deal", 0)) == (0, 0)
        assert not any(choice.count for choice in page.facets.get("owner", ()))
        assert searcher.here().suggest(stan, text).hits == []


def test_by_need_it_is_no_longer_found_when_the_need_is_over(
    customer: Customer, ada: Person, ben: Person, adam: Person
) -> None:
    customer.edit(by=ada, note="董事长怕吵")
    choose(by=adam, need=True, full={"customer": ["department"], "deal": []})
    assert finds(ben, "怕吵") == [str(customer)]
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    assert finds(ben, "怕吵") == []
    lent = Access.ask(customer, by=ben, purpose="送货")
    lent.grant(by=ada)
    assert finds(ben, "怕吵") == [str(customer)]
    with clock.moved(clock.now() + timedelta(days=7, seconds=1)):
        assert finds(ben, "怕吵") == []


def draft_article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, title="秘密草稿", body="还没想好", topics=[schools], published=False)


def draft_experience(ada: Person, schools: Topic) -> Experience:
    made = Experience.begin(by=ada, kind="suggestion")
    made.save_draft(by=ada, title="秘密草稿", topics=[schools])
    return made


@pytest.mark.parametrize("make", [draft_article, draft_experience])
def test_a_draft_is_its_author_s_alone(
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    adam: Person,
    schools: Topic,
    make: Callable[[Person, Topic], Article | Experience],
) -> None:
    draft = make(ada, schools)
    assert finds(ada, "秘密草稿") == [str(draft)]
    for other in (ben, mona, rita, adam):
        page = ask(other, "秘密草稿")
        assert (page.hits, page.total, sum(page.kinds.values())) == ([], 0, 0)
        assert not any(page.facets.values())


def test_who_has_left_finds_nothing(ada: Person, ben: Person, adam: Person, lakeside: Product) -> None:
    assert finds(ben, "翠湖") == [str(lakeside)]
    ben.deactivate(by=adam)
    page = ask(ben.fresh(), "翠湖")
    assert (page.hits, page.total) == ([], 0)


def test_an_index_that_is_behind_shows_nothing_forbidden(ada: Person, ben: Person) -> None:
    """Rights are asked of the database as it is now, not of the index alone."""
    question = Question.ask(by=ada, text="门锁安装要多久？")
    assert finds(ben, "门锁") == [str(question)]
    question.archive(by=ada)
    page = ask(ben, "门锁")
    assert (page.hits, page.total) == ([], 0)


def test_a_spelling_is_offered_only_where_it_leads_somewhere(
    ada: Person, ben: Person, schools: Topic
) -> None:
    Article.add(by=ada, title="Confidential zephyrines", body="…", topics=[schools], published=False)
    finds(ada, "zephyrines")
    for text in ("zephyryes", "xephyrines"):
        assert ask(ben, text).spelling == ""


def test_pages_of_facets_count_only_what_may_be_seen(ada: Person, ben: Person, schools: Topic) -> None:
    Article.add(by=ada, title="学区答疑一", body="正文", topics=[schools])
    Article.add(by=ada, title="学区答疑二", body="正文", topics=[schools], published=False)
    finds(ada, "答疑")
    for person, count in ((ada, 2), (ben, 1)):
        page = ask(person, "答疑")
        assert page.total == page.kinds["article"] == count
        assert [choice.count for choice in page.facets["topic"]] == [count]
        assert [choice.count for choice in page.facets["owner"]] == [count]
    check_index(searcher.here())
