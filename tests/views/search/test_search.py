"""Search in the browser's eyes: the box, the results, what is kept, what is missing, what is administered."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.jobs import worker
from portal.jobs.registry import LOOPS
from portal.jobs.search import feed_search, forget_old_searches, tell_of_new_hits
from portal.jobs.worker import Worker
from portal.models.base.database import db
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.contacts import Contact
from portal.models.customers.customers import Customer
from portal.models.experiences.experiences import Experience
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.questions import Question
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from portal.models.search.documents import SearchFailure
from portal.models.search.lookups import Gap, Lookup, SavedSearch
from portal.models.search.proposals import WordProposal
from portal.models.search.synonyms import Synonym
from portal.models.work.jobs import Job
from portal.search import searcher
from portal.settings import Settings
from tests.client import Client
from tests.conftest import SignIn
from tests.counting import MOST, queries
from tests.parts import lacking


def feed() -> None:
    while feed_search():
        pass


def hits(page: str) -> list[str]:
    return re.findall(r'data-hit="([^"]+)"', page)


def found(browser: Client, q: str = "", **query: str) -> list[str]:
    feed()
    return hits(browser.get("/search", params={"q": q, **query}).text)


@pytest.fixture
def shelf(app: Starlette, ada: Person, ben: Person, schools: Topic, families: CustomerType) -> list[Article]:
    """Three articles about schools, one of them Ben's and one in English."""
    made = [
        Article.add(
            by=ada,
            title="学区划片怎么讲",
            body="先看**划片**公告。",
            topics=[schools],
            customer_type=families,
        ),
        Article.add(by=ben, title="学区风险提示", body="政策会变。", topics=[schools]),
        Article.add(by=ada, title="School places", body="Ask the office for the list.", topics=[schools]),
    ]
    feed()
    return made


# --- The box -------------------------------------------------------------------------------------------


def test_suggestions_are_options_in_groups_best_group_first(
    sign_in: SignIn, ada: Person, shelf: list[Article], lakeside: Product
) -> None:
    feed()
    page = sign_in(ada).get("/search/suggest", params={"q": "学区"}, headers={"HX-Request": "true"}).text
    assert "<html" not in page
    groups = re.findall(r'class="suggest-group" role="group" aria-label="([^"]+)"', page)
    assert groups[0] == "Knowledge"
    assert hits(page)[:2] == [str(shelf[1]), str(shelf[0])] or hits(page)[:2] == [
        str(shelf[0]),
        str(shelf[1]),
    ]
    options = re.findall(r'<a class="suggest[^"]*" role="option"', page)
    assert len(options) == len(hits(page)) + 1, "the last leads to all results"
    assert "<mark>学区</mark>" in page
    assert "style=" not in page


@pytest.mark.parametrize("q", ["翠湖", "翠湖花", "cuihu"])
def test_many_deals_leave_room_for_what_they_are_about(
    sign_in: SignIn, ada: Person, lakeside: Product, schools: Topic, q: str
) -> None:
    """The product of fifty deals, and what is known of it, are offered beside them."""
    lakeside.edit(by=None, name="翠湖花园")
    customer = Customer.add(by=ada, name="张先生")
    for number in range(55):
        Deal.open(by=ada, title=f"翠湖花园 {number} 号", customer=customer, product=lakeside)
    known = Article.add(by=ada, title="先说停车", body="翠湖花园的客户都问车位。", topics=[schools])
    feed()
    offered = hits(sign_in(ada).get("/search/suggest", params={"q": q}).text)
    assert str(lakeside) in offered
    assert (str(known) in offered) is (q != "cuihu"), "a text is not found by pinyin"
    assert len([each for each in offered if each.startswith("deal-")]) >= 4


def test_nothing_typed_suggests_nothing(sign_in: SignIn, ada: Person) -> None:
    assert "option" not in sign_in(ada).get("/search/suggest", params={"q": " "}).text


def test_what_is_put_into_a_text_is_what_its_writer_may_read(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, lakeside: Product
) -> None:
    """People, topics and records by name; no draft of somebody else, and no customer: others read the text."""
    Article.add(by=ben, title="Lakeside draft", body="x", topics=[schools], published=False)
    Customer.add(by=ada, name="Lakeside Club", owner=ada)
    Topic.create(name="Schools abroad", archived_at=clock.now())
    feed()
    browser = sign_in(ada)

    def written(sort: str, text: str) -> list[str]:
        answer = browser.get("/search/offers", params={"of": sort, "q": text}, headers={"HX-Request": "true"})
        return re.findall(r'data-written="([^"]*)"', answer.text)

    assert written("record", "Lakeside") == [f"[Lakeside Gardens]({lakeside.url})"]
    assert written("person", ben.name) == [f"[{ben.name}]({ben.url})"]
    assert written("topic", schools.name) == written("topic", "xuequ") == [f"[Schools]({schools.url})"]
    assert written("person", " ") == written("topic", "") == []
    assert len(written("block", "")) > 5
    assert written("customer", "Lakeside") == []


