"""What articles helped with is noted while nobody knows how it ends, and thanked for once it ended well (RULES 4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.requests import CustomerRequest
from portal.models.experiences.prefill import Told
from portal.models.expertise.points import PointEntry
from portal.models.insights.answers import CaseFigure, cases_by_article, cases_by_topic, figures_by_article
from portal.models.insights.proportions import Proportion
from portal.models.knowledge import merging
from portal.models.knowledge.articles import Article, ArticleCredit
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.article_uses import ArticleUse
from portal.models.sales.deals import Deal
from portal.models.sales.shares import share_with
from tests.conftest import SignIn

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)
TODAY = date(2026, 5, 12)


@pytest.fixture(autouse=True)
def noon(app: object) -> Iterator[None]:
    with clock.moved(NOON):
        yield


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, title="Ask first", body="One question.", topics=[schools], published=True)


@pytest.fixture
def deal(ben: Person) -> Deal:
    return Deal.create(title="Desks", owner=ben)


@pytest.fixture
def customer(ben: Person) -> Customer:
    return Customer.add(by=ben, name="Wei")


def asked(customer: Customer, *, by: Person, taken_by: Person, text: str = "A copy") -> CustomerRequest:
    made = CustomerRequest.add(customer, by=by, text=text)
    made.take(by=taken_by)
    return made


def points(who: Person) -> list[int]:
    return [
        entry.amount for entry in PointEntry.select().where(PointEntry.person == who).order_by(PointEntry.id)
    ]


# ---------------------------------------------------------------- deals


def test_an_article_used_in_a_won_deal_gives_three_points_once(
    article: Article, deal: Deal, ada: Person, ben: Person, schools: Topic
) -> None:
    """Two articles and an answer of one author in one deal: 3. Reopened, the twin; won again, given again."""
    other = Article.add(by=ada, title="Ask last", body="Another.", topics=[schools], published=True)
    answer = Question.ask(by=ben, text="Why?").answer(by=ada, text="So.")
    for each in (article, article, other):
        ArticleUse.say(deal, each, by=ben)
    AnswerUse.say(deal, answer, by=ben)
    assert points(ada) == []
    closings.win(deal, by=ben, amount=100, on=TODAY)
    assert points(ada) == [3]
    closings.reopen(deal.fresh(), by=ben)
    assert points(ada) == [3, -3]
    closings.win(deal.fresh(), by=ben, amount=100, on=TODAY)
    closings.win(deal.fresh(), by=ben, amount=100, on=TODAY)
    assert points(ada) == [3, -3, 3]


def test_undoing_the_win_takes_the_points_of_an_article_back(
    article: Article, deal: Deal, ada: Person, ben: Person
) -> None:
    ArticleUse.say(deal, article, by=ben)
    closings.win(deal, by=ben, amount=100, on=TODAY)
    undoing.undo(Event.about(deal).where(Event.verb == "won").get(), by=ben)
    assert points(ada) == [3, -3]


def test_in_a_lost_deal_it_gives_nothing(article: Article, deal: Deal, ada: Person, ben: Person) -> None:
    ArticleUse.say(deal, article, by=ben)
    closings.lose(deal, by=ben, reason="Price", on=TODAY)
    assert points(ada) == []


def test_nobody_is_thanked_for_using_their_own(
    article: Article, ada: Person, ben: Person, mona: Person
) -> None:
    """Neither the author nor a co-author says so for both, nor in their own deal, nor in one they share in."""
    ArticleCredit.share_out(article, {ada.id: 500_000, mona.id: 500_000})
    said, own, co, shared, said_by_co = (
        Deal.create(title=f"D{n}", owner=owner) for n, owner in enumerate((ben, ada, mona, ben, ben))
    )
    share_with(shared, {ben: 500_000, mona: 500_000}, by=ben)
    for work, by in ((said, ada), (own, ben), (co, ben), (shared, ben), (said_by_co, mona)):
        ArticleUse.say(work, article, by=by)
        closings.win(work.fresh(), by=work.owner, amount=100, on=TODAY)
    assert points(ada) == [] == points(mona)


def test_who_knows_how_it_ended_notes_nothing_any_more(
    article: Article, deal: Deal, ada: Person, ben: Person
) -> None:
    closings.win(deal, by=ben, amount=100, on=TODAY)
    with pytest.raises(Invalid):
        ArticleUse.say(deal.fresh(), article, by=ben)
    closings.reopen(deal.fresh(), by=ben)
    with pytest.raises(Invalid):
        ArticleUse.say(deal.fresh(), article, by=ben)
    assert points(ada) == []


def test_a_loss_is_not_wiped_off_an_articles_record(article: Article, deal: Deal, ben: Person) -> None:
    ArticleUse.say(deal, article, by=ben)
    used = Event.about(deal).where(Event.verb == "article used").get()
    closings.lose(deal, by=ben, reason="Price", on=TODAY)
    closings.reopen(deal.fresh(), by=ben)
    assert undoing.why_not(used, deal.fresh(), by=ben) is not None


def test_it_counts_among_the_deals_of_the_article_once(
    article: Article, deal: Deal, ada: Person, ben: Person
) -> None:
    """Used itself and as the answer that it became, in one deal: one."""
    answer = Question.ask(by=ben, text="Why?").answer(by=ada, text="So.")
    answer.article = article
    answer.save()
    AnswerUse.say(deal, answer, by=ben)
    ArticleUse.say(deal, article, by=ben)
    ArticleUse.say(Deal.create(title="Chairs", owner=ben), article, by=ben)
    assert figures_by_article([article.id], ben)[article.id].uses == 2


def test_the_debrief_names_what_was_used(article: Article, deal: Deal, ben: Person) -> None:
    ArticleUse.say(deal, article, by=ben)
    assert f"[Ask first]({article.url})" in Told(deal, None, ben).action


# ---------------------------------------------------------------- requests


def test_an_article_that_helped_with_a_request_gives_three_points_once_it_is_done(
    article: Article, customer: Customer, ada: Person, ben: Person
) -> None:
    made = asked(customer, by=ben, taken_by=ben)
    for _ in range(2):
        ArticleUse.say(made, article, by=ben)
    assert points(ada) == []
    made.close(by=ben, result="Sent")
    assert points(ada) == [3]
    undoing.undo(Event.about(made).where(Event.verb == "closed").get(), by=ben)
    assert points(ada) == [3, -3]
    made.fresh().close(by=ben, result="Sent at last")
    assert points(ada) == [3, -3, 3]


def test_a_withdrawn_request_gives_nothing(
    article: Article, customer: Customer, ada: Person, ben: Person
) -> None:
    made = asked(customer, by=ben, taken_by=ben)
    ArticleUse.say(made, article, by=ben)
    made.withdraw(by=ben)
    assert points(ada) == []


def test_a_request_that_the_author_wrote_down_or_does_thanks_nobody(
    article: Article, customer: Customer, ada: Person, ben: Person
) -> None:
    for by, taken_by, said_by in ((ada, ben, ben), (ben, ada, ben), (ben, ben, ada)):
        made = asked(customer, by=by, taken_by=taken_by, text=f"{by} {taken_by} {said_by}")
        ArticleUse.say(made, article, by=said_by)
        made.close(by=taken_by, result="Sent")
    assert points(ada) == []


def test_of_one_colleague_three_requests_in_seven_days_count(
    article: Article, customer: Customer, ada: Person, ben: Person
) -> None:
    """Requests are written down, taken and done by one hand: no more than a vote. 3 x 3, then after 7 days."""
    for n, hours in enumerate((0, 1, 2, 3, 4, 7 * 24 + 5)):
        with clock.moved(NOON + timedelta(hours=hours)):
            made = asked(customer, by=ben, taken_by=ben, text=f"Copy {n}")
            ArticleUse.say(made, article, by=ben)
            made.close(by=ben, result="Sent")
    assert points(ada) == [3, 3, 3, 3]


def test_it_is_noted_while_it_is_being_done_alone(article: Article, customer: Customer, ben: Person) -> None:
    free = CustomerRequest.add(customer, by=ben, text="A copy")
    with pytest.raises(Invalid):
        ArticleUse.say(free, article, by=ben)
    free.take(by=ben)
    free.close(by=ben, result="Sent")
    with pytest.raises(Invalid):
        ArticleUse.say(free.fresh(), article, by=ben)


# ---------------------------------------------------------------- pages


def test_it_is_said_on_the_pages_of_both(
    article: Article, deal: Deal, customer: Customer, ben: Person, sign_in: SignIn
) -> None:
    browser, made = sign_in(ben), asked(customer, by=ben, taken_by=ben)
    for work, page in ((deal, f"{deal.url}?tab=knowledge"), (made, made.url)):
        assert browser.post(f"{work.url}/articles", data={"article": article.id}).status_code in (200, 303)
        html = browser.get(page).text
        assert "Ask first" in html
        assert "It helped here" in html
    assert ArticleUse.select().count() == 2
    assert browser.post(f"{deal.url}/articles", data={"article": 10**6}).status_code == 404


def test_a_draft_is_not_used(deal: Deal, ben: Person, sign_in: SignIn) -> None:
    mine = Article.add(by=ben, title="Mine", body="Not yet", published=False)
    assert sign_in(ben).post(f"{deal.url}/articles", data={"article": mine.id}).status_code == 404


# ---------------------------------------------------------------- figures


def test_what_was_merged_counts_for_what_it_was_merged_into(
    article: Article, ben: Person, ada: Person, rob: Person, stan: Person, adam: Person, schools: Topic
) -> None:
    for number, owner in enumerate((ben, rob, stan, ben, rob, stan)):
        stage = "won" if number < 4 else "lost"
        deal = Deal.create(title="Desks", owner=owner, stage=stage, closed_on=date(2026, 5, 20))
        ArticleUse.create(article=article, deal=deal, person=owner)
    with clock.moved(clock.start_of(date(2026, 6, 10))):
        figure = figures_by_article([article.id], adam)[article.id]
        assert (figure.uses, figure.won) == (6, Proportion(4, 6))
        assert figure.won is not None
        low, high = figure.won.interval
        assert (round(low), round(high)) == (30, 90)  # by hand: Wilson of 4 of 6
        other = Article.add(by=ada, title="Better", body="Better.", topics=[schools], published=True)
        merging.merge(article.fresh(), other, by=ada)
        assert figures_by_article([other.id], adam)[other.id].won == Proportion(4, 6)


def test_what_was_used_and_merged_since_is_named_by_what_it_was_merged_into(
    article: Article, deal: Deal, ada: Person, ben: Person, schools: Topic
) -> None:
    ArticleUse.say(deal, article, by=ben)
    other = Article.add(by=ada, title="Better", body="Better.", topics=[schools], published=True)
    merging.merge(article.fresh(), other, by=ada)
    assert ArticleUse.beside(deal, [other.fresh()], ben) == [(other, True, None)]


def test_requests_are_counted_by_how_they_ended(
    article: Article, customer: Customer, ada: Person, ben: Person, rob: Person
) -> None:
    """Its author's own word counts nowhere, and a request that is still being done has no end."""
    done, dropped, going = (asked(customer, by=rob, taken_by=ben, text=text) for text in "ABC")
    for request in (done, dropped, going):
        ArticleUse.say(request, article, by=ben)
    own = asked(customer, by=rob, taken_by=ada, text="D")
    ArticleUse.say(own, article, by=ada)
    done.fresh().close(by=ben, result="Sent it.")
    dropped.fresh().withdraw(by=rob)
    own.fresh().close(by=ada, result="Sent it.")
    assert cases_by_article([article.id]) == {article.id: CaseFigure(3, Proportion(1, 2))}
    assert cases_by_topic(ben) == {article.topic_ids[0]: CaseFigure(3, Proportion(1, 2))}


def test_any_article_is_found_by_its_title(
    sign_in: SignIn, article: Article, deal: Deal, customer: Customer, ben: Person, stan: Person
) -> None:
    request = asked(customer, by=ben, taken_by=ben)
    for work in (deal, request):
        mine, path = sign_in(ben), f"{work.url}/articles"
        assert article.title not in mine.get(path).text
        assert article.title in mine.get(f"{path}?q=ask").text
        mine.post(path, data={"article": article.id})
        assert "It helped here" in mine.get(path).text
    assert ArticleUse.select().count() == 2
    assert sign_in(stan).get(f"{deal.url}/articles?q=ask").status_code == 403


def test_once_it_ended_what_was_not_used_does_not_stand_among_what_helped(
    sign_in: SignIn, article: Article, deal: Deal, ben: Person
) -> None:
    closings.win(deal, by=ben, amount=100, on=TODAY)
    page = sign_in(ben).get(f"{deal.url}/articles?q=ask").text
    assert article.title not in page
    assert "Nothing was noted" in page
