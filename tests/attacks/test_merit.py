"""Ways to be paid, thanked or decorated without merit: each attack by its name, with what it earns (issue's list)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal import clock
from portal.models.base.database import transact
from portal.models.base.record import Invalid
from portal.models.commission.terms import WHOLE
from portal.models.company.topics import Topic
from portal.models.experiences import panels, process
from portal.models.experiences.experiences import Credit, Experience
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import held
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.commission import JUNE, MAY, approved, close, lesson, noon, paid, reckoned
from tests.conftest import SignIn, person

MAY_4, MAY_10 = date(2026, 5, 4), date(2026, 5, 10)
MILLION = "1000000.00"
TEXT = "先把学区划片文件打印出来，再请客户自己在地图上找到这个小区，最后一起给教委打电话确认。"


@pytest.fixture
def policy(fin: Person, fiona: Person) -> None:
    approved(fin, fiona)


def articles(author: Person, topic: Topic, count: int) -> list[Article]:
    return [
        Article.add(by=author, title=f"{author.name} {n}", body="One", topics=[topic], published=True)
        for n in range(count)
    ]


def points(who: Person) -> int:
    return sum(entry.amount for entry in PointEntry.select().where(PointEntry.person == who))


@pytest.mark.parametrize("size", [3, 4])
def test_vote_ring(size: int, schools: Topic) -> None:
    """Each says of the next, three times around within a week: the first round counts, 2 points each, as it may
    come about by chance; every later one waits for a look.
    """
    ring = [person(f"Member-{n}") for n in range(size)]
    written = {who.id: articles(who, schools, 3) for who in ring}
    for round_ in range(3):
        for number, giver in enumerate(ring):
            receiver = ring[(number + 1) % size]
            with clock.moved(noon(MAY_4) + timedelta(days=round_, minutes=10 * number)):
                Use.say(written[receiver.id][round_], by=giver)
    assert [points(who) for who in ring] == [2] * size
    assert {str(each.why.msgid) for each in held()} == {"Given again, and so around to who gave it"}
    assert len(held()) == 2 * size


def test_circles_by_chance_count(schools: Topic) -> None:
    """Five are no ring, nor is it one that was given again and does not come back."""
    ring = [person(f"Member-{n}") for n in range(5)]
    written = {who.id: articles(who, schools, 2) for who in ring}
    for round_ in range(2):
        for number, giver in enumerate(ring):
            with clock.moved(noon(MAY_4) + timedelta(days=round_, minutes=10 * number)):
                Use.say(written[ring[(number + 1) % 5].id][round_], by=giver)
    assert (held(), {points(who) for who in ring}) == ([], {4})


def test_a_return_of_another_sort(ada: Person, ben: Person, schools: Topic) -> None:
    """What worked for Ada is thanked with the best answer: +15 wait for a look."""
    question = Question.ask(by=ben, text="Why?", topic=schools)
    answer = question.answer(by=ada, text="So.")
    with clock.moved(noon(MAY_4)):
        Use.say(articles(ben, schools, 1)[0], by=ada)
    with clock.moved(noon(MAY_4) + timedelta(seconds=90)):
        question.choose_best(answer, by=ben)
    assert [str(each.why.msgid) for each in held()] == ["In return for one that was given lately"]
    assert (points(ada), points(ben)) == (0, 2)


def test_one_experience_split_into_ten(policy: None, ada: Person, schools: Topic) -> None:
    """Ten accepted pay what two do: tiers do not add up. Parts that say the same are asked about before review."""
    paid(ada, MILLION, MAY_10)
    for _ in range(10):
        lesson(ada, noon(MAY_4), noon(MAY_10))
    assert reckoned(ada, MAY).total == 20_500_00
    for number, cut in enumerate((TEXT, TEXT[: len(TEXT) * 3 // 4])):
        made = Experience.begin(by=ada, kind="suggestion")
        made.save_draft(by=ada, title=f"第{number}条", situation=cut, action=cut, topics=[schools])
        if number:
            with pytest.raises(Invalid) as asked:
                process.submit(made, by=ada, names_checked=True)
            assert "duplicate_checked" in asked.value.errors
        else:
            process.submit(made, by=ada, names_checked=True)


@pytest.mark.parametrize(("exchanged", "excluded"), [(3, False), (4, True)])
def test_a_colleagues_name_in_front(
    ada: Person, ben: Person, rita: Person, rob: Person, schools: Topic, exchanged: int, excluded: bool
) -> None:
    """Ada hands in under Ben's name and keeps nine tenths: what Rita judged of it is exchanged with Ada too."""
    with clock.moved(noon(MAY_4)):
        for number in range(exchanged):
            made = Experience.begin(by=ben, kind="question")
            texts: dict[str, Any] = {"doubt": f"{number}" * 40, "action": f"答{number}" * 30}
            made.save_draft(by=ben, topics=[schools], title=f"第 {number} 问", **texts)
            process.submit(made, by=ben, co_authors={ada: 900_000}, duplicate_checked=True)
            process.agree_to_share(made, by=ada)
            assert rita.id in {review.reviewer_id for review in panels.panel(made.fresh())}
    with clock.moved(noon(MAY_4) + timedelta(days=29)):
        hers = Experience.begin(by=ada, kind="question")
        assert (rita.id in panels.conflicted(hers)) is excluded
    with clock.moved(noon(MAY_4) + timedelta(days=31)):
        assert rita.id not in panels.conflicted(hers)


