"""List pages: what their filters say and leave, under the search and beside one another."""

from __future__ import annotations

import base64
import re
from html import unescape
from typing import Any

import pytest

from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.client import Client
from tests.conftest import SignIn

CHIP = re.compile(r'<a class="chip" href="([^"]*)"([^>]*)>(.*?)</a>', re.S)


def chips(client: Client, path: str) -> dict[str, tuple[str, str]]:
    """Each chip's address and count, by its words."""
    page = client.get(path)
    assert page.status_code == 200
    found = {}
    for href, _, inner in CHIP.findall(page.text):
        words, _, count = re.sub(r"<[^>]*>", "|", inner).strip().strip("|").partition("|")
        found[words.strip()] = (unescape(href), count.strip("| "))
    return found


def counts(client: Client, path: str) -> dict[str, str]:
    return {words: count for words, (_, count) in chips(client, path).items()}


def rows(client: Client, path: str) -> int:
    """How many rows the list of an address has; all of them lie in its first piece."""
    page = client.get(path).text
    return len(re.findall(r'class="row-link"', page)) or len(re.findall(r'class="entry"', page))


@pytest.fixture
def buyers(ada: Person, ben: Person) -> list[Customer]:
    """Three of ada's and one of ben's by the lake, of two types; two elsewhere, one of them put away."""
    homes, firms = CustomerType.create(name="Homes"), CustomerType.create(name="Firms")
    named: list[tuple[str, Person, Any]] = [
        ("Lake View", ada, homes),
        ("Lake Side", ada, homes),
        ("Old Lake", ada, firms),
        ("Lake End", ben, firms),
        ("Hill", ada, firms),
        ("Hilltop", ben, homes),
    ]
    made = [Customer.add(by=owner, name=name, type=type) for name, owner, type in named]
    made[-1].archive(by=ben)
    return made


def test_chips_count_under_the_search_and_the_other_filters(
    sign_in: SignIn, ada: Person, buyers: list[Customer]
) -> None:
    client = sign_in(ada)
    assert counts(client, "/customers") == {
        "All": "5", "Mine": "4", "No owner": "0", "Archived": "1", "Homes": "2", "Firms": "3"
    }  # fmt: skip
    assert counts(client, "/customers?q=lake") == {
        "All": "4", "Mine": "3", "No owner": "0", "Archived": "0", "Homes": "2", "Firms": "2"
    }  # fmt: skip
    firms = str(CustomerType.get(CustomerType.name == "Firms").id)
    assert counts(client, f"/customers?q=lake&type={firms}") == {
        "All": "2", "Mine": "1", "No owner": "0", "Archived": "0", "Homes": "2", "Firms": "2"
    }  # fmt: skip
    assert counts(client, f"/customers?show=mine&type={firms}")["All"] == "3"


@pytest.mark.parametrize("path", ["/customers", "/customers?q=lake", "/customers?q=lake&show=mine"])
def test_a_chip_leaves_as_many_as_it_says(
    sign_in: SignIn, ada: Person, buyers: list[Customer], path: str
) -> None:
    client = sign_in(ada)
    chosen = re.findall(r'aria-current="true">([^<]*?) <', client.get(path).text)
    for words, (href, count) in chips(client, path).items():
        assert rows(client, path if words in chosen else href) == int(count), (words, href)


def test_what_many_match_is_not_counted(sign_in: SignIn, ada: Person) -> None:
    at = {"name": "Lake", "owner": ada.id, "sort_name": "lake"}
    Customer.insert_many([at | {"name": f"Lake {n}"} for n in range(1_000)]).execute()
    client = sign_in(ada)
    assert counts(client, "/customers?q=lake")["Mine"] == ""
    assert counts(client, "/customers?q=lake 99")["Mine"] == "11"  # 99, and 990 to 999


def test_a_topic_counts_what_lies_below_it(sign_in: SignIn, ada: Person) -> None:
    homes = Topic.create(name="Homes")
    schools, lifts = Topic.create(name="Schools", parent=homes), Topic.create(name="Lifts")
    guide: dict[str, Any] = {"by": ada, "body": "Ask the owner.", "published": True, "kind_of": "guide"}
    Article.add(title="Near a school", topics=[schools, homes], **guide)
    Article.add(title="Far from a school", topics=[schools], **guide)
    Article.add(title="The old lift", topics=[lifts], **guide)
    client = sign_in(ada)
    everywhere = {"Homes": "2", "Schools": "2", "Lifts": "1"}
    assert {words: n for words, n in counts(client, "/articles").items() if n} == everywhere
    assert {words: n for words, n in counts(client, "/articles?q=near").items() if n} == {
        "Homes": "1",
        "Schools": "1",
    }
    assert "Lifts" not in counts(client, "/articles?q=school")
    for href, count in chips(client, "/articles").values():
        assert not count or rows(client, href) == int(count)


