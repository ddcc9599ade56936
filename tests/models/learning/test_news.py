"""New knowledge by job and department: chosen by what their people work with, and by nothing that is hidden."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.company.departments import Department
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.follows import follow
from portal.models.learning import news
from portal.models.learning.paths import PathStep
from portal.models.learning.post_needs import PostNeed
from portal.models.people.people import Person
from tests.conftest import SignIn


@pytest.fixture
def loans(schools: Topic) -> Topic:
    return Topic.create(name="贷款", name_en="Loans", position=9)


@pytest.fixture
def seller(ben: Person) -> Person:
    ben.write(title="Seller")
    return ben


def write(by: Person, topic: Topic, title: str, **facts: Any) -> Article:
    return Article.add(by=by, title=title, body="Text of it.", topics=[topic], **facts)


def seen(person: Person) -> list[str]:
    return [each.title for each in news.new_about(news.topics_of(person), person)]


def test_what_a_job_needs_reads_or_knows(
    ada: Person, adam: Person, rita: Person, seller: Person, schools: Topic, loans: Topic
) -> None:
    below = Topic.create(name="房贷", parent=loans, position=10)
    write(ada, schools, "Schools")
    write(ada, below, "Mortgages")
    assert seen(seller) == []
    need = PostNeed.create(post="Seller", stage="engaged", title="Money", topic=loans)
    assert seen(seller) == ["Mortgages"]  # what lies below a topic is about it
    need.write(archived_at=clock.now())
    assert seen(seller) == []
    PathStep.create(post="Seller", day=1, title="Read", article=Article.get(Article.title == "Schools"))
    assert seen(seller) == ["Schools"]


def test_what_is_hidden_chooses_nothing(ada: Person, seller: Person, schools: Topic, loans: Topic) -> None:
    """Else whoever looks at a job's feed learns what its one holder hides."""
    write(ada, loans, "Loans")
    Evidence.record(seller.id, [loans.id], "helpful use", seller, key="one")
    assert news.topics_of_job("Seller") == {loans.id}
    OwnTopic.hide(loans, by=seller)
    assert news.topics_of_job("Seller") == set()
    later = clock.now() + timedelta(days=9)
    Evidence.record(seller.id, [schools.id], "review done", seller, key="two", since=later)
    assert news.topics_of_job("Seller") == set()  # a review is told once its month is over


def test_drafts_own_and_old_ones_are_no_news(ada: Person, seller: Person, schools: Topic) -> None:
    follow(schools, by=seller)
    write(ada, schools, "Draft", published=False)
    write(seller, schools, "Own")
    old = write(ada, schools, "Old")
    write(ada, schools, "New")
    Article.update(published_at=clock.now() - timedelta(days=91)).where(Article.id == old.id).execute()
    assert seen(seller) == ["New"]


def test_the_page_is_by_job_and_department(
    sign_in: SignIn,
    ada: Person,
    stan: Person,
    seller: Person,
    sales: Department,
    schools: Topic,
    loans: Topic,
) -> None:
    PostNeed.create(post="Seller", stage="engaged", title="Money", topic=loans)
    write(ada, schools, "About schools")
    write(ada, loans, "About loans")
    follow(schools, by=stan)
    mine = sign_in(stan)
    assert "About schools" in mine.get("/articles/news").text
    assert "About loans" not in mine.get("/articles/news").text
    for chosen in ("job=Seller", f"department={sales.id}"):
        page = mine.get(f"/articles/news?{chosen}").text
        assert "About loans" in page, chosen
        assert "About schools" not in page, chosen
    assert mine.get("/articles/news?job=Nobody").status_code == 200
    assert mine.get("/articles/news?department=9999999999999999999999").status_code == 200


def test_the_first_page_shows_those_for_the_job(
    sign_in: SignIn, ada: Person, stan: Person, schools: Topic, loans: Topic
) -> None:
    write(ada, schools, "About schools")
    write(ada, loans, "About loans")
    follow(schools, by=stan)
    mine = sign_in(stan)
    assert 'data-hx-get="/articles/news"' in mine.get("/").text
    beside = mine.get("/articles/news", headers={"HX-Request": "true"}).text
    assert "About schools" in beside
    assert "About loans" not in beside
    assert sign_in(ada).get("/articles/news", headers={"HX-Request": "true"}).status_code == 204
