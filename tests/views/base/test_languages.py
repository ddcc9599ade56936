"""Each reads in their own language; what people wrote in another is marked as what it is."""

from __future__ import annotations

import re

import pytest

from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.customers.access import Access
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.customers.rights import choose
from portal.models.experiences.experiences import Experience
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.conftest import SignIn


@pytest.fixture
def ming(ben: Person) -> Person:
    """Ben, whose name is written in two ways."""
    ben.edit(by=ben, name="李明朗", name_en="Li Minglang")
    return ben.fresh()


def test_a_timeline_names_a_person_in_the_language_of_who_reads_it(
    sign_in: SignIn, ada: Person, ming: Person, mona: Person
) -> None:
    mona.edit(by=mona, locale="zh")
    deal = Deal.open(by=ada, title="A flat")
    deal.hand_over(ming, by=ada)
    assert "handed the deal over to Li Minglang" in sign_in(ada).get(deal.url).text
    page = sign_in(mona).get(deal.url).text
    assert "李明朗" in page
    assert "Li Minglang" not in page


def test_what_was_written_down_before_stays_readable(
    sign_in: SignIn, ada: Person, ming: Person, audrey: Person
) -> None:
    deal = Deal.open(by=ada, title="A flat")
    deal.hand_over(ming, by=ada)
    event = Event.about(deal).where(Event.verb == "handed over").get()
    event.changes = event.changes | {"to": [None, "李明朗"]}
    event.save()
    assert "handed the deal over to 李明朗" in sign_in(ada).get(deal.url).text
    assert "<ins>李明朗</ins>" in sign_in(audrey).get("/admin/events").text


def test_the_log_names_them_so_too(
    sign_in: SignIn, ada: Person, ming: Person, adam: Person, audrey: Person
) -> None:
    """Whatever keeps a name: who got it, who took a promise over, who was let in."""
    customer = Customer.add(by=ada, name="The Wangs")
    promised = Interaction.log(customer, by=ada, kind_of="call", text="Hello")
    choose(by=adam, need=True, full={"customer": [], "deal": []})
    asked = Access.ask(customer, by=ming, purpose="He is at the counter.")
    asked.grant(by=ada)
    customer.fresh().hand_over(ming, by=ada)
    assert promised
    page = sign_in(audrey).get("/admin/events").text
    assert "{" not in "".join(re.findall(r"<ins>(.*?)</ins>", page))
    assert page.count("<ins>Li Minglang</ins>") >= 3
    audrey.edit(by=audrey, locale="zh")
    page = sign_in(audrey).get("/admin/events").text
    assert page.count("<ins>李明朗</ins>") >= 3


def test_what_was_written_in_another_language_says_so(sign_in: SignIn, ada: Person, schools: Topic) -> None:
    """So that it is read aloud and set as what it is; what is in the reader's own says nothing."""
    deal = Deal.open(by=ada, title="三居室")
    Deal.open(by=ada, title="Three rooms")
    Question.ask(by=ada, text="学区怎么查？", topic=schools)
    Article.add(by=ada, title="先问业主", body="先问业主，再带看。" * 10, topics=[schools])
    Experience.begin(by=ada, kind="suggestion").save_draft(by=ada, title="先问一句")
    Product.create(code="A-1", name="翠堤湾", name_en="Cuidi Bay", series="小区")
    browser, chinese = sign_in(ada), 'lang="zh-CN"'
    for path, words in (
        ("/deals?show=mine", "三居室"),
        ("/questions", "学区怎么查？"),
        ("/articles", "先问业主"),
        ("/articles", "先问业主，再带看。"),
        ("/experiences", "先问一句"),
        ("/products", "小区"),
    ):
        page = browser.get(path).text
        assert re.search(rf"<[^<>]*{chinese}[^<>]*>(\s*<a[^<>]*>)?\s*{words}", page), (path, words)
    page = browser.get(deal.url).text
    assert f"<span {chinese}>三居室</span>" in page
    assert re.search(r"<a[^<>]*>Three rooms</a>", browser.get("/deals?show=mine").text)
    assert not re.search(r"<a[^<>]*lang=[^<>]*>Three rooms</a>", browser.get("/deals?show=mine").text)
    ada.edit(by=ada, locale="zh")
    page = sign_in(ada).get("/deals?show=mine").text
    assert re.search(r'<a[^<>]*lang="en"[^<>]*>Three rooms</a>', page)
    assert not re.search(rf"<a[^<>]*{chinese}[^<>]*>三居室</a>", page)