def test_what_topics_count_follows_each_change(sign_in: SignIn, ada: Person, adam: Person) -> None:
    """They are counted once for all, until something is another one."""
    homes, lifts = Topic.create(name="Homes"), Topic.create(name="Lifts")
    guide: dict[str, Any] = {"by": ada, "body": "Ask the owner.", "published": True, "kind_of": "guide"}
    Article.add(title="Windows", topics=[homes], **guide)
    last = Article.add(title="Doors", topics=[homes], **guide)
    client = sign_in(ada)

    def told() -> tuple[str, str]:
        found = counts(client, "/articles")
        return found.get("Homes", ""), found.get("Lifts", "")

    assert told() == ("2", "")
    last.edit(by=ada, topics=[lifts])
    assert told() == ("1", "1"), "its link to a topic has the id that the other had"
    last.archive(by=ada)
    assert told() == ("1", "")
    last.restore(by=ada)
    lifts.edit(by=adam, parent=homes)
    assert told() == ("2", "1")


def test_series_and_deals_count_under_the_search(sign_in: SignIn, ada: Person, adam: Person) -> None:
    lake = Product.add(by=adam, code="L-1", name="Lake", series="翠湖")
    Product.add(by=adam, code="L-2", name="Lake side", series="翠湖")
    Product.add(by=adam, code="H-1", name="Hill", series="金台")
    Deal.open(by=ada, title="A lake", product=lake)
    Deal.open(by=adam, title="A hill")
    client = sign_in(ada)
    assert counts(client, "/products?q=lake") == {"翠湖": "2", "金台": "0", "Archived": "0"}
    assert (counts(client, "/deals")["All"], counts(client, "/deals?q=lake")["All"]) == ("2", "1")
    assert counts(client, f"/deals?product={lake.id}")["Open"] == "1"


def test_what_is_looked_for_with_signs_is_taken_as_written(
    sign_in: SignIn, ada: Person, buyers: list[Customer]
) -> None:
    client = sign_in(ada)
    assert counts(client, "/customers?q=100%25")["All"] == "0"
    assert counts(client, "/customers?q=_")["All"] == "0"
    assert client.get("/customers?show=nothing&type=x&sort=no&after=???").status_code == 200
    assert client.get("/experiences?state=nothing").status_code == 200


@pytest.mark.parametrize("path", ["/customers", "/deals", "/products", "/articles", "/questions", "/people"])
def test_what_no_database_takes_is_taken_out_of_an_address(sign_in: SignIn, ada: Person, path: str) -> None:
    client = sign_in(ada)
    cursor = base64.urlsafe_b64encode(b'["\\u0000", 1]').decode().rstrip("=")
    for query in (
        "q=%00",
        "q=a%00b",
        "q=%ED%A0%80",
        f"after={cursor}",
        "series=a%00",
        "kind=%00",
        "sort=%00",
    ):
        assert client.get(f"{path}?{query}").status_code == 200, query


def test_a_file_has_the_order_of_the_page(sign_in: SignIn, ada: Person, buyers: list[Customer]) -> None:
    taken = sign_in(ada).post("/customers/export?q=lake&sort=-name").text.splitlines()
    assert [line.split(",")[0] for line in taken[1:5]] == ["Old Lake", "Lake View", "Lake Side", "Lake End"]


def test_a_list_is_come_back_to_as_it_was_left_by_the_same_person(
    sign_in: SignIn, ada: Person, ben: Person, adam: Person
) -> None:
    """The address says so: one's own at first, then filters and order, never what was searched; and one press takes them away."""
    browser = sign_in(ada)

    def way(page: str) -> str:
        found = re.search(r'<a href="([^"]*)" data-go="customers"', page)
        assert found is not None
        return unescape(found[1])

    assert way(browser.get("/").text) == "/customers?show=mine"
    assert way(sign_in(adam).get("/").text) == "/customers", "who holds a role works with everyone's"
    browser = sign_in(ada)
    browser.get("/customers?show=mine&sort=-updated")
    assert way(browser.get("/").text) == "/customers?show=mine&sort=-updated"
    browser.get("/customers?show=team&q=Wu")
    assert way(browser.get("/").text) == "/customers?show=mine&sort=-updated", "a search is of the moment"
    page = browser.get("/customers?show=mine&sort=-updated").text
    assert re.search(r'<a [^>]*href="/customers\?show=mine[^"]*"[^>]*aria-current[^>]*>\s*Mine', page), (
        "it stays"
    )
    assert 'href="/customers"' in page
    assert "Clear filters" in page
    assert way(sign_in(ben).get("/").text) == "/customers?show=mine"
    browser = sign_in(ada)
    browser.get("/customers?show=mine")
    browser.get("/customers")
    assert way(browser.get("/").text) == "/customers", "all of it was chosen"