def test_month_end_dumping(policy: None, ada: Person, fin: Person) -> None:
    """Ten in the last second of May are May's, whenever they are accepted: 500.00, once; June has none of them."""
    for on in (MAY_10, date(2026, 6, 10)):
        paid(ada, MILLION, on)
    last = MAY.end - timedelta(microseconds=1)
    for number in range(10):
        lesson(ada, last, noon(date(2026, 6, 1 + number)))
    close(MAY, fin)
    assert (reckoned(ada, MAY).facts.counted, reckoned(ada, JUNE).facts.counted) == (10 * WHOLE, 0)
    assert reckoned(ada, JUNE).total == 20_000_00


def test_back_dating(ada: Person, schools: Topic, sign_in: SignIn) -> None:
    """No draft begun in May, no field of its author's and no second submission makes June's experience May's."""
    with clock.moved(noon(date(2026, 5, 20))):
        made = Experience.begin(by=ada, kind="suggestion")
        made.save_draft(by=ada, title="学区", situation="她问学区", action=TEXT, topics=[schools])
    with clock.moved(MAY.end):
        sent = {"first_submitted_at": "2026-05-04", "submitted_at": "2026-05-04", "created_at": "2026-05-04"}
        texts = {"title": "学区", "situation": "她问学区", "action": TEXT, "topics": str(schools.id)}
        answer = sign_in(ada).post(
            f"/experiences/{made.id}/submission",
            data=sent
            | texts
            | {"version": str(made.fresh().version), "names_checked": "y", "duplicate_checked": "y"},
        )
        assert (answer.status_code, made.fresh().first_submitted_at) == (303, MAY.end)
    with clock.moved(MAY.end + timedelta(minutes=1)):
        made.fresh().withdraw(by=ada)
        process.submit(made.fresh(), by=ada, names_checked=True, duplicate_checked=True)
    at = made.fresh().first_submitted_at
    assert at is not None
    assert at >= MAY.end


def test_replayed_and_parallel(ada: Person, ben: Person, schools: Topic) -> None:
    """Twice in a row or at one moment: one vote with its 2 points, one submission with one whole of credit."""
    (article,) = articles(ada, schools, 1)
    made = Experience.begin(by=ben, kind="suggestion")
    made.save_draft(by=ben, title="学区", situation="她问学区", action=TEXT, topics=[schools])

    def submit() -> None:
        process.submit(made.fresh(), by=ben, names_checked=True, duplicate_checked=True)

    at_once(
        *[lambda: transact(lambda: Use.say(article.fresh(), by=ben))] * 2, *[lambda: transact(submit)] * 2
    )
    Use.say(article.fresh(), by=ben)
    assert (Use.select().count(), points(ada)) == (1, 2)
    assert [credit.share for credit in Credit.select().where(Credit.experience == made)] == [WHOLE]