def test_what_is_called_so_is_put_in_before_what_speaks_of_it(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    for title, body in (("头三十天", "学区" * 4), ("怎么查、怎么说：问客户学区和房价，再说别的事情", "x")):
        Article.add(by=ben, title=title, body=body, topics=[schools])
    feed()
    offered = sign_in(ada).get("/search/offers", params={"of": "record", "q": "学区"}).text
    assert [title[:2] for title in re.findall(r'data-written="\[([^\]]*)\]', offered)] == ["怎么", "头三"]


def test_colleagues_are_put_in_by_their_names(sign_in: SignIn, ada: Person, ben: Person) -> None:
    """Not by the address that all share, nor those who left; whose name begins so comes first."""
    for name, english in (("王海利", "Hai"), ("李明朗", "Ming"), ("李走", "Gone"), ("Zoë", "Zoe")):
        Person.add(by=ada, name=name, name_en=english, email=f"{english.lower()}@lily.example")
    Person.update(deactivated_at=clock.now()).where(Person.name == "李走").execute()
    offered = sign_in(ada).get("/search/offers", params={"of": "person", "q": "li"}).text
    assert re.findall(r'data-written="\[([^\]]*)\]', offered) == ["Ming", "Hai"]


@pytest.mark.parametrize(
    "path",
    [
        "/search",
        "/search/suggest?q=a",
        "/search/offers?of=person&q=a",
        "/search/saved",
        "/search/gaps",
        "/admin/search",
    ],
)
def test_search_is_for_colleagues(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["location"]


# --- What is there already -----------------------------------------------------------------------------


def test_who_asks_is_shown_what_is_there_with_its_best_answer(
    sign_in: SignIn, ada: Person, ben: Person, shelf: list[Article], schools: Topic
) -> None:
    question = Question.ask(by=ben, text="学区会变吗？", topic=schools)
    answer = question.answer(by=ada, text="**会变**，以当年公告为准。")
    question.answer(by=ben, text="不会。")
    question.choose_best(answer, by=ben)
    feed()
    page = sign_in(ada).get("/search/similar", params={"text": "学区"}, headers={"HX-Request": "true"}).text
    assert "<html" not in page
    assert f'href="/questions/{question.id}"' in page
    assert "Best answer: 会变，以当年公告为准。" in page
    assert "不会。" not in page
    assert f'href="/articles/{shelf[0].id}"' in page
    assert page.count("<li>") <= 5
    assert 'href="/search?q=' in page
    assert not Lookup.select().exists(), "what is only written is not noted as looked for"


def test_nothing_is_shown_for_a_word_only_begun_or_of_what_may_not_be_read(
    sign_in: SignIn, ada: Person, ben: Person, lakeside: Product, schools: Topic
) -> None:
    """No draft of others, no customer, no deal, no experience on its way; what is typed sets no filter."""
    Article.add(by=ada, title="钥匙柜的秘密", body="草稿", topics=[schools], published=False)
    draft = Experience.begin(by=ada, kind="suggestion")
    draft.save_draft(by=ada, title="钥匙柜", situation="钥匙常找不到")
    customer = Customer.add(by=ada, name="安然", note="想要钥匙柜")
    Deal.open(by=ada, title="钥匙柜", customer=customer)
    gone = Question.ask(by=ada, text="钥匙柜在哪？")
    gone.archive(by=ada)
    feed()

    def shown(person: Person, text: str) -> str:
        return sign_in(person).get("/search/similar", params={"title": text}).text

    assert "<li>" not in shown(ben, "钥匙柜")
    assert shown(ada, "钥匙柜").count("<li>") == 1, "her own draft"
    assert "<li>" not in shown(ada, "钥")
    assert "<li>" not in shown(ada, "key")
    assert "Nothing here is called" not in shown(ben, "owner:me 类型:客户")
    assert shown(ben, "<script>").count("<script") == 0
    assert sign_in(ben).get("/search/similar").status_code == 200


@pytest.mark.parametrize("path", ["/questions/new?text=学区", "experience", "request"])
def test_forms_for_something_new_look_for_what_is_there(sign_in: SignIn, ada: Person, path: str) -> None:
    """By themselves as one types, and by a plain link where no script runs."""
    field = "text"
    if path == "experience":
        path, field = f"{Experience.begin(by=ada, kind='suggestion').url}/edit", "title"
    elif path == "request":
        path, field = f"{Customer.add(by=ada, name='北京').url}/requests/new", "request"
    page = sign_in(ada).get(path).text
    assert f'data-hx-trigger="input delay:500ms from:#{field}' in page
    assert re.search(rf'id="{field}"', page)
    link = re.search(r'<a href="(/search[^"]*)" target="_blank" rel="noopener">.*?Look whether', page, re.S)
    assert link is not None
    assert link[1] == ("/search?q=%E5%AD%A6%E5%8C%BA" if "学区" in path else "/search")


# --- The results ---------------------------------------------------------------------------------------


def test_results_have_tabs_facets_and_marks(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    page = sign_in(ada).get("/search", params={"q": "学区"}).text
    assert set(hits(page)) == {str(shelf[0]), str(shelf[1])}
    assert "<mark>学区</mark>划片怎么讲" in page
    assert 'value="学区"' in page, "the box keeps what was typed"
    assert re.search(r'aria-current="page">All <span class="chip-count">2<', page)
    assert re.search(r'kind=article">Knowledge <span class="chip-count">2<', page)
    for words in ("Ada", "Ben", "Author or owner"):
        assert words in page
    assert "2 results" in page


def test_a_hit_is_called_and_told_in_one_language(sign_in: SignIn, ada: Person, lakeside: Product) -> None:
    """What has a name in both languages has the reader's, and a word found in the other stands alone."""
    lakeside.edit(by=ada, name="翠湖", name_en="Lakeside Park", description="楼间距大。")
    person = Person.add(by=None, email="qin@x.example", name="秦可", name_en="Coco Qin", title="顾问")
    person.edit(by=None, title_en="Mortgage consultant")
    deal = Deal.open(by=ada, title="三居置换", product=lakeside)
    feed()
    browser = sign_in(ada)

    def told(q: str) -> list[tuple[str, str]]:
        page = browser.get("/search", params={"q": q}).text
        rows = re.findall(
            r'data-hit="([^"]+)">(.*?)</a>.*?(?:entry-text"[^>]*>(.*?)</p>|entry-line)', page, re.S
        )
        return [(id, f"{title} / {text}") for id, title, text in rows]

    assert dict(told("Lakeside Park"))[str(lakeside)] == "<mark>Lakeside Park</mark> / "
    assert (
        dict(told("Lakeside Park"))[str(deal)] == f"三居置换 / <mark>Lakeside Park</mark> · {lakeside.code}"
    )
    assert dict(told("翠湖"))[str(deal)] == f"三居置换 / <mark>翠湖</mark> · {lakeside.code}"
    assert dict(told("coco"))[str(person)] == "<mark>Coco</mark> Qin / Mortgage consultant"
    assert dict(told("秦可"))[str(person)] == "<mark>秦可</mark> / Mortgage consultant"
    ada.edit(by=ada, locale="zh")
    assert dict(told("Lakeside Park"))[str(lakeside)] == "翠湖 / <mark>Lakeside Park</mark>"
    assert dict(told("翠湖"))[str(lakeside)] == "<mark>翠湖</mark> / 楼间距大。"
    assert dict(told("coco"))[str(person)] == "秦可 / <mark>Coco</mark> Qin"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("谁懂学区", True),
        ("学区该找谁问？", True),
        ("有没有人熟悉学区", True),
        ("学区的专家是谁", True),
        ("who can help me with schools", True),
        ("Does anyone know about schools?", True),
        ("whom should I ask about schools", True),
        ("an expert on schools", True),
        ("谁处理过学区的纠纷", True),
        ("学区的事归谁管", True),
        ("学区方面谁最厉害", True),
        ("有没有懂学区的同事", True),
        ("谁是学区专家", True),
        ("学区专家？", True),
        ("who's good at schools", True),
        ("who has dealt with schools before", True),
        ("person responsible for schools", True),
        ("a schools expert", True),
        ("学区", False),
        ("业主不在谁签字", False),
        ("学区房的产权归谁", False),
        ("学区房谁付佣金", False),
        ("谁说学区不重要", False),
        ("who pays for schools", False),
        ("whole school list", False),
        ("the buyer who can pay", True),  # a person reads past a card; nothing below is moved or lost
    ],
)
def test_who_questions_name_people_above_the_results(
    sign_in: SignIn, ada: Person, ben: Person, shelf: list[Article], schools: Topic, text: str, asked: bool
) -> None:
    """With what they know, the proof of it, and how they are reached; never who asks."""
    ben.edit(by=None, phone="13800001234", title="Adviser")
    Evidence.record(ben, schools, "accepted experience", shelf[1], key="a")
    Evidence.record(ada, schools, "accepted experience", shelf[0], key="b")
    page = sign_in(ada).get("/search", params={"q": text}).text
    assert ('id="to-ask"' in page) == asked
    if asked and "schools" in text:
        card = page[page.index('id="to-ask"') :].partition("</section>")[0]
        assert f'href="/people/{ben.id}#topic-{schools.id}"' in card
        assert f'href="/people?topic={schools.id}"' in card
        assert 'href="tel:13800001234"' in card
        assert f"mailto:{ben.email}" in card
        assert f'href="/people/{ada.id}"' not in card
        assert f"topic={schools.id}" in card.partition("/questions/new")[2]


def test_what_is_known_comes_before_many_customers_who_want_the_same(
    sign_in: SignIn, ada: Person, lakeside: Product, schools: Topic
) -> None:
    """It only mentions the product, as they do, and is older: their notes would fill the first page."""
    lakeside.edit(by=None, name="翠湖花园")
    known = Article.add(
        by=ada, title="先说停车", body="翠湖花园的客户都问车位。" + "别的。" * 1500, topics=[schools]
    )
    Article.update(updated_at=clock.now() - timedelta(days=30)).where(Article.id == known.id).execute()
    for number in range(25):
        note = "周末才有空看房，每次最多看三套，想知道持有五年的总账，含税费和物业费。" * 30
        customer = Customer.add(by=ada, name=f"张先生 {number}", note=f"{note}关注小区：翠湖花园")
        for title in ("翠湖花园两居", "翠湖花园三居"):
            Deal.open(by=ada, title=title, customer=customer, product=lakeside)
    feed()
    browser = sign_in(ada)
    listed = found(browser, "翠湖花园")
    assert [each for each in listed if not each.startswith("deal-")][:2] == [str(lakeside), str(known)]
    later = found(browser, "翠湖花园", page="2")
    assert len(listed + later) == len({*listed, *later}) == 1 + 3 + 1 + 25, "each once, on one of the pages"


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("loan", "The best 49 results"),  # an engine gives fifty entries at once: there are more of them
        ("loan bank", "1 of the best 49 results hold every word."),
        ("haggle", "2 results"),
        ("bank", "1 result"),
    ],
)
def test_what_the_company_calls_otherwise_holds_the_word(
    sign_in: SignIn, ada: Person, schools: Topic, q: str, said: str
) -> None:
    Synonym.add(by=ada, words="贷款, loan")
    Synonym.add(by=ada, words="谈价, haggle")
    for title in ("谈价先听", "怎么谈价"):
        Article.add(by=ada, title=title, body="先问清。", topics=[schools])
    for number in range(60):
        Article.add(by=ada, title=f"贷款 {number}", body="先问清。", topics=[schools])
    Article.add(by=ada, title="问清贷款", body="Ask the bank.", topics=[schools])
    Article.add(by=ada, title="The load of a lift", body="Eight people.", topics=[schools])
    feed()
    page = sign_in(ada).get("/search", params={"q": q}).text
    assert " ".join(page.partition('class="search-count">')[2].partition("</p>")[0].split()) == said
    assert "Did you mean" not in page