def test_lists_of_knowledge_tell_in_the_reader_s_language_what_an_article_holds_in_it(
    sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    """One text in both languages has two beginnings; what holds one alone is told in that, and says so."""
    english = "Ask the owner first, and only then show the flat to anybody who comes along."
    Article.add(by=ada, title="两种", body=f"{'先问业主，再带看。' * 20}\n\n{english}", topics=[schools])
    Article.add(by=ada, title="一种", body="先打电话，再上门。" * 10, topics=[schools])
    for path in ("/articles", schools.url):
        ada.edit(by=ada, locale="en")
        page = sign_in(ada).get(path).text
        assert f'<p class="entry-text">{english}</p>' in page
        assert re.search('<p class="entry-text" lang="zh-CN">先打电话，再上门。', page)
        assert "先问业主" not in page
        ada.edit(by=ada, locale="zh")
        page = sign_in(ada).get(path).text
        assert re.search('<p class="entry-text">先问业主，再带看。', page)
        assert english not in page


def test_a_series_has_one_name_in_english(adam: Person) -> None:
    """Corrected or taken away in one of its products it is so in all; a product that moves takes the other's."""
    first = Product.add(by=adam, code="A-1", name="翠堤湾", series="小区", series_en="Residental areas")
    second = Product.add(by=adam, code="A-2", name="学府里", series="小区")
    service = Product.add(by=adam, code="S-1", name="贷款代办", series="服务", series_en="Services")
    lone = Product.add(by=adam, code="X-1", name="样品", series_en="Nothing")
    Product.add(by=adam, code="X-2", name="赠品")
    second.edit(by=adam, series="小区", series_en="Residential areas")
    assert first.fresh().series_en == "Residential areas"
    assert [one.series_en for one in (service.fresh(), lone.fresh())] == ["Services", "Nothing"]
    second.edit(by=adam, series="服务", series_en="Residential areas")  # the field as it stood in the form
    assert (second.fresh().series_en, service.fresh().series_en) == ("Services", "Services")
    Product.add(by=adam, code="S-2", name="过户代办", series="服务", series_en="Our services")
    assert service.fresh().series_en == "Our services"
    second.fresh().edit(by=adam, series="服务", series_en="")
    assert service.fresh().series_en == "", "what was wrong can be taken away"
    lone.edit(by=adam, series_en="")
    assert Product.get(Product.code == "X-2").series_en == ""


def test_a_series_of_products_is_called_in_the_reader_s_language(
    sign_in: SignIn, ada: Person, adam: Person
) -> None:
    """Said once, it is the series' in other products too; who has no English name keeps the one they have."""
    seller, keeper = sign_in(ada), sign_in(adam)
    facts = {"code": "A-1", "name": "翠堤湾", "series": "小区", "series_en": "Residential areas"}
    assert keeper.post("/products/new", data=facts).status_code == 303
    second = Product.add(by=adam, code="A-2", name="学府里", series="小区")
    other = Product.add(by=adam, code="S-1", name="贷款代办", series="服务")
    assert second.series_en == "Residential areas"
    other.edit(by=adam, series="小区")
    assert other.series_en == "Residential areas"
    other.edit(by=adam, series="服务", series_en="")
    for path in ("/products", "/products?q=residential", second.url):
        page = seller.get(path).text
        assert "Residential areas" in page
        assert "小区" not in re.sub(r'href="[^"]*"', "", page), path
    page = seller.get("/products").text
    assert 'lang="zh-CN">服务' in page
    ada.edit(by=ada, locale="zh")
    page = sign_in(ada).get("/products").text
    assert "小区" in page
    assert "Residential" not in page
