"""What stood before an act stands after its undoing; where it cannot, the act stands and says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.customers.customers import Customer
from portal.models.customers.interactions import Interaction
from portal.models.home.leaving import leave
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.questions import BestAnswer, Question
from portal.models.knowledge.uses import Use
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.products.products import Product
from portal.models.sales import closings
from portal.models.sales.deals import Deal
from portal.models.work.clocks import Clock


def undo(record: Any, verb: str, *, by: Person) -> None:
    undoing.undo(Event.about(record).where(Event.verb == verb).get(), by=by)


def waits_for(person: Person) -> list[str]:
    return [need.kind for need in needs(person)]


@pytest.fixture
def deal(ada: Person, lakeside: Product) -> Deal:
    customer = Customer.add(by=ada, name="Quentin")
    return Deal.open(by=ada, title="A flat", customer=customer, product=lakeside, amount=190_00)


@pytest.fixture
def article(ada: Person, schools: Topic) -> Article:
    return Article.add(by=ada, published=True, title="Ask first", body="One question.", topics=[schools])


def test_shares_that_stood_before_a_win_stand_after_its_undoing(ada: Person, ben: Person, deal: Deal) -> None:
    """Else who wins, undoes and wins again would take another's commission."""
    closings.win(deal, by=ada, amount=205_00, on=clock.today() - timedelta(days=1))
    closings.reopen(deal.fresh(), by=ada)
    deal.fresh().hand_over(ben, by=ada)
    for _ in range(2):
        closings.win(deal.fresh(), by=ben, amount=205_00, on=clock.today())
        assert deal.fresh().shares() == {ada.id: 1_000_000}
        undoing.undo(Event.about(deal).where(Event.verb == "won").first(), by=ben)
        assert deal.fresh().shares() == {ada.id: 1_000_000}


def test_shares_that_the_win_wrote_go_with_it(ada: Person, ben: Person, deal: Deal) -> None:
    closings.win(deal, by=ada, amount=205_00, on=clock.today())
    undo(deal, "won", by=ada)
    deal.fresh().hand_over(ben, by=ada)
    closings.win(deal.fresh(), by=ben, amount=205_00, on=clock.today())
    assert deal.fresh().shares() == {ben.id: 1_000_000}


def test_what_a_colleague_wrote_since_stays(ada: Person, mona: Person, deal: Deal) -> None:
    closings.lose(deal, by=ada, reason="Too dear", on=clock.today())
    deal.fresh().edit(by=mona, competitor="Acme")
    undo(deal, "lost", by=ada)
    assert (deal.fresh().competitor, deal.fresh().lost_reason) == ("Acme", "")


def test_a_debrief_is_asked_for_again_after_archiving_by_mistake(ada: Person, deal: Deal) -> None:
    closings.win(deal, by=ada, amount=None, on=clock.today())
    deal.archive(by=ada)
    assert Clock.of(deal, "debrief") is None
    undo(deal, "archived", by=ada)
    assert Clock.of(deal, "debrief") is not None
    with clock.moved(clock.now() + timedelta(hours=1)):
        Clock.stop(deal, "debrief")  # it was begun
        deal = deal.fresh()
    with clock.moved(clock.now() + timedelta(hours=2)):
        deal.archive(by=ada)
        deal.fresh().restore(by=ada)
    assert Clock.of(deal, "debrief") is None


@pytest.mark.parametrize("of_lead", [False, True])
def test_a_promise_that_was_passed_on_waits_for_its_keeper_again(
    ada: Person, ben: Person, adam: Person, of_lead: bool
) -> None:
    lead = Deal.open(by=ada, title="Harbour") if of_lead else None
    customer = None if of_lead else Customer.add(by=ada, name="Harbour")
    said = Interaction.log(
        customer, by=ada, kind_of="call", text="Call back", follow_up_on=clock.today(), deal=lead
    )
    leave(ada, by=adam, to=ben, groups=["customers", "deals", "promises"])
    assert "follow-up" in waits_for(ben)
    said.fresh().follow_up(by=ben)
    assert "follow-up" not in waits_for(ben)
    undo(said, "followed up", by=ben)
    assert "follow-up" in waits_for(ben)


def test_a_second_reason_leaves_the_first_with_its_answer(article: Article, ada: Person, ben: Person) -> None:
    Objection.say(article, by=ben, reason="Too long").reply(by=ada, text="Shorter now.")
    Objection.say(article.fresh(), by=ben, reason="Still too long")
    act = Event.about(article).where(Event.verb == "objected").first()
    with pytest.raises(Invalid, match="You had said before"):
        undoing.undo(act, by=ben)
    assert [each.reason for each in Objection.select()] == ["Still too long"]


def test_worked_for_me_over_a_reason_is_no_click_to_undo(article: Article, ben: Person) -> None:
    Objection.say(article, by=ben, reason="Too long")
    found_working(article.fresh(), by=ben)
    with pytest.raises(Invalid, match="You had said before"):
        undo(article, "used", by=ben)
    assert (Use.select().count(), Objection.select().count()) == (1, 0)


def test_a_best_answer_of_an_import_is_not_lost(ada: Person, ben: Person, rita: Person) -> None:
    question = Question.ask(by=ada, text="How?")
    first, second = question.answer(by=ben, text="One"), question.fresh().answer(by=rita, text="Two")
    BestAnswer.create(question=question, answer=first, scope="", chosen_by=ben)
    question.fresh().choose_best(second, by=ada)
    with pytest.raises(Invalid, match="came with an import"):
        undo(question, "best chosen", by=ada)
    best = question.fresh().best_in("")
    assert best is not None
    assert best.answer == second


def test_who_read_that_it_was_undone_is_told_when_it_is_done_again(
    ada: Person, ben: Person, schools: Topic
) -> None:
    question = Question.ask(by=ada, text="How?", topic=schools)
    answer, told = question.answer(by=ben, text="So it goes"), []
    for act in (
        lambda: question.fresh().choose_best(answer.fresh(), by=ada),
        lambda: undo(question, "best chosen", by=ada),
        lambda: question.fresh().choose_best(answer.fresh(), by=ada),
    ):
        act()
        told += [str(notice.phrase) for notice in Notice.unread_by(ben)]
        Notice.read_all(ben)
    chosen = "Ada chose your answer to “How?” as the best."
    assert told == [chosen, "Ada undid what you were told of “So it goes”: it is as it was.", chosen]


def test_undo_of_one_of_three_that_were_archived_together_is_of_that_one(ada: Person, deal: Deal) -> None:
    """Whichever of them it is: only what goes along with another noun comes back with it."""
    deals = [deal, *(Deal.open(by=ada, title=title, customer=deal.customer) for title in ("Two", "Three"))]
    for each in deals:
        each.archive(by=ada)
    Event.update(request="one-click").where(Event.verb == "archived").execute()
    undo(deals[0], "archived", by=ada)
    assert [each.fresh().is_archived for each in deals] == [False, True, True]
