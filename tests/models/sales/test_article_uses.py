"""Articles used in deals and for requests: what counts, who is thanked, what stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal import clock
from portal.models.base.record import Event, Invalid
from portal.models.base.undoing import undo, why_not
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.expertise.points import PointEntry
from portal.models.insights.answers import CaseFigure, cases_by_article, cases_by_topic, figures_by_article
from portal.models.insights.proportions import Proportion
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from tests.conftest import SignIn


@pytest.fixture
def article(rita: Person, schools: Topic) -> Article:
    return Article.add(by=rita, title="How to ask", body="Ask first.", topics=[schools])


@pytest.fixture
def deal(ben: Person) -> Deal:
    made: Deal = Deal.create(title="Desks", owner=ben, stage="lead")
    return made


@pytest.fixture
def asked(ben: Person) -> CustomerRequest:
    customer = Customer.create(name="Blue House", owner=ben)
    made = CustomerRequest.add(customer, by=ben, text="A plan of the school district")
    made.take(by=ben)
    return made


def points(who: Person) -> list[int]:
    mine = PointEntry.select().where((PointEntry.person == who) & (PointEntry.reason == "article used"))
    return [entry.amount for entry in mine.order_by(PointEntry.id)]


def end(deal: Deal, *, won: bool = True) -> None:
    facts: dict[str, Any] = {"amount": 100_00, "on": clock.today()} if won else {"reason": "price"}
    deal.fresh().win(by=deal.owner, **facts) if won else deal.fresh().lose(by=deal.owner, **facts)


def test_whoever_wrote_it_is_thanked_once_for_a_deal_that_is_won(
    article: Article, deal: Deal, ben: Person, rita: Person
) -> None:
    ArticleUse.say(deal, article, by=ben)
    ArticleUse.say(deal, article, by=ben)
    assert ArticleUse.select().count() == 1
    assert points(rita) == []
    end(deal)
    assert points(rita) == [3]  # RULES 4.3
    assert why_not(Event.about(deal).where(Event.verb == "article used").get(), deal.fresh(), by=ben)
    with pytest.raises(Invalid, match="stands"):
        ArticleUse.say(deal.fresh(), article, by=ben)


def test_nobody_is_thanked_for_their_own(article: Article, deal: Deal, rita: Person, ben: Person) -> None:
    own = Article.add(by=ben, title="Ben's", body="Of mine.", topics=article.topics)
    ArticleUse.say(deal, own, by=rita)
    ArticleUse.say(deal, article, by=rita)  # said by whoever wrote it
    end(deal)
    assert (points(ben), points(rita)) == ([], [])
    assert figures_by_article([own.id, article.id], ben) == {}


def test_a_request_that_is_done_thanks_and_undone_no_more(
    article: Article, asked: CustomerRequest, ben: Person, rita: Person
) -> None:
    ArticleUse.say(asked, article, by=ben)
    assert cases_by_article([article.id]) == {article.id: CaseFigure(1, Proportion(0, 0))}
    asked.close(by=ben, result="Sent it.")
    assert points(rita) == [3]
    assert cases_by_article([article.id]) == {article.id: CaseFigure(1, Proportion(1, 1))}
    assert cases_by_topic(ben) == {article.topic_ids[0]: CaseFigure(1, Proportion(1, 1))}
    with pytest.raises(Invalid, match="sees to"):
        ArticleUse.say(asked.fresh(), article, by=ben)
    undo(Event.about(asked).where(Event.verb == "closed").get(), by=ben)
    assert sum(points(rita)) == 0
    undo(Event.about(asked).where(Event.verb == "article used").get(), by=ben)
    assert not ArticleUse.select().exists()


def test_a_deal_counts_once_however_it_was_used(
    article: Article, ben: Person, rita: Person, rob: Person, stan: Person, adam: Person
) -> None:
    """By itself and by the answer that became it; what was merged counts for what it was merged into."""
    answer = Question.ask(by=rita, text="Why?").answer(by=rita, text="So.", article=article)
    for number, owner in enumerate((ben, rob, stan, ben, rob, stan)):
        stage = "won" if number < 4 else "lost"
        deal = Deal.create(title="Desks", owner=owner, stage=stage, closed_on=date(2026, 5, 20))
        ArticleUse.create(article=article, deal=deal, person=owner)
        AnswerUse.create(answer=answer, deal=deal, person=owner)
    with clock.moved(clock.start_of(date(2026, 6, 10))):
        figure = figures_by_article([article.id], adam)[article.id]
        assert (figure.uses, figure.won) == (6, Proportion(4, 6))
        assert figure.won is not None
        low, high = figure.won.interval
        assert (round(low), round(high)) == (30, 90)  # by hand: Wilson of 4 of 6
        other = Article.add(by=rita, title="Better", body="Better.", topics=article.topics)
        merging.merge(article.fresh(), other, by=rita)
        assert figures_by_article([other.id], adam)[other.id].won == Proportion(4, 6)


def test_the_page_of_a_deal_and_a_request_says_what_was_used(
    sign_in: SignIn, article: Article, deal: Deal, asked: CustomerRequest, ben: Person, stan: Person
) -> None:
    for about in (deal, asked):
        mine, path = sign_in(ben), f"{about.url}/articles"
        assert article.title in mine.get(f"{path}?q=ask").text
        answer = mine.post(path, data={"article": article.id}, follow_redirects=False)
        assert answer.headers["location"] == path
        assert "Used here" in mine.get(path).text
        assert mine.post(path, data={"article": "x"}, follow_redirects=False).status_code == 303
    assert ArticleUse.select().count() == 2
    assert sign_in(stan).post(f"{deal.url}/articles", data={"article": article.id}).status_code == 403
