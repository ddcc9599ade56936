"""What answers did: in how many deals each was used, how many of these were won, and to whom that is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.insights.answers import AnswerFigure, figures_by_article, figures_by_topic, figures_of
from portal.models.insights.proportions import Proportion
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse, answers_for, fitting_answers
from portal.models.sales.deals import Deal, DealShare
from tests.conftest import SignIn
from tests.counting import MOST, queries

MAY = date(2026, 5, 20)


@pytest.fixture
def answer(ada: Person, lakeside: Product) -> Answer:
    """Ada's, the best for everyone who doubts the price of a product."""
    question = Question.ask(by=ada, text="Why so dear?", product=lakeside)
    made = question.answer(by=ada, text="It lasts.")
    question.choose_best(made, by=ada)
    return made


def ended(answer: Answer, owner: Person, *, won: bool = True, on: date = MAY, **facts: Any) -> Deal:
    stage = "won" if won else "lost"
    deal: Deal = Deal.create(title="Desks", owner=owner, stage=stage, closed_on=on, **facts)
    AnswerUse.create(answer=answer, deal=deal, person=owner)
    return deal


@pytest.fixture
def june() -> Any:
    with clock.moved(clock.start_of(date(2026, 6, 10)) + timedelta(hours=9)):
        yield


def test_the_win_rate_is_told_with_n_and_interval(
    june: Any, answer: Answer, ben: Person, rita: Person, rob: Person, adam: Person, stan: Person
) -> None:
    for number, owner in enumerate((ben, rita, rob, ben, rita, rob, ben)):
        ended(answer, owner, won=number < 5)
    figure = figures_of([answer.id], adam)[answer.id]
    assert figure == AnswerFigure(7, Proportion(5, 7))
    assert figure.won is not None
    low, high = figure.won.interval
    assert (round(figure.won.rate), round(low), round(high)) == (71, 36, 92)  # by hand: Wilson of 5 of 7


