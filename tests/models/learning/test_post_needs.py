"""What a post needs at a stage: listed, filled, a gap that is put to experts, and shown where one works (S05)."""

from __future__ import annotations

from typing import Any

import pytest

from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.questions import Question
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.learning.courses import Course
from portal.models.learning.post_needs import MOST, PostNeed
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales.deals import Deal
from tests.conftest import SignIn

SELLER = "二手房销售"


@pytest.fixture
def needs(ada: Person, ben: Person, adam: Person, rita: Person, schools: Topic) -> list[PostNeed]:
    """Five pieces for a viewing: two articles, a question with an answer, a course, and a gap."""
    Person.update(title=SELLER).where(Person.id.in_([ada.id, ben.id])).execute()
    articles = [
        Article.add(by=rita, title=title, body="First the light.", topics=[schools], published=True)
        for title in ("How to introduce the flat", "Routes to school")
    ]
    question = Question.ask(by=ada, text="What of the noise?", topic=schools)
    question.answer(by=rita, text="Come at night.")
    course = Course.add(by=rita, title="Viewings", topic=schools)
    Course.update(state="published", published_at=course.created_at).where(Course.id == course.id).execute()
    links: list[dict[str, Any]] = [
        {"article": articles[0]},
        {"article": articles[1]},
        {"question": question},
        {"course": course},
        {},
    ]
    titles = ("如何介绍房子", "上学路线", "噪音怎么说", "带看流程", "如何收口要下一步")
    return [
        PostNeed.add(by=adam, post=SELLER, stage="viewing", title=title, topic=schools, **link)
        for title, link in zip(titles, links, strict=True)
    ]


def test_five_are_listed_four_filled_and_the_gap_is_routed(
    needs: list[PostNeed], ada: Person, rita: Person, sign_in: SignIn
) -> None:
    listed = PostNeed.of(SELLER, "viewing")
    assert len(listed) == 5
    assert [need.found is not None for need in listed] == [True, True, True, True, False]
    browser = sign_in(ada)
    page = browser.get("/post-needs").text
    assert page.count("Ask experts") == 1
    for _ in range(2):
        assert browser.post(f"/post-needs/{needs[4].id}/asking").status_code == 303
    gap = PostNeed.of(SELLER, "viewing")[4]
    asked = Question.get(Question.text == "如何收口要下一步")
    assert (gap.asked, asked.topic_id, asked.asker_id) == (asked, needs[4].topic_id, ada.id)
    assert Routing.select().where(Routing.question == asked).count() == 1
    assert Ask.select().where((Ask.question == asked) & (Ask.person == rita)).exists()
    page = browser.get("/post-needs").text
    assert "Ask experts" not in page
    assert "Experts are asked" in page
    asked.fresh().answer(by=rita, text="Say what comes next.")
    assert PostNeed.of(SELLER, "viewing")[4].found == asked


def test_it_stands_on_the_deal_in_that_stage_for_that_post(
    needs: list[PostNeed], ada: Person, mona: Person, lakeside: Product, sign_in: SignIn
) -> None:
    deal = Deal.open(by=ada, title="Rooms", customer=Customer.add(by=ada, name="Wei"), product=lakeside)
    browser = sign_in(ada)
    assert "For this stage" not in browser.get(deal.url).text
    deal.move("viewing", by=ada)
    page = browser.get(deal.url).text
    assert "For this stage" in page
    assert "如何介绍房子" in page
    assert "Missing: 如何收口要下一步" in page
    assert "For this stage" not in sign_in(mona).get(deal.url).text, "she has another post"


def test_what_is_put_away_is_a_gap_again(needs: list[PostNeed], rita: Person) -> None:
    article = needs[0].article
    assert article is not None
    article.fresh().archive(by=rita)
    assert PostNeed.of(SELLER, "viewing")[0].found is None


def test_a_piece_links_one_thing_and_a_filled_one_is_not_asked(
    needs: list[PostNeed], ada: Person, adam: Person, schools: Topic
) -> None:
    first, third = needs[0], needs[2]
    facts = {"post": SELLER, "stage": "viewing", "title": "Both", "topic": schools}
    with pytest.raises(Invalid):
        PostNeed.add(by=adam, article=first.article, question=third.question, **facts)
    with pytest.raises(Invalid):
        PostNeed.add(by=adam, **{**facts, "stage": "won"})
    with pytest.raises(Invalid):
        first.ask(by=ada)
    assert Question.select().count() == 1


