"""What colleagues say of each other's work, thanked in points and taken back with it (RULES 4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock
from portal.models.base import undoing
from portal.models.base.record import Event, Invalid
from portal.models.company.topics import Topic
from portal.models.expertise.points import PointEntry
from portal.models.expertise.votes import held
from portal.models.knowledge import proposals
from portal.models.knowledge.articles import Article
from portal.models.knowledge.objections import Objection, found_working
from portal.models.knowledge.proposals import Proposal
from portal.models.knowledge.questions import Answer, Question
from portal.models.knowledge.topic_rules import TopicRule
from portal.models.knowledge.uses import Use
from portal.models.people.people import Person
from portal.models.sales import closings
from portal.models.sales.answer_uses import AnswerUse
from portal.models.sales.deals import Deal
from portal.models.sales.shares import share_with
from tests.conftest import person

NOON = datetime(2026, 5, 12, 4, tzinfo=UTC)
"""In Shanghai; its day ends 12 hours later."""


@pytest.fixture(autouse=True)
def noon(app: object) -> Iterator[None]:
    with clock.moved(NOON):
        yield


def article(author: Person, topic: Topic, title: str = "Ask first") -> Article:
    return Article.add(by=author, title=title, body="One question.", topics=[topic], published=True)


def points(who: Person, reason: str) -> list[int]:
    mine = PointEntry.select().where((PointEntry.person == who) & (PointEntry.reason == reason))
    return [entry.amount for entry in mine.order_by(PointEntry.id)]


def later(hours: float) -> AbstractContextManager[None]:
    return clock.moved(NOON + timedelta(hours=hours))


# ------------------------------------------------------------------ votes


def test_a_vote_gives_two_points_once_and_its_twin_takes_them_back(
    ada: Person, ben: Person, schools: Topic
) -> None:
    written = article(ada, schools)
    for _ in range(2):
        Use.say(written, by=ben)
    assert points(ada, "worked") == [2]
    assert PointEntry.total(ben) == 0
    Use.take_back(written, by=ben)
    assert (points(ada, "worked"), PointEntry.total(ada)) == ([2, -2], 0)
    Use.say(written, by=ben)
    assert (points(ada, "worked"), PointEntry.total(ada)) == ([2, -2, 2], 2)
    with later(48):
        Objection.say(written.fresh(), by=ben, reason="It did not.")
        assert PointEntry.total(ada) == 0
        found_working(written.fresh(), by=ben)
        assert PointEntry.total(ada) == 2


def test_nobody_is_thanked_for_their_own(ada: Person, schools: Topic) -> None:
    with pytest.raises(Invalid):
        Use.say(article(ada, schools), by=ada)
    assert PointEntry.total(ada) == 0


def test_a_leavers_vote_stays(ada: Person, ben: Person, mona: Person, schools: Topic) -> None:
    written = article(ada, schools)
    Use.say(written, by=ben)
    ben.deactivate(by=mona)
    assert (points(ada, "worked"), written.fresh().uses) == ([2], 1)


def test_of_one_colleague_three_votes_in_seven_days_count(ada: Person, ben: Person, schools: Topic) -> None:
    """The first three full, further none; the fifth comes after the first ones' seven days are over."""
    written = [article(ada, schools, f"A {n}") for n in range(5)]
    for one, hours, total in zip(written, (0, 1, 2, 3, 171), (2, 4, 6, 6, 8), strict=True):
        with later(hours):
            Use.say(one, by=ben)
            assert PointEntry.total(ada) == total
    with later(172):  # a vote said again is judged as it was
        Use.take_back(written[3], by=ben)
        Use.say(written[3], by=ben)
        assert PointEntry.total(ada) == 8


def test_votes_give_forty_points_a_day_and_no_more(ada: Person, schools: Topic) -> None:
    """By hand: 2 x 20 = 40; the 21st and 22nd give nothing on that day, and nothing by being said again on
    the next; one taken back leaves room for one.
    """
    written = article(ada, schools)
    voters = [person(f"V{n}") for n in range(23)]
    for each in voters[:22]:
        Use.say(written, by=each)
    assert PointEntry.total(ada) == 40
    Use.take_back(written, by=voters[0])
    assert PointEntry.total(ada) == 38
    Use.say(written, by=voters[22])
    assert PointEntry.total(ada) == 40
    with later(12):  # midnight in Shanghai
        Use.take_back(written, by=voters[21])
        Use.say(written, by=voters[21])
        assert PointEntry.total(ada) == 40
        Use.say(written, by=person("V23"))
        assert PointEntry.total(ada) == 42


def test_what_is_held_gives_points_once_it_is_released(
    ada: Person, ben: Person, audrey: Person, schools: Topic
) -> None:
    first, second = article(ada, schools, "A"), article(ada, schools, "B")
    Use.say(first, by=ben)
    Use.say(second, by=ben)
    assert points(ada, "worked") == [2]
    with later(30):
        held()[0].vote.release(by=audrey)
        assert PointEntry.total(ada) == 4
    assert points(ada, "worked") == [2, 2]
    with later(31):
        Use.take_back(second.fresh(), by=ben)
        assert PointEntry.total(ada) == 2


