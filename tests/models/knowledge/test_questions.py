"""Questions, answers, and the best one for each customer type (S08)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import clock
from portal.models.base.record import Invalid
from portal.models.company.customer_types import CustomerType
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import held
from portal.models.knowledge.answers import ranked
from portal.models.knowledge.questions import Answer, BestAnswer, Question
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person


@pytest.fixture
def investors(app: object) -> CustomerType:
    return CustomerType.create(name="投资", name_en="Investors", position=2)


@pytest.fixture
def doubt(stan: Person, schools: Topic) -> Question:
    """Stan asks what Ada, Ben and Mona can answer."""
    return Question.ask(by=stan, text="学区如何？", topic=schools)


def points(person: Person) -> int:
    return PointEntry.total(person)


def test_the_right_best_answer_for_each_customer_type(
    doubt: Question,
    ada: Person,
    ben: Person,
    mona: Person,
    rita: Person,
    families: CustomerType,
    investors: CustomerType,
) -> None:
    first, second, third = (
        doubt.answer(by=by, text=text) for by, text in ((ada, "A"), (ben, "B"), (mona, "C"))
    )
    doubt.choose_best(second, by=rita, customer_type=families)
    doubt.choose_best(third, by=rita, customer_type=investors)
    assert doubt.best_for(families) == second
    assert doubt.best_for(investors) == third
    assert doubt.best_for() is None
    doubt.choose_best(first, by=rita)
    assert doubt.best_for() == first
    assert doubt.best_for(CustomerType.create(name="养老")) == first, "else the best for everyone"
    assert [told.answer for told in ranked(doubt, families)] == [second, first, third]
    assert [told.answer for told in ranked(doubt, investors)] == [third, first, second]
    assert [told.leads for told in ranked(doubt)] == [True, False, False]
    doubt.choose_best(second, by=rita, customer_type=investors)
    best, rest = ranked(doubt, investors)[:2]
    assert ([each.name for each in best.best_for], best.best_for_all) == (["有学龄儿童家庭", "投资"], False)
    assert (rest.answer, rest.best_for_all, len(ranked(doubt))) == (first, True, 3)


def test_an_answer_opens_the_eyes_of_its_asker(doubt: Question, ada: Person, stan: Person) -> None:
    assert doubt.state == "open"
    answer = doubt.answer(by=ada, text="**有**两所")
    assert doubt.fresh().state == "answered"
    assert answer.html == "<p><strong>有</strong>两所</p>\n"
    assert [notice.url for notice in Notice.unread_by(stan)] == [answer.url]
    doubt.answer(by=stan, text="谢谢")
    assert Notice.unread_by(stan).count() == 1, "nobody is told of their own answer"


def test_the_best_answer_earns_fifteen_once_and_its_chooser_two(
    doubt: Question, ada: Person, stan: Person, schools: Topic, families: CustomerType
) -> None:
    answer = doubt.answer(by=ada, text="A")
    doubt.choose_best(answer, by=stan)
    doubt.choose_best(answer, by=stan)
    doubt.choose_best(answer, by=stan, customer_type=families)
    assert (points(ada), points(stan)) == (15, 2)
    assert expertise(people=[ada.id], topics=[schools.id])[0].score == pytest.approx(8, abs=0.001)
    assert BestAnswer.select().count() == 2
    assert Notice.unread_by(ada).count() == 1


def test_a_better_answer_takes_the_place_and_the_thanks(
    doubt: Question, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    first, better = doubt.answer(by=ada, text="A"), doubt.answer(by=ben, text="B")
    doubt.choose_best(first, by=stan)
    doubt.choose_best(better, by=stan)
    assert (points(ada), points(ben), points(stan)) == (0, 15, 2)
    assert [one.person_id for one in expertise(topics=[schools.id])] == [ben.id]
    doubt.choose_best(first, by=stan)
    assert (points(ada), points(ben), points(stan)) == (15, 0, 2)
    doubt.unchoose_best(by=stan)
    doubt.unchoose_best(by=stan)
    assert (points(ada), points(ben), points(stan)) == (0, 0, 0)
    assert expertise(topics=[schools.id]) == []
    assert doubt.best_for() is None


def test_still_best_for_another_type_keeps_its_thanks(
    doubt: Question, ada: Person, stan: Person, families: CustomerType
) -> None:
    answer = doubt.answer(by=ada, text="A")
    doubt.choose_best(answer, by=stan)
    doubt.choose_best(answer, by=stan, customer_type=families)
    doubt.unchoose_best(by=stan)
    assert points(ada) == 15


def test_nobody_is_thanked_for_choosing_themselves(doubt: Question, stan: Person, schools: Topic) -> None:
    answer = doubt.answer(by=stan, text="A")
    doubt.choose_best(answer, by=stan)
    assert doubt.best_for() == answer
    assert points(stan) == 0
    assert expertise(topics=[schools.id]) == []


def test_an_answer_belongs_to_its_question(doubt: Question, ada: Person, stan: Person) -> None:
    other = Question.ask(by=stan, text="停车呢？").answer(by=ada, text="有")
    with pytest.raises(Invalid):
        doubt.choose_best(other, by=stan)


def test_who_may_choose(doubt: Question, ada: Person, stan: Person, rita: Person, mona: Person) -> None:
    assert doubt.choosable_by(stan)
    assert doubt.choosable_by(rita)
    assert not doubt.choosable_by(ada)
    assert not doubt.choosable_by(mona), "she leads Ada and Ben, not Stan"
    asked_by_ada = Question.ask(by=ada, text="电梯呢？")
    assert asked_by_ada.choosable_by(mona)


def test_empty_words_are_refused(doubt: Question, ada: Person) -> None:
    for act in (
        lambda: Question.ask(by=ada, text="  "),
        lambda: doubt.answer(by=ada, text=" \n"),
        lambda: doubt.answer(by=ada, text="A").edit(by=ada, text=""),
    ):
        with pytest.raises(Invalid):
            act()
    assert [answer.text for answer in Answer.select()] == ["A"]


def test_a_question_put_away_takes_no_answers(doubt: Question, ada: Person, stan: Person) -> None:
    doubt.archive(by=stan)
    doubt.archive(by=stan)
    with pytest.raises(Invalid):
        doubt.answer(by=ada, text="A")
    assert not Question.visible_to(ada).exists()
    doubt.restore(by=stan)
    assert Question.visible_to(ada).exists()


def test_reviewers_see_what_nobody_answered(doubt: Question, ada: Person, rita: Person) -> None:
    assert [need.url for need in needs(rita)] == [doubt.url]
    assert needs(ada) == []
    doubt.answer(by=ada, text="A")
    assert needs(rita) == []


def test_ones_own_choice_earns_nothing_when_another_takes_one_back(
    ada: Person, ben: Person, schools: Topic, families: CustomerType
) -> None:
    """Attack: one's own answer for two customer types, then a colleague takes one back."""
    asked = Question.ask(by=ada, text="学位还在吗？", topic=schools)
    mine = asked.answer(by=ada, text="先查公告。")
    asked.choose_best(mine, by=ada)
    asked.choose_best(mine, by=ada, customer_type=families)
    asked.unchoose_best(by=ben, customer_type=families)
    assert PointEntry.select().count() == Evidence.select().count() == 0


def test_of_what_one_chooses_of_another_three_in_a_week_count(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """A minute apart, Ada chooses five of Ben's: three count, the others are worth nothing (RULES 4.3). What
    Ben chooses of hers in return is held.
    """
    for number in range(6):
        writer, chooser = (ada, ben) if number == 5 else (ben, ada)
        with clock.moved(clock.now() + timedelta(minutes=number - 10)):
            asked = Question.ask(by=chooser, text=f"第 {number} 问", topic=schools)
            asked.choose_best(asked.answer(by=writer, text="先查公告。"), by=chooser)
    best = PointEntry.select().where(PointEntry.reason == "best answer")
    assert (best.count(), Evidence.select().count()) == (3, 3)
    assert [each.receiver for each in held()] == [ada]