def test_the_list_has_an_end(adam: Person, schools: Topic) -> None:
    facts = {"post": SELLER, "stage": "lead", "topic": schools}
    for number in range(MOST):
        PostNeed.add(by=adam, title=f"Piece {number}", **facts)
    with pytest.raises(Invalid):
        PostNeed.add(by=adam, title="One more", **facts)


def test_the_owner_of_the_topic_and_the_deputy_keep_it(
    needs: list[PostNeed],
    ada: Person,
    ben: Person,
    stan: Person,
    adam: Person,
    schools: Topic,
    sign_in: SignIn,
) -> None:
    TopicRule.choose(schools, by=adam, way="none", owner=ada, deputy=ben)
    sent = {"post": SELLER, "stage": "lead", "title": "Who calls back", "topic": str(schools.id)}
    assert sign_in(stan).get("/post-needs/new").status_code == 403
    assert sign_in(stan).post(f"/post-needs/{needs[0].id}/archiving").status_code == 403
    for person in (ada, ben):
        assert sign_in(person).get(f"/post-needs/{needs[0].id}/edit").status_code == 200
    assert sign_in(ada).post("/post-needs/new", data=sent).status_code == 303
    assert [need.title for need in PostNeed.of(SELLER, "lead")] == ["Who calls back"]
    other = Topic.create(name="Loans")
    refused = sign_in(ada).post("/post-needs/new", data={**sent, "title": "Rates", "topic": str(other.id)})
    assert refused.status_code == 422
    assert "Rates" in refused.text
    browser = sign_in(ada)
    browser.post(f"/post-needs/{needs[0].id}/archiving")
    assert len(PostNeed.of(SELLER, "viewing")) == 4
    assert "Bring back" in browser.get("/post-needs").text
    browser.post(f"/post-needs/{needs[0].id}/restoring")
    assert len(PostNeed.of(SELLER, "viewing")) == 5
    assert {event.verb for event in Event.about(needs[0])} >= {"added", "archived", "restored"}


def test_an_edit_links_where_it_stands(
    needs: list[PostNeed], adam: Person, schools: Topic, sign_in: SignIn
) -> None:
    gap = needs[4]
    article = needs[0].article
    assert article is not None
    browser = sign_in(adam)
    assert "Routes to school" in browser.get(f"/post-needs/{gap.id}/edit").text
    sent = {
        "post": SELLER, "stage": "viewing", "title": gap.title, "topic": str(schools.id),
        "article": str(article.id), "version": str(gap.version),
    }  # fmt: skip
    assert browser.post(f"/post-needs/{gap.id}/edit", data=sent).status_code == 303
    assert PostNeed.of(SELLER, "viewing")[4].found == article


def test_what_is_archived_fills_no_list_and_is_not_asked_for(
    needs: list[PostNeed], ada: Person, adam: Person, schools: Topic, sign_in: SignIn
) -> None:
    facts = {"post": SELLER, "stage": "lead", "topic": schools}
    first = PostNeed.add(by=adam, title="First", **facts)
    for number in range(MOST):
        each = PostNeed.add(by=adam, title=f"Piece {number}", **facts)
        if number == 0:
            each.archive(by=adam)
    assert len(PostNeed.of(SELLER, "lead")) == MOST
    away = PostNeed.of(SELLER, archived=True)[0]
    with pytest.raises(Invalid):
        away.restore(by=adam)
    with pytest.raises(Invalid):
        needs[0].change(by=adam, stage="lead")
    first.archive(by=adam)
    away.fresh().restore(by=adam)
    assert len({need.position for need in PostNeed.of(SELLER, "lead")}) == MOST
    page = sign_in(ada).post(f"/post-needs/{first.id}/asking", follow_redirects=True).text
    assert "restore it first" in page
    assert not Question.select().where(Question.text == "First").exists()


def test_whose_job_has_nothing_yet_reads_that_it_is_another_one(
    needs: list[PostNeed], ada: Person, stan: Person, sign_in: SignIn
) -> None:
    said = "Nothing is written down for your job yet"
    assert said not in sign_in(ada).get("/post-needs").text
    Person.update(title="").where(Person.id == stan.id).execute()
    assert said not in sign_in(stan).get("/post-needs").text
    Person.update(title="客户经理").where(Person.id == stan.id).execute()
    page = sign_in(stan).get("/post-needs").text
    assert said in page
    assert "上学路线" in page
    assert said not in sign_in(stan).get(f"/post-needs?post={SELLER}").text
