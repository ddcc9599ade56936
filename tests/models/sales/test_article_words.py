"""For which deal or customer an article worked: read by whoever may see that one, and worth nothing more (S06)."""

from __future__ import annotations

import re

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.settings import Setting
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.expertise.points import PointEntry
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.article_words import WordAbout, named, offered_to
from portal.models.sales.deals import Deal
from tests.conftest import SignIn

HTMX = {"HX-Request": "true"}


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, title="Ask first", body="One question.", topics=[schools])


@pytest.fixture
def customer(ben: Person) -> Customer:
    return Customer.add(by=ben, name="Wei & Sons")


@pytest.fixture
def deal(ben: Person, customer: Customer) -> Deal:
    return Deal.create(title="Desks for Wei", owner=ben, customer=customer)


def points(who: Person) -> int:
    return sum(entry.amount for entry in PointEntry.select().where(PointEntry.person == who))


def told(article: Article, person: Person) -> list[tuple[str, bool, str]]:
    found = WordAbout.told_to(person, article.fresh())
    return [(one.person.name, one.worked, str(one.work)) for one in found]


def seeing(deal: Deal, *people: Person) -> list[bool]:
    return [Deal.visible_to(each).where(Deal.id == deal.id).exists() for each in people]


def test_it_is_named_from_where_one_came_and_read_by_who_may_see_it(
    sign_in: SignIn, ben: Person, stan: Person, article: Article, deal: Deal, customer: Customer
) -> None:
    client = sign_in(ben)
    came = client.get(article.url, headers={"referer": f"http://testserver{deal.url}?tab=knowledge"}).text
    assert f'name="near" value="deal-{deal.id}"' in came
    assert "/words" not in came, "a word comes first"
    voted = client.post(f"{article.url}/use", data={"near": f"deal-{deal.id}"}, headers=HTMX).text
    path = f"{article.url}/words?near=deal-{deal.id}"
    assert f'data-hx-get="{path}"' in voted
    voted = client.get(path, headers=HTMX).text
    assert "<h1" in client.get(path).text
    assert f'<option value="deal-{deal.id}" selected>' in voted
    assert f'<option value="customer-{customer.id}">' in voted
    said = client.post(f"{article.url}/word", data={"work": f"deal-{deal.id}"}, headers=HTMX)
    assert said.status_code == 200
    assert told(article, ben) == [("Ben", True, str(deal))]
    assert "worked, says" in said.text
    other = Deal.create(title="Chairs", owner=article.author)
    again = client.post(f"{article.url}/word", data={"work": f"deal-{other.id}"}, headers=HTMX).text
    assert f'<option value="deal-{other.id}" selected>' in again, "sent again, it stays"
    client.post(f"{article.url}/word", data={"work": f"deal-{deal.id}"}, headers=HTMX)
    assert f"{article.url}/words" in client.get(article.url).text
    Setting.choose("rights.need", True, by=None)
    assert seeing(deal, ben, stan) == [True, False]
    assert told(article, stan) == []
    assert deal.title not in sign_in(stan).get(f"{article.url}/words").text
    assert sign_in(stan).post(f"{article.url}/word", data={"work": f"deal-{deal.id}"}).status_code == 404
    client = sign_in(ben)
    client.post(f"{article.url}/word", data={"work": ""})
    assert told(article, ben) == []


def test_nobody_earns_twice_by_it(ada: Person, ben: Person, article: Article, deal: Deal) -> None:
    """Else one word would be paid as a word, and again as a use when the deal is won."""
    found_working(article, by=ben)
    once = points(ada)
    assert once > 0
    WordAbout.say(article, deal, by=ben)
    WordAbout.say(article, deal, by=ben)
    assert points(ada) == once
    assert not ArticleUse.select().exists()
    closings.win(deal, by=ben, amount=100_00, on=clock.today())
    assert points(ada) == once
    Use.take_back(article, by=ben)
    assert points(ada) == 0


