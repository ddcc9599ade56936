"""Votes in a burst or in return are held until someone looks at them (RULES 4.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal import clock
from portal.models.base.record import Event
from portal.models.company.topics import Topic
from portal.models.expertise.endorsements import Endorsement
from portal.models.expertise.expertise import Evidence
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import held
from portal.models.knowledge.articles import Article
from portal.models.knowledge.questions import Question
from portal.models.knowledge.uses import Use
from portal.models.people.needs import needs
from portal.models.people.people import Person
from tests.attacks.parts import at_once
from tests.conftest import SignIn

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def articles(author: Person, topic: Topic, count: int) -> list[Article]:
    return [
        Article.add(by=author, title=f"{author.name} {n}", body="One", topics=[topic], published=True)
        for n in range(count)
    ]


def uses(person: Person) -> int:
    counted = (Evidence.person == person) & (Evidence.kind_of == "helpful use")
    return Evidence.select().where(counted & Evidence.withdrawn_at.is_null()).count()


def test_the_first_of_a_burst_counts_and_what_follows_within_a_minute_is_held(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """At 0, 59.9 and 100 seconds, the last within a minute of the one before: one counts. At 160: two."""
    written = articles(ada, schools, 4)
    for article, seconds, count in zip(written, (0, 59.9, 100, 160), (1, 1, 1, 2), strict=True):
        with clock.moved(at(seconds)):
            Use.say(article, by=ben)
        assert uses(ada) == count
    assert [each.vote.article_id for each in held()] == [written[1].id, written[2].id]  # type: ignore[attr-defined]


def test_who_reads_several_colleagues_at_once_is_not_held(
    ada: Person, ben: Person, mona: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        for author in (ada, mona):
            Use.say(articles(author, schools, 1)[0], by=ben)
    assert (uses(ada), uses(mona), held()) == (1, 1, [])


def test_a_burst_of_several_sorts_is_one(ada: Person, ben: Person, schools: Topic) -> None:
    asked = Question.ask(by=ben, text="Why?", topic=schools)
    answer = asked.answer(by=ada, text="So.")
    with clock.moved(NOON):
        Use.say(articles(ada, schools, 1)[0], by=ben)
        asked.choose_best(answer, by=ben)
        Endorsement.give(by=ben, person=ada, topic=schools)
    assert [entry.reason for entry in PointEntry.select()] == ["worked"]
    assert Evidence.select().count() == 1
    assert [str(each.why.msgid)[:6] for each in held()] == ["Right ", "Right "]


def test_a_vote_in_return_is_held_for_a_week(ada: Person, ben: Person, schools: Topic) -> None:
    mine, theirs = articles(ada, schools, 1)[0], articles(ben, schools, 2)
    for article, by, days, count in ((mine, ben, 0, 0), (theirs[0], ada, 6.9, 0), (theirs[1], ada, 7.1, 1)):
        with clock.moved(at(days * 86_400)):
            Use.say(article, by=by)
        assert uses(ben) == count
    assert uses(ada) == 1
    assert len(held()) == 1


def test_what_is_released_counts_and_what_is_dropped_never_does(
    sign_in: SignIn, ada: Person, ben: Person, audrey: Person, adam: Person, fin: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        for number in range(3):
            asked = Question.ask(by=ben, text=f"Why {number}?", topic=schools)
            asked.choose_best(asked.answer(by=ada, text="So."), by=ben)
    assert (PointEntry.total(ada), PointEntry.total(ben)) == (15, 2)
    first, second = held()
    assert [need.url for need in needs(adam)] == ["/admin/votes"] * 2
    for person in (ada, fin):
        assert sign_in(person).get("/admin/votes").status_code == 403
        path = f"/admin/votes/{first.id}/decision"
        assert sign_in(person).post(path, data={"answer": "release"}).status_code == 403
    browser = sign_in(audrey)
    page = browser.get("/admin/votes").text
    assert page.count("Right after another for the same colleague") == 2
    for _ in range(2):
        for each, answer in ((first, "release"), (second, "drop")):
            path = f"/admin/votes/{each.id}/decision"
            assert browser.post(path, data={"answer": answer}).status_code == 303
        assert (PointEntry.total(ada), PointEntry.total(ben)) == (30, 4)
    assert "No vote is held" in browser.get("/admin/votes").text
    assert [need.url for need in needs(adam)] == []
    verbs = Event.select(Event.verb).where(Event.verb.startswith("vote ")).order_by(Event.id)
    assert [event.verb for event in verbs] == ["vote held", "vote held", "vote released", "vote dropped"]


def test_nobody_decides_on_votes_of_or_for_themselves(
    sign_in: SignIn, ada: Person, adam: Person, audrey: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        for article in articles(ada, schools, 2):
            Use.say(article, by=adam)
        for article in articles(audrey, schools, 2):
            Use.say(article, by=ada)
    for person, each in zip((adam, audrey), held(), strict=True):
        path = f"/admin/votes/{each.id}/decision"
        assert sign_in(person).post(path, data={"answer": "release"}).status_code == 403
    assert (uses(ada), uses(audrey)) == (1, 1)


def test_what_is_taken_back_waits_for_nobody(ada: Person, ben: Person, schools: Topic) -> None:
    tours = Topic.create(name="带看")
    with clock.moved(NOON):
        for topic in (schools, tours):
            Endorsement.give(by=ben, person=ada, topic=topic)
        assert len(held()) == 1
        Endorsement.take_back(by=ben, person=ada, topic=tours)
    assert held() == []
    assert Evidence.select().count() == 1


def test_an_answer_that_is_best_no_longer_is_not_thanked_when_its_vote_is_released(
    ada: Person, ben: Person, audrey: Person, schools: Topic
) -> None:
    with clock.moved(NOON):
        for number in range(2):
            asked = Question.ask(by=ben, text=f"Why {number}?", topic=schools)
            asked.choose_best(asked.answer(by=ada, text="So."), by=ben)
        (waiting,) = held()
        asked.unchoose_best(by=ben)
        waiting.vote.release(by=audrey)
    assert PointEntry.total(ada) == 15


@pytest.mark.parametrize("rounds", range(2))
def test_two_at_one_moment_are_a_burst_too(
    sign_in: SignIn, ada: Person, ben: Person, schools: Topic, rounds: int
) -> None:
    browser, written = sign_in(ben), articles(ada, schools, 3)

    def use(article: Article) -> int:
        return browser.post(f"/articles/{article.id}/use").status_code

    at_once(*(lambda article=article: use(article) for article in written))
    assert (uses(ada), len(held())) == (1, 2)


def test_the_page_names_those_who_count_at_its_foot_as_in_its_head(
    ada: Person, ben: Person, mona: Person, schools: Topic, sign_in: SignIn
) -> None:
    """One of two words is held: for one it worked, whom the foot names; who said the other is thanked still."""
    article, other = articles(ada, schools, 2)
    with clock.moved(at(0)):
        Use.say(other, by=ben)
        Use.say(article, by=mona)
        Use.say(article, by=ben)
    assert article.fresh().uses == 1
    foot = sign_in(ben).get(article.url).text.partition('id="worked"')[2].partition("</section>")[0]
    assert "worked for 1 colleague" in foot
    assert mona.name in foot.partition('class="worked-people"')[2]
    assert ben.name not in foot.partition('class="worked-people"')[2].partition("</p>")[0]
    assert "It worked for you" in foot
    held()[0].vote.release(by=mona)
    assert "worked for 2 colleagues" in sign_in(ben).get(article.url).text.partition('id="worked"')[2]
