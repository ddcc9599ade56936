"""Why somebody is asked before others: R of RULES 4.5, each number worked out by hand."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from portal import clock
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, expertise
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.experts import Knower, whom_to_ask
from portal.models.knowledge.precedence import Addend, Precedence, compared
from portal.models.knowledge.questions import Question
from portal.models.knowledge.words import AskState
from portal.models.people.absences import Absence
from portal.models.people.people import Person
from tests.conftest import person


def precedence(found: list[Knower], who: Person) -> Precedence:
    known = next(each.precedence for each in found if each.person == who)
    assert known is not None
    return known


def ask(who: Person, by: Person, *, state: AskState = AskState.OPEN, ignored_days_ago: int = -1) -> None:
    """Somebody is asked something else."""
    asked, now = Question.ask(by=by, text=f"Another {Question.select().count()}?"), clock.now()
    over = None if state == AskState.OPEN else now
    ignored = now - timedelta(days=ignored_days_ago) if ignored_days_ago >= 0 else None
    facts = {"question": asked, "person": who, "round": 1, "state": state, "due_at": now, "why": {}}
    Ask.insert(**facts, created_at=now, ended_at=over, ignored_at=ignored).execute()


def test_the_sum_is_told_term_by_term(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    """Rita: an accepted experience and a best answer, 10 + 8 = 18, the most: 1.00. Ben: 10 / 18 = .56. Stan
    answered the likest question and the second: 2 x 2 = 4, 4 / 18 = .22; L = 1 + 1/2, A = 2, both the most.
    """
    Evidence.record(rita, schools, "accepted experience", schools, key="a")
    Evidence.record(rita, schools, "best answer", schools, key="b")
    Evidence.record(ben, schools, "accepted experience", schools, key="c")
    likest, other = (Question.ask(by=ada, text=text, topic=schools) for text in ("Free?", "Free, still?"))
    for question in (other, likest):
        question.answer(by=stan, text="Ask the office.")
    found = whom_to_ask([schools.id], like=[likest.id, other.id])
    assert [each.person for each in found] == [stan, rita, ben]
    first, second, third = (precedence(found, who) for who in (stan, rita, ben))
    assert first.parts == (Addend("answers", 4.0),)
    assert (first.alike, first.active, first.proved) == (1.5, 2.0, 4.0)
    assert (first.terms, first.sum, first.total) == ((0.22, 1.0, 1.0), 2.22, 2.22)
    assert second.parts == (Addend("accepted experience", 10.0), Addend("best answer", 8.0))
    assert (second.terms, second.total) == ((1.0, 0.0, 0.0), 1.0)
    assert (third.terms, third.total) == ((0.56, 0.0, 0.0), 0.56)
    assert found[0].answered == [likest.id, other.id], "the likest first"
    assert Precedence.read(first.kept) == first


def test_open_questions_divide_and_three_left_without_a_word_in_thirty_days_halve(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    """All three proved the same. Two questions wait for Ben: 1 / 3 = .33. Stan left three without a word: .5;
    Rita two, and one 31 days ago, which is forgotten.
    """
    for who in (ben, stan, rita):
        Evidence.record(who, schools, "accepted experience", schools, key=who.name)
    for _ in range(2):
        ask(ben, ada)
    for days in (0, 10, 29):
        ask(stan, ada, state=AskState.OVER, ignored_days_ago=days)
    for days in (1, 2, 31):
        ask(rita, ada, state=AskState.OVER, ignored_days_ago=days)
    found = whom_to_ask([schools.id])
    assert [each.person for each in found] == [rita, stan, ben]
    totals = [
        (precedence(found, who).availability, precedence(found, who).total) for who in (rita, stan, ben)
    ]
    assert totals == [(1.0, 1.0), (0.5, 0.5), (1.0, 0.33)]
    assert (precedence(found, ben).open_questions, precedence(found, stan).ignored) == (2, 3)


def test_a_topic_below_passes_half_and_a_wrong_answer_takes_away(
    app: Starlette, ben: Person, stan: Person, schools: Topic
) -> None:
    """Ben: an experience in a topic below, 10 / 2 = 5. Stan: 10 - 5 = 5 by a confirmed wrong answer."""
    below = Topic.create(name="学位", name_en="Places", parent=schools)
    Evidence.record(ben, below, "accepted experience", schools, key="a")
    Evidence.record(stan, schools, "accepted experience", schools, key="b")
    Evidence.record(stan, schools, "wrong answer", schools, key="c")
    found = whom_to_ask([schools.id])
    assert precedence(found, ben).parts == (Addend("below", 5.0),)
    assert precedence(found, stan).parts == (
        Addend("accepted experience", 10.0),
        Addend("wrong answer", -5.0),
    )
    assert [precedence(found, who).total for who in (ben, stan)] == [1.0, 1.0]


def test_what_is_shown_adds_up_whatever_was_measured() -> None:
    dice = random.Random(14)
    for _ in range(500):
        measured = {
            who: Precedence.of(
                {"best answer": dice.uniform(0, 60), "answers": dice.uniform(0, 9), "below": dice.random()},
                alike=dice.uniform(0, 4),
                active=dice.choice([0, dice.uniform(0, 30)]),
                open_questions=dice.randrange(3),
                availability=dice.choice([1.0, 0.5]),
            )
            for who in range(3)
        }
        for one in compared(measured).values():
            shown = [round(part.amount * 100) for part in one.parts]
            assert sum(shown) == round(one.proved * 100)
            assert sum(round(term * 100) for term in one.terms) == round(one.sum * 100)
            assert one.total == pytest.approx(
                one.availability * one.sum / (1 + one.open_questions), abs=0.00501
            )


def test_who_is_away_is_not_asked_until_they_are_back(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Availability 0: not before others, nor for want of others."""
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    today = clock.today()
    Absence.note(by=ben, person=ben, first_day=today, last_day=today + timedelta(days=2), substitute=stan)
    assert ben not in [each.person for each in whom_to_ask([schools.id], size=99)]
    with clock.moved(clock.now() + timedelta(days=3)):
        assert whom_to_ask([schools.id])[0].person == ben