def test_a_vote_said_again_is_judged_as_it_was_whatever_came_since(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """Of the first of two articles it is said again, after the other, and after Ada found one of Ben's good."""
    first, other, theirs = article(ada, schools, "A"), article(ada, schools, "B"), article(ben, schools, "C")
    Use.say(first, by=ben)
    with later(24):
        Use.say(other, by=ben)
        Use.say(theirs, by=ada)
    with later(48):
        made = Objection.say(first.fresh(), by=ben, reason="No longer.")
    with later(49):
        first.fresh().edit(by=ada, body="Two questions.")
    with later(50):
        made.reply(by=ada, text="Mended.")
        found_working(first.fresh(), by=ben)
        assert sorted(points(ada, "worked")) == [-2, 2, 2, 2]
        assert points(ada, "flag fixed") == [3]
    assert [str(each.vote) for each in held()] == [str(Use.get(Use.article == theirs))]


def test_what_was_said_before_points_came_gives_nothing_when_said_again(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """A vote of an earlier version of the portal: it left an event, and no entry."""
    written = article(ada, schools)
    with later(-48):
        Use.create(article=written, person=ben)
        Article.update(uses=1).where(Article.id == written.id).execute()
        written.track("used", by=ben)
    written = written.fresh()
    Use.take_back(written, by=ben)
    Use.say(written, by=ben)
    assert (written.fresh().uses, PointEntry.select().count()) == (1, 0)


# ------------------------------------------------------------------ edits and flags


def suggestion(written: Article, by: Person, body: str) -> Proposal:
    return proposals.suggest(written.fresh(), by=by, title="Ask first", body=body)


def test_an_accepted_suggestion_gives_two_points_and_restoring_takes_them_back(
    ada: Person, ben: Person, schools: Topic
) -> None:
    written = article(ada, schools)
    refused = suggestion(written, ben, "No question at all.")
    refused.refuse(by=ada, reason="No.")
    assert PointEntry.total(ben) == 0
    accepted = suggestion(written, ben, "Two questions.")
    for _ in range(2):
        accepted.fresh().approve(by=ada)
    assert points(ben, "edit accepted") == [2]
    assert PointEntry.total(ada) == 0
    proposals.restore_version(written.fresh(), 1, by=ada)
    assert points(ben, "edit accepted") == [2, -2]
    proposals.restore_version(written.fresh(), 2, by=ada)
    assert points(ben, "edit accepted") == [2, -2, 2]


def test_what_a_restored_text_holds_its_words_tell_not_its_number(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """1 ask, 2 suggested, 3 as 1, 4 changed, 5 as 3 = 1: nothing of the suggestion; 6 as 2: it is back."""
    written = article(ada, schools)
    suggestion(written, ben, "Two questions.").approve(by=ada)
    proposals.restore_version(written.fresh(), 1, by=ada)
    written.fresh().edit(by=ada, body="Ask nobody.")
    proposals.restore_version(written.fresh(), 3, by=ada)
    assert points(ben, "edit accepted") == [2, -2]
    proposals.restore_version(written.fresh(), 4, by=ada)
    assert points(ben, "edit accepted") == [2, -2]
    proposals.restore_version(written.fresh(), 2, by=ada)
    assert points(ben, "edit accepted") == [2, -2, 2]


def test_what_is_restored_by_approval_takes_the_points_back_once_it_is_read(
    ada: Person, ben: Person, rita: Person, adam: Person, schools: Topic
) -> None:
    written = article(ada, schools)
    suggestion(written, ben, "Two questions.").approve(by=ada)
    TopicRule.choose(schools, by=adam, way="expert")
    waits = proposals.restore_version(written.fresh(), 1, by=ada)
    assert waits is not None
    assert points(ben, "edit accepted") == [2]
    waits.fresh().approve(by=rita)
    assert (written.fresh().body, points(ben, "edit accepted")) == ("One question.", [2, -2])


def test_edits_of_one_article_are_one_in_seven_days_those_of_others_are_thanked_each(
    ada: Person, ben: Person, schools: Topic
) -> None:
    """By hand: five articles, 10; thirty more full stops, nothing; after seven days one, 12."""
    written = [article(ada, schools, f"A {number}") for number in range(5)]
    for each in written:
        suggestion(each, ben, "Two questions.").approve(by=ada)
    for number in range(30):
        suggestion(written[0], ben, "Two questions" + "." * (number + 2)).approve(by=ada)
    assert PointEntry.total(ben) == 10
    with later(169):
        for number in range(2):
            suggestion(written[0], ben, f"{number} questions.").approve(by=ada)
        assert PointEntry.total(ben) == 12


def test_mending_what_did_not_work_gives_three_points_once_it_works(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """Only whoever changed the text after it was said and answered; the same mending once, with its twin."""
    written = article(ada, schools)
    made = Objection.say(written, by=ben, reason="They had a loan.")
    made.reply(by=ada, text="It holds all the same.")
    found_working(written.fresh(), by=ben)
    assert (points(ada, "flag fixed"), points(ada, "worked")) == ([], [2])
    for total in (3, 3):
        with later(1):
            made = Objection.say(written.fresh(), by=ben, reason="They had a loan, really.")
            assert sum(points(ada, "flag fixed")) == 0
        with later(1.5):
            written.fresh().edit(by=ada, body=f"Ask about loans {Event.select().count()}.")
        with later(2):
            made.reply(by=ada, text="Added.")
            found_working(written.fresh(), by=ben)
        assert sum(points(ada, "flag fixed")) == total
    with later(3):
        Use.take_back(written.fresh(), by=ben)
        assert PointEntry.total(ada) == 0


def test_whoever_mends_it_later_for_the_same_colleague_is_thanked_in_turn(
    ada: Person, ben: Person, rita: Person, schools: Topic
) -> None:
    """One at a time: what the first mended falls with the second objection, and stays fallen."""
    written = article(ada, schools)
    for number, (mender, expected) in enumerate(((ada, [3]), (rita, [3, -3]))):
        with later(24 * number):
            made = Objection.say(written.fresh(), by=ben, reason=f"It did not, {number}.")
        with later(24 * number + 1):
            written.fresh().edit(by=mender, body=f"Two questions, {number}.")
        with later(24 * number + 2):
            made.reply(by=mender, text="Mended.")
            found_working(written.fresh(), by=ben)
        assert points(ada, "flag fixed") == expected
    assert points(rita, "flag fixed") == [3]


# ------------------------------------------------------------------ answers used in deals


@pytest.fixture
def answer(ada: Person) -> Answer:
    return Question.ask(by=ada, text="Why so dear?").answer(by=ada, text="It lasts.")


def test_an_answer_used_in_a_won_deal_gives_three_points_once(
    answer: Answer, ada: Person, ben: Person
) -> None:
    """One author, two answers, one deal: 3. Reopened, taken back; won again, given again; lost, nothing."""
    other = answer.question.answer(by=ada, text="And it is repaired.")
    deal = Deal.create(title="Desks", owner=ben)
    for each in (answer, other):
        AnswerUse.say(deal, each, by=ben)
    assert PointEntry.total(ada) == 0
    closings.win(deal, by=ben, amount=100, on=date(2026, 5, 12))
    closings.win(deal.fresh(), by=ben, amount=100, on=date(2026, 5, 12))
    assert points(ada, "answer used") == [3]
    assert PointEntry.get().subject == answer.id
    closings.reopen(deal.fresh(), by=ben)
    assert points(ada, "answer used") == [3, -3]
    closings.lose(deal.fresh(), by=ben, reason="Price", on=date(2026, 5, 12))
    assert PointEntry.total(ada) == 0
    closings.reopen(deal.fresh(), by=ben)
    closings.win(deal.fresh(), by=ben, amount=100, on=date(2026, 5, 12))
    assert points(ada, "answer used") == [3, -3, 3]


def test_undoing_the_win_takes_the_points_back(answer: Answer, ada: Person, ben: Person) -> None:
    deal = Deal.create(title="Desks", owner=ben)
    AnswerUse.say(deal, answer, by=ben)
    closings.win(deal, by=ben, amount=100, on=date(2026, 5, 12))
    event = Event.about(deal).where(Event.verb == "won").get()
    undoing.undo(event, by=ben)
    assert points(ada, "answer used") == [3, -3]


def test_who_is_paid_for_the_deal_is_not_thanked_for_it(answer: Answer, ada: Person, ben: Person) -> None:
    """Not who said so, nor who owns it, nor who has a share, also one that was agreed after the win."""
    said, own, shared = (Deal.create(title=f"D{owner}", owner=owner) for owner in (ben, ada, ben))
    for deal, by in ((said, ada), (own, ben), (shared, ben)):
        AnswerUse.say(deal, answer, by=by)
        closings.win(deal, by=deal.owner, amount=100, on=date(2026, 5, 12))
    assert points(ada, "answer used") == [3]
    share_with(shared.fresh(), {ada: 500_000, ben: 500_000}, by=ben)
    assert points(ada, "answer used") == [3, -3]


def test_each_author_is_thanked_whoever_else_wrote_what_was_used(
    answer: Answer, ada: Person, ben: Person, rita: Person
) -> None:
    """Of three authors the one who owns the deal is not; reopened, each loses what is their own."""
    deal, asked = Deal.create(title="Desks", owner=ben), answer.question
    for each in (answer, asked.answer(by=rita, text="It is light."), asked.answer(by=ben, text="Mine.")):
        AnswerUse.say(deal, each, by=ben)
    closings.win(deal, by=ben, amount=100, on=date(2026, 5, 12))
    assert [points(each, "answer used") for each in (ada, rita, ben)] == [[3], [3], []]
    closings.reopen(deal.fresh(), by=ben)
    assert [points(each, "answer used") for each in (ada, rita, ben)] == [[3, -3], [3, -3], []]