def test_it_stands_as_long_as_the_word(ada: Person, ben: Person, article: Article, deal: Deal) -> None:
    with pytest.raises(Invalid):
        WordAbout.say(article, deal, by=ben)
    found_working(article, by=ben)
    WordAbout.say(article, deal, by=ben)
    Use.take_back(article, by=ben)
    assert told(article, ben) == []
    found_working(article, by=ben)
    assert told(article, ben) == [], "said anew, it is not said of what it was said of before"
    said = Objection.say(article, by=ben, reason="The school moved.")
    assert told(article, ben) == []
    WordAbout.say(article, deal.customer, by=ben)
    assert told(article, ben) == [("Ben", False, str(deal.customer))]
    said.withdraw(by=ben)
    assert told(article, ben) == []


def test_who_works_on_the_deal_is_offered_it_to_be_noted(ben: Person, article: Article, deal: Deal) -> None:
    found_working(article, by=ben)
    WordAbout.say(article, deal, by=ben)
    beside = ArticleUse.beside(deal, [], ben)
    assert [(one.article, one.used) for one in beside] == [(article, False)]
    ArticleUse.say(deal, article, by=ben)
    assert [one.used for one in ArticleUse.beside(deal, [article], ben)] == [True]


def test_each_row_says_why_it_stands_there(
    sign_in: SignIn, ada: Person, ben: Person, article: Article, deal: Deal, schools: Topic
) -> None:
    """What worked for the deal stands first, and says so; what fits says what it has in common."""
    desk, family = Product.create(code="D-1", name="Desk"), CustomerType.create(name="Family")
    facts = {"both": (desk, family), "product": (desk, None), "type": (None, family)}
    for title, (product, kind) in facts.items():
        made = Article.add(by=ada, title=title, body="One.", topics=[schools], published=True)
        Article.update(product=product, customer_type=kind).where(Article.id == made.id).execute()
    Customer.update(type=family).where(Customer.id == deal.customer_id).execute()
    Deal.update(product=desk).where(Deal.id == deal.id).execute()
    found_working(article, by=ben)
    WordAbout.say(article, deal, by=ben)
    page = sign_in(ben).get(f"{deal.url}?tab=knowledge").text
    rows = re.findall(r'<li id="article-\d+">(.*?)</li>', page, re.DOTALL)
    said = {re.findall(r">([^<]+)</a>", row)[0]: row for row in rows}
    assert next(iter(said)) == "Ask first"
    for title, why in {
        "Ask first": "said to have worked for this deal",
        "both": "about this product and such customers",
        "product": "about this product",
        "type": "about such customers",
    }.items():
        assert re.search(rf"· {why}\s*</small>", said[title]), title
    ArticleUse.say(deal, article, by=ben)
    assert "said to have worked" not in sign_in(ben).get(f"{deal.url}?tab=knowledge").text, "it helped here"


def test_of_what_was_merged_since_the_deal_names_the_one_it_is_in(
    ada: Person, ben: Person, article: Article, deal: Deal, schools: Topic
) -> None:
    found_working(article, by=ben)
    WordAbout.say(article, deal, by=ben)
    other = Article.add(by=ada, title="Better", body="Better.", topics=[schools])
    merging.merge(article.fresh(), other, by=ada)
    other = other.fresh()
    assert [(one.article, one.used) for one in ArticleUse.beside(deal, [], ben)] == [(other, False)]
    WordAbout.say(other, deal, by=ben)  # named anew, of a word that was said of the former
    assert told(other, ben) == [("Ben", True, str(deal))]
    assert [one.article for one in ArticleUse.beside(deal, [], ben)] == [other]
    Use.take_back(other, by=ben)
    assert ArticleUse.beside(deal, [], ben) == []


def test_ones_own_are_offered_and_where_one_came_from(
    ben: Person, stan: Person, deal: Deal, customer: Customer
) -> None:
    assert offered_to(ben) == [deal, customer]
    assert offered_to(ben, str(customer)) == [customer, deal]
    assert offered_to(stan, str(deal)) == [deal], "what they may open and came from"
    Setting.choose("rights.need", True, by=None)
    assert offered_to(stan, str(deal)) == []
    for nonsense in ("", "deal-", "deal-x", "person-1", "deal-99999999999999999999", "deal"):
        assert named(nonsense, ben) is None