def test_what_only_shares_the_words_that_ask_tells_nothing_of_the_field(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    Article.add(by=ada, title="有没有人管", body="没有人能保证是哪一所。", topics=[schools])
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    asked = Question.ask(by=ada, text="有没有人修过门锁？")
    asked.answer(by=ben, text="没有人。")
    feed()
    browser = sign_in(ada)

    def card(q: str) -> str:
        return (
            browser.get("/search", params={"q": q})
            .text.partition('id="to-ask"')[2]
            .partition("</section>")[0]
        )

    assert f"topic={schools.id}" not in card("有没有人会英语")
    assert "Nobody is known for this yet" in card("有没有人会英语")
    assert asked.url not in card("有没有人会英语")
    assert asked.url in card("有没有人会修门锁")
    assert f'href="/people?topic={schools.id}"' in card("有没有人能保证")


def test_a_who_question_without_anyone_says_so_and_goes_on(
    sign_in: SignIn, ada: Person, audrey: Person
) -> None:
    page = sign_in(ada).get("/search", params={"q": "谁懂潜水"}).text
    assert "Nobody is known for this yet" in page
    assert "/questions/new?text=" in page
    assert "/questions/new" not in sign_in(audrey).get("/search", params={"q": "谁懂潜水"}).text
    assert 'id="to-ask"' not in sign_in(ada).get("/search", params={"q": "谁懂潜水", "kind": "person"}).text


def test_why_somebody_is_to_be_asked_first_is_told_term_by_term(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Stan: the answer to the like question, 2 of 10, is .20, L and A are the most: 2.20, and a question waits for
    him: 1.10. Ben: an accepted experience, 1.00. All that is shown adds up.
    """
    question = Question.ask(by=ada, text="谁懂学区划片？", topic=schools)
    question.answer(by=stan, text="问学校。")
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    Ask.put(Question.ask(by=ada, text="贷款要多久批？"), stan, round=1, due_at=clock.now())
    feed()
    page = sign_in(ada).get("/search", params={"q": "谁懂学区"}).text
    card = page[page.index('id="to-ask"') :].partition("</section>")[0]
    first, second = [why for why in card.split("Why this order?") if 'class="proofs"' in why][:2]
    told = [
        [" ".join(each.split()) for each in re.findall(r'proof-sum">(.*?)</', why.partition("</details>")[0])]
        for why in (first, second)
    ]
    assert told == [["0.20", "1.00", "1.00", "2.20", "÷ 2", "1.10"], ["1.00", "0.00", "0.00", "1.00"]]
    assert "2.00 of 10.00, the most among them" in first
    assert f'href="/questions/{question.id}"' in first
    assert f'href="{ben.url}#topic-{schools.id}"' in second


def test_a_question_that_only_mentions_a_field_makes_nobody_known_for_it(
    sign_in: SignIn, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Stan answered one of taxes, in which the field is named: Ben, who proved something in it, comes first."""
    taxes = Topic.create(name="税费", name_en="Taxes")
    other = Question.ask(by=ada, text="学区房的税怎么算？", topic=taxes)
    other.answer(by=stan, text="按总价算。")
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    feed()
    page = sign_in(ada).get("/search", params={"q": "谁懂学区"}).text
    assert other.url in page.partition('id="rows"')[2], "it is found"
    card = page[page.index('id="to-ask"') :].partition("</section>")[0]
    assert re.findall(r'href="(/people/\d+)"', card)[0] == ben.url
    assert other.url not in card


def test_questions_like_one_are_found_by_its_words_and_by_those_of_its_detail(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """What was put away, and other records, are none of them."""
    lock = Question.ask(by=ben, text="门锁安装要多久？", detail="老小区的防盗门")
    door = Question.ask(by=ben, text="换一扇门要几天？", detail="防盗门，老小区")
    Question.ask(by=ben, text="贷款要多久批？")
    Article.add(by=ben, title="门锁安装要多久", body="一小时。", topics=[schools])
    gone = Question.ask(by=ben, text="门锁安装要多久呢？")
    gone.archive(by=ben)
    feed()
    search = searcher.here()
    assert search.alike(ada, "门锁安装要多久")[0] == lock.id
    assert gone.id not in search.alike(ada, "门锁安装要多久")
    assert search.alike(ada, "防盗门", "想换一扇门")[0] == door.id
    assert search.alike(ada, "", "") == []


LISTS = [
    ("/customers", "宏远 北京", "北京宏远科技有限公司"),
    ("/customers", "hongyuan", "北京宏远科技有限公司"),
    ("/customers", "周立", "北京宏远科技有限公司"),
    ("/customers", "139 0000 1111", "北京宏远科技有限公司"),
    ("/customers", "怕吵", "北京宏远科技有限公司"),
    ("/deals", "置换 宏远", "三居置换"),
    ("/deals", "zhihuan", "三居置换"),
    ("/questions", "门锁 多久", "安装门锁要多久？"),
    ("/questions", "拧紧", "安装门锁要多久？"),
    ("/articles", "划片 学区", "学区划片怎么讲"),
    ("/articles", "公告", "学区划片怎么讲"),
    ("/people", "8888", "欧阳若兰"),
    ("/people", "ruolan ouyang", "欧阳若兰"),
    ("/people", "谁懂学区", "欧阳若兰"),
    ("/people", "学区问题可以问哪位同事？", "欧阳若兰"),
    ("/people", "有没有懂学区的人", "欧阳若兰"),
    ("/products", "电梯", "翠湖"),
    ("/products", "lifts", "翠湖"),  # as the company says it otherwise
    ("/articles", "学曲划片", "学区划片怎么讲"),  # a wrong character
]


@pytest.mark.parametrize(("path", "text", "title"), LISTS)
def test_the_box_of_a_list_finds_as_the_search_box_does(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, path: str, text: str, title: str
) -> None:
    """All words in any order, pinyin, phone, contact, what stands in the text: each for who may read it."""
    Synonym.add(by=ada, words="电梯, lift")
    customer = Customer.add(by=ada, name="北京宏远科技有限公司", note="董事长怕吵")
    Contact.add(customer, by=ada, name="周立", phone="13900001111")
    Deal.open(by=ada, title="三居置换", customer=customer)
    Question.ask(by=ada, text="安装门锁要多久？").answer(by=ben, text="拧紧螺丝就好。")
    Article.add(by=ada, title="学区划片怎么讲", body="先看公告。", topics=[schools])
    other = Person.add(by=None, email="oyrl@x.example", name="欧阳若兰", phone="13612348888")
    Evidence.record(other, schools, "accepted experience", schools, key="a")
    Product.add(by=None, code="B-2", name="翠湖", description="电梯到户")
    feed()

    def listed(person: Person) -> str:
        page = sign_in(person).get(path, params={"q": text}).text
        return page[page.index('id="rows"') :] if 'id="rows"' in page else ""

    assert title in listed(ada)
    assert title not in sign_in(ada).get(path, params={"q": f"{text}火箭"}).text.partition('id="rows"')[2]
    secret = text.startswith("139")
    assert (title in listed(ben)) is not secret, "a contact's phone is its owner's"


@pytest.mark.parametrize("q", ["谁懂学区", "学区的事问谁", "who's good at schools"])
def test_a_question_for_people_in_their_list_is_answered_in_order(
    sign_in: SignIn, ada: Person, schools: Topic, q: str
) -> None:
    """As the list of who knows the topic is, also those who know what lies below it; where nobody does, those
    whose page says the word.
    """
    below = Topic.create(name="划片", name_en="Catchment", parent=schools)
    one = Person.add(by=None, email="a@x.example", name="阿一", title="学区")
    best = Person.add(by=None, email="z@x.example", name="周二")
    feed()
    if q.startswith("谁"):
        assert "阿一" in sign_in(ada).get("/people", params={"q": q}).text, "nobody proved anything yet"
    Evidence.record(one, schools, "endorsement", schools, key="a")
    Evidence.record(best, below, "accepted experience", below, key="b")
    feed()
    browser = sign_in(ada)
    asked, chosen = (
        re.findall(r'class="person" href="(/people/\d+)"', browser.get("/people", params=params).text)
        for params in ({"q": q}, {"topic": str(schools.id)})
    )
    assert asked == chosen == [best.url, one.url]


ASKED = [
    "/search?q=谁懂学区",
    "/people?q=谁懂学区",
    "/search/similar?text=学区划片怎么讲",
    *(f"{path}?q={text}" for path, text, _title in LISTS),
]


@pytest.mark.parametrize("address", ASKED)
def test_what_is_asked_with_words_asks_little_of_the_database(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, shelf: list[Article], address: str
) -> None:
    """Cold, however many are known for it and answered the like."""
    asked = [Question.ask(by=ada, text=f"学区划片怎么讲 {n}？", topic=schools) for n in range(3)]
    Customer.add(by=ada, name="北京宏远科技有限公司", note="董事长怕吵")
    for n in range(4):
        knower = Person.add(by=None, email=f"k{n}@x.example", name=f"欧阳{n}")
        Evidence.record(knower, schools, "accepted experience", schools, key=f"k{n}")
        for question in asked:
            question.answer(by=knower, text="先看公告。")
    feed()
    browser = sign_in(ada)
    browser.get("/search?q=x")
    with queries() as sent:
        page = browser.get(address)
    assert page.status_code == 200
    assert len(sent) <= MOST, "\n".join(sent)
    if "/search?" in address:
        assert page.text.count("row-item to-ask") == 3


def test_what_is_there_already_is_told_of_open_knowledge_and_ones_own_alone(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    """While one writes: no draft, customer or deal of a colleague's, nor what was put away."""
    Article.add(by=ben, title="门锁安装要点", body="拧紧。", topics=[schools], published=False)
    Deal.open(by=ben, title="门锁安装项目")
    Experience.begin(by=ben, kind="suggestion").save_draft(by=ben, title="门锁安装经验")
    gone = Question.ask(by=ben, text="门锁安装要多久？")
    gone.archive(by=adam)
    Customer.add(by=ben, name="门锁安装公司")
    feed()
    for who in (ada, adam):
        assert "<li>" not in sign_in(who).get("/search/similar?text=门锁安装").text
    own = sign_in(ben).get("/search/similar?text=门锁安装").text
    assert own.count("<li>") == 1
    assert "要点" in own


def test_a_list_says_that_only_the_newest_are_here(
    sign_in: SignIn, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the page and in the file: who takes it knows that it is not all."""
    for module in ("portal.search.searcher", "portal.views.base.lists"):
        monkeypatch.setattr(f"{module}.DEEPEST", 3)
    said = "only the newest 3 are here"
    for n in range(4):
        with clock.moved(clock.now() + timedelta(minutes=n)):
            Customer.add(by=ada, name=f"第{n}家", note="董事长怕吵")
            feed()
    browser = sign_in(ada)
    page = browser.get("/customers", params={"q": "怕吵 董事长"}).text
    assert said in page
    rows = page.partition('id="rows"')[2]
    assert [n for n in range(4) if f"第{n}家" in rows] == [1, 2, 3]
    taken = browser.post("/customers/export?q=怕吵 董事长").text
    assert said in taken
    assert taken.count("第") == 3
    for fits in ("第2家", ""):
        assert said not in browser.get("/customers", params={"q": fits}).text
        assert said not in browser.post(f"/customers/export?q={fits}").text
    knocked = Customer.get(Customer.name == "第2家")
    chosen = browser.post("/customers/export?q=怕吵 董事长", data={"id": str(knocked.id)}).text
    assert said not in chosen, "what was chosen by hand is all here"
    assert taken.count("第") == 3


def test_a_list_finds_what_is_written_where_no_engine_answers(
    sign_in: SignIn, ada: Person, settings: Settings
) -> None:
    Customer.add(by=ada, name="北京宏远科技有限公司")
    (settings.data / "search").mkdir(parents=True, exist_ok=True)
    (settings.data / "search" / "current.json").write_text("broken")
    assert "北京宏远科技" in sign_in(ada).get("/customers?q=宏远").text.partition('id="rows"')[2]


def test_the_results_page_speaks_chinese(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    ada.edit(by=ada, locale="zh")
    page = sign_in(ada).get("/search", params={"q": "学区"}).text
    assert "“学区”的搜索结果" in page
    assert "2 条结果" in page
    assert "缩小范围" in page
    page = sign_in(ada).get("/search", params={"q": "没有这回事甲乙丙"}).text
    assert "问问专家" in page


def test_filters_narrow_and_combine(
    sign_in: SignIn, ada: Person, ben: Person, shelf: list[Article], schools: Topic, families: CustomerType
) -> None:
    browser = sign_in(ada)
    assert found(browser, "学区", owner=str(ben.id)) == [str(shelf[1])]
    assert found(browser, "学区", type=str(families.id)) == [str(shelf[0])]
    assert found(browser, "学区", kind="customer") == []
    assert set(found(browser, topic=str(schools.id))) == set(map(str, shelf))
    assert found(browser, topic=str(schools.id), lang="en") == [str(shelf[2])]
    assert found(browser, "学区", topic="999") == []
    assert found(browser, "学区", topic="rubbish", page="rubbish", sort="rubbish") == []


BOXED = [
    ("type:客户 明德", ["customer-1"]),
    ("类型:客户 明德", ["customer-1"]),
    ("明德 type:knowledge", []),
    ("owner:me 学区", ["article-1"]),
    ("负责人:我 学区", ["article-1"]),
    ("作者:Ben 学区", ["article-2"]),
    ("topic:学区 School", ["article-3"]),
    ("topic:schools lang:en", ["article-3"]),
    ("product:A-1024 type:deal", ["deal-1"]),
    ("type:有学龄儿童家庭 学区", ["article-1"]),
    ("status:open 落户", ["question-1"]),
    ("状态:已回答 落户", []),
]


@pytest.mark.parametrize(("typed", "expected"), BOXED, ids=[typed for typed, _ in BOXED])
def test_filters_in_the_box(
    sign_in: SignIn, ada: Person, shelf: list[Article], lakeside: Product, typed: str, expected: list[str]
) -> None:
    customer = Customer.add(by=ada, name="明德小学")
    Deal.open(by=ada, title="三居置换", customer=customer, product=lakeside)
    Question.ask(by=ada, text="落户要几年？")
    assert found(sign_in(ada), typed) == expected


def test_a_filter_that_names_nothing_is_said_and_left_out(
    sign_in: SignIn, ada: Person, shelf: list[Article]
) -> None:
    page = sign_in(ada).get("/search", params={"q": "topic:海底捞 学区"}).text
    assert "Nothing here is called “海底捞”" in page
    assert len(hits(page)) == 2
    page = sign_in(ada).get("/search", params={"q": "10:30 学区"}).text
    assert "Nothing here is called" not in page


def test_pages_follow_each_other_without_gaps_or_repeats(sign_in: SignIn, ada: Person) -> None:
    for number in range(45):
        Product.add(by=ada, code=f"N-{number}", name=f"翠湖{number}期")
    browser = sign_in(ada)
    seen = [hit for page in "123" for hit in found(browser, "翠湖", page=page)]
    assert len(seen) == len(set(seen)) == 45
    assert found(browser, "翠湖", page="4") == found(browser, "翠湖", page="3"), (
        "there is no page after the last"
    )
    first = browser.get("/search", params={"q": "翠湖"}).text
    assert "45 results" in first
    assert "page=2" in first
    assert "page=3" not in first


def test_newest_first(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    with clock.moved(clock.now() + timedelta(days=1)):
        shelf[0].edit(by=ada, body="学区改了。")
    assert found(sign_in(ada), "学区", sort="-updated")[0] == str(shelf[0])


def test_nothing_found_helps_on(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    browser = sign_in(ada)
    page = browser.get("/search", params={"q": "学区", "kind": "deal"}).text
    assert "Without the filters there are 2 results" in page
    page = browser.get("/search", params={"q": "量子 纠缠"}).text
    assert "Ask an expert" in page
    assert "/questions/new?text=" in page


def test_what_was_typed_is_never_markup(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    page = sign_in(ada).get("/search", params={"q": '<script>"学区'}).text
    assert "<script>&#34;" not in page
    assert '<script>"' not in page
    assert "&lt;script&gt;" in page


def test_a_results_page_costs_few_queries(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    Customer.add(by=ada, name="学区咨询公司")
    Question.ask(by=ada, text="学区会变吗？")
    Product.add(by=ada, code="S-1", name="学区花园")
    browser = sign_in(ada)
    found(browser, "学区")
    counted: list[str] = []
    plain = db.obj.execute_sql

    def counting(sql: str, *rest: object, **more: object) -> object:
        counted.append(sql)
        return plain(sql, *rest, **more)

    db.obj.execute_sql = counting
    try:
        browser.get("/search/suggest", params={"q": "学区"})
        suggesting = len(counted)
        browser.get("/search", params={"q": "学区"})
    finally:
        del db.obj.execute_sql
    reads = [sql for sql in counted[suggesting:] if sql.lstrip("(").upper().startswith("SELECT")]
    assert len(reads) <= 12, "\n".join(reads)


# --- Kept searches -------------------------------------------------------------------------------------


def test_a_kept_search_tells_of_what_is_new(
    sign_in: SignIn, ada: Person, ben: Person, shelf: list[Article], schools: Topic
) -> None:
    browser = sign_in(ada)
    for _ in range(2):
        answer = browser.post("/search/saved", data={"query": "q=学区&kind=article", "name": "学区知识"})
        assert answer.status_code == 303
    kept = SavedSearch.get()
    assert (kept.person, SavedSearch.select().count()) == (ada, 1)
    assert "学区知识" in browser.get("/search/saved").text
    with clock.moved(clock.now() + timedelta(minutes=1)):
        shelf[1].edit(by=ben, body="改了一个字")
        feed()
        tell_of_new_hits(Job(name="tell of new hits"))
        assert not Notice.select().where(Notice.person == ada).exists(), "what was there before is not new"
        Article.add(by=ben, title="学区新政", body="今年有变。", topics=[schools])
        feed()
        tell_of_new_hits(Job(name="tell of new hits"))
        tell_of_new_hits(Job(name="tell of new hits"))
    notice = Notice.get(Notice.person == ada)
    assert "学区新政" in notice.phrase
    assert notice.url.startswith("/search?")
    assert sign_in(ben).post(f"/search/saved/{kept.id}/removal").status_code == 404
    assert browser.post(f"/search/saved/{kept.id}/removal").status_code == 303
    assert not SavedSearch.select().exists()


def test_an_empty_search_is_not_kept(sign_in: SignIn, ada: Person) -> None:
    assert sign_in(ada).post("/search/saved", data={"query": ""}).status_code == 422
    assert not SavedSearch.select().exists()


# --- What is missing -----------------------------------------------------------------------------------


def test_searches_in_vain_become_answers_and_the_askers_are_told(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, rita: Person, schools: Topic
) -> None:
    for person in (ada, ben):
        assert found(sign_in(person), "宠物 落户") == []
    sign_in(ada).get("/search", params={"q": "宠物  落户？"})
    assert Lookup.select().count() == 2, "the same within half an hour is one"
    page = sign_in(mona).get("/search/gaps").text
    row = re.search(r"<tr>.*?宠物.*?</tr>", page.split("<tbody")[1], re.DOTALL)
    assert row is not None
    assert re.findall(r'class="cell-end[^"]*">\s*(?:<span>)?(\d+)', row[0]) == ["2", "0", "2", "2"]
    assert "Ada" not in row[0]
    answer = sign_in(mona).post("/search/gaps/question", data={"text": "宠物 落户"})
    question = Question.get()
    assert answer.headers["location"] == f"/questions/{question.id}"
    assert sign_in(mona).post("/search/gaps/question", data={"text": "宠物 落户"}).status_code == 303
    assert Question.select().count() == 1
    question.answer(by=rita, text="要先办证。")
    feed()
    told = {notice.person_id for notice in Notice.select().where(Notice.key.startswith("gap:"))}
    assert told == {ada.id, ben.id}
    assert Gap.get().state == "answered"
    assert "宠物" not in sign_in(mona).get("/search/gaps").text.split('id="gaps"')[1]
    assert "宠物" in sign_in(mona).get("/search/gaps?state=answered").text


def test_everything_can_be_looked_through_before_anything_is_asked(sign_in: SignIn, ada: Person) -> None:
    for number in range(25):
        Product.add(by=ada, code=f"N-{number}", name=f"翠湖{number}期")
    browser = sign_in(ada)
    first, second = found(browser), found(browser, page="2")
    assert len(first) == 20
    assert len(second) >= 5
    assert not set(first) & set(second)


@pytest.mark.parametrize("signs", ["!!!", "。。。", "🏠", "%", '"', "***"])
def test_signs_alone_find_nothing_rather_than_everything(
    sign_in: SignIn, ada: Person, shelf: list[Article], signs: str
) -> None:
    browser = sign_in(ada)
    assert found(browser, signs) == []
    assert not Lookup.select().exists()


@pytest.mark.parametrize("typed", ["13912345678", "who@nowhere.invalid", "2007", "客户 13912345678"])
def test_what_tells_who_somebody_is_stays_out_of_the_gaps(sign_in: SignIn, ada: Person, typed: str) -> None:
    assert found(sign_in(ada), typed) == []
    assert not Lookup.select().exists()


def test_a_title_found_by_its_pinyin_is_not_shown_in_pinyin(
    sign_in: SignIn, ada: Person, shelf: list[Article]
) -> None:
    feed()
    page = sign_in(ada).get("/search", params={"q": "huapian"}).text
    assert hits(page) == [str(shelf[0])]
    assert "<mark>huapian" not in page
    assert "xuequ" not in page


def test_each_choice_offered_leads_to_as_many_hits_as_it_says(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic
) -> None:
    for number in range(4):
        by = ada if number % 2 else ben
        Article.add(by=by, title=f"学区签约 {number}", body="签约之前先看税费。", topics=[schools])
        Article.add(by=by, title=f"签约 {number}", body="带好证件。", topics=[schools])
        Product.add(by=ada, code=f"N-{number}", name=f"学区房{number}期")
    feed()
    browser = sign_in(ada)
    for text in ("学区", "签约 税费", "学区 证件", "签约"):
        page = browser.get("/search", params={"q": text}).text
        offered = re.findall(
            r'<a href="(/search\?[^"]+)"[^>]*>(?:(?!</a>).)*?count">([0-9]+)<', page, re.DOTALL
        )
        assert len(offered) > 1, text
        for address, count in offered:
            assert len(hits(browser.get(address.replace("&amp;", "&")).text)) == int(count), (text, address)


def test_a_character_of_the_same_sound_finds_the_title_and_is_put_right(
    sign_in: SignIn, ada: Person, shelf: list[Article]
) -> None:
    article = Article.add(by=ada, title="贷款流程要多久", body="看银行。", topics=list(shelf[0].topics))
    browser = sign_in(ada)
    assert found(browser, "贷宽") == [str(article)]
    page = browser.get("/search", params={"q": "贷宽"}).text
    assert 'href="/search?q=%E8%B4%B7%E6%AC%BE">贷款</a>?' in page


def test_words_said_otherwise_hold_every_word(sign_in: SignIn, ada: Person, shelf: list[Article]) -> None:
    Synonym.add(by=ada, words="enrolment, 划片")
    browser = sign_in(ada)
    assert found(browser, "enrolment") == [str(shelf[0])]
    page = browser.get("/search", params={"q": "enrolment"}).text
    assert "No result holds every word" not in page
    assert "<mark>划片</mark>" in page


def test_that_only_some_words_are_held_is_a_whole_sentence(
    sign_in: SignIn, ada: Person, shelf: list[Article]
) -> None:
    browser = sign_in(ada)
    assert found(browser, "划片 天文台") == [str(shelf[0])]
    page = browser.get("/search", params={"q": "划片 天文台"}).text
    assert "No result holds every word. 1 holds some of them.<" in re.sub(r"\s+<", "<", page)


def test_a_gap_becomes_an_article(sign_in: SignIn, ada: Person, rita: Person, schools: Topic) -> None:
    found(sign_in(ada), "宠物 落户")
    answer = sign_in(rita).post("/search/gaps/article", data={"text": "宠物 落户"})
    article = Article.get()
    assert (article.state, article.title, article.author) == ("draft", "宠物 落户", rita)
    assert answer.headers["location"] == f"/articles/{article.id}/edit"
    feed()
    assert not Notice.select().exists()
    article.edit(by=rita, body="先办证，再登记。", topics=[schools])
    article.publish(by=rita)
    feed()
    assert Notice.get(Notice.person == ada).url == f"/articles/{article.id}"


def test_a_click_tells_that_a_search_helped(
    sign_in: SignIn, ada: Person, ben: Person, mona: Person, shelf: list[Article]
) -> None:
    assert sign_in(ada).post("/search/clicks", data={"q": "学区", "hit": ""}).status_code == 204
    assert "学区" in sign_in(mona).get("/search/gaps").text.split('id="gaps"')[1]
    sign_in(ada).post("/search/clicks", data={"q": "学区", "hit": str(shelf[0])})
    sign_in(ben).post("/search/clicks", data={"q": "学区", "hit": str(shelf[1])})
    assert Lookup.select().count() == 2
    assert "学区" not in sign_in(mona).get("/search/gaps").text.split('id="gaps"')[1]


def test_looking_writes_nothing_when_something_is_found(
    sign_in: SignIn, ada: Person, shelf: list[Article]
) -> None:
    found(sign_in(ada), "学区")
    found(sign_in(ada), "甲乙丙丁", kind="deal")
    assert not Lookup.select().exists()


def test_gaps_are_for_those_who_can_fill_them(
    sign_in: SignIn, ada: Person, mona: Person, rita: Person, adam: Person, audrey: Person
) -> None:
    found(sign_in(ada), "宠物 落户")
    for person in (mona, rita, adam):
        assert sign_in(person).get("/search/gaps").status_code == 200
    for person in (ada, audrey):
        assert sign_in(person).get("/search/gaps").status_code == 403
        for act in ("question", "article", "dismissal"):
            assert sign_in(person).post(f"/search/gaps/{act}", data={"text": "宠物 落户"}).status_code == 403
    assert sign_in(mona).post("/search/gaps/question", data={"text": "nobody asked"}).status_code == 422
    fragment = sign_in(mona).post(
        "/search/gaps/dismissal", data={"text": "宠物 落户"}, headers={"HX-Request": "true"}
    )
    assert "<html" not in fragment.text
    assert "宠物" not in fragment.text
    assert Gap.get().state == "dismissed"


def test_who_searched_what_is_forgotten_after_180_days(sign_in: SignIn, ada: Person) -> None:
    found(sign_in(ada), "宠物 落户")
    with clock.moved(clock.now() + timedelta(days=179)):
        forget_old_searches(Job(name="forget old searches"))
        assert Lookup.select().exists()
    with clock.moved(clock.now() + timedelta(days=181)):
        forget_old_searches(Job(name="forget old searches"))
    assert not Lookup.select().exists()


# --- Administration ------------------------------------------------------------------------------------


def test_only_an_administrator_looks_after_search(sign_in: SignIn, ada: Person, mona: Person) -> None:
    synonym = Synonym.add(by=None, words="按揭, 房贷")
    for person in (ada, mona):
        for path in (
            "/admin/search",
            "/admin/search/rebuild",
            "/admin/search/words",
            f"/admin/search/words/{synonym.id}",
        ):
            assert sign_in(person).get(path).status_code == 403
        assert sign_in(person).post("/admin/search/rebuild", data={"engine": "embedded"}).status_code == 403
        assert sign_in(person).post(f"/admin/search/words/{synonym.id}/removal").status_code == 403
    assert Synonym.select().exists()
    assert not Job.select().exists()


def test_the_state_of_the_index_is_told(sign_in: SignIn, adam: Person, lakeside: Product) -> None:
    page = sign_in(adam).get("/admin/search").text
    assert "the index is not there yet" in page
    feed()
    page = sign_in(adam).get("/admin/search").text
    assert "Works" in page
    row = re.search(
        r'<tr>\s*<td data-label="Kind">Products</td>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)<', page
    )
    assert row is not None
    assert row.groups() == ("1", "0")
    lakeside.edit(by=adam, name="翠湖公寓")
    page = sign_in(adam).get("/admin/search").text
    row = re.search(
        r'<tr>\s*<td data-label="Kind">Products</td>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)<', page
    )
    assert row is not None
    assert row.groups() == ("1", "1")


def test_the_state_of_meaning_is_shown_and_it_is_rebuilt(
    app: Starlette, settings: Settings, sign_in: SignIn, adam: Person
) -> None:
    on = replace(settings, search_meaning=True)
    if not on.finds_by_meaning:
        lacking("the extra `semantic`", "pip install -e '.[semantic]'")
    browser = sign_in(adam)
    assert 'id="engine-meaning"' not in browser.get("/admin/search").text
    app.state.search = searcher.connect(on)
    assert "reads all texts for the first time" in browser.get("/admin/search").text
    searcher.here().feed.drain()
    page = browser.get("/admin/search").text
    assert "Meaning of texts" in page
    assert "reads all texts for the first time" not in page
    assert browser.post("/admin/search/rebuild", data={"engine": "meaning"}).status_code == 303
    assert "Rebuilding: Meaning of texts" in browser.get("/admin/search").text


def test_a_rebuild_runs_once_and_shows_its_progress(sign_in: SignIn, adam: Person, lakeside: Product) -> None:
    feed()
    browser = sign_in(adam)
    for _ in range(2):
        assert browser.post("/admin/search/rebuild", data={"engine": "embedded"}).status_code == 303
    assert Job.select().count() == 1
    assert "<progress" in browser.get("/admin/search/rebuild", headers={"HX-Request": "true"}).text
    assert worker.drain() == 1
    assert Job.get().state == "finished"
    assert "<progress" not in browser.get("/admin/search").text
    assert browser.post("/admin/search/rebuild", data={"engine": "another"}).status_code == 404
    assert found(browser, "翠湖") == [str(lakeside)]


def test_a_record_that_failed_is_tried_again(sign_in: SignIn, adam: Person, lakeside: Product) -> None:
    feed()
    SearchFailure.note("product", lakeside.id, "ValueError: unreadable")
    failure = SearchFailure.get()
    assert "ValueError: unreadable" in sign_in(adam).get("/admin/search").text
    assert sign_in(adam).post(f"/admin/search/failures/{failure.id}/retry").status_code == 303
    feed()
    assert not SearchFailure.select().exists()


def test_synonyms_work_both_ways_at_once(sign_in: SignIn, adam: Person, ada: Person, schools: Topic) -> None:
    loan = Article.add(by=ada, title="房贷流程", body="先预审。", topics=[schools])
    mortgage = Article.add(by=ada, title="按揭材料", body="带流水。", topics=[schools])
    browser, admin = sign_in(ada), sign_in(adam)
    assert found(browser, "按揭") == [str(mortgage)]
    answer = admin.post("/admin/search/words", data={"words": "按揭，房贷"})
    assert answer.status_code == 303
    assert set(found(browser, "按揭")) == set(found(browser, "房贷")) == {str(loan), str(mortgage)}
    synonym = Synonym.get()
    assert synonym.words == "按揭, 房贷"
    assert (
        admin.post(f"/admin/search/words/{synonym.id}", data={"words": " ", "version": "1"}).status_code
        == 422
    )
    changed = admin.post(f"/admin/search/words/{synonym.id}", data={"words": "按揭, 贷款", "version": "1"})
    assert changed.status_code == 303
    assert (
        admin.post(f"/admin/search/words/{synonym.id}", data={"words": "x", "version": "1"}).status_code
        == 409
    )
    assert found(browser, "按揭") == [str(mortgage)]
    for _ in range(2):
        assert admin.post(f"/admin/search/words/{synonym.id}/removal").status_code in (303, 404)
    assert not Synonym.select().exists()


def test_a_worker_feeds_without_being_asked(app: Starlette, ada: Person, lakeside: Product) -> None:
    assert feed_search in LOOPS
    worker = Worker()
    worker.start()
    try:
        for _ in range(200):
            if searcher.here().suggest(ada, "翠湖").hits:
                break
            worker._stop.wait(0.05)
    finally:
        worker.stop()
    assert [each.hit.id for each in searcher.here().suggest(ada, "翠湖").hits] == [str(lakeside)]


def test_an_administrator_takes_words_of_a_trade_and_what_searches_propose(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person
) -> None:
    browser = sign_in(adam)
    assert "入职" in browser.get("/admin/search/words/sets").text
    answer = browser.post("/admin/search/words/sets", data={"trade": "office"})
    assert answer.headers["location"] == "/admin/search/words"
    page = browser.get("/admin/search/words").text
    assert "groups were added" in page
    assert "onboarding" in page
    assert browser.post("/admin/search/words/sets", data={"trade": "x"}).status_code == 422
    made = WordProposal.create(sought="停卡", helped="停用信用卡", people=2)
    other = WordProposal.create(sought="甲乙", helped="丙丁", people=3)
    page = browser.get("/admin/search/words").text
    assert page.index("甲乙") < page.index("停卡")
    assert "2 people" in page
    for person in (ada, ben):
        assert sign_in(person).post(f"/admin/search/words/proposals/{made.id}/acceptance").status_code == 403
        assert sign_in(person).get("/admin/search/words/sets").status_code == 403
    browser = sign_in(adam)
    for _ in range(2):  # a double click
        assert browser.post(f"/admin/search/words/proposals/{made.id}/acceptance").status_code == 303
        assert browser.post(f"/admin/search/words/proposals/{other.id}/dismissal").status_code == 303
    assert [row.words for row in Synonym.select().where(Synonym.words.contains("停卡"))] == [
        "停卡, 停用信用卡"
    ]
    browser.post(f"/admin/search/words/proposals/{other.id}/acceptance")
    page = browser.get("/admin/search/words").text
    assert "Somebody decided about this already" in page
    assert "Do these mean the same?" not in page
    assert browser.post("/admin/search/words/proposals/999/acceptance").status_code == 404


def test_what_nobody_asked_for_leads_nobody_away_when_the_session_has_ended(client: Client) -> None:
    """What is shown beside writing is asked for by the page: whoever writes stays on it, and is told."""
    asked = {"HX-Request": "true"}
    quiet = client.get("/search/similar?text=loan", headers=asked | {"X-Quiet": "1"})
    assert (quiet.status_code, "hx-redirect" in quiet.headers) == (401, False)
    assert "hx-redirect" in client.get("/search/similar?text=loan", headers=asked).headers
