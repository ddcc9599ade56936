"""Whom to ask, in the order of RULES 4.5: Ê + L + A, each divided by its largest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.applications import Starlette

from portal import clock
from portal.models.base.database import transaction
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence, EvidenceSum
from portal.models.expertise.own_topics import OwnTopic
from portal.models.knowledge.articles import Article
from portal.models.knowledge.asks import Ask
from portal.models.knowledge.experts import Knower, most_telling, whom_to_ask
from portal.models.knowledge.questions import Answer, Question
from portal.models.people.people import Person
from tests.conftest import person
from tests.counting import queries


def names(found: list[Knower]) -> list[str]:
    """Of those who are known for it."""
    return [each.person.name for each in found if each.is_known]


def test_the_order_is_the_sum_of_knowing_answering_and_being_active(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    """Ben: E = 10 of 18, so Ê = 10/18, nothing else: .56. Stan answered the like question, once of two pieces
    of the field's activity: Ê = 2/18 (any answer counts 2), L = 1, A = 1: 2.11. Rita: E = 18, Ê = 1: 1.00.
    """
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    Evidence.record(rita, schools, "accepted experience", schools, key="b")
    Evidence.record(rita, schools, "best answer", schools, key="c")
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    question.answer(by=stan, text="Ask the office.")
    found = whom_to_ask([schools.id], like=[question.id])
    assert names(found) == [stan.name, rita.name, ben.name]
    assert (found[0].answered, found[0].evidence) == ([question.id], [])
    assert [(str(kind), count) for kind, count in found[1].evidence] == [
        ("Accepted experience", 1),
        ("Best answer", 1),
    ]
    assert names(whom_to_ask([schools.id], like=[question.id], but=stan)) == [rita.name, ben.name]
    assert names(whom_to_ask([schools.id], size=1)) == [stan.name]  # 2/18 + 1 beats 1


def test_an_answer_fades_and_the_likest_and_best_answers_count_most(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    with clock.moved(clock.now() - timedelta(days=900)):
        old = Question.ask(by=ada, text="Old?", topic=schools)
        old.answer(by=ben, text="Yes.")
    assert names(whom_to_ask([schools.id])) == [], "ten half-lives ago"
    assert names(whom_to_ask([], like=[old.id])) == [ben.name], "but an answer to this very question"
    first, second = Question.ask(by=ada, text="One?"), Question.ask(by=ada, text="Two?")
    first.answer(by=ben, text="1")
    second.answer(by=stan, text="2")
    assert names(whom_to_ask([], like=[first.id, second.id])) == [ben.name, stan.name]
    assert names(whom_to_ask([], like=[second.id, first.id])) == [stan.name, ben.name]


def test_who_left_is_not_named_and_topics_below_count_half(
    app: Starlette, ada: Person, ben: Person, adam: Person, schools: Topic
) -> None:
    below = Topic.create(name="学位", name_en="Places", parent=schools)
    Evidence.record(ben, below, "accepted experience", schools, key="a")
    Evidence.record(ada, schools, "accepted experience", schools, key="b")
    assert names(whom_to_ask([schools.id])) == [ada.name, ben.name]
    assert [(str(kind), n) for kind, n in whom_to_ask([schools.id])[1].evidence] == [
        ("Accepted experience", 1)
    ]
    ben.deactivate(by=adam)
    assert names(whom_to_ask([schools.id])) == [ada.name]
    assert most_telling([schools.id, below.id]) == [below.id]
    assert most_telling([below.id, schools.id]) == [below.id]


def test_former_colleagues_take_nobodys_place(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    """Thirteen who left knew most and answered most: the three who are here are named, in their own order.

    Ben: E = 10, L = 0, A = 0: 1.0. Stan: an answer (2 of 10), and all of the activity: 1.2. Rita: E = 1: 0.1.
    With the answers of those who left as the largest, Stan would come to 2/26 + 1/13 and stand behind Ben.
    """
    asked = [Question.ask(by=ada, text=f"Is the place {n} free?", topic=schools) for n in range(13)]
    for n in range(60):
        left = person(f"Left-{n}")
        Evidence.record(left, schools, "accepted experience", schools, key=f"left {n}")
        Evidence.record(left, schools, "best answer", schools, key=f"best {n}")
        if n < 13:
            for question in asked if n == 0 else asked[:1]:
                question.answer(by=left, text="Yes.")
        left.deactivate(by=adam)
    Evidence.record(ben, schools, "accepted experience", schools, key="a")
    asked[1].answer(by=stan, text="Ask the office.")
    Evidence.record(rita, schools, "endorsement", schools, key="b")
    assert names(whom_to_ask([schools.id])) == [stan.name, ben.name, rita.name]
    assert names(whom_to_ask([schools.id], but=ben)) == [stan.name, rita.name]
    assert names(whom_to_ask([], like=[question.id for question in asked])) == [stan.name]


def test_one_of_many_weak_words_does_not_hide_who_proved_it(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    """Eighty were helped with a thousand times each: that comes to 10 at most (RULES 4.5)."""
    for n in range(80):
        row = {"topic": schools, "quality": 10_000, "subject_kind": "article", "at": clock.now()}
        row |= {"person": person(f"Helper-{n:02}"), "kind_of": "helpful use", "created_at": clock.now()}
        Evidence.insert_many([row | {"subject": many, "key": f"{n}:{many}"} for many in range(30)]).execute()
    EvidenceSum.renew({(each.person_id, each.topic_id) for each in Evidence.select()})
    for many in range(3):
        Evidence.record(ben, schools, "accepted experience", schools, key=f"accepted {many}")
    assert names(whom_to_ask([schools.id]))[0] == ben.name


def test_a_search_reads_a_bounded_part_of_what_a_company_ever_answered(
    app: Starlette, ada: Person, schools: Topic
) -> None:
    """Of 450 who answered and proved something fifty of each are read closely, in few questions."""
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    for n in range(450):
        who = person(f"Knower-{n:03}")
        now = {"created_at": clock.now() - timedelta(days=n)}
        facts = {"person": who, "topic": schools, "kind_of": "best answer", "at": now["created_at"]}
        Evidence.insert(
            **facts, **now, quality=10_000, subject_kind="answer", subject=n, key=f"best {n}"
        ).execute()
        Answer.insert(question=question, author=who, text="Yes.", **now).execute()
    EvidenceSum.renew({(each.person_id, each.topic_id) for each in Evidence.select()})
    with transaction(write=False), queries() as asked:
        found = whom_to_ask([schools.id])
    assert names(found) == ["Knower-000", "Knower-001", "Knower-002"]
    assert len(asked) <= 5
    assert max(each.count("?") + each.count("%s") for each in asked) < 420, "however many there are"
    assert sum(len(each.known[0].evidence) for each in found) == 3


def test_reviews_are_told_of_nobody_and_drafts_are_no_activity(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    Evidence.record(ada, schools, "review done", schools, key="a")
    Evidence.record(ben, schools, "review done", schools, key="b")
    Article.add(by=ben, title="Draft", body="x", topics=[schools], published=False)
    assert [each.evidence for each in whom_to_ask([schools.id]) if each.is_known] == [[], []]
    Article.add(by=ben, title="Told", body="x", topics=[schools])
    assert names(whom_to_ask([schools.id]))[0] == ben.name
    assert person("Zoe").name not in names(whom_to_ask([schools.id]))


def test_three_are_always_named_where_three_are_here(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, audrey: Person, schools: Topic
) -> None:
    """Nobody proved anything of school places. Ben wrote of them lately, Rita proved to know schools, Stan
    answered about something else; Ada asked, and auditors are asked nothing. Who was asked is not named again.
    """
    places = Topic.create(name="学位", name_en="Places", parent=schools)
    elsewhere = Topic.create(name="贷款", name_en="Loans")
    Article.add(by=ben, title="Places of a year", body="x", topics=[places])
    Evidence.record(rita, schools, "endorsement", schools, key="r")
    Question.ask(by=ada, text="Which bank?", topic=elsewhere).answer(by=stan, text="Ours.")
    asked = whom_to_ask([places.id], but=ada)
    assert [each.person for each in asked] == [ben, rita, stan]
    assert not any(each.is_known for each in asked)
    everyone = [each.person for each in whom_to_ask([places.id], size=99)]
    assert everyone[:3] == [ben, rita, stan]
    assert {ada, ben, stan, rita} <= set(everyone)
    assert audrey not in everyone
    assert len(set(everyone)) == len(everyone) == Person.select().count() - 1
    further = whom_to_ask([places.id], but=ada, without=[each.person.id for each in asked])
    assert not {ada, ben, rita, stan, audrey} & {each.person for each in further}
    assert whom_to_ask([schools.id], without=[rita.id])[0].person == ben
    assert names(whom_to_ask([schools.id], without=[rita.id])) == []


def test_answers_to_ones_own_questions_buy_nothing(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    own = [Question.ask(by=ben, text=f"Own {number}?", topic=schools) for number in range(5)]
    for question in own:
        question.answer(by=ben, text="So.")
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    question.answer(by=stan, text="Ask the office.")
    found = whom_to_ask([schools.id], like=[question.id, *(each.id for each in own)], size=9)
    assert names(found) == [stan.name]
    assert [each.instead for each in found if each.person == ben] == ["here"], "nor as who answers lately"
    Evidence.record(ben, schools, "helpful use", schools, key="one use")
    (mine,) = [each.precedence for each in whom_to_ask([schools.id]) if each.person == ben]
    assert mine is not None
    assert (mine.active, mine.proved) == (0.0, 1.0)


def test_beside_one_who_knows_far_more_the_others_are_still_told_apart(
    app: Starlette, ada: Person, ben: Person, stan: Person, rita: Person, schools: Topic
) -> None:
    """1 / 100 and 1.35 / 100 are both .01: who knows more comes first, then who was asked least."""
    for number in range(10):
        Evidence.record(rita, schools, "accepted experience", schools, key=f"rita {number}")
    for who in (ada, ben, stan):
        Evidence.record(who, schools, "helpful use", schools, key=f"use {who}")
    Evidence.record(stan, schools, "helpful use", schools, quality=3_500, key="more")
    found = whom_to_ask([schools.id], size=4)
    assert [each.precedence.total for each in found if each.precedence] == [1.0, 0.01, 0.01, 0.01]
    assert names(found) == [rita.name, stan.name, ada.name, ben.name]
    other = Question.ask(by=rita, text="Another?")
    facts = {"question": other, "person": ada, "round": 1, "state": "declined", "why": {}}
    now = clock.now()
    Ask.insert(**facts, due_at=now, created_at=now, ended_at=now).execute()
    assert names(whom_to_ask([schools.id], size=4)) == [rita.name, stan.name, ben.name, ada.name]


def test_what_is_hidden_says_nothing_by_what_was_written_or_answered_of_it(
    app: Starlette, ada: Person, ben: Person, stan: Person, schools: Topic
) -> None:
    other = Topic.create(name="Loans")
    Article.add(by=ben, title="Places", body="As they are.", topics=[schools], published=True)
    question = Question.ask(by=ada, text="Is the place free?", topic=schools)
    question.answer(by=ben, text="Yes.")
    asked: dict[str, Any] = {"topics": [schools.id, other.id], "like": [question.id], "but": ada}
    assert [each.instead for each in whom_to_ask(**asked) if each.person == ben] == [""]
    OwnTopic.hide(schools, by=ben)
    (known,) = [each for each in whom_to_ask(**asked, size=9) if each.person == ben]
    assert (known.precedence, known.answered, known.instead) == (None, [], "answers")
