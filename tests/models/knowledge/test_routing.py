"""Asking experts: three at once, the next for who leaves it to others, deadlines in working hours (RULES 4.5)."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.i18n import Phrase
from portal.models.base.database import db, transaction
from portal.models.base.record import Event, Invalid
from portal.models.company.calendar import Calendar, CalendarDay
from portal.models.company.topics import Topic
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge import routing
from portal.models.knowledge.asks import Ask, handing_on
from portal.models.knowledge.questions import Question
from portal.models.knowledge.routing import Routing
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.people.absences import Absence
from portal.models.people.needs import needs
from portal.models.people.notices import Notice
from portal.models.people.people import Person
from portal.models.work.clocks import Clock, ClockStep
from tests.clocks import advance
from tests.conftest import person

FRIDAY = datetime(2026, 11, 27, 8, tzinfo=UTC)
"""16:00 in Shanghai, two working hours before the weekend."""
HOUR = timedelta(hours=1)


@pytest.fixture
def question(ada: Person, schools: Topic) -> Question:
    with clock.moved(FRIDAY):
        return Question.ask(by=ada, text="Is the school place free?", topic=schools)


@pytest.fixture
def staff(question: Question, ben: Person, stan: Person, rita: Person) -> list[Person]:
    return [person(f"P{number}") for number in range(6)]


def states(question: Question) -> dict[str, str]:
    return {ask.person.name: str(ask.state) for ask in Ask.of(question)}


def put(question: Question, at: datetime = FRIDAY, *, is_urgent: bool = False) -> Routing:
    with clock.moved(at):
        return Routing.put(question, by=question.asker, is_urgent=is_urgent)


def told(someone: Person) -> list[str]:
    return [str(one.phrase) for one in Notice.unread_by(someone)]


def asked(someone: Person) -> list[str]:
    return [str(need.text) for need in needs(someone)]


# ------------------------------------------------------------------ working hours


def test_minutes_are_worked_between_nine_and_six_on_worked_days(ada: Person) -> None:
    """Friday 16:00 + 4 h is Monday 11:00, + 12 h is Tuesday 10:00: 2 on Friday, 9 on Monday, 1 on Tuesday."""
    add = Calendar.read().add_minutes
    assert add(FRIDAY, 240) == datetime(2026, 11, 30, 3, tzinfo=UTC)
    assert add(FRIDAY, 720) == datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert add(FRIDAY, 120) == datetime(2026, 11, 27, 10, tzinfo=UTC)  # to the minute before closing
    sunday_night = datetime(2026, 11, 29, 15, tzinfo=UTC)
    assert add(sunday_night, 30) == datetime(2026, 11, 30, 1, 30, tzinfo=UTC)


def test_a_holiday_is_not_worked(ada: Person) -> None:
    CalendarDay.choose(datetime(2026, 11, 30).date(), is_worked=False, by=ada)
    assert Calendar.read().add_minutes(FRIDAY, 240) == datetime(2026, 12, 1, 3, tzinfo=UTC)


# ------------------------------------------------------------------ asking


def test_three_are_asked_at_once_and_never_who_asks(
    question: Question, staff: list[Person], ada: Person
) -> None:
    put(question)
    found = Ask.of(question)
    assert len(found) == 3
    assert ada.id not in {ask.person_id for ask in found}
    with clock.moved(FRIDAY):
        for ask in found:
            assert "Can you answer “Is the school place free?”?" in asked(ask.person)
            assert told(ask.person) == ["Can you answer “Is the school place free?”?"]


def test_asked_twice_is_once(question: Question, staff: list[Person]) -> None:
    put(question)
    put(question, FRIDAY + HOUR)
    assert Ask.select().count() == 3
    assert Event.about(question).where(Event.verb == "put to experts").count() == 1


def test_who_answered_like_questions_and_knows_the_topic_comes_first(
    question: Question, staff: list[Person], schools: Topic, ben: Person, stan: Person
) -> None:
    with clock.moved(FRIDAY - 24 * HOUR):
        other = Question.ask(by=ben, text="Are places free?")
        other.answer(by=stan, text="Ask the office.")
    with clock.moved(FRIDAY):
        Routing.put(question, by=question.asker, like=[other.id, question.id])
    first = Ask.of(question)[0]
    assert (first.person, first.why["answered"]) == (stan, [other.id])
    assert Routing.get().like == [other.id]


def test_an_auditor_is_not_asked_and_a_company_of_three_names_whoever_there_is(
    ada: Person, mona: Person, audrey: Person, adam: Person
) -> None:
    question = Question.ask(by=ada, text="Who knows?")
    Routing.put(question, by=ada)
    assert states(question) == {"Mona": "open", "Adam": "open"}


def test_it_is_not_asked_when_there_is_an_answer_or_it_is_archived(question: Question, ben: Person) -> None:
    question.archive(by=ben)
    with pytest.raises(Invalid, match="archived"):
        put(question)
    question.restore(by=ben)
    question.answer(by=ben, text="Yes")
    with pytest.raises(Invalid, match="has an answer"):
        put(question)
    assert Ask.select().count() == 0


# ------------------------------------------------------------------ what the asked do


def test_who_leaves_it_to_others_pays_nothing_and_the_next_is_asked(
    question: Question, staff: list[Person]
) -> None:
    put(question)
    ask = Ask.of(question)[1]
    with clock.moved(FRIDAY):
        assert routing.decline(ask, by=ask.person)
        assert not routing.decline(Ask.get_by_id(ask.id), by=ask.person)
    assert sorted(states(question).values()) == ["declined", "open", "open", "open"]
    assert Ask.ignored_by_person([ask.person_id], FRIDAY) == {}
    with clock.moved(FRIDAY):
        assert asked(ask.person) == told(ask.person) == []


def test_it_is_handed_on_once_and_not_back(question: Question, staff: list[Person]) -> None:
    put(question)
    ask, to = Ask.of(question)[1], staff[-1]
    with clock.moved(FRIDAY):
        assert routing.hand_on(ask, by=ask.person, to=to)
        theirs = Ask.mine(question, to)
        assert theirs is not None
        assert theirs.handed_by == ask.person
        assert asked(to) == [f"{ask.person.name} hands “Is the school place free?” on to you."]
        assert not theirs.may_hand_on(to)
        with pytest.raises(Invalid, match="handed this on"):
            routing.hand_on(theirs, by=to, to=staff[-2])
        for wrong in (None, ask.person, question.asker):
            with pytest.raises(Invalid, match="not asked yet"):
                routing.hand_on(Ask.of(question)[0], by=Ask.of(question)[0].person, to=wrong)
    assert sorted(states(question).values()) == ["handed on", "open", "open", "open"]


def test_an_answer_ends_all_and_clears_needs_and_notices(question: Question, staff: list[Person]) -> None:
    put(question)
    first, second, third = Ask.of(question)
    with clock.moved(FRIDAY):
        question.answer(by=first.person, text="Yes")
        question.fresh().answer(by=second.person, text="Yes too")  # at the same time
        assert list(states(question).values()) == ["answered", "answered", "over"]
        for ask in (first, second, third):
            assert asked(ask.person) == told(ask.person) == []
    with clock.moved(FRIDAY + 72 * HOUR):
        advance()
    assert Ask.select().count() == 3
    assert not Clock.select().where(Clock.stopped_at.is_null()).exists()
    assert Ask.open_by_person([first.person_id, third.person_id]) == {}


@pytest.mark.parametrize("how", ["archive", "withdraw"])
def test_put_away_or_asked_no_more_nobody_is_asked(question: Question, staff: list[Person], how: str) -> None:
    put(question)
    ask = Ask.of(question)[0]
    assert Ask.open_by_person([ask.person_id]) == {ask.person_id: 1}
    if how == "archive":
        question.archive(by=question.asker)
    else:
        routing.withdraw(question, by=question.asker)
        routing.withdraw(question, by=question.asker)
    assert set(states(question).values()) == {"over"}
    with clock.moved(FRIDAY + 72 * HOUR):
        advance()
        assert "Can you answer “Is the school place free?”?" not in asked(ask.person)
        assert told(ask.person) == []
    assert Ask.select().count() == 3


def test_asked_again_after_it_was_withdrawn_the_same_are_asked(
    question: Question, staff: list[Person]
) -> None:
    """So that nobody is made to ask the whole company by asking and withdrawing."""
    put(question)
    before = list(states(question))
    routing.withdraw(question, by=question.asker)
    put(question, FRIDAY + HOUR)
    assert states(question) == dict.fromkeys(before, "open")
    with clock.moved(FRIDAY + HOUR):
        assert "Can you answer “Is the school place free?”?" in told(Ask.of(question)[1].person)


def test_asked_again_who_left_or_is_away_is_not(
    question: Question, staff: list[Person], adam: Person, ben: Person, stan: Person, rita: Person
) -> None:
    put(question)
    first, second, third = [Person.get_by_id(ask.person_id) for ask in Ask.of(question)]
    routing.withdraw(question, by=question.asker)
    day = clock.local(FRIDAY).date()
    with clock.moved(FRIDAY):
        first.deactivate(by=adam)
        Absence.note(by=adam, person=second, first_day=day, last_day=day)
    put(question)
    now = states(question)
    assert (now[first.name], now[second.name], now[third.name]) == ("over", "over", "open")
    assert list(now.values()).count("open") == 3, "others are asked in their place"


def test_asked_again_after_it_was_widened_three_are_asked_at_once(
    question: Question, staff: list[Person], adam: Person
) -> None:
    put(question)
    with clock.moved(FRIDAY + 72 * HOUR):
        advance()
        before = list(states(question))
        routing.withdraw(question, by=question.asker)
    put(question, FRIDAY + 73 * HOUR)
    assert [name for name, state in states(question).items() if state == "open"] == before[:3]
    assert len(states(question)) == len(before) == 6


# ------------------------------------------------------------------ at one moment


def meanwhile(first: Callable[[], Any], then: Callable[[], Any]) -> None:
    """One begins while what another does is not yet stored."""
    with ThreadPoolExecutor(1) as other:
        with transaction():
            first()
            waiting = other.submit(in_a_thread, then)
            time.sleep(0.3)
        waiting.result(30)


def in_a_thread(act: Callable[[], Any]) -> None:
    try:
        with transaction():
            act()
    finally:
        db.close()


def test_who_leaves_it_to_others_while_it_is_withdrawn_leaves_nobody_asked(
    question: Question, staff: list[Person]
) -> None:
    put(question)
    ask = Ask.of(question)[0]
    meanwhile(
        lambda: routing.decline(ask, by=ask.person),
        lambda: routing.withdraw(Question.get_by_id(question.id), by=question.asker),
    )
    assert "open" not in states(question).values()


def test_what_is_answered_while_experts_are_asked_waits_for_nobody(
    question: Question, staff: list[Person]
) -> None:
    meanwhile(
        lambda: put(question),
        lambda: Question.get_by_id(question.id).answer(by=staff[0], text="Ask the office."),
    )
    assert question.fresh().state == "answered"
    assert "open" not in states(question).values()
    assert not Routing.get().is_running


# ------------------------------------------------------------------ deadlines


def test_three_more_after_four_working_hours_and_the_alarm_after_twelve(
    question: Question, staff: list[Person], rita: Person
) -> None:
    put(question)
    for early in (FRIDAY + 40 * HOUR, datetime(2026, 11, 30, 2, 59, tzinfo=UTC)):
        with clock.moved(early):
            advance()
    assert Ask.select().count() == 3
    first = [ask.person_id for ask in Ask.of(question)]
    for _ in range(2):  # the worker is started again
        with clock.moved(datetime(2026, 11, 30, 3, tzinfo=UTC)):
            advance()
    assert Ask.select().count() == 6
    assert Ask.ignored_by_person([*first, 999], FRIDAY) == dict.fromkeys(first, 1)
    assert Ask.ignored_by_person(first, datetime(2026, 11, 30, 4, tzinfo=UTC)) == {}
    alarm = "Nobody has answered “Is the school place free?” in time: see to it that somebody does."
    with clock.moved(datetime(2026, 12, 1, 1, 59, tzinfo=UTC)):
        advance()
        assert alarm not in asked(rita)
    for _ in range(2):
        with clock.moved(datetime(2026, 12, 1, 2, tzinfo=UTC)):
            advance()
            assert asked(rita).count(alarm) == told(rita).count(alarm) == 1
    assert Ask.select().count() == 6


def test_across_a_holiday_it_waits(question: Question, staff: list[Person], ada: Person) -> None:
    CalendarDay.choose(datetime(2026, 11, 30).date(), is_worked=False, by=ada)
    put(question)
    with clock.moved(datetime(2026, 11, 30, 9, tzinfo=UTC)):
        advance()
    assert Ask.select().count() == 3
    with clock.moved(datetime(2026, 12, 1, 3, tzinfo=UTC)):
        advance()
    assert Ask.select().count() == 6


def test_a_worker_that_slept_through_all_of_it_widens_and_raises_the_alarm_once(
    question: Question, staff: list[Person], rita: Person
) -> None:
    put(question)
    with clock.moved(FRIDAY + 240 * HOUR):
        advance()
        advance()
    assert (Ask.select().count(), Routing.get().round) == (6, 2)
    assert Event.about(question).where(Event.verb == "alarmed").count() == 1


def test_a_worker_killed_in_the_middle_has_done_nothing_and_does_it_later(
    question: Question, staff: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(question)
    whole = Ask.put.__func__  # type: ignore[attr-defined]

    def killed(*args: object, **facts: object) -> bool:
        whole(Ask, *args, **facts)
        raise KeyboardInterrupt

    with clock.moved(FRIDAY + 72 * HOUR):
        monkeypatch.setattr(Ask, "put", killed)
        with pytest.raises(KeyboardInterrupt):
            advance()
        monkeypatch.undo()
        assert (Ask.select().count(), Routing.get().round) == (3, 1)
        assert Ask.ignored_by_person([ask.person_id for ask in Ask.of(question)], FRIDAY) == {}
        advance()
    assert Ask.select().count() == 6


def test_who_was_asked_a_moment_ago_ignores_nothing(question: Question, staff: list[Person]) -> None:
    put(question)
    with clock.moved(datetime(2026, 11, 30, 2, 50, tzinfo=UTC)):
        first = Ask.of(question)[0]
        routing.decline(first, by=first.person)
    late = Ask.of(question)[-1].person_id
    with clock.moved(datetime(2026, 11, 30, 3, tzinfo=UTC)):
        advance()
    ignored = Ask.ignored_by_person([ask.person_id for ask in Ask.of(question)], FRIDAY)
    assert len(ignored) == 2
    assert not ignored.keys() & {late, first.person_id}


def test_urgent_it_comes_first_and_widens_after_thirty_working_minutes(
    question: Question, staff: list[Person]
) -> None:
    put(question, is_urgent=True)
    with clock.moved(FRIDAY + HOUR / 4):
        first = Ask.of(question)[0].person
        Clock.start(("deal", 1), "review", who=first, text=Phrase("Overdue"), due_at=FRIDAY - 99 * HOUR)
        urgent = "The customer is on the phone: “Is the school place free?”"
        assert asked(first)[:2] == [urgent, "Overdue"]
        advance()
    assert Ask.select().count() == 3
    with clock.moved(FRIDAY + HOUR / 2):
        advance()
    assert Ask.select().count() == 6
    everyone = [ask.person_id for ask in Ask.of(question)]
    assert Ask.ignored_by_person(everyone, FRIDAY) == {}, "half an hour is no time to ignore anything in"
    with clock.moved(datetime(2026, 11, 30, 3, tzinfo=UTC)):
        advance()
    assert len(Ask.ignored_by_person(everyone, FRIDAY)) == 3


def test_the_alarm_goes_to_whom_the_topic_belongs(
    question: Question, staff: list[Person], schools: Topic, ada: Person, stan: Person, adam: Person
) -> None:
    """Who asks is not told that nobody answered: the deputy stands in."""
    TopicRule.choose(schools, by=None, way="none", owner=ada, deputy=stan)
    put(question)
    with clock.moved(FRIDAY + 240 * HOUR):
        advance()
        alarm = "Nobody has answered “Is the school place free?” in time: see to it that somebody does."
        assert (alarm in asked(stan), alarm in asked(ada), alarm in asked(adam)) == (True, False, False)
        stan.deactivate(by=adam)
        advance()
        assert alarm in asked(Person.get(Person.name == "Rita"))


@pytest.mark.parametrize("owner", ["ada", "rita"])
def test_an_alarm_does_not_tell_which_of_them_asks_unnamed(
    ada: Person, rita: Person, stan: Person, adam: Person, schools: Topic, owner: str
) -> None:
    """All whom the topic belongs to, its reviewers and administrators hear it, whoever of them asks."""
    TopicRule.choose(schools, by=None, way="none", owner={"ada": ada, "rita": rita}[owner], deputy=stan)
    with clock.moved(FRIDAY):
        question = Question.ask(by=ada, text="Am I allowed to?", topic=schools, is_anonymous=True)
        Routing.put(question, by=ada)
    with clock.moved(FRIDAY + 240 * HOUR):
        advance()
        alarm = "Nobody has answered “Am I allowed to?” in time: see to it that somebody does."
        assert [alarm in told(one) for one in (stan, rita, adam)] == [True, True, True]
        assert (alarm in asked(adam), alarm in asked(stan)) == (True, False)


def test_put_away_by_mistake_and_brought_back_it_is_asked_on(
    question: Question, staff: list[Person], rita: Person
) -> None:
    put(question)
    before = {ask.person_id for ask in Ask.of(question)}
    with clock.moved(FRIDAY + HOUR):
        question.archive(by=rita)
        question.restore(by=rita)
        assert {ask.person_id for ask in Ask.of(question) if str(ask.state) == "open"} == before
        found = Routing.of(question)
        assert found is not None
        assert found.is_running
        routing.withdraw(question, by=question.asker)
        question.archive(by=rita)
        question.restore(by=rita)
    assert set(states(question).values()) == {"over"}, "whoever asked had ended it"


# ------------------------------------------------------------------ who leaves


def test_somebody_who_leaves_is_asked_nothing_more_and_the_next_is(
    question: Question, staff: list[Person], adam: Person
) -> None:
    put(question)
    gone = Person.get_by_id(Ask.of(question)[2].person_id)
    with clock.moved(FRIDAY + HOUR):
        gone.deactivate(by=adam)
        advance()
        advance()
    assert states(question)[gone.name] == "left"
    assert list(states(question).values()).count("open") == 3
    with clock.moved(FRIDAY + 240 * HOUR):
        advance()
    assert Ask.select().where(Ask.person == gone).count() == 1


# ------------------------------------------------------------------ who asked stays unnamed


def test_naming_an_unnamed_asker_tells_nothing(staff: list[Person], ada: Person, schools: Topic) -> None:
    with clock.moved(FRIDAY):
        question = Question.ask(by=ada, text="Am I allowed to?", topic=schools, is_anonymous=True)
        Routing.put(question, by=ada)
        ask = Ask.of(question)[0]
        assert ada.id in {one.id for one in handing_on(question, ask.person)}
        assert routing.hand_on(ask, by=ask.person, to=ada)
        other = Ask.of(question)[1]
        assert ada.id not in {one.id for one in handing_on(question, other.person)}, "as anyone who was asked"
        assert "Am I allowed to?" not in str(asked(ada))
    assert list(states(question).values()).count("open") == 3


def test_steps_are_taken_once_in_the_database(question: Question, staff: list[Person]) -> None:
    """A second worker that holds the same clock finds its step taken."""
    put(question)
    with clock.moved(FRIDAY + 72 * HOUR):
        (ident,) = [i for i in Clock.due() if Clock.get_by_id(i).what == routing.ROUTING]
        one, other = Clock.get_by_id(ident), Clock.get_by_id(ident)
        assert (one.advance(), other.advance()) == (True, False)
    assert Ask.select().count() == 6
    assert ClockStep.select().where(ClockStep.fired_at.is_null(False)).count() == 1


# ------------------------------------------------------------------ who is away


def test_who_is_away_is_not_asked_but_who_stands_in_is(
    question: Question, staff: list[Person], schools: Topic, adam: Person, stan: Person
) -> None:
    with clock.moved(FRIDAY - 24 * HOUR):
        other = Question.ask(by=question.asker, text="Are places free?", topic=schools)
        for one in staff[:2]:
            other.answer(by=one, text="Ask the office.")
    day = clock.local(FRIDAY).date()
    with clock.moved(FRIDAY):
        Absence.note(by=adam, person=staff[0], first_day=day, last_day=day, substitute=stan)
        Absence.note(by=adam, person=staff[1], first_day=day, last_day=day)
    put(question)
    found = {ask.person.name: ask for ask in Ask.of(question)}
    assert len(found) == 3
    assert "Stan" in found
    assert not found.keys() & {"P0", "P1"}
    assert str(found["Stan"].reason) == "Stands in for P0, who is away."
    with clock.moved(FRIDAY):
        assert not {one.name for one in handing_on(question, found["Stan"].person)} & {"P0", "P1"}


def test_who_is_away_when_it_is_widened_ignores_nothing(
    question: Question, staff: list[Person], adam: Person
) -> None:
    put(question)
    ask, monday = Ask.of(question)[0], datetime(2026, 11, 30, 3, tzinfo=UTC)
    day = clock.local(monday).date()
    with clock.moved(FRIDAY + HOUR):
        Absence.note(by=adam, person=Person.get_by_id(ask.person_id), first_day=day, last_day=day)
    with clock.moved(monday):
        advance()
    ignored = Ask.ignored_by_person([each.person_id for each in Ask.of(question)], FRIDAY)
    assert len(ignored) == 2
    assert ask.person_id not in ignored


def test_who_is_away_after_they_were_asked_is_stood_in_for_at_once(
    question: Question, staff: list[Person], adam: Person
) -> None:
    """Each has a question that waits: one names who stands in, the other nobody; a later absence waits."""
    put(question)
    first, second, third = [ask.person for ask in Ask.of(question)]
    spare = person("Spare")
    day = clock.local(FRIDAY).date()
    later = day + timedelta(days=3)
    with clock.moved(FRIDAY + HOUR):
        Absence.note(by=adam, person=first, first_day=day, last_day=day, substitute=spare)
        Absence.note(by=adam, person=second, first_day=day, last_day=day)
        Absence.note(by=adam, person=third, first_day=later, last_day=later)
        advance()
        advance()
    now = states(question)
    assert (now[first.name], now[second.name], now[third.name]) == ("left", "left", "open")
    assert list(now.values()).count("open") == 3
    standing_in = next(ask for ask in Ask.of(question) if ask.person == spare)
    assert str(standing_in.reason) == f"Stands in for {first.name}, who is away."


@pytest.mark.parametrize("why", ["speaks another language", "hides the topic"])
def test_who_stands_in_may_be_asked_by_the_same_rules(
    question: Question, staff: list[Person], schools: Topic, stan: Person, why: str
) -> None:
    if why == "hides the topic":
        OwnTopic.hide(schools, by=stan)
    else:
        question.asker.write(locale="zh")
        stan.write(languages="en")
    put(question)
    gone = Ask.of(question)[0].person
    day = clock.local(FRIDAY).date()
    with clock.moved(FRIDAY):
        Absence.note(by=gone, person=gone, first_day=day, last_day=day, substitute=stan)
        advance()
    assert [str(ask.reason) for ask in Ask.of(question) if "tands in" in str(ask.reason)] == []
    assert list(states(question).values()).count("open") == 3