def test_who_does_not_speak_the_askers_language_is_named_only_for_want_of_others(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Who says nothing of languages is taken to speak any."""
    for who in (ben, stan):
        Evidence.record(who, schools, "accepted experience", schools, key=who.name)
    stan.edit(by=stan, languages="zh yue")
    ada.edit(by=ada, locale="en")
    found = whom_to_ask([schools.id], but=ada, size=99)
    assert (found[0].person, found[0].is_known) == (ben, True)
    assert [each.is_known for each in found if each.person == stan] == [False]
    ada.edit(by=ada, locale="zh")
    assert {each.person for each in whom_to_ask([schools.id], but=ada) if each.is_known} == {ben, stan}


def test_who_hides_the_topic_is_not_asked_about_it_and_what_is_hidden_counts_nowhere(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    """Ben hides schools: of loans he is asked as before, of both together by what he proved of loans alone."""
    loans = Topic.create(name="贷款", name_en="Loans")
    for topic in (schools, loans):
        Evidence.record(ben, topic, "accepted experience", topic, key=topic.name)
    Evidence.record(stan, schools, "best answer", schools, key="s")
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    question.answer(by=ben, text="Yes.")
    OwnTopic.hide(schools, by=ben)
    assert ben not in [each.person for each in whom_to_ask([schools.id], like=[question.id], size=99)]
    assert whom_to_ask([loans.id])[0].person == ben
    both = precedence(whom_to_ask([schools.id, loans.id]), ben)
    assert both.parts == (Addend("accepted experience", 10.0),), "neither that of schools nor the answer"
    OwnTopic.show(schools, by=ben)
    assert precedence(whom_to_ask([schools.id]), ben).proved == 12.0


KINDS = ("accepted experience", "best answer", "endorsement", "helpful use", "review done", "certificate")


def _told(found: list[Knower]) -> dict[int, float]:
    return {each.person.id: each.precedence.total for each in found if each.precedence is not None}


@pytest.mark.parametrize("seed", range(6))
def test_evidence_lifts_nobody_else_and_taken_back_it_leaves_no_trace(
    app: Starlette, ada: Person, schools: Topic, seed: int
) -> None:
    """Whoever gains evidence is passed by nobody, nobody else's R or E grows, and what is revoked was never."""
    dice = random.Random(seed)
    people = [person(f"Knower-{n}") for n in range(6)]
    places = Topic.create(name="学位", name_en="Places", parent=schools)
    for n in range(18):
        who, kind = dice.choice(people), dice.choice(KINDS)
        with clock.moved(clock.now() - timedelta(days=dice.randrange(400))):
            Evidence.record(who, dice.choice([schools, places]), kind, ada, key=f"{n}")
    like = []
    for n in range(3):
        question = Question.ask(by=ada, text=f"Free, {n}?", topic=schools)
        question.answer(by=dice.choice(people), text="Yes.")
        like.append(question.id)
    with clock.moved(clock.now()):
        precedences = _told(whom_to_ask([schools.id], like=like, size=6))
        order = list(precedences)
        known = {one.person_id: one.score for one in expertise(topics=[schools.id])}
        for lifted in people:
            Evidence.record(lifted, schools, dice.choice(KINDS), places, key=f"more {lifted.id}")
            told = _told(whom_to_ask([schools.id], like=like, size=6))
            behind = set(order[order.index(lifted.id) + 1 :]) if lifted.id in order else set()
            assert behind <= set(list(told)[list(told).index(lifted.id) + 1 :]), "nobody passes them"
            assert all(told[who] <= precedences[who] for who in precedences.keys() - {lifted.id})
            for one in expertise(topics=[schools.id]):
                assert one.person_id == lifted.id or one.score == pytest.approx(known[one.person_id])
            Evidence.withdraw(places)
            again = _told(whom_to_ask([schools.id], like=like, size=6))
            assert (list(again), again) == (order, precedences)