def test_it_does_not_tell_how_one_or_two_colleagues_did(
    june: Any, answer: Answer, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    for owner in (ben, rita, ben, rita, ben, rita):
        ended(answer, owner)
    assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(6, None)
    ended(answer, rob, won=False)
    assert figures_of([answer.id], adam)[answer.id].won == Proportion(6, 7)
    # Ben takes his own from it: two others are left
    assert figures_of([answer.id], ben)[answer.id] == AnswerFigure(7, None)


def test_who_leads_them_all_reads_what_they_did(
    june: Any, answer: Answer, ben: Person, rita: Person, mona: Person, adam: Person
) -> None:
    """Their own people's deals they know: one colleague besides is told of by nobody."""
    Person.update(manager=mona).where(Person.id == ben.id).execute()
    for number in range(5):
        ended(answer, ben, won=number < 3)
    assert figures_of([answer.id], mona.fresh())[answer.id] == AnswerFigure(5, Proportion(3, 5))
    assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(5, None)
    ended(answer, rita)
    assert figures_of([answer.id], mona.fresh())[answer.id] == AnswerFigure(6, None)


def test_the_sum_of_a_topic_less_what_is_told_leaves_nothing_of_one_colleague(
    june: Any,
    answer: Answer,
    ada: Person,
    ben: Person,
    rita: Person,
    rob: Person,
    stan: Person,
    adam: Person,
    schools: Topic,
    lakeside: Product,
) -> None:
    question = Question.ask(by=ada, text="Why so slow?", product=lakeside)
    other = question.answer(by=ada, text="It is made by hand.")
    facts: dict[str, Any] = {"by": ada, "body": "One.", "topics": [schools], "published": True}
    price, time = [Article.add(title=title, **facts) for title in ("Price", "Time")]
    for each, article in ((answer, price), (other, time)):
        each.article = article
        each.save()
    for number, owner in enumerate((ben, rita, rob, ben, rita, rob)):
        ended(answer, owner, won=number < 4)
    for number in range(5):
        ended(other, stan, won=number < 1)
    told = {price.id: AnswerFigure(6, Proportion(4, 6)), time.id: AnswerFigure(5, None)}
    assert figures_by_article([price.id, time.id], adam) == told
    assert figures_by_topic(adam) == {schools.id: AnswerFigure(11, Proportion(4, 6))}, "not 5 of 11"


def test_of_few_deals_no_rate_is_told(
    june: Any, answer: Answer, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    for owner in (ben, rita, rob, ben):
        ended(answer, owner)
    assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(4, None)
    assert figures_of([], adam) == {}


def test_own_deals_and_those_of_this_month_do_not_count_among_the_ended_archived_ones_do(
    june: Any, answer: Answer, ada: Person, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    for owner in (ben, rita, rob, ben, rita):
        ended(answer, owner)
    ended(answer, ada)  # whoever wrote it
    hidden = ended(answer, rob, won=False, archived_at=clock.now())
    for owner in (ben, rita, rob):
        ended(answer, owner, won=False, on=date(2026, 6, 1))
    assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(9, Proportion(5, 6))
    Deal.update(archived_at=None).where(Deal.id == hidden.id).execute()
    assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(9, Proportion(5, 6))
    with clock.moved(clock.start_of(date(2026, 7, 1))):
        assert figures_of([answer.id], adam)[answer.id] == AnswerFigure(9, Proportion(5, 9))


def test_from_month_to_month_it_does_not_tell_how_one_colleague_did(
    answer: Answer, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    for owner in (ben, rita, rob, ben, rita):
        ended(answer, owner)
    ended(answer, rob, won=False, on=date(2026, 6, 12))

    def told(day: date, person: Person) -> Proportion | None:
        with clock.moved(clock.start_of(day)):
            return figures_of([answer.id], person)[answer.id].won

    assert told(date(2026, 6, 30), adam) == told(date(2026, 7, 1), adam) == Proportion(5, 5)
    ended(answer, ben, on=date(2026, 7, 3))
    ended(answer, rita, on=date(2026, 7, 4))
    assert told(date(2026, 8, 1), adam) == Proportion(7, 8)  # of three together
    assert told(date(2026, 8, 1), rob) is None  # of May he knows his own: two others are left


def test_what_its_author_says_is_no_praise_whosever_the_deal_is_now(
    june: Any, answer: Answer, ada: Person, ben: Person
) -> None:
    for facts in (
        {"owner": ben, "person": ada},
        {"owner": ada, "person": ben},
        {"owner": ben, "person": ben},
    ):
        deal = Deal.create(title="Desks", owner=facts["owner"])
        AnswerUse.create(answer=answer, deal=deal, person=facts["person"])
    assert figures_of([answer.id], ben)[answer.id].uses == 1
    DealShare.create(deal=deal, person=ada, share=500_000)
    assert figures_of([answer.id], ben) == {}


def test_what_colleagues_used_stands_above_what_its_author_did(
    ada: Person, ben: Person, answer: Answer, lakeside: Product
) -> None:
    other = Question.ask(by=ada, text="And then?", product=lakeside)
    praised = other.answer(by=ada, text="It stays.")
    other.choose_best(praised, by=ada)
    for _ in range(3):
        AnswerUse.create(answer=praised, deal=Deal.create(title="Own", owner=ada), person=ada)
    AnswerUse.create(answer=answer, deal=Deal.create(title="Desks", owner=ben), person=ben)
    deal = Deal.open(by=ben, title="Chairs", product=lakeside)
    full = Deal.with_names(Deal.select()).where(Deal.id == deal.id).get()
    assert [one.answer.id for one in fitting_answers(full)] == [answer.id, praised.id]


def test_what_helped_at_this_stage_stands_above_what_helped_at_others(
    ada: Person, ben: Person, answer: Answer, lakeside: Product, sign_in: SignIn
) -> None:
    """Two deals while viewing against three in negotiation; each is first where it helped most."""
    other = Question.ask(by=ada, text="And the price?", product=lakeside)
    firm = other.answer(by=ada, text="It stays.")
    other.choose_best(firm, by=ada)
    for helped, stage, times in ((answer, "viewing", 2), (firm, "negotiation", 3)):
        for n in range(times):
            AnswerUse.say(Deal.create(title=f"{stage} {n}", owner=ben, stage=stage), helped, by=ben)
    deal = Deal.open(by=ben, title="Chairs", product=lakeside)
    for stage, wanted in (
        ("viewing", [(answer, 2), (firm, 0)]),
        ("negotiation", [(firm, 3), (answer, 0)]),
        ("engaged", [(firm, 0), (answer, 0)]),
    ):
        deal.fresh().move(stage, by=ben)
        full = Deal.with_names(Deal.select()).where(Deal.id == deal.id).get()
        assert [(one.answer, one.at_stage) for one in fitting_answers(full)] == wanted
    deal.fresh().move("viewing", by=ben)
    page = sign_in(ben).get(f"{deal.url}?tab=knowledge").text
    assert "used in 2 deals at this stage" in page
    assert "used in 2 deals at this stage" in sign_in(ben).get(f"{deal.url}/fitting-answers").text


def test_what_was_used_stays_on_the_deals_page_whatever_is_the_best_now(
    sign_in: SignIn, answer: Answer, ada: Person, ben: Person, lakeside: Product
) -> None:
    deal = Deal.open(by=ben, title="Desks", product=lakeside)
    AnswerUse.say(deal, answer, by=ben)
    better = answer.question.answer(by=ada, text="It never breaks.")
    answer.question.choose_best(better, by=ada)
    full = Deal.with_names(Deal.select()).where(Deal.id == deal.id).get()
    assert [(one.answer, one.used) for one in fitting_answers(full)] == [(answer, True), (better, False)]
    seller = sign_in(ben)
    with queries() as asked:
        page = seller.get(f"{deal.url}?tab=knowledge").text
    assert len(asked) <= MOST
    assert page.index("It lasts.") < page.index("It never breaks.")


def test_where_few_are_about_it_answers_for_everyone_stand_below(
    sign_in: SignIn, ada: Person, ben: Person, answer: Answer, lakeside: Product
) -> None:
    """Three in all, those colleagues used most first; none about another product or for other customers."""
    trade, elsewhere = CustomerType.create(name="Trade"), Product.create(code="B-1", name="Seaside")
    asked = [Question.ask(by=ada, text=f"Any {n}?") for n in range(4)]
    general = [question.answer(by=ada, text=f"So {n}.") for n, question in enumerate(asked)]
    for question, made in zip(asked[:3], general, strict=False):
        question.choose_best(made, by=ada)
    asked[3].choose_best(general[3], by=ada, customer_type=trade)
    other = Question.ask(by=ada, text="There?", product=elsewhere)
    other.choose_best(other.answer(by=ada, text="No."), by=ada)
    AnswerUse.say(Deal.create(title="Chairs", owner=ben), general[0], by=ben)
    deal = Deal.open(by=ben, title="Desks", product=lakeside)
    full = Deal.with_names(Deal.select()).where(Deal.id == deal.id).get()
    found = [(one.answer, one.is_general) for one in fitting_answers(full)]
    assert found == [(answer, False), (general[0], True), (general[2], True)]
    assert "for every customer" in sign_in(ben).get(f"{deal.url}/fitting-answers").text
    AnswerUse.say(full, general[2], by=ben)
    used = [(one.answer, one.used, one.is_general) for one in fitting_answers(full)]
    assert used == [(general[2], True, False), (answer, False, False), (general[0], False, True)]
    assert [one.answer for one in answers_for(None, [])] == [general[2], general[0], general[1]]
    for n in range(2):
        more = Question.ask(by=ada, text=f"More {n}?", product=lakeside)
        more.choose_best(more.answer(by=ada, text="Yes."), by=ada)
    assert not any(one.is_general for one in fitting_answers(full))


@pytest.mark.parametrize("won", [True, False])
def test_who_knows_how_it_ended_chooses_no_more(
    sign_in: SignIn, answer: Answer, ada: Person, ben: Person, lakeside: Product, won: bool
) -> None:
    other = answer.question.answer(by=ada, text="It never breaks.")
    deal = Deal.open(by=ben, title="Desks", product=lakeside)
    AnswerUse.say(deal, answer, by=ben)
    used = Event.about(deal).where(Event.verb == "answer used").get()
    if won:
        closings.win(deal, by=ben, amount=100, on=clock.today())
    else:
        closings.lose(deal, by=ben, reason="Dear", on=clock.today())
    undoing.undo(Event.about(deal).where(Event.verb == ("won" if won else "lost")).get(), by=ben)
    opened = deal.fresh()
    assert opened.is_open
    with pytest.raises(Invalid):
        AnswerUse.say(opened, other, by=ben)
    with pytest.raises(Invalid):
        undoing.undo(used, by=ben)
    assert [use.answer_id for use in AnswerUse.select()] == [answer.id]
    assert 'name="answer"' not in sign_in(ben).get(f"{deal.url}?tab=knowledge").text


def test_it_is_said_while_the_deal_is_open_and_once(answer: Answer, ben: Person, lakeside: Product) -> None:
    deal = Deal.open(by=ben, title="Desks", product=lakeside)
    for _ in range(2):
        AnswerUse.say(deal, answer, by=ben)
    assert AnswerUse.select().count() == Event.about(deal).where(Event.verb == "answer used").count() == 1
    closings.lose(deal, by=ben, reason="Dear", on=clock.today())
    with pytest.raises(Invalid):
        AnswerUse.say(deal.fresh(), answer, by=ben)
    event = Event.about(deal).where(Event.verb == "answer used").get()
    with pytest.raises(Invalid):  # a loss is not wiped off an answer's record
        undoing.undo(event, by=ben)
    assert AnswerUse.select().count() == 1


def test_the_answers_that_fit_stand_on_the_deals_page_and_are_used_by_one_click(
    sign_in: SignIn, answer: Answer, ada: Person, ben: Person, stan: Person, lakeside: Product
) -> None:
    trade = CustomerType.create(name="Trade")
    customer = Customer.add(by=ben, name="Wei", type=trade)
    other = Question.ask(by=ada, text="For traders?")
    for_trade = other.answer(by=ada, text="Terms.")
    other.choose_best(for_trade, by=ada, customer_type=trade)
    gone = Question.ask(by=ada, text="Gone?", product=lakeside)
    gone.choose_best(gone.answer(by=ada, text="No."), by=ada)
    gone.archive(by=ada)
    unlike = Question.ask(by=ada, text="Elsewhere?", product=Product.create(code="B-1", name="Seaside"))
    unlike.choose_best(unlike.answer(by=ada, text="No."), by=ada)
    deal = Deal.open(by=ben, title="Desks", customer=customer, product=lakeside)
    full = Deal.with_names(Deal.select()).where(Deal.id == deal.id).get()
    assert [one.answer.id for one in fitting_answers(full)] == [for_trade.id, answer.id]
    seller = sign_in(ben)
    page = seller.get(f"{deal.url}?tab=knowledge").text
    assert "It lasts." in page
    assert "Terms." in page
    assert "Elsewhere?" not in page
    htmx = {"HX-Request": "true"}
    for about in (deal.url, customer.url):  # read once the page stands, beside what one works at
        assert f"{about}/fitting-answers" in seller.get(about).text
        beside = seller.get(f"{about}/fitting-answers", headers=htmx).text
        assert beside.count(f'action="{deal.url}/answers"') == beside.count("<span>Mark as used</span>") == 2
        assert "Used here" not in beside, "the button does, the badge states"
        assert ("<html" in beside, "Terms." in beside, "Elsewhere?" in beside) == (False, True, False)
        assert "<html" in seller.get(f"{about}/fitting-answers").text
        assert "<form" not in sign_in(ada).get(f"{about}/fitting-answers", headers=htmx).text
    seller = sign_in(ben)
    used = seller.post(f"{deal.url}/answers", data={"answer": answer.id}, headers=htmx)
    assert (used.status_code, used.text.count("Used here"), used.text.count("<form")) == (200, 1, 0)
    assert "Mark as used" not in used.text
    sent = seller.post(f"{deal.url}/answers", data={"answer": answer.id})
    assert sent.status_code == 303
    assert AnswerUse.select().count() == 1
    page = seller.get(f"{deal.url}?tab=knowledge").text
    assert "used in 1 deal" in page
    assert sign_in(stan).post(f"{deal.url}/answers", data={"answer": answer.id}).status_code in (403, 404)
    assert seller.post(f"{deal.url}/answers", data={"answer": "none"}).status_code == 404
    closings.lose(full, by=ben, reason="Dear", on=clock.today())
    beside = seller.get(
        f"{customer.url}/fitting-answers", headers=htmx
    ).text  # no deal is open: nothing to say
    assert ("Terms." in beside, "It lasts." in beside, "<form" in beside) == (True, True, False)
    assert [one.answer.id for one in answers_for(trade.id, [lakeside.id])] == [for_trade.id, answer.id]
    assert answers_for(None, []) == []


def test_the_questions_page_tells_it_too(
    june: datetime, sign_in: SignIn, answer: Answer, ben: Person, rita: Person, rob: Person, adam: Person
) -> None:
    for number, owner in enumerate((ben, rita, rob, ben, rita, rob, ben)):
        ended(answer, owner, won=number < 5)
    page = sign_in(adam).get(answer.question.url).text
    assert "used in 7 deals" in page
    assert "5 of 7 ended deals won: 71 %, with 95 % certainty 36–92 %" in page