def test_a_record_s_page_leads_back_to_the_list_that_led_to_it(
    sign_in: SignIn, ada: Person, schools: Topic
) -> None:
    """As this very tab shows it; from elsewhere, as the person left it last; and never out of the portal."""
    browser = sign_in(ada)
    customer = Customer.add(by=ada, name="The Wangs")
    article = Article.add(by=ada, title="Flats by the lake", body="Ask first. " * 20, topics=[schools])

    def way(path: str, came: str = "") -> str:
        page = browser.get(path, headers={"Referer": came} if came else {}).text
        found = re.search(r'class="page-over">\s*<a href="([^"]*)"', page)
        assert found is not None
        return unescape(found[1])

    here = str(browser.base_url).rstrip("/")
    assert way(customer.url) == "/customers?show=mine", "at first their own"
    browser.get("/customers?show=team")
    assert way(customer.url) == "/customers?show=team"
    assert way(customer.url, f"{here}/customers?show=mine&q=Wang&pieces=2") == (
        "/customers?show=mine&q=Wang&pieces=2"
    )
    assert way(customer.url, f"{here}/deals?show=mine") == "/customers?show=team"
    assert way(customer.url, "https://evil.example/customers?show=archived") == "/customers?show=team"
    assert way(article.url) == "/articles", "knowledge is everyone's"
    browser.get(f"/articles?topic={schools.id}")
    assert way(article.url) == f"/articles?topic={schools.id}"
    assert way(article.url, f"{here}/articles") == "/articles"
    assert f'href="/articles?topic={schools.id}" data-go="knowledge"' in browser.get("/").text


@pytest.mark.parametrize(
    ("path", "key", "chosen", "passing"),
    [
        ("/articles", "knowledge", "topic=1&sort=title", "product=1"),
        ("/questions", "questions", "state=open&topic=1", "product=1"),
        ("/experiences", "experiences", "state=draft", ""),
        ("/people", "people", "department=1", "topic=1"),
        ("/products", "products", "series=Flats", ""),
        ("/deals", "deals", "show=team", "product=1"),
    ],
)
def test_the_menu_leads_to_each_list_as_it_was_left(
    sign_in: SignIn,
    ada: Person,
    ben: Person,
    schools: Topic,
    lakeside: Product,
    path: str,
    key: str,
    chosen: str,
    passing: str,
) -> None:
    """Its filters and order stay; what another page led to with, and what was searched, is of that moment."""

    def way(browser: Client) -> str:
        found = re.search(rf'<a href="([^"]*)" data-go="{key}"', browser.get("/").text)
        assert found is not None
        return unescape(found[1])

    Product.create(code="F-1", name="A flat", series="Flats")
    browser = sign_in(ada)
    first = way(browser)
    page = browser.get(f"{path}?{chosen}").text
    assert way(browser) == f"{path}?{chosen}"
    assert "Clear filters" in page
    for moment in filter(None, (passing, "q=Wu")):
        browser.get(f"{path}?{moment}")
        assert way(browser) == f"{path}?{chosen}", moment
    assert way(sign_in(ben)) == first, "everyone has their own"
    browser = sign_in(ada)
    browser.get(path)
    assert way(browser) == path


def test_pieces_that_were_opened_come_in_one(sign_in: SignIn, ada: Person) -> None:
    Customer.bulk_create([Customer(name=f"No {n:04}", owner=ada) for n in range(1_060)])
    browser = sign_in(ada)
    assert rows(browser, "/customers") == rows(browser, "/customers?pieces=0") == 50
    assert rows(browser, "/customers?pieces=3") == 150
    assert rows(browser, "/customers?pieces=99999999999999999999") == 50
    page = browser.get("/customers?pieces=500").text
    assert page.count("row-link") == 1_000, "twenty pieces at most"
    more = re.search(r'href="(/customers\?after=[^"]*)" data-more', page)
    assert more
    assert rows(browser, unescape(more[1])) == 50


def test_what_a_browser_kept_leads_nowhere_else(sign_in: SignIn, ada: Person) -> None:
    browser = sign_in(ada)
    browser.cookies.set(f"list-customers-{ada.id}", "x=%22%3E%3Cscript%3E//evil.example")
    page = browser.get("/").text
    assert "<script>//" not in page
    assert 'href="/customers?x=' in page
