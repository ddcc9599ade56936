"""Whom to ask, in the order of RULES 4.5: Ê + L + A, each divided by its largest."""

from __future__ import annotations

from datetime import timedelta

from starlette.applications import Starlette

from portal import clock
from portal.models.company.topics import Topic
from portal.models.expertise.expertise import Evidence
from portal.models.knowledge.articles import Article
from portal.models.knowledge.experts import Knower, most_telling, whom_to_ask
from portal.models.knowledge.questions import Question
from portal.models.people.people import Person
from tests.conftest import person


def names(found: list[Knower]) -> list[str]:
    return [each.person.name for each in found]


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
    assert whom_to_ask([schools.id]) == [], "ten half-lives ago"
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


def test_reviews_are_told_of_nobody_and_drafts_are_no_activity(
    app: Starlette, ada: Person, ben: Person, schools: Topic
) -> None:
    Evidence.record(ada, schools, "review done", schools, key="a")
    Evidence.record(ben, schools, "review done", schools, key="b")
    Article.add(by=ben, title="Draft", body="x", topics=[schools], published=False)
    assert [each.evidence for each in whom_to_ask([schools.id])] == [[], []]
    Article.add(by=ben, title="Told", body="x", topics=[schools])
    assert names(whom_to_ask([schools.id]))[0] == ben.name
    assert person("Zoe").name not in names(whom_to_ask([schools.id]))
